"""What `evaluate` can judge: a run, a folder of seeds, a bundle, `base`, a published entailment model, or a file of answers."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from stancekit.data.answers import read_answers
from stancekit.errors import StancekitError
from stancekit.evaluation.confidence import Answers
from stancekit.evaluation.metrics import FloatArray
from stancekit.files import ending_of
from stancekit.inference.model import StanceModel, load, model_folder, prediction
from stancekit.inference.scorers import TorchScorer
from stancekit.manifest import sha256, stage_of
from stancekit.modeling.embedded import named_model
from stancekit.modeling.family import members, seed_of
from stancekit.modeling.pairs import Pair
from stancekit.modeling.provenance import WEIGHTS, weights_sha256
from stancekit.modeling.spec import NAME as SPEC
from stancekit.progress import Advance, progress
from stancekit.records import DECIMALS, Example, Proposal, Statement
from stancekit.tables import READABLE, Values

Ask = Callable[[Sequence[Pair], Advance | None], FloatArray]
# Tokens of a pair for a published model, unless it reads fewer.
LONGEST_PAIR = 256


class Subject(NamedTuple):
    """What is judged, and its answers. path: leads to what it was trained on. about: what told its answers.

    ask: its probabilities for any pairs, None of a file. fits: whether it takes a proposal. seeds: the answers of all runs of a folder
    of seeds, the first of which `answers` are; empty of anything else.
    """

    path: Path
    about: Mapping[str, Any]
    answers: Answers
    ask: Ask | None
    seeds: Mapping[int, FloatArray]
    fits: Callable[[str], bool] = bool


def is_answers(path: Path) -> bool:
    """Whether what is judged is a file of answers, which can be asked nothing; one that is not there is told by its reader."""
    return ending_of(path) in READABLE and not path.is_dir()


def subject(path: Path, examples: Sequence[Example], device: str, entailment: bool = False) -> Subject:
    """Answers to the examples. entailment: `path` is a folder or hub id with a published entailment head.

    Raises StancekitError for what is neither, and for a file of answers that leaves an example out.
    """
    if entailment:
        return _entailment(path, examples, device)
    if is_answers(path):
        probabilities, graded = read_answers(path, examples)
        return Subject(path, {"scorer": "a file of answers"}, Answers(probabilities, probabilities, None, graded), None, {})
    first, *others = members(path) or [path]
    model = load(first, device)
    answers = answers_of(model, examples)
    seeds = {seed_of(run): answers_of(load(run, device), examples).probabilities for run in others}
    about: dict[str, Any] = {"scorer": model.scorer.name, "weights_sha256": weights_sha256(model.folder)}
    if others:
        about["weights_by_seed"] = {str(seed_of(run)): weights_sha256(model_folder(run)) for run in (first, *others)}
    return Subject(
        first, about, answers, model.probabilities, {seed_of(first): answers.probabilities, **seeds} if seeds else {}, model.tokenizer.fits
    )


def told(what: str, ask: Ask) -> Callable[[Sequence[Pair]], FloatArray]:
    """The same questions, with their progress told as `what`."""

    def asked(pairs: Sequence[Pair]) -> FloatArray:
        with progress(what, len(pairs)) as advance:
            return ask(pairs, advance)

    return asked


def _entailment(path: Path, examples: Sequence[Example], device: str) -> Subject:
    if is_answers(path) or stage_of(path) is not None or (named_model(path) / SPEC).is_file():
        raise StancekitError(f"{path} is no published entailment model", fix="judge it without --entailment")
    from stancekit.modeling.encoders import locate_encoder
    from stancekit.modeling.heads import entailment_labels

    place = Path(locate_encoder(str(path)))
    labels = {label: stance.value for label, stance in entailment_labels(str(path), place).items()}
    model = _in_our_order(str(path), device)
    # Large models are published in several files.
    weights = {"weights_sha256": sha256(place / WEIGHTS)} if (place / WEIGHTS).is_file() else {}
    about = {"scorer": model.scorer.name, "labels": labels, **weights}
    return Subject(path, about, answers_of(model, examples), model.probabilities, {}, model.tokenizer.fits)


def _in_our_order(name: str, device: str) -> StanceModel:
    from stancekit.modeling.checkpoint import describe, readable_tokens, save_model
    from stancekit.modeling.encoders import load_encoder

    model, tokenizer = load_encoder(name, "nli")
    spec = describe(model, tokenizer, name, min(LONGEST_PAIR, readable_tokens(model) or LONGEST_PAIR))
    # A model of token types may have been trained without them: then its tokenizer was published as giving none.
    named = tokenizer.init_kwargs.get("model_input_names") or spec.inputs
    spec = replace(spec, inputs=tuple(one for one in spec.inputs if one in named))
    # Read as any model of ours: everything is in memory once it is loaded.
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        save_model(folder, model, tokenizer, spec)
        return StanceModel(folder, spec, TorchScorer(folder, device))


def answers_of(model: StanceModel, examples: Sequence[Example], title: str = "evaluating") -> Answers:
    """A model's answers. title: what its progress is told as."""
    with progress(title, len(examples)) as advance:
        uncalibrated = model.uncalibrated([(example.statement, example.proposal) for example in examples], advance)
    # As they are written: whoever computes a score from predictions.jsonl must come to the same one.
    return Answers(model.calibrated(uncalibrated).round(DECIMALS), uncalibrated.round(DECIMALS), model.held)


def answer_rows(examples: Sequence[Example], probabilities: FloatArray) -> Iterator[Values]:
    """The answers to examples as rows of predictions.jsonl, each beside its label. probabilities: shape (n, 3)."""
    for example, row in zip(examples, probabilities, strict=True):
        statement, proposal = Statement(example.id, example.statement, example.source), Proposal(example.proposal, example.proposal)
        yield {**prediction(statement, proposal, row).to_row(), "gold": example.stance.value}
