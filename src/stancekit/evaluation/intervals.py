"""Intervals by the bootstrap over clusters: rows of one proposal, or one article, are drawn together."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stancekit.evaluation.metrics import FloatArray, IntArray, confusion
from stancekit.shares import Interval, tail_share
from stancekit.stance import STANCES

# From weights of shape (draws, n) to the measure of each draw, shape (draws,).
WeightedMetric = Callable[[FloatArray], FloatArray]
DRAWS_AT_ONCE = 64
ROUNDING = 1e-12
# Draws of fewer hardly differ, and say that chance is small where it is not known.
FEWEST_CLUSTERS = 5


@dataclass(frozen=True, slots=True)
class Resampling:
    """The same draws of clusters for everything that is compared, so that differences are paired.

    A drawn cluster brings all its rows. Drawing rows again inside it would add their scatter, which is in the clusters, a second time
    (Davison & Hinkley 1997, section 3.8).

    rows: shape (n,), the cluster number of each row. draws: shape (resamples, clusters), how often each is drawn. bca: whether intervals
    are to be corrected for bias and skew where a measure can be.
    """

    rows: IntArray
    draws: FloatArray
    level: float
    bca: bool = False

    @classmethod
    def over(cls, clusters: Sequence[Hashable], resamples: int, level: float, rng: np.random.Generator) -> "Resampling":
        """Draw as many clusters as there are, with replacement (Efron 1979; Field & Welsh 2007 for clusters)."""
        numbers: dict[Hashable, int] = {}
        rows = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.int64)
        count = len(numbers)
        draws = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
        return cls(rows, draws, level)

    def of(self, chosen: IntArray) -> "Resampling":
        """The same draws for some of the rows: clusters and draws that hold none of them are left out. chosen: shape (k,), row numbers."""
        clusters, rows = np.unique(self.rows[chosen], return_inverse=True)
        draws = self.draws[:, clusters]
        return Resampling(rows.astype(np.int64), draws[draws.any(axis=1)], self.level, self.bca)

    def confusions(self, gold: IntArray, predicted: IntArray) -> FloatArray:
        """The confusion matrix of every draw, shape (resamples, 3, 3).

        Per-cluster matrices are summed with the draws as weights: one product instead of a loop over rows.
        """
        clusters = self._confusion_of_each(gold, predicted)
        return np.asarray(self.draws @ clusters.reshape(len(clusters), -1)).reshape(-1, *clusters.shape[1:])

    def counted(self, gold: IntArray, predicted: IntArray) -> "Counted":
        """The confusion matrices that intervals of answers are made of. gold, predicted: shape (n,), label ids."""
        without = self.confusions_without(gold, predicted) if self.bca else None
        return Counted(confusion(gold, predicted), self.confusions(gold, predicted), without, self)

    def confusions_without(self, gold: IntArray, predicted: IntArray) -> FloatArray:
        """The confusion matrix with each cluster left out in turn, shape (clusters, 3, 3)."""
        clusters = self._confusion_of_each(gold, predicted)
        return np.asarray(clusters.sum(axis=0) - clusters)

    def _confusion_of_each(self, gold: IntArray, predicted: IntArray) -> FloatArray:
        size, clusters = len(STANCES), self.draws.shape[1]
        cells = (self.rows * size + gold) * size + predicted
        return np.bincount(cells, minlength=clusters * size * size).reshape(clusters, size, size).astype(np.float64)

    def sums(self, rows: FloatArray) -> FloatArray:
        """The sum over the rows of every draw, shape (resamples, ...). rows: shape (n, ...)."""
        return np.asarray(np.tensordot(self.draws, self._sum_of_each(rows), axes=1))

    def sums_without(self, rows: FloatArray) -> FloatArray:
        """The sum over the rows with each cluster left out in turn, shape (clusters, ...). rows: shape (n, ...)."""
        clusters = self._sum_of_each(rows)
        return np.asarray(clusters.sum(axis=0) - clusters)

    def _sum_of_each(self, rows: FloatArray) -> FloatArray:
        clusters = np.zeros((self.draws.shape[1], *rows.shape[1:]))
        np.add.at(clusters, self.rows, rows)
        return clusters

    def weighted(self, metric: WeightedMetric) -> FloatArray:
        """A measure of the rows of every draw, shape (resamples,), for what is no function of sums, such as one of ranks."""
        return self._in_steps(metric, len(self.draws), lambda start, stop: self.draws[start:stop])

    def weighted_without(self, metric: WeightedMetric) -> FloatArray:
        """The same measure with each cluster left out in turn, shape (clusters,); time grows with clusters times rows."""
        count = self.draws.shape[1]
        return self._in_steps(metric, count, lambda start, stop: 1 - np.eye(stop - start, count, k=start))

    def _in_steps(self, metric: WeightedMetric, count: int, drawn: Callable[[int, int], FloatArray]) -> FloatArray:
        # All weights at once would be a gigabyte and more at 20,000 rows.
        starts = range(0, count, DRAWS_AT_ONCE)
        return np.concatenate([metric(drawn(start, min(start + DRAWS_AT_ONCE, count))[:, self.rows]) for start in starts])

    def interval(self, value: float, resampled: FloatArray, left_out: FloatArray | None = None) -> Interval:
        """Interval of `value`: by percentiles, or by BCa where `left_out` is given; none when there are fewer than 5 clusters.

        Few clusters vary less among each other than those they stand for, so the ends are taken further out (Hesterberg 2015, section
        4.4.3). resampled: shape (resamples,). left_out: shape (clusters,), the measure with each cluster left out in turn.
        """
        if self.draws.shape[1] < FEWEST_CLUSTERS:
            return Interval(value, None, None)
        tail = tail_share(self.level, self.draws.shape[1])
        shares = np.array([tail, 1 - tail]) if left_out is None else _bca_shares(value, resampled, left_out, tail)
        low, high = np.quantile(resampled, shares)
        return Interval(value, float(low), float(high))


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made: by percentiles, or corrected for bias and skew (BCa, Efron 1987)."""

    resamples: int = 1000
    level: float = 0.95
    seed: int = 13
    bca: bool = False

    def over(self, clusters: Sequence[Hashable]) -> Resampling:
        """The draws over these clusters, one of each row; the same clusters give the same draws."""
        drawn = Resampling.over(clusters, self.resamples, self.level, np.random.default_rng(self.seed))
        return replace(drawn, bca=self.bca)

    def told(self, unit: str) -> dict[str, Any]:
        """As JSON values. unit: what was drawn, in words."""
        return {"unit": unit, **asdict(self)}


