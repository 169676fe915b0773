"""Abstention: areas equal the mean over all orders of ties, limits keep on validation what they promise, and tell what tests made of it."""

import json
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from stancekit.evaluation.abstention import Limits, aurc, aurc_interval, reached, risk_coverage
from stancekit.evaluation.intervals import Bootstrap, Resampling
from stancekit.evaluation.metrics import FloatArray, IntArray


def answered(confidences: list[float], stances: list[int]) -> FloatArray:
    rows = np.array([[(1 - one) / 2] * 3 for one in confidences])
    rows[np.arange(len(rows)), stances] = confidences
    return rows


def simulated(count: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Probabilities that are true."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet([0.4, 0.4, 0.4], count)
    gold = (rng.random((count, 1)) > probabilities.cumsum(axis=1)[:, :2]).sum(axis=1).astype(np.int64)
    return probabilities, gold


def slow_area(wrong: list[int]) -> float:
    return float(np.mean([sum(wrong[:given]) / given for given in range(1, len(wrong) + 1)]))


def test_a_curve_worked_by_hand() -> None:
    # From the surest: right, wrong, right, wrong. Risks 0, 1/2, 1/3, 1/2.
    curve = risk_coverage(answered([0.6, 0.9, 0.7, 0.8], [0, 0, 0, 0]), np.array([1, 0, 0, 1]))
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert curve.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    # The best order has both wrong ones last: 0, 0, 1/3, 1/2.
    assert curve.excess == pytest.approx(curve.aurc - (1 / 3 + 1 / 2) / 4)


def test_ties_count_as_the_mean_over_their_orders() -> None:
    confidence, wrong = np.array([0.9, 0.7, 0.7, 0.7, 0.7, 0.5]), np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    orders = [slow_area([1, *order, 1]) for order in permutations([0, 1, 1, 0])]
    assert aurc(np.ones((1, 6)), confidence, wrong)[0] == pytest.approx(np.mean(orders))


def test_ties_are_one_point_of_the_curve_whatever_their_order() -> None:
    gold = np.array([0, 1, 0, 1])
    curves = [risk_coverage(answered([0.7] * 3 + [0.5], [0] * 4), one) for one in (gold, gold[[1, 0, 2, 3]])]
    assert curves[0].coverage.tolist() == curves[1].coverage.tolist() == [0.75, 1]
    assert curves[0].risk.tolist() == curves[1].risk.tolist() == pytest.approx([1 / 3, 1 / 2])
    assert curves[0].aurc == curves[1].aurc


def test_without_order_the_area_is_the_error_rate() -> None:
    curve = risk_coverage(answered([0.6] * 10, [0] * 10), np.array([0] * 7 + [1] * 3))
    assert curve.aurc == pytest.approx(0.3)
    assert curve.excess > 0


def test_a_perfect_order_has_no_excess() -> None:
    curve = risk_coverage(answered([0.9, 0.8, 0.7, 0.6], [0] * 4), np.array([0, 0, 1, 1]))
    assert curve.excess == pytest.approx(0)
    assert risk_coverage(answered([0.9, 0.8], [0, 0]), np.array([0, 0])).aurc == 0


def test_weights_repeat_rows() -> None:
    rng = np.random.default_rng(1)
    confidence, wrong = rng.integers(0, 8, 40) / 10, rng.integers(0, 2, 40).astype(np.float64)
    weights = rng.integers(0, 4, (5, 40)).astype(np.float64)
    found = aurc(weights, confidence, wrong)
    for draw in range(5):
        taken = np.repeat(np.arange(40), weights[draw].astype(int))
        # Many random orders stand in for all of them.
        areas = []
        for _ in range(400):
            shuffled = rng.permutation(taken)
            areas.append(slow_area(wrong[shuffled[np.argsort(-confidence[shuffled], kind="stable")]].astype(int).tolist()))
        assert found[draw] == pytest.approx(np.mean(areas), abs=4 * float(np.std(areas)) / 20)


@pytest.mark.parametrize("bca", [False, True])
def test_the_area_has_an_interval_over_proposals(bca: bool) -> None:
    probabilities, gold = simulated(300, 2)
    resampling = Bootstrap(200, 0.95, 3, bca).over([row // 10 for row in range(300)])
    interval = aurc_interval(probabilities, gold, resampling)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low < interval.value < interval.high
    assert interval.value == pytest.approx(risk_coverage(probabilities, gold).aurc)


def test_one_cluster_gives_the_area_alone() -> None:
    probabilities, gold = simulated(10, 2)
    alone = Resampling.over(["one"] * 10, 20, 0.95, np.random.default_rng(3))
    assert aurc_interval(probabilities, gold, replace(alone, bca=True))[1:] == (None, None)


def test_limits_keep_the_promise_where_they_were_fitted_and_nearly_elsewhere() -> None:
    validation, test = simulated(3000, 4), simulated(3000, 5)
    limits = Limits.fit(*validation, precision=0.9)
    resampling = Resampling.over([row // 10 for row in range(3000)], 200, 0.95, np.random.default_rng(6))
    for name, there in reached(limits, *validation, resampling).items():
        assert there.precision is not None
        assert there.precision.value >= 0.9, name
    every = reached(limits, *test, resampling)["all"]
    given = limits.given(test[0])
    assert every.precision is not None
    assert every.coverage is not None
    assert every.precision.value == pytest.approx((test[0].argmax(axis=1) == test[1])[given].mean())
    assert every.precision.value > 0.87 > (test[0].argmax(axis=1) == test[1]).mean()
    assert every.given == given.sum()
    assert every.coverage.value == pytest.approx(given.mean())
    assert every.coverage.value > 0.3


def test_a_stance_is_judged_over_the_rows_that_would_be_answered_so() -> None:
    limits = Limits(0.9, (0.5, None, 0.8), 100)
    probabilities = answered([0.9, 0.7, 0.9, 0.9, 0.6], [2, 2, 2, 1, 0])
    assert limits.given(probabilities).tolist() == [True, False, True, False, True]
    resampling = Resampling.over([0, 1, 2, 3, 4], 50, 0.95, np.random.default_rng(1))
    found = reached(limits, probabilities, np.array([2, 2, 1, 1, 0]), resampling)
    assert (found["support"].rows, found["support"].given) == (3, 2)
    assert found["support"].precision is not None
    assert found["support"].precision.value == 0.5
    assert found["support"].coverage is not None
    assert found["support"].coverage.value == pytest.approx(2 / 3)
    # A stance without a limit is never answered, and has no precision to show.
    assert found["neutral"].precision is None
    assert found["neutral"].to_row()["coverage"]["value"] == 0
    assert found["neutral"].to_row()["promised"] == 0.9


def test_a_run_keeps_limits_as_json() -> None:
    limits = Limits(0.9, (0.5, None, 0.8), 100)
    row = json.loads(json.dumps(limits.to_row(), allow_nan=False))
    assert row["lowest"] == {"oppose": 0.5, "neutral": None, "support": 0.8}
    assert Limits.from_row(row) == limits


def test_few_rows_promise_nothing() -> None:
    limits = Limits.fit(answered([0.9] * 5, [0] * 5), np.zeros(5, dtype=np.int64), 0.9)
    assert limits.lowest == (None, None, None)
    assert not limits.given(np.eye(3)).any()


def test_nothing_is_ordered_when_there_are_no_rows() -> None:
    with pytest.raises(ValueError, match="no rows"):
        risk_coverage(np.empty((0, 3)), np.empty(0, dtype=np.int64))
