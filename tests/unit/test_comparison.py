"""Comparison: differences are paired and of the right sign, McNemar is the binomial, and words say "not shown" when it is not."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from stancekit.evaluation.comparison import Difference, difference, differences, mcnemar, over_seeds, verdict
from stancekit.evaluation.intervals import Resampling, average
from stancekit.evaluation.metrics import OVERALL, IntArray, accuracy, confusion, macro_f1
from stancekit.shares import Interval, tail_share


def better_by(share: float, seed: int, count: int = 400) -> tuple[IntArray, IntArray, IntArray]:
    """Gold, a model that is right in about half, and one that mends `share` of the rows of the first."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 3, count)
    first = np.where(rng.random(count) < 0.5, gold, rng.integers(0, 3, count))
    return gold, first, np.where(rng.random(count) < share, gold, first)


def by_proposal(count: int = 400, seed: int = 13) -> Resampling:
    return Resampling.over([row // 10 for row in range(count)], 500, 0.95, np.random.default_rng(seed))


@pytest.mark.parametrize("bca", [False, True])
def test_a_better_model_is_shown_to_be_better(bca: bool) -> None:
    gold, first, second = better_by(0.3, 1)
    found = differences(gold, first, second, by_proposal(), bca)
    assert set(found) == set(OVERALL)
    for name, one in found.items():
        assert one.change.value == pytest.approx(float(OVERALL[name](confusion(gold, second)) - OVERALL[name](confusion(gold, first))))
        assert one.change.value == pytest.approx(one.second - one.first)
        assert one.shown
        assert one.change.low is not None
        assert 0 < one.change.low < one.change.value


@pytest.mark.parametrize("bca", [False, True])
def test_the_other_way_round_is_the_mirror(bca: bool) -> None:
    gold, first, second = better_by(0.1, 2)
    there, back = (
        difference(macro_f1, gold, *pair, by_proposal(), name="macro_f1", bca=bca) for pair in ((first, second), (second, first))
    )
    assert there.change.low is not None
    assert there.change.high is not None
    assert back.change == pytest.approx((-there.change.value, -there.change.high, -there.change.low), abs=1e-3 if bca else 1e-9)


def test_bca_of_a_difference_is_that_of_the_rows_won_and_lost() -> None:
    # Few proposals of very different gain, so that there is a skew to mend.
    gold = np.zeros(120, dtype=np.int64)
    first = np.ones(120, dtype=np.int64)
    second = np.where(np.arange(120) % 10 < np.repeat([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 5, 9], 10), 0, 1)
    resampling = by_proposal(120)
    won = average((second == gold).astype(int) - (first == gold))
    found = difference(accuracy, gold, first, second, resampling, name="accuracy", bca=True)
    assert found.change == pytest.approx(won.interval(replace(resampling, bca=True)))
    assert found.change != pytest.approx(won.interval(resampling))


def test_draws_are_of_the_differences_of_the_drawn_rows() -> None:
    gold, first, second = better_by(0.2, 3, count=60)
    resampling = by_proposal(60)
    changes = []
    for draw in resampling.draws:
        taken = np.repeat(np.arange(60), draw[resampling.rows].astype(int))
        changes.append((second[taken] == gold[taken]).mean() - (first[taken] == gold[taken]).mean())
    found, tail = difference(accuracy, gold, first, second, resampling, name="accuracy"), tail_share(0.95, resampling.draws.shape[1])
    assert (found.change.low, found.change.high) == pytest.approx(tuple(np.quantile(changes, [tail, 1 - tail])))


def test_a_lead_that_one_proposal_brings_is_not_shown() -> None:
    # Forty rows better is much for rows, but all of them are one proposal of ten.
    gold = np.zeros(400, dtype=np.int64)
    first, second = gold.copy(), gold.copy()
    first[:40] = 1
    clustered = Resampling.over([row // 40 for row in range(400)], 500, 0.95, np.random.default_rng(1))
    assert mcnemar(gold, first, second).p < 1e-9
    found = difference(accuracy, gold, first, second, clustered, name="accuracy")
    assert found.change.low == 0
    assert not found.shown
    assert "Not shown" in verdict(found, "one", "two")


def test_equal_models_are_not_shown_to_differ() -> None:
    gold, first, _ = better_by(0.1, 4)
    found = difference(macro_f1, gold, first, first, by_proposal(), name="macro_f1", bca=True)
    assert found.change == (0, 0, 0)
    assert not found.shown
    assert mcnemar(gold, first, first) == (0, 0, 1.0)


@pytest.mark.parametrize(("only_first", "only_second"), [(1, 8), (8, 1), (5, 5), (0, 6), (30, 12), (1, 0)])
def test_mcnemar_is_a_sum_of_binomials(only_first: int, only_second: int) -> None:
    gold = np.full(100, 2)
    first, second = gold.copy(), gold.copy()
    second[:only_first] = 0
    first[only_first : only_first + only_second] = 1
    # Rows that both have wrong say nothing.
    first[-20:], second[-20:] = 0, 1
    apart, least = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(apart, number) for number in range(least + 1)) / 2**apart
    assert mcnemar(gold, first, second) == pytest.approx((only_first, only_second, min(1.0, 2 * tail)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((0.03, 0.01, 0.05), "B is better than A in macro-F1 by 3.0 points (95% interval +1.0 to +5.0)."),
        ((-0.03, -0.05, -0.01), "B is worse than A in macro-F1 by 3.0 points (95% interval -5.0 to -1.0)."),
        ((0.03, -0.01, 0.07), "Not shown that A and B differ in macro-F1 (change +3.0 points, 95% interval -1.0 to +7.0)."),
        ((0.03, 0.0, 0.05), "Not shown that A and B differ in macro-F1 (change +3.0 points, 95% interval +0.0 to +5.0)."),
        ((-0.03, -0.05, 0.0), "Not shown that A and B differ in macro-F1 (change -3.0 points, 95% interval -5.0 to +0.0)."),
        ((0.03, None, None), "Not shown that A and B differ in macro-F1 (+3.0 points): too few units for an interval."),
    ],
)
def test_the_verdict_in_words(change: tuple[float, float | None, float | None], words: str) -> None:
    found = Difference("macro_f1", 0.5, 0.5 + change[0], Interval(*change), 0.95)
    assert verdict(found, "A", "B") == words
    assert found.shown == ("Not shown" not in words)
    assert found.to_row()["change"]["low"] == change[1]


def test_the_interval_over_seeds_is_that_of_welch() -> None:
    first, second = np.array([0.50, 0.52, 0.54]), np.array([0.60, 0.64])
    # Variances 0.0004 and 0.0008: standard error sqrt(0.0004 / 3 + 0.0008 / 2), 1.684 degrees of freedom, whose 97.5% point is 5.176.
    error = (0.0004 / 3 + 0.0008 / 2) ** 0.5
    assert over_seeds(first, second, 0.95) == pytest.approx((0.1, 0.1 - 5.176 * error, 0.1 + 5.176 * error), abs=1e-4)
    assert over_seeds(first, second[:1], 0.95) == pytest.approx((0.08, None, None))
    assert over_seeds(first[[0, 0]], second[[0, 0]], 0.95) == pytest.approx((0.1, None, None))


def test_what_cannot_be_compared_is_refused() -> None:
    gold, first, second = better_by(0.1, 5)
    with pytest.raises(ValueError, match="399 and 400 answers for 400 rows"):
        difference(accuracy, gold, first[1:], second, by_proposal(), name="accuracy")
    with pytest.raises(ValueError, match="label ids"):
        mcnemar(gold, first.astype(float), second)
    none = np.empty(0, dtype=np.int64)
    with pytest.raises(ValueError, match="no rows"):
        mcnemar(none, none, none)
