"""Confidence limits: the lowest from which on answers are right as often as asked, by stance."""

import numpy as np

from stancekit.stance import STANCES, Stance
from stancekit.training.thresholds import LEAST_ANSWERS, confidence_limits

SUPPORT = Stance.SUPPORT.label_id


def answered(confidences: list[float], stance: int = SUPPORT) -> np.ndarray:
    """Probabilities that answer one stance with these confidences."""
    rows = np.array([[(1 - one) / 2] * len(STANCES) for one in confidences])
    rows[:, stance] = confidences
    return rows


def test_the_limit_is_the_lowest_that_keeps_the_promise() -> None:
    # Forty sure and right answers, then wrong and right ones in turns.
    confidences = [0.9] * 40 + [0.8 - 0.001 * number for number in range(100)]
    gold = np.array([SUPPORT] * 40 + [0 if number % 2 == 0 else SUPPORT for number in range(100)])
    limits = confidence_limits(answered(confidences), gold, 0.9)
    chosen = answered(confidences).max(axis=1) >= limits[SUPPORT]
    assert (gold[chosen] == SUPPORT).mean() >= 0.9
    lower = np.sort([one for one in confidences if one < limits[SUPPORT]])
    assert all((gold[np.array(confidences) >= one] == SUPPORT).mean() < 0.9 for one in lower)
    # Stances that it never answers have no limit that could be kept.
    assert np.isinf(np.delete(limits, SUPPORT)).all()


def test_answers_with_one_confidence_count_together() -> None:
    # The first thirty are right, but nothing tells them from the thirty wrong ones.
    gold = np.array([SUPPORT] * LEAST_ANSWERS + [0] * LEAST_ANSWERS)
    even = answered([0.7] * len(gold))
    assert np.isinf(confidence_limits(even, gold, 0.6)[SUPPORT])
    assert confidence_limits(even, gold, 0.5)[SUPPORT] == 0.7


def test_few_answers_promise_nothing() -> None:
    for count, known in ((LEAST_ANSWERS - 1, False), (LEAST_ANSWERS, True)):
        limits = confidence_limits(answered([0.9] * count), np.full(count, SUPPORT), 0.9)
        assert np.isfinite(limits[SUPPORT]) == known
    assert np.isinf(confidence_limits(np.empty((0, 3)), np.empty(0, dtype=int), 0.9)).all()
