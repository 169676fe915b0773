"""Shares of stances, corrected for how often the model takes one stance for another.

A model that calls a tenth of the neutral sentences opposed finds a tenth of opposition where there is none. Labelled pairs of the same kind
tell how its answers spread over the stances, and the spread is taken back: the adjusted count (Gart & Buck 1966; Forman 2008) of
probabilities in place of labels (Bella et al. 2010). `benchmarks/corrected_shares.py` holds it against others.

It takes for granted that a supporting sentence of the slice is answered as those with labels are, whatever their shares. The rows that a
model was validated on are seldom news, and corrections by them were worse than none: give labelled pairs of news.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stancekit.shares import Interval, wilson
from stancekit.stance import STANCES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Of fewer labelled rows of a stance nobody knows how it is answered.
LEAST_ROWS = 30
# Of fewer articles nobody knows how much they differ.
LEAST_ARTICLES = 5
LEVEL = 0.95
EDGES = ((0, 1), (0, 2), (1, 2))


def adjusted(confusion: FloatArray, answered: FloatArray) -> FloatArray:
    """The shares that would be answered so: those nearest to `answered`, by least squares, among all that sum to 1 and are not negative.

    confusion: shape (..., 3, 3), the answers to each true stance, rows sum to 1. answered: shape (..., 3), the shares among the answers.
    Returns shape (..., 3).
    """
    best = _unbound(confusion, answered)
    outside = (best < 0).any(axis=-1) | ~np.isfinite(best).all(axis=-1)
    least = np.where(outside, np.inf, 0.0)
    for one, other in EDGES:
        # Where the best of all is outside, the best inside lacks one stance at least.
        step = confusion[..., one, :] - confusion[..., other, :]
        length = (step**2).sum(axis=-1)
        along = ((answered - confusion[..., other, :]) * step).sum(axis=-1)
        part = np.clip(np.divide(along, length, out=np.full_like(along, 0.5), where=length > 0), 0, 1)
        gap = ((confusion[..., other, :] + part[..., None] * step - answered) ** 2).sum(axis=-1)
        found = np.zeros_like(best)
        found[..., one], found[..., other] = part, 1 - part
        nearer = outside & (gap < least)
        best, least = np.where(nearer[..., None], found, best), np.where(nearer, gap, least)
    return best


def _unbound(confusion: FloatArray, answered: FloatArray) -> FloatArray:
    # Rows sum to 1, so the solution does too. A model that tells no stance from another has none: its numbers are not finite.
    cofactors = np.stack([np.cross(confusion[..., (row + 1) % 3, :], confusion[..., (row + 2) % 3, :]) for row in range(3)], axis=-2)
    determinant = (confusion[..., 0, :] * cofactors[..., 0, :]).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((cofactors * answered[..., None, :]).sum(axis=-1) / determinant[..., None])


class Spread(NamedTuple):
    """Shares over articles, and how far they would move with other articles.

    shares: shape (k,). covariance: shape (k, k), of the shares, by linearization over articles (Woodruff 1971), since sentences of one
    article are alike. units: how many there are. articles: as how many of one size they count (Kish 1965), so that one long article beside
    many short ones is hardly more than one.
    """

    shares: FloatArray
    covariance: FloatArray
    articles: float
    units: float

    @classmethod
    def of(cls, sums: FloatArray) -> "Spread":
        """sums: shape (articles, k), what each article adds to each share; its units are the sum. Articles of none are left out."""
        units = sums.sum(axis=1)
        sums, units = sums[units > 0], units[units > 0]
        total, shares = float(units.sum()), sums.sum(axis=0) / units.sum()
        weights = units / total
        apart = sums / total - weights[:, None] * shares
        likeness = float(weights @ weights)
        # An article pulls the shares toward itself, the more it weighs: so much of the scatter is left where all articles scatter alike.
        left = 1 - 2 * float((weights**3).sum()) / likeness + likeness
        # Of one article there is no scatter to see. Five of one size are five, whatever the last digits of their sums.
        return cls(shares, apart.T @ apart / (left if len(units) > 1 else 1), round(1 / likeness, 6), total)

    def intervals(self) -> list[Interval]:
        """Score intervals of the number of independent units that would scatter so much (Kish 1965; Franco et al. 2019).

        Where nothing scatters, and of few articles, each article is one unit, as if all in it said the same. None of a single article.
        """
        return [self._interval(float(share), float(self.covariance[at, at])) for at, share in enumerate(self.shares)]

    def _interval(self, share: float, variance: float) -> Interval:
        if self.articles <= 1:
            return Interval(share, None, None)
        effective = self.articles
        if self.articles >= LEAST_ARTICLES and variance > 0:
            # Few articles show their scatter badly: their number is counted lower as Student's quantile is larger (Korn & Graubard 1998).
            effective = min(share * (1 - share) / variance / self.stretch**2, self.units)
        return wilson(share * effective, effective, LEVEL)

    @property
    def stretch(self) -> float:
        """Student's quantile over the normal one: how much wider an interval is for a scatter seen in few articles."""
        from scipy.special import stdtrit

        return float(stdtrit(self.articles - 1, (1 + LEVEL) / 2)) / NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Correction:
    """How labelled pairs were answered, with draws of them, made once for all slices.

    confusion: shape (3, 3), the mean probabilities given to pairs of each true stance. confusions: shape (draws, 3, 3), of drawn articles.
    noise: shape (draws, 3), standard normal, the draws of slices: the same for all, so that no interval hangs on other slices.
    """

    confusion: FloatArray
    confusions: FloatArray
    noise: FloatArray

    @classmethod
    def of(cls, answers: FloatArray, gold: IntArray, articles: Sequence[Hashable], draws: int = 500, seed: int = 13) -> "Correction | str":
        """answers: shape (n, 3), calibrated probabilities. gold: shape (n,), label ids. articles: the article of each row.

        Returns why there is none where a stance has fewer than 30 rows, there are fewer than 5 articles, or the answers do not tell the
        stances apart for certain: in one draw of forty, another order of the stances would fit as well.
        """
        counts = np.bincount(gold, minlength=len(STANCES))
        few = [stance.value for stance, count in zip(STANCES, counts, strict=True) if count < LEAST_ROWS]
        numbers: dict[Hashable, int] = {}
        rows = np.array([numbers.setdefault(article, len(numbers)) for article in articles], dtype=np.int64)
        if few:
            return f"fewer than {LEAST_ROWS} labelled pairs are {' or '.join(few)}"
        if len(numbers) < LEAST_ARTICLES:
            return f"the labelled pairs are of fewer than {LEAST_ARTICLES} articles"
        sums = np.zeros((len(numbers), len(STANCES), len(STANCES) + 1))
        np.add.at(sums, (rows, gold), np.column_stack([answers, np.ones(len(gold))]))
        rng = np.random.default_rng(seed)
        drawn = np.tensordot(rng.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=draws), sums, axes=1)
        whole = sums.sum(axis=0)
        # A draw without a stance knows nothing of it, and takes it from the whole.
        drawn = np.where(drawn[..., -1:] > 0, drawn, whole)
        confusion, confusions = (one[..., :-1] / one[..., -1:] for one in (whole, drawn))
        if np.mean(np.linalg.det(confusions) <= 0) > (1 - LEVEL) / 2 or np.linalg.det(confusion) <= 0:
            return "on the labelled pairs the model does not tell the stances apart for certain"
        return cls(confusion, confusions, rng.standard_normal((draws, len(STANCES))))

    def shares(self, sums: FloatArray) -> dict[str, Interval] | str:
        """The corrected shares of a slice, by stance. sums: shape (articles, 3), summed probabilities of each.

        Intervals are percentiles over draws of the labelled pairs and of the articles, these by their normal approximation. Returns why
        there are none where the articles are fewer than 5, or count as fewer since some are much longer than others.
        """
        if len(sums) < LEAST_ARTICLES:
            return f"fewer than {LEAST_ARTICLES} articles were asked about it"
        spread = Spread.of(sums)
        if spread.articles < LEAST_ARTICLES:
            return f"the articles differ so much in length that they count as fewer than {LEAST_ARTICLES}"
        values, vectors = np.linalg.eigh(spread.covariance)
        root = vectors * np.sqrt(np.clip(values, 0, None)) * spread.stretch
        drawn = adjusted(self.confusions, spread.shares + self.noise @ root.T)
        found = adjusted(self.confusion, spread.shares)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        return {stance.value: Interval(float(found[at]), float(low[at]), float(high[at])) for at, stance in enumerate(STANCES)}
