"""What a model's confidence is worth: whether it means what it says, what silence buys, and what sets of stances hold.

Limits and sets are fitted on the answers that the model keeps of its validation rows, and judged on the rows at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from stancekit.evaluation.abstention import Limits, aurc_interval, reached, risk_coverage
from stancekit.evaluation.conformal import ConformalSets, measured
from stancekit.evaluation.intervals import Resampling
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.evaluation.reliability import MEASURES, reliability_bins
from stancekit.inference.calibration import labels_changed
from stancekit.inference.held import Held
from stancekit.records import DECIMALS

# More points than a curve on a page can show.
STEPS = 200


class Answers(NamedTuple):
    """A model's answers to n rows. probabilities: as it gives them, shape (n, 3). uncalibrated: as its network does.

    held: what it keeps of its validation rows, None where it keeps nothing. graded: whether it tells how sure it is.
    """

    probabilities: FloatArray
    uncalibrated: FloatArray
    held: Held | None = None
    graded: bool = True

    @classmethod
    def alone(cls, probabilities: FloatArray) -> "Answers":
        """Answers of which nothing else is known."""
        return cls(probabilities, probabilities)


@dataclass(frozen=True, slots=True)
class Promises:
    """precision: of the answers that are given, for each stance. coverage: how often a set of stances holds the right one."""

    precision: float = 0.9
    coverage: float = 0.9


def confidence(answers: Answers, gold: IntArray, resampling: Resampling, promises: Promises) -> dict[str, Any]:
    """`calibration`, `abstention` and `conformal` of metrics.json. gold: shape (n,), label ids. Raises ValueError when n is 0."""
    if not answers.graded:
        return dict.fromkeys(("calibration", "abstention", "conformal"))
    return {
        "calibration": _calibration(answers, gold, resampling),
        "abstention": _abstention(answers, gold, resampling, promises.precision),
        "conformal": _conformal(answers, gold, resampling, promises.coverage),
    }


def _calibration(answers: Answers, gold: IntArray, resampling: Resampling) -> dict[str, Any]:
    calibrator = None if answers.held is None else answers.held.calibrator
    known = calibrator is not None
    return {
        "fit": None if calibrator is None else calibrator.to_row(),
        "labels_changed": labels_changed(answers.uncalibrated, answers.probabilities),
        "measures": _measures(answers.probabilities, gold, resampling),
        "before": _measures(answers.uncalibrated, gold, resampling) if known else None,
        "bins": _bins(answers.probabilities, gold, resampling.level),
        "bins_before": _bins(answers.uncalibrated, gold, resampling.level) if known else None,
    }


def _measures(probabilities: FloatArray, gold: IntArray, resampling: Resampling) -> dict[str, Any]:
    return {name: measure(probabilities, gold).interval(resampling).to_row() for name, measure in MEASURES.items()}


def _bins(probabilities: FloatArray, gold: IntArray, level: float) -> list[dict[str, Any]]:
    return [one.to_row() for one in reliability_bins(probabilities, gold, level=level)]


def _abstention(answers: Answers, gold: IntArray, resampling: Resampling, precision: float) -> dict[str, Any]:
    curve = risk_coverage(answers.probabilities, gold)
    steps = np.unique(np.linspace(0, len(curve.coverage) - 1, STEPS).astype(int))
    points = zip(curve.coverage[steps].tolist(), curve.risk[steps].tolist(), strict=True)
    return {
        "curve": [{"coverage": round(given, 4), "risk": round(risk, 4)} for given, risk in points],
        "aurc": aurc_interval(answers.probabilities, gold, resampling).to_row(),
        "excess": round(curve.excess, 6),
        "target": None if answers.held is None else _target(answers, answers.held, gold, resampling, precision),
    }


def _target(answers: Answers, held: Held, gold: IntArray, resampling: Resampling, precision: float) -> Mapping[str, Any]:
    limits = Limits.fit(held.calibrated, held.gold, precision)
    came_to = reached(limits, answers.probabilities, gold, resampling)
    return {"limits": limits.to_row(), "reached": {name: one.to_row() for name, one in came_to.items()}}


def _conformal(answers: Answers, gold: IntArray, resampling: Resampling, coverage: float) -> Mapping[str, Any] | None:
    if answers.held is None:
        return None
    # Uncalibrated on both sides: a map that was fitted on the held rows suits them better than others, and the promise would not hold.
    sets = ConformalSets.fit(answers.held.probabilities.round(DECIMALS), answers.held.gold, coverage, by_class=True)
    return {"sets": sets.to_row(), "measured": measured(sets, answers.uncalibrated, gold, resampling).to_row()}
