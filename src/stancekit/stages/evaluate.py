"""`stancekit evaluate`: judge a run or a bundle on labelled examples it has not seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.evaluation.baselines import BASELINES
from stancekit.evaluation.judge import Bootstrap, judge
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.files import atomic_folder, write_json, write_text
from stancekit.inference.model import StanceModel, load
from stancekit.manifest import Receipt, refuse_foreign
from stancekit.modeling.provenance import seen_by, training_files, weights_sha256
from stancekit.progress import progress
from stancekit.records import Example, Prediction, Proposal, Statement
from stancekit.reports.evaluation import evaluation_page
from stancekit.stance import STANCES
from stancekit.tables import write_rows


def evaluate(
    model_path: Path,
    data: Path,
    output: Path | None = None,
    train: Sequence[Path] = (),
    bootstrap: Bootstrap | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Metrics of the model at `model_path` on the examples in `data`, beside the baselines; written to `output` if given.

    train: the model's training files, from all of which the baselines learn; found by the model's manifest if not given.
    The verdict says so when rows were trained on. Raises StancekitError for bad examples and for what is no model.
    """
    if output is not None:
        refuse_foreign(output, "evaluate")
    examples = read_examples(data)
    train_files, note = (list(train), None) if train else training_files(model_path)
    train_examples = [example for file in train_files for example in read_examples(file)]
    settings = {"model": str(model_path), "data": str(data), "train": [str(file) for file in train_files]}
    chosen = bootstrap or Bootstrap()
    receipt = Receipt("evaluate", settings, [data, *train_files], chosen.seed)
    model = load(model_path, device)
    predictions = predict_examples(model, examples)
    baselines = _baselines(train_examples, examples) if train_examples else {}
    probabilities, seen = matrix(predictions), Seen.of(train_examples) | seen_by(model_path)[0]
    about = {**settings, "scorer": model.scorer.name, "weights_sha256": weights_sha256(model.folder)}
    metrics = {**about, **judge(examples, probabilities, baselines, chosen, seen.count(examples) if seen else None)}
    if note is not None:
        metrics["baselines_note"] = note
    if output is not None:
        _write(output, metrics, examples, predictions, receipt)
    return metrics


def predict_examples(model: StanceModel, examples: Sequence[Example], title: str = "evaluating") -> list[Prediction]:
    """The model's answers, one an example and in their order. title: of the progress that is shown."""
    pairs = (
        (Statement(example.id, example.statement, example.source), Proposal(example.proposal, example.proposal)) for example in examples
    )
    with progress(title, len(examples)) as advance:
        return list(model.predict_records(pairs, advance))


def matrix(predictions: Sequence[Prediction]) -> FloatArray:
    """Probabilities of shape (n, 3), columns in the order of STANCES."""
    return np.array([[prediction.probabilities[stance] for stance in STANCES] for prediction in predictions])


def _baselines(train: Sequence[Example], test: Sequence[Example]) -> dict[str, IntArray]:
    with progress("baselines", len(BASELINES)) as advance:
        answers = {}
        for name, baseline in BASELINES.items():
            answers[name] = baseline(train, test)
            advance()
    return answers


def _write(output: Path, metrics: dict[str, Any], examples: Sequence[Example], predictions: Sequence[Prediction], receipt: Receipt) -> None:
    rows = ({**prediction.to_row(), "gold": example.stance.value} for example, prediction in zip(examples, predictions, strict=True))
    with atomic_folder(output) as scratch:
        write_json(scratch / "metrics.json", metrics)
        write_rows(scratch / "predictions.jsonl", rows)
        write_text(scratch / "report.html", evaluation_page(metrics))
        receipt.write(scratch)
