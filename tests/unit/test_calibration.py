"""Calibration: fitted maps find what was done to the probabilities, temperature keeps every label, the rest tells what it changes."""

import json
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.evaluation.reliability import expected_calibration_error, log_loss
from stancekit.inference.calibration import (
    COLDEST,
    HOTTEST,
    METHODS,
    IsotonicScaling,
    Method,
    TemperatureScaling,
    VectorScaling,
    calibrator,
    fit,
    labels_changed,
)
from stancekit.inference.engine import softmax


def drawn(logits: FloatArray, seed: int) -> IntArray:
    """Gold stances that these logits tell truly."""
    chances = softmax(logits).cumsum(axis=1)
    return np.asarray((np.random.default_rng(seed).random((len(logits), 1)) > chances[:, :2]).sum(axis=1))


def overconfident(count: int, seed: int, sharpness: float = 2.5) -> tuple[FloatArray, IntArray]:
    logits = np.random.default_rng(seed).normal(0, 1.5, (count, 3))
    return softmax(sharpness * logits), drawn(logits, seed + 1)


def test_temperature_finds_by_how_much_logits_were_sharpened() -> None:
    found = TemperatureScaling.fit(*overconfident(20_000, 1))
    assert found.temperature == pytest.approx(2.5, rel=0.05)
    assert not found.at_bound


def test_temperature_is_the_slope_of_a_logistic_regression() -> None:
    # With two stances, dividing logits by T is an unpenalised regression on their difference without intercept.
    difference = np.random.default_rng(2).normal(0, 3, 500)
    logits = np.stack([np.zeros(500), np.full(500, -1e9), difference], axis=1)
    gold = np.where(np.random.default_rng(3).random(500) < 1 / (1 + np.exp(-difference / 2)), 2, 0).astype(np.int64)
    slope = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-8).fit(difference[:, None], gold == 2).coef_.item()
    # Logits below -27 are cut; here that is the absent stance alone.
    assert np.abs(difference).max() < 27
    assert TemperatureScaling.fit(softmax(logits), gold).temperature == pytest.approx(1 / slope, rel=1e-3)


def test_temperature_is_the_likeliest() -> None:
    probabilities, gold = overconfident(200, 4)

    def loss(temperature: float) -> float:
        return log_loss(softmax(np.log(probabilities) / temperature), gold).value()

    best = minimize_scalar(loss, bounds=(1, 6), method="bounded").x
    assert TemperatureScaling.fit(probabilities, gold).temperature == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("temperature", [COLDEST, 0.7, 3.0, HOTTEST])
