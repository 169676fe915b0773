"""Sets of stances that hold the right one as often as promised: split conformal prediction.

The promise stands where the rows that are asked about could have changed places with those the sets were fitted on. Rows of proposals
that the fit never saw can only be expected to come near it: `measured` says how near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from stancekit.evaluation.intervals import Resampling, average, share
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.shares import Interval
from stancekit.stance import STANCES

Score = Literal["lac", "aps"]
BoolArray = npt.NDArray[np.bool_]
# 10 * (1 - 0.1) must not become 10 answers because of the last bit of a float.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class ConformalSets:
    """A set holds every stance whose score is at most its limit.

    coverage: the promise, in (0, 1). fitted_on: rows.
    score: "lac" is 1 minus the probability (Sadinle et al. 2019), whose sets are the smallest on average and may be empty; "aps" is
    the sum of the probabilities down to the stance (Romano et al. 2020, without randomisation and with the answer always in the
    set, so that sets cover a little more than promised).
    by_class: each stance has a limit of its own (Vovk et al. 2005, Mondrian), so that the promise holds for the rows of each.
    limits: by stance, None where the stance is in every set because there were too few rows.
    """

    coverage: float
    score: Score
    by_class: bool
    limits: tuple[float | None, ...]
    fitted_on: int

    @classmethod
    def fit(
        cls, probabilities: FloatArray, gold: IntArray, coverage: float = 0.9, score: Score = "lac", by_class: bool = False
    ) -> "ConformalSets":
        """Limits from labelled rows that the model was not trained on. probabilities: shape (n, 3); gold: shape (n,), label ids.

        Raises ValueError when coverage is not between 0 and 1.
        """
        if not 0 < coverage < 1:
            raise ValueError(f"a coverage of {coverage} is not between 0 and 1")
        scores = _scores(probabilities, score)[np.arange(len(gold)), gold]
        parts = [scores[gold == stance] if by_class else scores for stance in range(len(STANCES))]
        return cls(coverage, score, by_class, tuple(_limit(part, coverage) for part in parts), len(gold))

    def sets(self, probabilities: FloatArray) -> BoolArray:
        """Which stances are in the set of each row, shape (n, 3)."""
        limits = np.array([np.inf if limit is None else limit for limit in self.limits])
        sets = _scores(probabilities, self.score) <= limits
        if self.score == "aps":
            sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
        return np.asarray(sets)

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        limits = {stance.value: limit for stance, limit in zip(STANCES, self.limits, strict=True)}
        how = {"coverage": self.coverage, "score": self.score, "by_class": self.by_class}
        return {**how, "limits": limits, "fitted_on": self.fitted_on}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ConformalSets":
        """What `to_row` gave. Raises ValueError when its score is none of those known."""
        if row["score"] not in ("lac", "aps"):
            raise ValueError(f"no conformal score is called {row['score']!r}")
        limits = tuple(None if (limit := row["limits"][stance.value]) is None else float(limit) for stance in STANCES)
        return cls(float(row["coverage"]), row["score"], bool(row["by_class"]), limits, int(row["fitted_on"]))


class Measured(NamedTuple):
    """What sets came to on other rows.

    promised: coverage. coverage: the share that holds the gold stance. size: mean number of stances. single, empty: the share of
    sets with one stance and with none. per_class: coverage of the rows of each gold stance, None where there are none.
    """

    promised: float
    coverage: Interval
    size: Interval
    single: float
    empty: float
    per_class: dict[str, Interval | None]

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "promised": self.promised,
            "coverage": self.coverage.to_row(),
            "size": self.size.to_row(),
            "single": self.single,
            "empty": self.empty,
            "per_class": {name: None if one is None else one.to_row() for name, one in self.per_class.items()},
        }


def measured(conformal: ConformalSets, probabilities: FloatArray, gold: IntArray, resampling: Resampling) -> Measured:
    """Coverage and size of the sets, with intervals over clusters. Raises ValueError when n is 0."""
    if not len(gold):
        raise ValueError("there are no rows to measure sets on")
    sets = conformal.sets(probabilities)
    held, sizes = sets[np.arange(len(gold)), gold], sets.sum(axis=1)
    per_class = {}
    for stance in STANCES:
        per_class[stance.value] = share(held, gold == stance.label_id, resampling)
    coverage, size = (average(one).interval(resampling) for one in (held, sizes))
    return Measured(conformal.coverage, coverage, size, float(np.mean(sizes == 1)), float(np.mean(sizes == 0)), per_class)


def _scores(probabilities: FloatArray, score: Score) -> FloatArray:
    """How badly each stance fits each row, shape (n, 3)."""
    if score == "lac":
        return 1 - probabilities
    order = np.argsort(-probabilities, axis=1, kind="stable")
    sums = np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1)
    scores = np.empty_like(probabilities)
    np.put_along_axis(scores, order, sums, axis=1)
    return scores


def _limit(scores: FloatArray, coverage: float) -> float | None:
    """The k-th smallest of n scores, k being (n + 1) * coverage rounded up (Lei et al. 2018); None where k is above n."""
    place = ceil((len(scores) + 1) * coverage - SLACK)
    return None if place > len(scores) else float(np.sort(scores)[place - 1])
