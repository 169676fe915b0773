"""Two models, or two families of seeds, on the same rows: whether one is shown to be better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from stancekit.evaluation.intervals import ROUNDING, Resampling
from stancekit.evaluation.metrics import OVERALL, FloatArray, IntArray, confusion
from stancekit.shares import Interval

NAMES = {"macro_f1": "macro-F1", "accuracy": "accuracy", "mcc": "MCC", "f_avg": "F_avg"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of two models on the same rows, and the second minus the first.

    metric: its name. change: with its interval, None where there is one cluster alone. level: of the interval.
    """

    metric: str
    first: float
    second: float
    change: Interval
    level: float

    @property
    def direction(self) -> int:
        """1 where the second is shown to be better, -1 where it is shown to be worse, else 0; an interval that touches 0 shows nothing."""
        low, high = self.change.low, self.change.high
        if low is None or high is None:
            return 0
        return int(low > 0) - int(high < 0)

    @property
    def shown(self) -> bool:
        """Whether the interval is there and lies on one side of 0."""
        return self.direction != 0

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        numbers = {"metric": self.metric, "first": round(self.first, 6), "second": round(self.second, 6), "level": self.level}
        return {**numbers, "change": self.change.to_row(), "shown": self.shown}


class McNemar(NamedTuple):
    """Rows that one model alone has right, and how likely so uneven a split is where both are equally good.

    It takes rows as independent; rows of one proposal are not, so that p comes out too small. The interval over proposals decides.
    """

    only_first: int
    only_second: int
    p: float


def difference(
    metric: Callable[[FloatArray], FloatArray],
    gold: IntArray,
    first: IntArray,
    second: IntArray,
    resampling: Resampling,
    *,
    name: str,
    bca: bool = False,
) -> Difference:
    """How a measure of confusion matrices changes from the first model to the second, by the paired bootstrap over clusters.

    Both see the same draws (Berg-Kirkpatrick et al. 2012). metric: from shape (..., 3, 3) to shape (...). gold: shape (n,), label ids.
    first, second: shape (n,), or (seeds, n) for a family, of which the mean of the measure counts, over all rows and in every draw;
    the interval is then that of these seeds on other rows, and holds nothing of other seeds.
    Raises ValueError when n is 0 or the models answered other numbers of rows.
    """
    _check(gold, first, second)
    values = [float(of_each(metric, gold, answers).mean()) for answers in (first, second)]
    draws = [_mean(metric, resampling.confusions, gold, answers) for answers in (first, second)]
    left_out = None
    if bca:
        without = [_mean(metric, resampling.confusions_without, gold, answers) for answers in (first, second)]
        left_out = without[1] - without[0]
    change = resampling.interval(values[1] - values[0], draws[1] - draws[0], left_out)
    return Difference(name, values[0], values[1], change, resampling.level)


def of_each(metric: Callable[[FloatArray], FloatArray], gold: IntArray, answers: IntArray) -> FloatArray:
    """The measure of each seed, shape (seeds,). answers: shape (n,) or (seeds, n)."""
    return np.array([float(metric(confusion(gold, one))) for one in np.atleast_2d(answers)])


def _mean(
    metric: Callable[[FloatArray], FloatArray], drawn: Callable[[IntArray, IntArray], FloatArray], gold: IntArray, answers: IntArray
) -> FloatArray:
    return np.asarray(np.mean([metric(drawn(gold, one)) for one in np.atleast_2d(answers)], axis=0))


def differences(gold: IntArray, first: IntArray, second: IntArray, resampling: Resampling, bca: bool = False) -> dict[str, Difference]:
    """The change of every overall measure, on the same draws."""
    return {name: difference(metric, gold, first, second, resampling, name=name, bca=bca) for name, metric in OVERALL.items()}


def mcnemar(gold: IntArray, first: IntArray, second: IntArray) -> McNemar:
    """The exact test (McNemar 1947; binomial, two-sided); p is 1 where no row tells the models apart. Shapes (n,), label ids."""
    from scipy.stats import binomtest

    _check(gold, first, second)
    if first.ndim != 1 or second.ndim != 1:
        raise ValueError("McNemar's test is of two models, not of families")
    right = first == gold, second == gold
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    apart = only_first + only_second
    return McNemar(only_first, only_second, float(binomtest(only_first, apart, 0.5).pvalue) if apart else 1.0)


def over_seeds(first: FloatArray, second: FloatArray, level: float) -> Interval:
    """The second's mean minus the first's, for other seeds on these same rows, by Welch's interval (1947); none where a side has one seed.

    first, second: the measure of every seed, shapes (k,) and (m,). It takes scores as normal, and says little of few seeds.
    """
    from scipy.stats import ttest_ind

    value = float(second.mean() - first.mean())
    if min(len(first), len(second)) < 2 or max(np.ptp(first), np.ptp(second)) <= ROUNDING:
        return Interval(value, None, None)
    low, high = ttest_ind(second, first, equal_var=False).confidence_interval(level)
    return Interval(value, float(low), float(high))


def verdict(found: Difference, first: str, second: str) -> str:
    """One sentence; it says "not shown" where the interval reaches 0. first, second: what the models are called."""
    change, name = found.change, NAMES.get(found.metric, found.metric)
    if change.low is None or change.high is None:
        return f"Not shown that {first} and {second} differ in {name} ({change.value * 100:+.1f} points): too few units for an interval."
    interval = f"{found.level:.0%} interval {change.low * 100:+.1f} to {change.high * 100:+.1f}"
    if not found.shown:
        return f"Not shown that {first} and {second} differ in {name} (change {change.value * 100:+.1f} points, {interval})."
    word = "better" if change.low > 0 else "worse"
    return f"{second} is {word} than {first} in {name} by {abs(change.value) * 100:.1f} points ({interval})."


def _check(gold: IntArray, first: IntArray, second: IntArray) -> None:
    if not len(gold):
        raise ValueError("there are no rows to compare models on")
    answered = first.shape[-1], second.shape[-1]
    if set(answered) != {len(gold)}:
        raise ValueError(f"{answered[0]} and {answered[1]} answers for {len(gold)} rows")
    if any(not np.issubdtype(array.dtype, np.integer) for array in (gold, first, second)):
        raise ValueError("gold and answers are label ids, whole numbers")
