"""Losses equal scikit-learn's, calibration errors a slow loop and a case worked by hand; what changes only the drawn rows is exact."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from stancekit.evaluation.intervals import Resampling, Summed
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.evaluation.reliability import (
    MEASURES,
    CalibrationError,
    adaptive_calibration_error,
    brier,
    classwise_calibration_error,
    expected_calibration_error,
    log_loss,
    reliability_bins,
)
from stancekit.inference.engine import softmax

LABELS = [0, 1, 2]


def rows(count: int, seed: int, labels: tuple[int, ...] = (0, 1, 2)) -> tuple[FloatArray, IntArray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet([1.0, 1.0, 1.0], count), rng.choice(labels, count).astype(np.int64)


@pytest.mark.parametrize(("count", "labels"), [(1, (2,)), (40, (0, 2)), (300, (0, 1, 2))])
def test_losses_are_those_of_scikit_learn(count: int, labels: tuple[int, ...]) -> None:
    probabilities, gold = rows(count, 1, labels)
    assert log_loss(probabilities, gold).value() == pytest.approx(reference.log_loss(gold, probabilities, labels=LABELS))
    expected = reference.brier_score_loss(gold, probabilities, labels=LABELS, scale_by_half=False)
    assert brier(probabilities, gold).value() == pytest.approx(expected)


def test_a_sure_and_wrong_answer_costs_much_but_not_infinitely_much() -> None:
    sure, gold = np.eye(3)[[0]], np.array([1])
    assert log_loss(sure, gold).value() == pytest.approx(-np.log(np.finfo(np.float64).eps))
    assert brier(sure, gold).value() == 2


def test_calibration_error_of_a_case_worked_by_hand() -> None:
    # Two rows at 0.5 with one right: gap 0. Three at 0.9 with two right: gap 0.9 - 2/3.
    probabilities = np.array([[0.5, 0.3, 0.2]] * 2 + [[0.05, 0.05, 0.9]] * 3)
    gold = np.array([0, 1, 2, 2, 0])
    assert expected_calibration_error(probabilities, gold).value() == pytest.approx(3 / 5 * (0.9 - 2 / 3))


def test_a_bin_holds_its_upper_end() -> None:
    # 0.4 closes the second of five bins, alone; 0.5 is in the third.
    probabilities = np.array([[0.4, 0.3, 0.3], [0.5, 0.3, 0.2]])
    assert [each.count for each in reliability_bins(probabilities, np.array([0, 1]), bins=5)] == [0, 1, 1, 0, 0]
    # In one bin, the gaps of the two would cancel to 0.05.
    assert expected_calibration_error(probabilities, np.array([0, 1]), bins=5).value() == pytest.approx((0.6 + 0.5) / 2)


def slow_error(values: FloatArray, hits: FloatArray, bins: int) -> float:
    total = 0.0
    for number in range(bins):
        inside = [row for row, one in enumerate(values) if number / bins < one <= (number + 1) / bins]
        if inside:
            total += len(inside) / len(values) * abs(float(np.mean(hits[inside])) - float(np.mean(values[inside])))
    return total


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_errors_equal_a_slow_loop(bins: int) -> None:
    probabilities, gold = rows(400, 2)
    right = (probabilities.argmax(axis=1) == gold).astype(float)
    assert expected_calibration_error(probabilities, gold, bins).value() == pytest.approx(
        slow_error(probabilities.max(axis=1), right, bins)
    )
    by_class = [slow_error(probabilities[:, each], (gold == each).astype(float), bins) for each in LABELS]
    assert classwise_calibration_error(probabilities, gold, bins).value() == pytest.approx(np.mean(by_class))


def test_adaptive_bins_hold_equally_many_rows() -> None:
    probabilities, gold = rows(150, 3)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == gold
    parts = np.array_split(np.argsort(confidence), 15)
    expected = np.mean([abs(right[part].mean() - confidence[part].mean()) for part in parts])
    assert adaptive_calibration_error(probabilities, gold).value() == pytest.approx(expected)


def test_adaptive_bins_do_not_depend_on_the_order_of_rows_with_one_confidence() -> None:
    probabilities = np.tile([0.6, 0.3, 0.1], (40, 1))
    gold = np.repeat([0, 1], 20)
    assert adaptive_calibration_error(probabilities, gold).value() == pytest.approx(0.1)
    assert adaptive_calibration_error(probabilities, gold[::-1]).value() == pytest.approx(0.1)


def test_the_diagram_has_the_points_of_scikit_learn() -> None:
    probabilities, gold = rows(500, 4)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == gold
    shares, means = calibration_curve(right, confidence, n_bins=15)
    bins = reliability_bins(probabilities, gold)
    filled = [each for each in bins if each.count]
    assert len(bins) == 15
    assert sum(each.count for each in bins) == 500
    assert [each.confidence for each in filled] == pytest.approx(means)
    assert [each.accuracy.value for each in filled if each.accuracy] == pytest.approx(shares)
    error = sum(each.count * abs(each.accuracy.value - (each.confidence or 0)) for each in filled if each.accuracy) / 500
    assert error == pytest.approx(expected_calibration_error(probabilities, gold).value())


def test_a_bin_without_rows_has_no_accuracy_and_one_with_rows_an_interval() -> None:
    first, *_, last = reliability_bins(np.eye(3)[[0, 0]], np.array([0, 1]))
    assert first.to_row() == {"low": 0.0, "high": pytest.approx(1 / 15), "count": 0, "confidence": None, "accuracy": None}
    assert (last.count, last.confidence) == (2, 1.0)
    assert last.to_row()["accuracy"]["low"] < 0.5 < last.to_row()["accuracy"]["high"]


def sums_of(name: str, probabilities: FloatArray, gold: IntArray) -> Summed:
    measure = MEASURES[name](probabilities, gold)
    return measure.gaps if isinstance(measure, CalibrationError) else measure


@pytest.mark.parametrize("name", sorted(set(MEASURES) - {"adaptive_ece"}))
def test_a_draw_measures_what_the_drawn_rows_measure(name: str) -> None:
    probabilities, gold = rows(60, 5)
    resampling = Resampling.over([row // 6 for row in range(60)], 20, 0.95, np.random.default_rng(1))
    summed = sums_of(name, probabilities, gold)
    drawn = summed.finish(resampling.sums(summed.rows))
    for number in (0, 7, 19):
        taken = np.repeat(np.arange(60), resampling.draws[number][resampling.rows].astype(int))
        assert drawn[number] == pytest.approx(MEASURES[name](probabilities[taken], gold[taken]).value())
    left_out = summed.finish(resampling.sums_without(summed.rows))
    rest = resampling.rows != 3
    assert left_out[3] == pytest.approx(MEASURES[name](probabilities[rest], gold[rest]).value())


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_one_cluster_gives_no_interval_of_either_kind(name: str) -> None:
    alone = Resampling.over(["one"] * 5, 20, 0.95, np.random.default_rng(1))
    measure = MEASURES[name](*rows(5, 6))
    assert measure.interval(alone) == (measure.value(), None, None)
    assert sums_of(name, *rows(5, 6)).interval(replace(alone, bca=True)) == (measure.value(), None, None)


def truthful(proposals: int, sharpness: float, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Probabilities that are true before their logits are sharpened; ten rows a proposal."""
    logits = rng.normal(0, 1.2, (proposals * 10, 3))
    chances = softmax(logits).cumsum(axis=1)
    gold = (rng.random((len(logits), 1)) > chances[:, :2]).sum(axis=1)
    return softmax(sharpness * logits), gold.astype(np.int64)


