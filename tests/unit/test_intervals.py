"""Intervals: clusters are drawn whole, everything compared sees the same draws, and the promised share is covered."""

import numpy as np
import pytest

from stancekit.evaluation.intervals import Interval, Resampling, measure, wilson
from stancekit.evaluation.metrics import FloatArray, IntArray, accuracy, confusion, macro_f1


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
    narrow = Resampling(np.arange(2), np.ones((1, 2)), 0.5).interval(500.0, values)
    assert (narrow.low, narrow.high) == (250.0, 750.0)
    assert narrow.to_row() == {"value": 500.0, "low": 250.0, "high": 750.0}


def test_one_cluster_gives_no_interval() -> None:
    alone = Resampling(np.zeros(4, dtype=np.int64), np.ones((1, 1)), 0.95).interval(0.5, np.full(3, 0.5))
    assert alone.to_row() == {"value": 0.5, "low": None, "high": None}


def test_the_truth_is_covered_about_as_often_as_promised() -> None:
    # Forty proposals of ten rows; each proposal has its own difficulty, so rows of one are alike.
    rng = np.random.default_rng(17)
    gold = np.zeros(400, dtype=np.int64)
    clusters = [str(row // 10) for row in range(400)]
    covered = 0
    for _ in range(200):
        wrong = (rng.random(400) > np.repeat(rng.beta(6, 4, 40), 10)).astype(np.int64)
        drawn = Resampling.over(clusters, 200, 0.95, rng)
        interval = measure(accuracy, confusion(gold, wrong), drawn.confusions(gold, wrong), drawn)
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 0.6 <= interval.high
    assert 0.88 <= covered / 200 <= 0.99


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
