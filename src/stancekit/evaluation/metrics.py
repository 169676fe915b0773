"""Measures of agreement with gold labels, all computed from confusion matrices so that thousands can be had at once.

A confusion matrix has gold stances in rows and predicted ones in columns, in the order of STANCES. Every function takes
an array of shape (..., 3, 3) and gives one of shape (...).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from stancekit.stance import STANCES, Stance

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def confusion(gold: IntArray, predicted: IntArray) -> FloatArray:
    """Counts of shape (3, 3). gold, predicted: shape (n,), label ids."""
    size = len(STANCES)
    return np.bincount(gold * size + predicted, minlength=size * size).reshape(size, size).astype(np.float64)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    # A class that is neither in the gold nor predicted counts 0, so that a set without it does not look better than it is.
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)


def precision(counts: FloatArray) -> FloatArray:
    """Shape (..., 3): share of the predictions of each stance that are right."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-2))


def recall(counts: FloatArray) -> FloatArray:
    """Shape (..., 3): share of the gold rows of each stance that are found."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1))


def f1(counts: FloatArray) -> FloatArray:
    """Shape (..., 3): harmonic mean of precision and recall of each stance."""
    return _ratio(2 * np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-2) + counts.sum(axis=-1))


def accuracy(counts: FloatArray) -> FloatArray:
    """Share of right rows."""
    return _ratio(np.trace(counts, axis1=-2, axis2=-1), counts.sum(axis=(-2, -1)))


def macro_f1(counts: FloatArray) -> FloatArray:
    """Mean F1 of all three stances, those that never occur included as 0."""
    return np.asarray(f1(counts).mean(axis=-1))


def f_avg(counts: FloatArray) -> FloatArray:
    """Mean F1 of oppose and support (SemEval-2016 task 6); comparable on sets that have no neutral."""
    return np.asarray(f1(counts)[..., [Stance.OPPOSE.label_id, Stance.SUPPORT.label_id]].mean(axis=-1))


def mcc(counts: FloatArray) -> FloatArray:
    """Matthews correlation for several classes (Gorodkin 2004, eq. 8), in [-1, 1]; 0 where it is not defined."""
    total, right = counts.sum(axis=(-2, -1)), np.trace(counts, axis1=-2, axis2=-1)
    gold, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    covariance = right * total - (gold * predicted).sum(axis=-1)
    spread = (total**2 - (predicted**2).sum(axis=-1)) * (total**2 - (gold**2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0)))


OVERALL: Mapping[str, Callable[[FloatArray], FloatArray]] = {"macro_f1": macro_f1, "accuracy": accuracy, "mcc": mcc, "f_avg": f_avg}
PER_CLASS: Mapping[str, Callable[[FloatArray], FloatArray]] = {"precision": precision, "recall": recall, "f1": f1}


def scores(counts: FloatArray) -> dict[str, float]:
    """The overall measures of one confusion matrix."""
    return {name: round(float(metric(counts)), 6) for name, metric in OVERALL.items()}


def indices(stances: Sequence[Stance]) -> IntArray:
    """Label ids of shape (n,)."""
    return np.array([stance.label_id for stance in stances], dtype=np.int64)
