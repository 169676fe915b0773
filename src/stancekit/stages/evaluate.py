"""`stancekit evaluate`: judge a model, or answers from elsewhere, on labelled examples it has not seen."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.data.ties import resampling_units
from stancekit.errors import StancekitError
from stancekit.evaluation.baselines import BASELINES, baselines
from stancekit.evaluation.behaving import behave, behaviours_summary
from stancekit.evaluation.behaviours import Capability, read_behaviours
from stancekit.evaluation.confidence import Promises
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.judge import Known, judge
from stancekit.evaluation.metrics import FloatArray, IntArray, confusion, indices, scores
from stancekit.evaluation.probes import BLIND, probe
from stancekit.files import atomic_folder, write_json, write_text
from stancekit.manifest import Receipt, refuse_foreign, sha256
from stancekit.modeling.family import members
from stancekit.modeling.provenance import seen_by, training_files, validated_on
from stancekit.progress import progress
from stancekit.records import Example
from stancekit.reports.evaluation import evaluation_page
from stancekit.stages.subjects import Subject, answer_rows, is_answers, subject, told
from stancekit.tables import Values, write_rows


class Wanted(NamedTuple):
    """How to judge. promises: what abstention and sets of stances are to keep. entailment: the model is a published entailment model.

    probes: whether it is asked with the proposal hidden, replaced and negated. behaviours: files or folders of capabilities to test.
    """

    bootstrap: Bootstrap = Bootstrap()
    promises: Promises = Promises()
    device: str = "auto"
    entailment: bool = False
    probes: bool = False
    behaviours: Sequence[Path] = ()


def evaluate(
    model_path: Path, data: Path, output: Path | None = None, train: Sequence[Path] = (), wanted: Wanted | None = None
) -> dict[str, Any]:
    """Metrics of the model at `model_path` on the examples in `data`, beside the baselines; written to `output` if given.

    model_path: a run, a bundle, `base`, a file of answers, or a folder of `train --seeds`, whose first seed is judged in full and
    stands beside the others. train: the model's training files, from all of which the baselines learn; found by the model's
    manifest if not given. The verdict says so when rows were trained on. Raises StancekitError for bad examples and for what is no model.
    """
    asked = wanted or Wanted()
    if output is not None:
        refuse_foreign(output, "evaluate")
    # All that can be at fault is read before a model answers for minutes.
    examples, capabilities = read_examples(data), _capabilities(model_path, asked)
    train_files, note = (list(train), None) if train else training_files((members(model_path) or [model_path])[0])
    train_examples = [example for file in train_files for example in read_examples(file)]
    settings = {"model": str(model_path), "data": str(data), "train": [str(file) for file in train_files]}
    answers_file = [model_path] if model_path.is_file() else []
    receipt = Receipt("evaluate", settings, [data, *answers_file, *train_files], asked.bootstrap.seed)
    judged = subject(model_path, examples, asked.device, asked.entailment)
    simple = _baselines(train_examples, examples) if train_examples else {}
    seen = Seen.of(train_examples) | seen_by(judged.path)[0]
    seeds = _scores(examples, judged.seeds)
    found = _asked(judged, examples, simple, capabilities, asked)
    validated = sha256(data) == validated_on(judged.path)
    known = Known(simple, seen.count(examples) if seen else None, validated, train_examples, seeds, *found)
    metrics = {**settings, **judged.about, **judge(examples, judged.answers, known, asked.bootstrap, asked.promises)}
    if note is not None:
        metrics["baselines_note"] = note
    if output is not None:
        _write(output, metrics, answer_rows(examples, judged.answers.probabilities), receipt)
    return metrics


def _scores(examples: Sequence[Example], seeds: Mapping[int, FloatArray]) -> dict[int, dict[str, float]] | None:
    gold = indices([example.stance for example in examples])
    return {seed: scores(confusion(gold, answers.argmax(axis=1))) for seed, answers in seeds.items()} or None


def _capabilities(model_path: Path, wanted: Wanted) -> list[Capability]:
    if is_answers(model_path) and (wanted.probes or wanted.behaviours):
        raise StancekitError(f"{model_path} is a file of answers", fix="probes and behaviour tests ask a model: name a run or a bundle")
    return [one for path in wanted.behaviours for one in read_behaviours(path)]


def _asked(
    judged: Subject, examples: Sequence[Example], answers: Mapping[str, IntArray], capabilities: Sequence[Capability], wanted: Wanted
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What probes and behaviour tests find, None where they are not wanted. answers: of the baselines."""
    probes = behaviours = None
    if judged.ask is not None and wanted.probes:
        from stancekit.news.parser import parse

        resampling = wanted.bootstrap.over(resampling_units(examples).numbers)
        blind = {name: labels for name, labels in answers.items() if name in BLIND}
        true = judged.answers.probabilities
        probes = probe(examples, told("probing", judged.ask), true, resampling, blind, parse, wanted.bootstrap.seed, judged.fits)
    if judged.ask is not None and capabilities:
        found = behave(capabilities, told("testing behaviour", judged.ask), level=wanted.bootstrap.level)
        behaviours = behaviours_summary(found, wanted.bootstrap.resamples, wanted.bootstrap.level, wanted.bootstrap.seed)
    return probes, behaviours


def _baselines(train: Sequence[Example], test: Sequence[Example]) -> dict[str, IntArray]:
    with progress("baselines", len(BASELINES)) as advance:
        return baselines(train, test, advance)


def _write(output: Path, metrics: dict[str, Any], rows: Iterable[Values], receipt: Receipt) -> None:
    with atomic_folder(output) as scratch:
        write_json(scratch / "metrics.json", metrics)
        write_rows(scratch / "predictions.jsonl", rows)
        write_text(scratch / "report.html", evaluation_page(metrics))
        receipt.write(scratch)
