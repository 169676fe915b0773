"""`stancekit compare`: two models, two families of seeds, or answers from elsewhere, on the same labelled examples."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.evaluation.comparing import Side, changed_rows
from stancekit.evaluation.comparing import compare as compared
from stancekit.evaluation.intervals import Bootstrap
from stancekit.files import atomic_folder, write_json, write_text
from stancekit.inference.model import load, model_folder
from stancekit.manifest import Receipt, refuse_foreign, stage_of
from stancekit.modeling import family
from stancekit.modeling.embedded import BASE
from stancekit.modeling.provenance import seen_by, unlike, weights_sha256
from stancekit.modeling.spec import NAME as SPEC
from stancekit.modeling.spec import ModelSpec
from stancekit.records import Example
from stancekit.reports.comparison import comparison_page
from stancekit.stages.subjects import Subject, answers_of, is_answers, subject
from stancekit.tables import write_rows

# What leaves a model behind.
TRAININGS = ("train", "export")


def compare(
    first: Path,
    second: Path,
    data: Path,
    output: Path | None = None,
    bootstrap: Bootstrap | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Whether the second is shown to be better than the first on the examples in `data`; written to `output` if given.

    first, second: a run, a bundle, base, a folder of runs that differ in their seed, or a file of answers. The verdict says so when
    rows were trained on. Raises StancekitError for bad examples, for what is no model and for a file that leaves an example out.
    """
    if output is not None:
        refuse_foreign(output, "compare")
    examples = read_examples(data)
    chosen = bootstrap or Bootstrap()
    # Both sides are looked into before a model answers for minutes.
    given = {path: subject(path, examples, device) for path in (first, second) if is_answers(path)}
    families = {path: members(path) for path in (first, second) if path not in given}
    settings = {"first": str(first), "second": str(second), "data": str(data), "device": device}
    receipt = Receipt("compare", settings, [data, *given], chosen.seed)
    (one, about_first), (other, about_second) = (
        _of_file(path, given[path]) if path in given else _side(path, families[path], examples, device) for path in (first, second)
    )
    result = {"first": about_first, "second": about_second, "data": str(data), **compared(examples, one, other, chosen)}
    if output is not None:
        _write(output, result, changed_rows(examples, one, other), receipt)
    return result


def members(path: Path) -> list[Path]:
    """The models that a name stands for: itself, or the finished runs and bundles right inside a folder that is no model.

    Raises StancekitError where one of them has not finished, where two hold the same weights, and for what is no model.
    """
    if seeds := family.members(path):
        found = seeds
    elif str(path) == BASE or not path.is_dir() or stage_of(path) is not None or any((path / name).exists() for name in (SPEC, "training")):
        found = [path]
    else:
        inside = sorted(folder for folder in path.iterdir() if folder.is_dir())
        # A run without a manifest is told by `model_folder`, not left out in silence.
        found = [one for one in inside if stage_of(one) in TRAININGS or (one / "training").is_dir()] or [path]
    known: dict[str, Path] = {}
    for model in found:
        folder = model_folder(model)
        # Before the first model answers: the second may be asked an hour later.
        ModelSpec.read(folder)
        if (same := known.setdefault(weights_sha256(folder), model)) != model:
            raise StancekitError(
                f"{same} and {model} hold the same weights, and a family is of different trainings",
                fix=f"keep only one of them in {path}, or name one of them by itself",
            )
    return found


def _of_file(path: Path, answered: Subject) -> tuple[Side, dict[str, Any]]:
    side = Side(str(path), answered.answers.probabilities[None], graded=answered.answers.graded)
    # A file does not say what whoever gave the answers learned from.
    return side, _about(side, [{"path": str(path), **answered.about, "weights_sha256": None}], [path])


def _side(path: Path, family: Sequence[Path], examples: Sequence[Example], device: str) -> tuple[Side, dict[str, Any]]:
    answers, rows, seen = [], [], Seen()
    unknown: list[Path] = []
    for member in family:
        model = load(member, device)
        answers.append(answers_of(model, examples, f"answers of {member}").probabilities)
        rows.append({"path": str(member), "scorer": model.scorer.name, "weights_sha256": weights_sha256(model.folder)})
        learned, missing = seen_by(member)
        seen, unknown = seen | learned, [*unknown, *missing]
    side = Side(str(path), np.stack(answers), seen.count(examples) if seen else None, unlike(family))
    return side, _about(side, rows, unknown)


def _about(side: Side, models: Sequence[Mapping[str, Any]], unknown: Sequence[Path]) -> dict[str, Any]:
    not_known = [str(model) for model in dict.fromkeys(unknown)]
    return {"name": side.name, "models": list(models), "unlike": list(side.unlike), "training_not_known": not_known}


def _write(output: Path, result: dict[str, Any], changed: list[dict[str, Any]], receipt: Receipt) -> None:
    with atomic_folder(output) as scratch:
        write_json(scratch / "comparison.json", result)
        write_rows(scratch / "changed.jsonl", changed)
        write_text(scratch / "report.html", comparison_page(result, changed))
        receipt.write(scratch)