@pytest.mark.parametrize("name", ["ece", "adaptive_ece", "classwise_ece"])
@pytest.mark.parametrize("sharpness", [1.0, 2.0])
def test_the_true_calibration_error_is_covered(name: str, sharpness: float) -> None:
    rng = np.random.default_rng(8)
    truth = 0.0 if sharpness == 1 else MEASURES[name](*truthful(20_000, sharpness, rng)).value()
    covered, plain = 0, 0
    for _ in range(100):
        rows_of_one = truthful(60, sharpness, rng)
        resampling = Resampling.over(np.repeat(np.arange(60), 10).tolist(), 200, 0.95, rng)
        value, low, high = MEASURES[name](*rows_of_one).interval(resampling)
        assert low is not None
        assert high is not None
        assert 0 <= low <= value <= high
        covered += low <= truth <= high
        _, low, high = sums_of(name, *rows_of_one).interval(resampling)
        plain += low is not None and high is not None and low <= truth <= high
    assert covered >= 88
    if sharpness == 1:
        # Percentiles would never admit that a model is calibrated.
        assert plain == 0


def test_losses_have_intervals_around_them() -> None:
    probabilities, gold = truthful(40, 1.0, np.random.default_rng(9))
    resampling = Resampling.over(np.repeat(np.arange(40), 10).tolist(), 300, 0.95, np.random.default_rng(10))
    for measure in (log_loss, brier):
        value, low, high = measure(probabilities, gold).interval(resampling)
        assert low is not None
        assert high is not None
        assert low < value < high


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_nothing_is_measured_on_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="no rows"):
        MEASURES[name](np.empty((0, 3)), np.empty(0, dtype=np.int64))


def test_probabilities_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(4, 2\) for 4 rows"):
        log_loss(np.full((4, 2), 0.5), np.zeros(4, dtype=np.int64))