class Counted(NamedTuple):
    """Confusion matrices of one set of answers: counts over all rows, shape (3, 3), of every draw, shape (resamples, 3, 3).

    left_out: with each cluster left out in turn, shape (clusters, 3, 3), for BCa intervals; None for those of percentiles.
    """

    counts: FloatArray
    draws: FloatArray
    left_out: FloatArray | None
    resampling: Resampling

    def interval(self, metric: Callable[[FloatArray], FloatArray]) -> Interval:
        """A measure with its interval. metric: from shape (..., 3, 3) to shape (...)."""
        return measure(metric, self.counts, self.draws, self.resampling, self.left_out)

    def lead(self, other: "Counted", metric: Callable[[FloatArray], FloatArray]) -> Interval:
        """How much more these answers reach than others to the same rows, on the same draws.

        Rows that are hard for both do not widen it.
        """
        left_out = None
        if self.left_out is not None and other.left_out is not None:
            left_out = metric(self.left_out) - metric(other.left_out)
        value = float(metric(self.counts) - metric(other.counts))
        return self.resampling.interval(value, metric(self.draws) - metric(other.draws), left_out)


def _bca_shares(value: float, resampled: FloatArray, left_out: FloatArray, tail: float) -> FloatArray:
    """Which quantiles of the draws bound a BCa interval (Efron 1987; Efron & Tibshirani 1993, eqs. 14.10 to 14.15), shape (2,).

    Draws that equal the value count half as below it. Where all lie on one side, the correction for bias stops at half a draw.
    """
    from scipy.special import ndtr, ndtri

    below = (np.mean(resampled < value) + np.mean(resampled <= value)) / 2
    bias = ndtri(np.clip(below, 0.5 / len(resampled), 1 - 0.5 / len(resampled)))
    influence = left_out.mean() - left_out
    spread = float((influence**2).sum() ** 1.5)
    # Where no cluster moves the measure by more than rounding, there is no skew to mend.
    acceleration = float((influence**3).sum()) / (6 * spread) if np.ptp(left_out) > ROUNDING else 0.0
    shift = bias + ndtri([tail, 1 - tail])
    # Beyond this pole the formula turns round; both its sides then mean the outermost draw.
    room = np.maximum(1 - acceleration * shift, ROUNDING)
    return np.asarray(ndtr(bias + shift / room))


class Summed(NamedTuple):
    """A measure that knows the rows by sums alone, such as a mean or a binned error: a draw then costs one product.

    rows: shape (n, k), what each row adds. finish: from sums of shape (..., k) to the measure of shape (...).
    """

    rows: FloatArray
    finish: Callable[[FloatArray], FloatArray]

    def value(self) -> float:
        """The measure over all rows."""
        return float(self.finish(self.rows.sum(axis=0)))

    def interval(self, resampling: Resampling) -> Interval:
        """The measure with its interval over clusters."""
        left_out = self.finish(resampling.sums_without(self.rows)) if resampling.bca else None
        return resampling.interval(self.value(), self.finish(resampling.sums(self.rows)), left_out)


def average(values: npt.ArrayLike) -> Summed:
    """The mean of the rows, 0 where there are none. values: shape (n,)."""
    rows = np.asarray(values, dtype=np.float64)
    return Summed(np.stack([rows, np.ones(len(rows))], axis=1), _quotient)


def share(true: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_], resampling: Resampling) -> Interval | None:
    """How often `true` holds among the rows that are `among`, over the clusters that have such rows; None where there are none.

    Both of shape (n,). A draw without such rows has no share, so that it is left out rather than taken as 0.
    """
    chosen = np.flatnonzero(among)
    return average(true[chosen]).interval(resampling.of(chosen)) if len(chosen) else None


def _quotient(sums: FloatArray) -> FloatArray:
    return np.divide(sums[..., 0], sums[..., 1], out=np.zeros(sums.shape[:-1]), where=sums[..., 1] > 0)


def measure(
    metric: Callable[[FloatArray], FloatArray],
    counts: FloatArray,
    draws: FloatArray,
    resampling: Resampling,
    left_out: FloatArray | None = None,
) -> Interval:
    """One metric with its interval. counts: shape (3, 3); draws: shape (resamples, 3, 3).

    left_out: shape (clusters, 3, 3), from `confusions_without`, for a BCa interval.
    """
    return resampling.interval(float(metric(counts)), metric(draws), None if left_out is None else metric(left_out))
