"""`stancekit doubts`: which labels of a training set are likely wrong, by models that did not learn them."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stancekit.config import DoubtsConfig, TrainConfig
from stancekit.data.examples import read_examples
from stancekit.data.folds import folds_of
from stancekit.errors import StancekitError
from stancekit.evaluation.doubts import PACKAGE, doubt, doubted, tool
from stancekit.evaluation.metrics import FloatArray, IntArray, indices
from stancekit.evaluation.out_of_fold import doubts_summary
from stancekit.files import write_json, write_text
from stancekit.inference.model import load
from stancekit.manifest import Receipt, stage_of
from stancekit.modeling.provenance import seen_by, stance_model
from stancekit.records import Example
from stancekit.reports.doubts import doubts_page
from stancekit.stages.check import check_trainable
from stancekit.stages.subjects import answer_rows, answers_of
from stancekit.stages.train import train
from stancekit.stance import STANCES
from stancekit.tables import Values, write_rows
from stancekit.training import folder
from stancekit.training.leaving_out import FOLDS, Fold, Rows, fold_config, leave_out, read_rows
from stancekit.training.processes import check_alone

LOG = logging.getLogger("stancekit")
RESULT, DOUBTS, ANSWERS, PAGE = "doubts.json", "doubts.jsonl", "answers.jsonl", "report.html"


class Answered(NamedTuple):
    """n labelled rows, their folds from 1, out-of-fold probabilities of shape (n, 3), and the numbers of doubtful rows, worst first."""

    rows: Rows
    folds: IntArray
    probabilities: FloatArray
    order: IntArray

    def answers(self) -> Iterator[Values]:
        """A row for each labelled one, as `evaluate` writes its predictions."""
        rows = zip(answer_rows(self.rows.labelled, self.probabilities), self.rows.places, self.folds.tolist(), strict=True)
        return ({**answer, "where": place, "fold": fold} for answer, place, fold in rows)

    def doubts(self) -> Iterator[Values]:
        """A row for each doubtful one."""
        for row in self.order.tolist():
            example = self.rows.labelled[row]
            about = {"source": example.source, "tags": example.tags, "where": self.rows.places[row], "fold": int(self.folds[row])}
            yield {**doubt(example, self.probabilities[row]), **about}


def doubts(config: DoubtsConfig, resume: bool = False) -> dict[str, Any]:
    """Train a model for each fold on the others, ask it the fold, and return the content of doubts.json: what the answers doubt.

    resume: folds that are finished are not trained again, the one that was cut off goes on from its last checkpoint. Raises
    StancekitError before torch is loaded when data, config or folder do not fit, or when a teacher has learned these labels.
    """
    by = _check(config)
    rows = read_rows(config)
    folds = folds_of(rows.labelled, config.folds, config.seed) + 1
    plan = [
        leave_out(rows.sets, [example for example, fold in zip(rows.labelled, folds, strict=True) if fold == number], number)
        for number in range(1, config.folds + 1)
    ]
    seen, warnings = _start(config, rows.labelled)
    folder.refuse_used(config, resume)
    receipt = Receipt("doubts", folder.settings(config), folder.inputs_of(config), config.seed)
    folder.take(config, resume)
    runs = [_planned(config, fold) for fold in plan]
    answers = np.zeros((len(rows.labelled), len(STANCES)))
    for run, fold in zip(runs, plan, strict=True):
        answers[folds == fold.number] = _answers(run, fold.held_out, f"fold {fold.number} of {config.folds}")
    order = doubted(answers, indices([example.stance for example in rows.labelled]))
    found = doubts_summary(rows.labelled, answers, order, folds, [len(fold.learned) for fold in plan])
    _warn(found["warnings"])
    about = {"name": config.output.name, "by": by, "encoder": config.encoder, "seen": seen}
    result = {**about, **found, "warnings": [*warnings, *found["warnings"]]}
    _write(config, result, Answered(rows, folds, answers, order), receipt)
    return result


def _check(config: DoubtsConfig) -> str:
    by = tool()
    if by is None:
        raise StancekitError(f"doubts need the package {PACKAGE}", fix="pip install 'stancekit[doubts]'")
    check_alone("the search for doubtful labels")
    for absent in check_trainable("the config", [config]):
        read_examples(absent)
    return by


def _start(config: DoubtsConfig, examples: Sequence[Example]) -> tuple[int, list[str]]:
    """How many rows the models' start has learned, and warnings. Raises StancekitError for a teacher that has learned any."""
    not_known: list[Path] = []
    teachers = [config.teacher, *(stage.teacher for stage in config.stages)]
    for teacher in dict.fromkeys(one.model for one in teachers if one is not None):
        count, missing = _learned(teacher, examples)
        if count:
            problem = (
                f"the teacher {teacher} has learned {count:,} of the {len(examples):,} statements with their labels, and passes them on"
            )
            raise StancekitError(problem, fix="leave the teacher out of the config, or name one that was trained on other rows")
        not_known += missing
    model = stance_model(config.encoder)
    seen, missing = (0, []) if model is None else _learned(model, examples)
    warnings = [f"What {one} has learned is not known: it may believe labels that are wrong." for one in [*not_known, *missing]]
    if seen:
        told = f"{config.encoder}, which the models start from, has learned {seen:,} of the {len(examples):,} statements with their labels"
        warnings.append(f"{told}, and may believe those that are wrong. minilm has learned none: --set encoder=minilm")
    # Before hours of training.
    _warn(warnings)
    return seen, warnings


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        LOG.warning("%s", warning)


def _learned(model: Path, examples: Sequence[Example]) -> tuple[int, list[Path]]:
    seen, missing = seen_by(model)
    return seen.count(examples)["statement"], missing


def _planned(config: DoubtsConfig, fold: Fold) -> TrainConfig:
    run = fold_config(config, fold)
    if stage_of(run.output) == "train":
        # Dealt in another way, by another version, a finished model may have learned what it is asked.
        folder.refuse_other_config(run)
    return run


def _answers(run: TrainConfig, examples: Sequence[Example], name: str) -> FloatArray:
    """Shape (n, 3): what a fold's model says of the fold, trained where it is not there yet."""
    if stage_of(run.output) != "train":
        LOG.info("%s: training on the others", name)
        train(run, resume=True)
    return answers_of(load(run.output, run.hardware.device), examples, f"asking {name}").probabilities


def _write(config: DoubtsConfig, result: Mapping[str, Any], answered: Answered, receipt: Receipt) -> None:
    found = list(answered.doubts())
    write_rows(config.output / ANSWERS, answered.answers())
    write_rows(config.output / DOUBTS, found)
    write_json(config.output / RESULT, result)
    write_text(config.output / PAGE, doubts_page(result, found))
    receipt.write(config.output, leave_out=FOLDS, by=result["by"])