def test_temperature_never_changes_a_label(temperature: float) -> None:
    rng = np.random.default_rng(5)
    probabilities = np.concatenate([rng.dirichlet([1, 1, 1], 2000), rng.dirichlet([0.01, 0.01, 0.01], 2000)])
    # Stances that are a rounding apart, on either side, and ones that are equal.
    close = np.full((9, 3), 1 / 3)
    for row in range(6):
        close[row, row % 3] = np.nextafter(1 / 3, row // 3)
    close[7:, 1:] = 0.4, 0.4
    close[7:, 0] = 0.2
    every = np.concatenate([probabilities, close])
    after = TemperatureScaling(temperature, 1).apply(every)
    assert np.array_equal(after.argmax(axis=1), every.argmax(axis=1))
    assert after.sum(axis=1) == pytest.approx(np.ones(len(every)))


@pytest.mark.parametrize("method", METHODS)
def test_calibration_lowers_error_and_loss_on_other_rows(method: Method) -> None:
    validation, test = overconfident(1500, 6), overconfident(1500, 8)
    after = fit(method, *validation).apply(test[0])
    assert after.sum(axis=1) == pytest.approx(np.ones(1500))
    assert expected_calibration_error(after, test[1]).value() < expected_calibration_error(*test).value() / 2
    assert log_loss(after, test[1]).value() < log_loss(*test).value()


def test_vector_scaling_finds_weights_and_biases() -> None:
    logits = np.log(np.random.default_rng(9).dirichlet([1, 1, 1], 30_000))
    weights, biases = np.array([0.5, 1.0, 1.5]), np.array([0.6, 0.0, -0.6])
    found = VectorScaling.fit(softmax(logits), drawn(logits * weights + biases, 10))
    assert found.weights == pytest.approx(weights, abs=0.06)
    assert np.array(found.biases) - np.mean(found.biases) == pytest.approx(biases, abs=0.06)
    assert found.changed > 0


def test_isotonic_is_that_of_scikit_learn_renormalised() -> None:
    (probabilities, gold), (other, _) = overconfident(300, 11), overconfident(50, 13)
    found = IsotonicScaling.fit(probabilities, gold)
    columns = []
    for stance in range(3):
        least = 1 / 302
        reference = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
        columns.append(reference.fit(probabilities[:, stance], gold == stance).predict(other[:, stance]))
    shares = np.stack(columns, axis=1)
    assert found.apply(other) == pytest.approx(shares / shares.sum(axis=1, keepdims=True))


def test_changed_labels_are_counted() -> None:
    # The model says oppose, a little, where it is always support.
    probabilities, gold = np.tile([0.5, 0.1, 0.4], (50, 1)), np.full(50, 2)
    for found in (VectorScaling.fit(probabilities, gold), IsotonicScaling.fit(probabilities, gold)):
        assert found.changed == 50
        assert labels_changed(probabilities, found.apply(probabilities)) == 50
    even = np.full((4, 3), 1 / 3)
    assert labels_changed(even, np.array([[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4], [0.5, 0.5, 0]])) == 2


def test_where_isotonic_makes_stances_equal_the_label_stays() -> None:
    flat = ((0.0, 1.0), (0.3, 0.3))
    before = np.array([[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.7, 0.1, 0.2]])
    assert labels_changed(before, IsotonicScaling((flat, flat, flat), 3, 0).apply(before)) == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("gold", [[2], [0, 0], [0, 2, 2, 0], [0, 1, 2, 0, 1, 2]])
@pytest.mark.parametrize("sure", [0.4, 0.98, 1.0])
def test_few_absent_and_separable_rows_give_finite_probabilities(method: Method, gold: list[int], sure: float) -> None:
    probabilities = np.full((len(gold), 3), (1 - sure) / 2)
    probabilities[np.arange(len(gold)), gold] = sure
    after = fit(method, probabilities, np.array(gold)).apply(np.concatenate([probabilities, np.eye(3), np.full((1, 3), 1 / 3)]))
    assert np.isfinite(after).all()
    assert (after >= 0).all()
    assert after.sum(axis=1) == pytest.approx(np.ones(len(after)))


def test_temperature_stops_at_its_bounds_and_says_so() -> None:
    probabilities, gold = np.tile([0.2, 0.2, 0.6], (10, 1)), np.full(10, 2)
    all_right, all_wrong = TemperatureScaling.fit(probabilities, gold), TemperatureScaling.fit(probabilities, gold - 1)
    assert (all_right.temperature, all_wrong.temperature) == pytest.approx((COLDEST, HOTTEST), rel=1e-4)
    assert all_right.at_bound
    assert all_wrong.at_bound


def test_isotonic_never_claims_what_few_rows_cannot_tell() -> None:
    found = IsotonicScaling.fit(np.eye(3)[[0, 1, 2]], np.array([0, 1, 2]))
    # One of three is at most 4/5 and at least 1/5 by 1 / (n + 2), before sums are made 1.
    assert found.apply(np.eye(3)) == pytest.approx(np.where(np.eye(3), 4 / 6, 1 / 6))


@pytest.mark.parametrize("method", METHODS)
def test_a_run_keeps_calibration_as_json(method: Method) -> None:
    probabilities, gold = overconfident(80, 14)
    found = fit(method, probabilities, gold)
    row: dict[str, Any] = json.loads(json.dumps(found.to_row(), allow_nan=False))
    assert row["method"] == method
    again = calibrator(row)
    assert again == found
    assert np.array_equal(again.apply(probabilities), found.apply(probabilities))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_fitted_on_nothing(method: Method) -> None:
    with pytest.raises(ValueError, match="no rows"):
        fit(method, np.empty((0, 3)), np.empty(0, dtype=np.int64))


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="'platt'"):
        calibrator({"method": "platt"})
