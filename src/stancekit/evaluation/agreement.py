"""How far readers of the same pairs agree with each other: a scale for what may be asked of a model.

Everything is computed from coincidence matrices (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"): the
ordered pairs of votes that two readers gave the same unit. Such a matrix is symmetric, and a confusion matrix in which
each reader is held against each other one, so that the measures of `metrics` can be read off it too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancekit.data.ties import resampling_units
from stancekit.evaluation.intervals import Resampling, measure
from stancekit.evaluation.metrics import FloatArray, accuracy, f1
from stancekit.records import Example
from stancekit.stance import STANCES


def coincidences(votes: FloatArray) -> FloatArray:
    """Shape (n, k, k): pairs of votes in each unit, so weighted that a unit counts as often as it has votes.

    votes: shape (n, k), how many readers gave each unit each label. Units with fewer than two votes count nothing.
    """
    readers = votes.sum(axis=1)
    pairs = votes[:, :, None] * votes[:, None, :] - votes[:, :, None] * np.eye(votes.shape[1])
    return np.asarray(pairs / np.maximum(readers - 1, 1)[:, None, None] * (readers > 1)[:, None, None])


def alpha(counts: FloatArray) -> FloatArray:
    """Krippendorff's alpha for nominal labels: 1 is agreement, 0 what chance gives. counts: shape (..., k, k).

    0 where all votes are one label, for which it is not defined.
    """
    total, labels = counts.sum(axis=(-2, -1)), counts.sum(axis=-1)
    observed = total - np.trace(counts, axis1=-2, axis2=-1)
    return _alpha(observed, total**2 - (labels**2).sum(axis=-1), total)


def class_alpha(counts: FloatArray) -> FloatArray:
    """Shape (..., k): alpha of each label against all others. counts: shape (..., k, k)."""
    total, labels = counts.sum(axis=(-2, -1))[..., None], counts.sum(axis=-1)
    observed = 2 * (labels - np.diagonal(counts, axis1=-2, axis2=-1))
    return _alpha(observed, 2 * labels * (total - labels), total)


def _alpha(observed: FloatArray, expected: FloatArray, total: FloatArray) -> FloatArray:
    chance = np.divide(expected, total - 1, out=np.zeros_like(expected), where=expected > 0)
    return np.where(chance > 0, 1 - np.divide(observed, chance, out=np.ones_like(expected), where=chance > 0), 0.0)


def agreement(examples: Sequence[Example], resamples: int = 1000, level: float = 0.95, seed: int = 13) -> dict[str, Any] | None:
    """Alpha over all and of each stance, the share of equal votes, and the macro-F1 of one reader held against another.

    Of the examples with two votes or more, `n` of them; None where there is none. Stances without a vote are left out.
    Intervals from resampling units.
    """
    read = [example for example in examples if sum((example.votes or {}).values()) > 1]
    if not read:
        return None
    resampling = Resampling.over(resampling_units(read).numbers, resamples, level, np.random.default_rng(seed))
    units = coincidences(
        np.array([[(example.votes or {}).get(stance.value, 0) for stance in STANCES] for example in read], dtype=np.float64)
    )
    counts, draws = units.sum(axis=0), resampling.sums(units)
    # A stance that nobody gave has neither an F1 nor an alpha of its own.
    given = counts.sum(axis=-1) > 0
    overall = {"alpha": alpha, "agreement": accuracy, "macro_f1": lambda matrices: f1(matrices)[..., given].mean(axis=-1)}
    classes = class_alpha(counts), class_alpha(draws)
    return {
        "n": len(read),
        **{name: measure(metric, counts, draws, resampling).to_row() for name, metric in overall.items()},
        "per_class_alpha": {
            stance.value: resampling.interval(float(classes[0][stance.label_id]), classes[1][:, stance.label_id]).to_row()
            if given[stance.label_id]
            else None
            for stance in STANCES
        },
    }
