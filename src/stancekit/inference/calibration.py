"""Makes confidence mean what it says: maps from a model's probabilities to calibrated ones, fitted on labelled rows apart.

All take and give probabilities of shape (n, 3); a model's logits become such by `softmax`. A fitted map is plain numbers: `to_row`
for a run to keep, `calibrator` back from it. Where the calibrated probabilities of two stances are equal the model's own label stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, get_args

import numpy as np

from stancekit.inference.engine import softmax
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import IntArray
from stancekit.stance import STANCES

Method = Literal["temperature", "vector", "isotonic"]
METHODS: tuple[Method, ...] = get_args(Method)
# Where all validation rows are right, likelihood has no maximum: the sharper the better. Ten times sharper or flatter is where fits stop.
COLDEST, HOTTEST = 0.1, 10.0
# Standard deviation of the normal prior that holds vector scaling near doing nothing, on weights and on biases.
PRIOR = 1.0
# Below this, logarithms of probabilities say more about rounding than about the model.
FLOOR = 1e-12


class Calibrator(Protocol):
    """A fitted map."""

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities. Both of shape (n, 3)."""

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""


def labels_changed(before: FloatArray, after: FloatArray) -> int:
    """How many rows answer another stance after calibration."""
    return int((before.argmax(axis=1) != after.argmax(axis=1)).sum())


@dataclass(frozen=True, slots=True)
class TemperatureScaling:
    """Logits divided by one number (Guo et al. 2017, eq. 9): above 1 it takes confidence away. Never changes a label.

    fitted_on: rows.
    """

    method: ClassVar[Method] = "temperature"
    temperature: float
    fitted_on: int

    @classmethod
    def fit(cls, probabilities: FloatArray, gold: IntArray) -> "TemperatureScaling":
        """The likeliest temperature between 0.1 and 10 (see `at_bound`). Raises ValueError when n is 0."""
        from scipy.optimize import minimize_scalar
        from scipy.special import log_softmax

        logs, rows = _logs(probabilities, gold), np.arange(len(gold))

        def loss(log_temperature: float) -> float:
            return -float(log_softmax(logs * np.exp(-log_temperature), axis=1)[rows, gold].mean())

        bounds = (float(np.log(COLDEST)), float(np.log(HOTTEST)))
        found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
        return cls(float(np.exp(found.x)), len(gold))

    @property
    def at_bound(self) -> bool:
        """Whether the rows asked for more than the bounds allow: all were right, or worse than chance."""
        return bool(np.isclose(self.temperature, [COLDEST, HOTTEST], rtol=1e-4).any())

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities. Both of shape (n, 3)."""
        scaled = softmax(_log(probabilities) / self.temperature)
        labels = probabilities.argmax(axis=1)
        # Two stances a rounding apart may come out equal, or the other way round.
        return _lifted(scaled, labels, scaled.argmax(axis=1) != labels)

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return {"method": self.method, "temperature": self.temperature, "fitted_on": self.fitted_on}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "TemperatureScaling":
        """What `to_row` gave."""
        return cls(float(row["temperature"]), int(row["fitted_on"]))


@dataclass(frozen=True, slots=True)
class VectorScaling:
    """A weight and a bias for the logarithm of each stance's probability (Guo et al. 2017, section 4.2). May change labels.

    Guo et al. scale logits; logarithms of probabilities differ from them by one number a row, and are there in exported models too.
    changed: labels it changed among the rows it was fitted on, which `fitted_on` counts.
    """

    method: ClassVar[Method] = "vector"
    weights: tuple[float, ...]
    biases: tuple[float, ...]
    fitted_on: int
    changed: int

    @classmethod
    def fit(cls, probabilities: FloatArray, gold: IntArray) -> "VectorScaling":
        """The likeliest weights (between 0.1 and 10) and biases under a normal prior of deviation 1 round 1 and 0.

        The prior keeps biases finite where a stance is absent or all rows are right, and fades as rows grow. Raises ValueError when n is 0.
        """
        from scipy.optimize import minimize
        from scipy.special import log_softmax

        logs, is_gold = _logs(probabilities, gold), np.eye(len(STANCES))[gold]
        start = np.repeat([1.0, 0.0], len(STANCES))

        def loss(values: FloatArray) -> tuple[float, FloatArray]:
            weights, biases = np.split(values, 2)
            answers = log_softmax(logs * weights + biases, axis=1)
            off = np.exp(answers) - is_gold
            distance = (values - start) / PRIOR**2
            slope = np.concatenate([(off * logs).sum(axis=0), off.sum(axis=0)]) + distance
            total = -(answers * is_gold).sum() + (distance * (values - start)).sum() / 2
            return float(total) / len(gold), slope / len(gold)

        bounds = [(1 / HOTTEST, 1 / COLDEST)] * len(STANCES) + [(None, None)] * len(STANCES)
        weights, biases = np.split(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x, 2)
        unchecked = cls(tuple(weights.tolist()), tuple(biases.tolist()), len(gold), 0)
        return cls(unchecked.weights, unchecked.biases, len(gold), labels_changed(probabilities, unchecked.apply(probabilities)))

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities. Both of shape (n, 3)."""
        return _tie_kept(probabilities, softmax(_log(probabilities) * np.array(self.weights) + np.array(self.biases)))

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        fitted = {"weights": list(self.weights), "biases": list(self.biases)}
        return {"method": self.method, **fitted, "fitted_on": self.fitted_on, "changed": self.changed}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "VectorScaling":
        """What `to_row` gave."""
        return cls(tuple(map(float, row["weights"])), tuple(map(float, row["biases"])), int(row["fitted_on"]), int(row["changed"]))


