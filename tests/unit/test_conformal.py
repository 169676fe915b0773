"""Conformal sets: the limit is the promised place among n + 1, and sets hold the gold stance as often as promised."""

import json

import numpy as np
import pytest

from stancekit.evaluation.conformal import ConformalSets, Score, measured
from stancekit.evaluation.intervals import Resampling
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.shares import Interval

SCORES: tuple[Score, ...] = ("lac", "aps")


def simulated(count: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Probabilities that are true of nothing: a promise must hold for any model. Neutral is found worst."""
    gold = rng.choice(3, count, p=[0.3, 0.2, 0.5]).astype(np.int64)
    strength = np.array([2.0, 0.5, 2.5])[gold]
    logits = rng.normal(0, 1, (count, 3)) + np.eye(3)[gold] * strength[:, None]
    powers = np.exp(2 * logits)
    return powers / powers.sum(axis=1, keepdims=True), gold


def toward_support(shares: list[float]) -> FloatArray:
    return np.array([[(1 - one) / 2, (1 - one) / 2, one] for one in shares])


def test_the_limit_is_the_place_among_n_plus_1() -> None:
    # Nine rows whose scores are 0.1 ... 0.9: of 10 places the eighth and the ninth.
    probabilities, gold = toward_support([1 - number / 10 for number in range(1, 10)]), np.full(9, 2)
    for coverage, limit in ((0.8, 0.8), (0.9, 0.9), (0.75, 0.8)):
        assert ConformalSets.fit(probabilities, gold, coverage).limits == pytest.approx((limit,) * 3)
    # 91 % would be place 9.1 of nine rows: only every stance together promises that.
    too_few = ConformalSets.fit(probabilities, gold, 0.91)
    assert too_few.limits == (None, None, None)
    assert too_few.sets(np.eye(3)).all()


def test_the_place_is_not_one_further_for_the_last_bit_of_a_float() -> None:
    assert 100 * 0.55 > 55
    probabilities, gold = toward_support([1 - number / 100 for number in range(1, 100)]), np.full(99, 2)
    assert ConformalSets.fit(probabilities, gold, 0.55).limits[0] == pytest.approx(0.55)


def test_a_set_holds_the_stances_up_to_the_limit() -> None:
    conformal = ConformalSets(0.9, "lac", True, (0.7, 0.85, None), 50)
    probabilities = np.array([[0.3, 0.2, 0.5], [0.29, 0.71, 0.0], [0.1, 0.1, 0.8]])
    assert conformal.sets(probabilities).tolist() == [[True, True, True], [False, True, True], [False, False, True]]


def test_lac_sets_may_be_empty_and_aps_sets_hold_the_answer() -> None:
    probabilities = np.array([[0.4, 0.35, 0.25], [0.05, 0.15, 0.8]])
    assert ConformalSets(0.5, "lac", False, (0.5, 0.5, 0.5), 50).sets(probabilities).tolist() == [[False] * 3, [False, False, True]]
    assert ConformalSets(0.5, "aps", False, (0.76, 0.76, 0.76), 50).sets(probabilities).tolist() == [
        [True, True, False],
        [False, False, True],
    ]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("by_class", [False, True])
def test_the_promise_is_kept_over_many_small_fits(score: Score, by_class: bool) -> None:
    rng = np.random.default_rng(7)
    held = np.zeros((300, 4))
    for fit in range(300):
        conformal = ConformalSets.fit(*simulated(99, rng), 0.8, score, by_class)
        probabilities, gold = simulated(400, rng)
        right = conformal.sets(probabilities)[np.arange(400), gold]
        held[fit] = [right.mean(), *(right[gold == stance].mean() for stance in range(3))]
    overall, *per_class = held.mean(axis=0)
    # Scores without ties hold the gold stance in k / (n + 1) of all fits: 80 of 100. Five standard errors are below 0.013.
    assert overall >= 0.8 - 0.013
    if score == "lac" and not by_class:
        assert overall <= 0.8 + 0.013
    if by_class:
        assert min(per_class) >= 0.8 - 0.02
    else:
        # One limit for all leaves the stance that is found worst behind.
        assert min(per_class) == per_class[1] < 0.78


def test_a_class_that_validation_lacks_is_in_every_set() -> None:
    probabilities, gold = simulated(200, np.random.default_rng(1))
    keep = gold != 1
    conformal = ConformalSets.fit(probabilities[keep], gold[keep], 0.9, by_class=True)
    assert conformal.limits[1] is None
    assert None not in (conformal.limits[0], conformal.limits[2])
    assert conformal.sets(probabilities)[:, 1].all()


def test_sets_are_measured_on_other_rows() -> None:
    conformal = ConformalSets(0.9, "lac", False, (0.65, 0.65, 0.65), 50)
    probabilities = np.repeat([[0.5, 0.4, 0.1], [0.9, 0.05, 0.05], [0.34, 0.33, 0.33], [0.1, 0.1, 0.8]], 3, axis=0)
    resampling = Resampling.over([row // 2 for row in range(12)], 100, 0.95, np.random.default_rng(1))
    found = measured(conformal, probabilities, np.repeat([1, 0, 0, 0], 3), resampling)
    assert (found.coverage.value, found.size.value, found.single, found.empty) == (0.5, 1.0, 0.5, 0.25)
    assert found.coverage.low is not None
    assert found.coverage.high is not None
    assert 0 <= found.coverage.low < 0.5 < found.coverage.high <= 1
    # Neutral stands in two units alone: no interval, and not one from draws that hold none of it.
    assert found.per_class["neutral"] == Interval(1.0, None, None)
    row = json.loads(json.dumps(found.to_row()))
    assert row["per_class"]["oppose"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert row["per_class"]["neutral"]["value"] == 1
    assert row["per_class"]["support"] is None
    assert row["promised"] == 0.9


@pytest.mark.parametrize("score", SCORES)
def test_a_run_keeps_sets_as_json(score: Score) -> None:
    probabilities, gold = simulated(40, np.random.default_rng(2))
    conformal = ConformalSets.fit(probabilities, gold, 0.9, score, by_class=True)
    assert None in conformal.limits
    assert ConformalSets.from_row(json.loads(json.dumps(conformal.to_row(), allow_nan=False))) == conformal


def test_without_rows_every_stance_is_in_every_set() -> None:
    assert ConformalSets.fit(np.empty((0, 3)), np.empty(0, dtype=np.int64)).sets(np.eye(3)).all()


def test_impossible_requests_are_refused() -> None:
    probabilities, gold = simulated(5, np.random.default_rng(3))
    for coverage in (0.0, 1.0, 90.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            ConformalSets.fit(probabilities, gold, coverage)
    with pytest.raises(ValueError, match="'raps'"):
        ConformalSets.from_row({**ConformalSets.fit(probabilities, gold).to_row(), "score": "raps"})
    empty, conformal = Resampling(np.empty(0, dtype=np.int64), np.ones((1, 0)), 0.95), ConformalSets.fit(probabilities, gold)
    with pytest.raises(ValueError, match="no rows"):
        measured(conformal, np.empty((0, 3)), np.empty(0, dtype=np.int64), empty)
