"""When a model had better not answer: what silence costs and buys, and limits of confidence that keep a promised precision.

Probabilities have shape (n, 3), gold has shape (n,), label ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stancekit.evaluation.intervals import Resampling, share
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.shares import Interval
from stancekit.stance import STANCES
from stancekit.training.thresholds import LEAST_ANSWERS, confidence_limits

BoolArray = npt.NDArray[np.bool_]


class RiskCoverage(NamedTuple):
    """The share of wrong answers when only the surest are given.

    coverage, risk: shape (steps,), one step for each distinct confidence, from the surest down. aurc: the area below, see `aurc`.
    excess: its distance to the area of an order that puts all wrong answers last.
    """

    coverage: FloatArray
    risk: FloatArray
    aurc: float
    excess: float


def risk_coverage(probabilities: FloatArray, gold: IntArray) -> RiskCoverage:
    """The curve of El-Yaniv & Wiener 2010 with its area (Geifman et al. 2019). Raises ValueError when n is 0."""
    confidence, wrong = _answers(probabilities, gold)
    order = np.argsort(-confidence, kind="stable")
    # Answers of one confidence are given or withheld together: the curve has no point inside a tie.
    ends = np.flatnonzero(np.append(np.diff(confidence[order]) < 0, True))
    given, errors = ends + 1.0, np.cumsum(wrong[order])[ends]
    all_rows = np.ones((1, len(gold)))
    area = float(aurc(all_rows, confidence, wrong)[0])
    best = float(aurc(all_rows, 1.0 - wrong, wrong)[0])
    return RiskCoverage(given / len(gold), errors / given, area, area - best)


def aurc(weights: FloatArray, confidence: FloatArray, wrong: FloatArray) -> FloatArray:
    """Area under the risk-coverage curve (Geifman et al. 2019): the mean risk over coverages 1/n, 2/n ... 1; shape (draws,).

    weights: shape (draws, n), how often each row occurs, whole numbers. confidence, wrong: shape (n,), wrong being 1 or 0.
    Rows of one confidence count as in the mean over all their orders, in closed form: inside a tie the expected number of errors
    rises on a straight line, so that a tie from a to b adds (E - s a)(H(b) - H(a)) + s (b - a), with E errors before it, s its
    share of errors, and H the harmonic numbers.
    """
    order = np.argsort(-confidence, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(confidence[order]) < 0))
    ordered = weights[:, order]
    counts = np.add.reduceat(ordered, starts, axis=1)
    errors = np.add.reduceat(ordered * wrong[order], starts, axis=1)
    after = np.cumsum(counts, axis=1)
    before, errors_before = after - counts, np.cumsum(errors, axis=1) - errors
    share = np.divide(errors, counts, out=np.zeros_like(errors), where=counts > 0)
    harmonic = np.append(0.0, np.cumsum(1 / np.arange(1, int(after.max()) + 1)))
    rise = harmonic[after.astype(np.int64)] - harmonic[before.astype(np.int64)]
    rows = after[:, -1]
    area = ((errors_before - share * before) * rise + errors).sum(axis=1)
    return np.asarray(np.divide(area, rows, out=np.zeros(len(rows)), where=rows > 0))


def aurc_interval(probabilities: FloatArray, gold: IntArray, resampling: Resampling) -> Interval:
    """AURC with its interval over clusters."""
    confidence, wrong = _answers(probabilities, gold)
    metric = partial(aurc, confidence=confidence, wrong=wrong)
    left_out = resampling.weighted_without(metric) if resampling.bca else None
    return resampling.interval(float(metric(np.ones((1, len(gold))))[0]), resampling.weighted(metric), left_out)


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure a model must be of each stance to say it, so that what it says is right as often as promised.

    promised: a precision in (0, 1]. lowest: by stance, None where no limit kept the promise, so that it is never answered.
    fitted_on: rows.
    """

    promised: float
    lowest: tuple[float | None, ...]
    fitted_on: int

    @classmethod
    def fit(cls, probabilities: FloatArray, gold: IntArray, precision: float) -> "Limits":
        """The lowest limits that these rows show to keep the promise, each over at least 30 answers (see training/thresholds.py)."""
        lowest = confidence_limits(probabilities, gold, precision)
        return cls(precision, tuple(float(limit) if np.isfinite(limit) else None for limit in lowest), len(gold))

    def given(self, probabilities: FloatArray) -> BoolArray:
        """Which rows are answered, shape (n,)."""
        limits = np.array([np.inf if limit is None else limit for limit in self.lowest])
        return np.asarray(probabilities.max(axis=1) >= limits[probabilities.argmax(axis=1)])

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        lowest = {stance.value: limit for stance, limit in zip(STANCES, self.lowest, strict=True)}
        return {"promised": self.promised, "lowest": lowest, "least_answers": LEAST_ANSWERS, "fitted_on": self.fitted_on}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Limits":
        """What `to_row` gave."""
        lowest = tuple(None if (limit := row["lowest"][stance.value]) is None else float(limit) for stance in STANCES)
        return cls(float(row["promised"]), lowest, int(row["fitted_on"]))


class Reached(NamedTuple):
    """What a promise came to: of `rows` answers a share `coverage` was given, and of these `precision` were right.

    precision: None where no answer is given. Both intervals are over clusters.
    """

    promised: float
    rows: int
    given: int
    precision: Interval | None
    coverage: Interval | None

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        intervals = {"precision": self.precision, "coverage": self.coverage}
        numbers = {"promised": self.promised, "rows": self.rows, "given": self.given}
        return {**numbers, **{name: None if one is None else one.to_row() for name, one in intervals.items()}}


def reached(limits: Limits, probabilities: FloatArray, gold: IntArray, resampling: Resampling) -> dict[str, Reached]:
    """What the limits come to on rows that they were not fitted on: under "all", and by the answer under each stance.

    The coverage of a stance is the share of the rows that would be answered so without limits.
    """
    answers, given = probabilities.argmax(axis=1), limits.given(probabilities)
    masks: Sequence[tuple[str, BoolArray]] = [
        ("all", np.ones(len(gold), dtype=bool)),
        *((stance.value, answers == stance.label_id) for stance in STANCES),
    ]
    result = {}
    for name, mask in masks:
        chosen = mask & given
        precision = share(answers == gold, chosen, resampling)
        coverage = share(given, mask, resampling)
        result[name] = Reached(limits.promised, int(mask.sum()), int(chosen.sum()), precision, coverage)
    return result


def _answers(probabilities: FloatArray, gold: IntArray) -> tuple[FloatArray, FloatArray]:
    """Confidence of each answer, and 1 where it is wrong."""
    if not len(gold):
        raise ValueError("there are no rows to order by confidence")
    return probabilities.max(axis=1), (probabilities.argmax(axis=1) != gold).astype(np.float64)
