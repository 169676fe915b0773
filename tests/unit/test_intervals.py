"""Intervals: clusters are drawn whole, everything compared sees the same draws, and the promised share is covered."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from stancekit.evaluation.intervals import FEWEST_CLUSTERS, Resampling, average, measure, share
from stancekit.evaluation.metrics import FloatArray, IntArray, accuracy, confusion, macro_f1
from stancekit.shares import Interval, tail_share, wilson


def rows(count: int, seed: int) -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, count).astype(np.int64), rng.integers(0, 3, count).astype(np.int64)


def resampling(clusters: list[str], resamples: int = 200, seed: int = 13) -> Resampling:
    return Resampling.over(clusters, resamples, 0.95, np.random.default_rng(seed))


def test_each_draw_takes_as_many_clusters_as_there_are() -> None:
    drawn = resampling(["b", "a", "b", "c"])
    assert drawn.rows.tolist() == [0, 1, 0, 2]
    assert drawn.draws.shape == (200, 3)
    assert set(drawn.draws.sum(axis=1).tolist()) == {3.0}


def test_a_draw_of_every_cluster_once_is_the_data_itself() -> None:
    gold, predicted = rows(40, seed=1)
    numbers = np.array([row % 7 for row in range(40)], dtype=np.int64)
    once = Resampling(numbers, np.ones((2, 7)), 0.95)
    assert np.array_equal(once.confusions(gold, predicted)[1], confusion(gold, predicted))


def test_a_draw_counts_a_cluster_as_often_as_it_was_drawn() -> None:
    gold, predicted = rows(6, seed=2)
    numbers = np.array([0, 0, 0, 1, 1, 1], dtype=np.int64)
    twice = Resampling(numbers, np.array([[2.0, 0.0]]), 0.95).confusions(gold, predicted)[0]
    assert np.array_equal(twice, 2 * confusion(gold[:3], predicted[:3]))


def test_one_seed_gives_one_set_of_draws() -> None:
    clusters = [str(number) for number in range(30)]
    assert np.array_equal(resampling(clusters).draws, resampling(clusters).draws)
    assert not np.array_equal(resampling(clusters).draws, resampling(clusters, seed=14).draws)


def width(interval: Interval) -> float:
    assert interval.low is not None
    assert interval.high is not None
    return interval.high - interval.low


def test_clusters_are_drawn_together() -> None:
    # Ten proposals with fifty rows each, all right or all wrong: there are ten observations, not five hundred.
    right = np.repeat(np.arange(10) % 2, 50).astype(np.int64)
    gold = np.zeros(500, dtype=np.int64)
    by_cluster = resampling([str(row // 50) for row in range(500)], resamples=1000)
    by_row = resampling([str(row) for row in range(500)], resamples=1000)
    widths = []
    for drawn in (by_cluster, by_row):
        interval = measure(accuracy, confusion(gold, right), drawn.confusions(gold, right), drawn)
        widths.append(width(interval))
    assert widths[0] > 4 * widths[1]


def test_differences_are_paired() -> None:
    gold, answers = rows(300, seed=3)
    other = answers.copy()
    other[:3] = gold[:3]
    drawn = resampling([str(row // 10) for row in range(300)], resamples=1000)
    one, two = (macro_f1(drawn.confusions(gold, predicted)) for predicted in (answers, other))
    alone = drawn.interval(float(macro_f1(confusion(gold, answers))), one)
    difference = drawn.interval(0.0, one - two)
    assert width(difference) < width(alone) / 3


def test_an_interval_holds_the_asked_share_of_the_draws() -> None:
    values: FloatArray = np.arange(1001, dtype=np.float64)
    narrow = Resampling(np.arange(5000), np.ones((1, 5000)), 0.5).interval(500.0, values)
    assert narrow == pytest.approx((500.0, 250.0, 750.0), abs=0.2)


def test_few_clusters_widen_it() -> None:
    # Hesterberg 2015, section 4.4.3: quantiles of Student's distribution, its scale corrected for n - 1, looked up in the normal one.
    for clusters in (5, 10, 60):
        z = stats.t.ppf(0.025, clusters - 1) * (clusters / (clusters - 1)) ** 0.5
        assert tail_share(0.95, clusters) == pytest.approx(stats.norm.cdf(z))
    assert tail_share(0.95, 5) < tail_share(0.95, 60) < 0.025
    assert tail_share(0.95, 10**6) == pytest.approx(0.025, rel=1e-4)


def test_too_few_clusters_give_no_interval() -> None:
    for clusters in range(1, FEWEST_CLUSTERS + 1):
        found = Resampling(np.arange(clusters), np.ones((1, clusters)), 0.95).interval(0.5, np.full(3, 0.5))
        known = 0.5 if clusters == FEWEST_CLUSTERS else None
        assert found.to_row() == {"value": 0.5, "low": known, "high": known}


# Efron & Tibshirani 1993, table 14.1: 26 children's scores in a test of space perception.
SPATIAL = np.array([48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41], dtype=np.float64)


def weighted_variance(weights: FloatArray) -> FloatArray:
    means = weights @ SPATIAL / weights.sum(axis=1)
    return np.asarray(weights @ SPATIAL**2 / weights.sum(axis=1) - means**2)


def published_level(level: float, clusters: int) -> float:
    """The level at which this many clusters give the interval that is published, or computed by others, without widening."""
    return float(1 - 2 * stats.t.cdf(stats.norm.ppf((1 - level) / 2) / (clusters / (clusters - 1)) ** 0.5, clusters - 1))


def test_bca_of_the_published_example() -> None:
    # Section 14.3: 90 % BCa interval of the variance, (115.8, 259.6) with 2,000 draws; percentiles give (100.8, 233.9).
    drawn = Resampling.over(list(range(26)), 20_000, published_level(0.90, 26), np.random.default_rng(1))
    value, draws = float(SPATIAL.var()), drawn.weighted(weighted_variance)
    assert value == pytest.approx(171.5, abs=0.05)
    bca, plain = drawn.interval(value, draws, drawn.weighted_without(weighted_variance)), drawn.interval(value, draws)
    # The ends that 2,000 draws find scatter by two points themselves.
    assert bca[1:] == pytest.approx((115.8, 259.6), abs=5)
    assert plain[1:] == pytest.approx((100.8, 233.9), abs=5)


def test_bca_equals_scipy_on_the_same_draws() -> None:
    def variance(values: FloatArray, axis: int = -1) -> FloatArray:
        return np.asarray(values.var(axis=axis))

    found = stats.bootstrap((SPATIAL,), variance, n_resamples=500, method="BCa", rng=np.random.default_rng(2))
    drawn = Resampling.over(list(range(26)), 1, published_level(0.95, 26), np.random.default_rng(2))
    interval = drawn.interval(float(SPATIAL.var()), found.bootstrap_distribution, drawn.weighted_without(weighted_variance))
    assert (interval.low, interval.high) == pytest.approx(tuple(found.confidence_interval))


def test_bca_counts_draws_that_equal_the_value_as_scipy_does() -> None:
    right = np.repeat([0.0, 1.0], [4, 16])
    found = stats.bootstrap((right,), np.mean, n_resamples=400, method="BCa", rng=np.random.default_rng(3))
    assert np.mean(found.bootstrap_distribution == right.mean()) > 0.1
    drawn = Resampling.over(list(range(20)), 1, published_level(0.95, 20), np.random.default_rng(3))
    left_out = drawn.sums_without(right) / 19
    interval = drawn.interval(float(right.mean()), found.bootstrap_distribution, left_out)
    assert (interval.low, interval.high) == pytest.approx(tuple(found.confidence_interval))


def test_bca_of_what_never_varies_is_the_value() -> None:
    gold = np.zeros(60, dtype=np.int64)
    drawn = resampling([str(row // 10) for row in range(60)])
    for metric in (accuracy, macro_f1):
        counts = confusion(gold, gold)
        interval = measure(metric, counts, drawn.confusions(gold, gold), drawn, drawn.confusions_without(gold, gold))
        assert interval.low == interval.high == interval.value


def test_bca_is_finite_where_all_draws_lie_on_one_side() -> None:
    drawn = Resampling(np.arange(5), np.ones((1, 5)), 0.95)
    for value in (-5.0, 5.0):
        interval = drawn.interval(value, np.linspace(0, 1, 101), np.array([0.0, 0.0, 0.0, 0.0, 9.0]))
        assert interval.low is not None
        assert interval.high is not None
        assert 0 <= interval.low <= interval.high <= 1


def test_leaving_a_cluster_out_is_measuring_the_others() -> None:
    gold, predicted = rows(50, seed=4)
    drawn = resampling([str(row % 8) for row in range(50)])
    rest = drawn.rows != 5
    expected = confusion(gold[rest], predicted[rest])
    assert np.array_equal(drawn.confusions_without(gold, predicted)[5], expected)
    right = (gold == predicted).astype(np.float64)
    assert drawn.sums_without(right)[5] == right[rest].sum()
    assert drawn.weighted_without(lambda weights: weights @ right)[5] == right[rest].sum()


def test_weights_of_rows_and_sums_of_clusters_agree() -> None:
    gold, predicted = rows(90, seed=5)
    drawn = resampling([str(row % 9) for row in range(90)], resamples=150)
    right = (gold == predicted).astype(np.float64)
    by_rows = drawn.weighted(lambda weights: weights @ right / weights.sum(axis=1))
    assert by_rows == pytest.approx(accuracy(drawn.confusions(gold, predicted)))
    mean = average(right)
    for bca in (False, True):
        left_out = drawn.confusions_without(gold, predicted) if bca else None
        counted = measure(accuracy, confusion(gold, predicted), drawn.confusions(gold, predicted), drawn, left_out)
        assert mean.interval(replace(drawn, bca=bca)) == pytest.approx(counted)


def test_the_average_of_no_rows_is_nothing() -> None:
    assert average(np.zeros(0)).value() == 0


SHARES, RIGHT = np.array([0.3, 0.45, 0.25]), 0.6


def one_survey(proposals: int, each: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Gold and answers; each proposal has its own difficulty, so rows of one are alike. Of all answers 60 % are right."""
    gold = rng.choice(3, proposals * each, p=SHARES).astype(np.int64)
    ease = np.repeat(rng.beta(6, 4, proposals), each)
    return gold, np.where(rng.random(len(gold)) < ease, gold, (gold + rng.integers(1, 3, len(gold))) % 3)