@dataclass(frozen=True, slots=True)
class IsotonicScaling:
    """A rising step function for each stance against the others, then sums made 1 (Zadrozny & Elkan 2002). May change labels.

    steps: for each stance probabilities and what becomes of them, straight lines between. changed, fitted_on: as in VectorScaling.
    """

    method: ClassVar[Method] = "isotonic"
    steps: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    fitted_on: int
    changed: int

    @classmethod
    def fit(cls, probabilities: FloatArray, gold: IntArray) -> "IsotonicScaling":
        """Fitted by scikit-learn. No value is nearer to 0 or 1 than 1 / (n + 2): n rows cannot tell. Raises ValueError when n is 0."""
        from sklearn.isotonic import IsotonicRegression

        _logs(probabilities, gold)
        least = 1 / (len(gold) + 2)
        steps = []
        for stance in range(len(STANCES)):
            fitted = IsotonicRegression(y_min=least, y_max=1 - least).fit(probabilities[:, stance], (gold == stance).astype(float))
            steps.append((tuple(map(float, fitted.X_thresholds_)), tuple(map(float, fitted.y_thresholds_))))
        unchecked = cls(tuple(steps), len(gold), 0)
        return cls(unchecked.steps, len(gold), labels_changed(probabilities, unchecked.apply(probabilities)))

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities. Both of shape (n, 3)."""
        shares = np.stack([np.interp(probabilities[:, stance], *self.steps[stance]) for stance in range(len(STANCES))], axis=1)
        return _tie_kept(probabilities, shares / shares.sum(axis=1, keepdims=True))

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        steps = [[list(given), list(become)] for given, become in self.steps]
        return {"method": self.method, "steps": steps, "fitted_on": self.fitted_on, "changed": self.changed}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "IsotonicScaling":
        """What `to_row` gave."""
        steps = tuple((tuple(map(float, given)), tuple(map(float, become))) for given, become in row["steps"])
        return cls(steps, int(row["fitted_on"]), int(row["changed"]))


_CALIBRATORS: Mapping[Method, type[TemperatureScaling | VectorScaling | IsotonicScaling]] = {
    "temperature": TemperatureScaling,
    "vector": VectorScaling,
    "isotonic": IsotonicScaling,
}


def fit(method: Method, probabilities: FloatArray, gold: IntArray) -> Calibrator:
    """A map fitted on these rows, which must not be those it is judged on. probabilities: shape (n, 3); gold: shape (n,), label ids."""
    return _CALIBRATORS[method].fit(probabilities, gold)


def calibrator(row: Mapping[str, Any]) -> Calibrator:
    """The map that gave this row. Raises ValueError when its method is none of METHODS."""
    if row["method"] not in METHODS:
        raise ValueError(f"no calibration is called {row['method']!r}")
    return _CALIBRATORS[row["method"]].from_row(row)


def _log(probabilities: FloatArray) -> FloatArray:
    return np.log(np.maximum(probabilities.astype(np.float64), FLOOR))


def _logs(probabilities: FloatArray, gold: IntArray) -> FloatArray:
    if not len(gold):
        raise ValueError("there are no rows to fit a calibration on")
    return _log(probabilities)


def _tie_kept(before: FloatArray, after: FloatArray) -> FloatArray:
    labels = before.argmax(axis=1)
    tied = after[np.arange(len(after)), labels] == after.max(axis=1, initial=0)
    return _lifted(after, labels, tied & (after.argmax(axis=1) != labels))


def _lifted(probabilities: FloatArray, labels: IntArray, chosen: np.typing.NDArray[np.bool_]) -> FloatArray:
    """In the chosen rows the label becomes the largest by the least that float64 can show."""
    rows = np.flatnonzero(chosen)
    probabilities[rows, labels[rows]] = np.nextafter(probabilities[rows].max(axis=1, initial=0), 2)
    return probabilities
