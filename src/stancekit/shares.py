"""A share of some whole, the interval around it, and the formulas that need no resampling."""

from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """A value with its interval; low and high are None where the data cannot give one."""

    value: float
    low: float | None
    high: float | None

    def to_row(self) -> dict[str, float | None]:
        """As JSON values."""
        return {key: None if value is None else round(value, 6) for key, value in self._asdict().items()}


def wilson(right: float, total: float, level: float = 0.95) -> Interval:
    """Share with its score interval (Wilson 1927), for single proposals with too few rows to resample. total: above 0.

    Both may be fractions: an effective number of rows where they are not independent.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = right / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * float((share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def tail_share(level: float, clusters: int) -> float:
    """The share of draws beyond each end of an interval of `level`: (1 - level) / 2 for many clusters, less for few."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr((clusters / (clusters - 1)) ** 0.5 * stdtrit(clusters - 1, (1 - level) / 2)))