def test_the_truth_is_covered_as_often_as_promised() -> None:
    rng = np.random.default_rng(17)
    clusters = np.repeat(np.arange(60), 6).tolist()
    # What endless rows would give.
    everything = np.outer(SHARES, np.full(3, (1 - RIGHT) / 2))
    np.fill_diagonal(everything, SHARES * RIGHT)
    covered = {(metric, kind): 0 for metric in (accuracy, macro_f1) for kind in ("percentile", "bca", "by row")}
    for _ in range(500):
        gold, predicted = one_survey(60, 6, rng)
        counts, drawn = confusion(gold, predicted), Resampling.over(clusters, 400, 0.95, rng)
        draws, left_out = drawn.confusions(gold, predicted), drawn.confusions_without(gold, predicted)
        for metric in (accuracy, macro_f1):
            truth = float(metric(everything))
            for kind, without in (("percentile", None), ("bca", left_out)):
                _, low, high = measure(metric, counts, draws, drawn, without)
                covered[metric, kind] += low is not None and high is not None and low <= truth <= high
        # As if no two rows belonged together.
        _, low, high = wilson(int(np.trace(counts)), len(gold))
        covered[accuracy, "by row"] += low is not None and high is not None and low <= RIGHT <= high
    shares = {key: count / 500 for key, count in covered.items() if count}
    assert shares.pop((accuracy, "by row")) < 0.93
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares
    assert len(shares) == 4


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Worked in Newcombe 1998 (Statistics in Medicine 17), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (20, 20, 0.8389, 1.0)],
)
def test_wilson_gives_the_published_values(right: int, total: int, low: float, high: float) -> None:
    interval = wilson(right, total)
    assert interval.value == right / total
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_draws_for_some_rows_are_the_same_draws_without_what_holds_none_of_them() -> None:
    whole = Resampling(np.array([0, 0, 1, 2]), np.array([[1.0, 1, 1], [0, 3, 0], [2, 0, 1]]), 0.9)
    part = whole.of(np.array([1, 3]))
    assert part.rows.tolist() == [0, 1]
    assert part.draws.tolist() == [[1, 1], [2, 1]]
    assert part.level == 0.9
    # Rows of one cluster alone give no interval.
    assert whole.of(np.array([0, 1])).interval(0.5, np.array([0.4, 0.6])) == Interval(0.5, None, None)


def test_a_share_leaves_out_draws_that_have_none_of_its_rows() -> None:
    # One in ten units has a row of the kind, and all six of them are right: 0 of 0 is no share of 0.
    among, drawn = np.arange(60) % 10 == 0, resampling([str(row) for row in range(60)])
    assert share(np.ones(60, dtype=bool), among, drawn) == Interval(1.0, 1.0, 1.0)
    few = np.arange(60) < 3
    assert share(np.ones(60, dtype=bool), few, drawn) == Interval(1.0, None, None)
    assert share(np.ones(60, dtype=bool), np.zeros(60, dtype=bool), drawn) is None
