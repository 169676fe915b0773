"""Intervals by the bootstrap over clusters: rows of one proposal, or one article, are drawn together."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.stance import STANCES


class Interval(NamedTuple):
    """A value with its interval; low and high are None where the data cannot give one."""

    value: float
    low: float | None
    high: float | None

    def to_row(self) -> dict[str, float | None]:
        """As JSON values."""
        return {key: None if value is None else round(value, 6) for key, value in self._asdict().items()}


@dataclass(frozen=True, slots=True)
class Resampling:
    """The same draws of clusters for everything that is compared, so that differences are paired.

    rows: shape (n,), the cluster number of each row. draws: shape (resamples, clusters), how often each is drawn.
    """

    rows: IntArray
    draws: FloatArray
    level: float

    @classmethod
    def over(cls, clusters: Sequence[Hashable], resamples: int, level: float, rng: np.random.Generator) -> "Resampling":
        """Draw as many clusters as there are, with replacement (Efron 1979; Field & Welsh 2007 for clusters)."""
        numbers: dict[Hashable, int] = {}
        rows = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.int64)
        count = len(numbers)
        draws = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
        return cls(rows, draws, level)

    def confusions(self, gold: IntArray, predicted: IntArray) -> FloatArray:
        """The confusion matrix of every draw, shape (resamples, 3, 3).

        Per-cluster matrices are summed with the draws as weights: one product instead of a loop over rows.
        """
        size = len(STANCES)
        cells = (self.rows * size + gold) * size + predicted
        clusters = self.draws.shape[1]
        per_cluster = np.bincount(cells, minlength=clusters * size * size).reshape(clusters, size * size)
        return np.asarray(self.draws @ per_cluster).reshape(-1, size, size)

    def sums(self, rows: FloatArray) -> FloatArray:
        """The sum over the rows of every draw, shape (resamples, ...). rows: shape (n, ...)."""
        clusters = np.zeros((self.draws.shape[1], *rows.shape[1:]))
        np.add.at(clusters, self.rows, rows)
        return np.tensordot(self.draws, clusters, axes=1)

    def interval(self, value: float, resampled: FloatArray) -> Interval:
        """Percentile interval of `value`; none when there is a single cluster. resampled: shape (resamples,)."""
        if self.draws.shape[1] < 2:
            return Interval(value, None, None)
        tail = (1 - self.level) / 2
        low, high = np.quantile(resampled, [tail, 1 - tail])
        return Interval(value, float(low), float(high))


def measure(metric: Callable[[FloatArray], FloatArray], counts: FloatArray, draws: FloatArray, resampling: Resampling) -> Interval:
    """One metric with its interval. counts: shape (3, 3); draws: shape (resamples, 3, 3)."""
    return resampling.interval(float(metric(counts)), metric(draws))


def wilson(right: int, total: int, level: float = 0.95) -> Interval:
    """Share with its score interval (Wilson 1927), for single proposals with too few rows to resample. total: above 0."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = right / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * float(np.sqrt(share * (1 - share) / total + z * z / (4 * total * total)))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))
