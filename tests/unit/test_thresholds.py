"""Confidence limits: the lowest from which on answers are shown to be right as often as asked, by stance."""

import numpy as np
from scipy.stats import binomtest

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
    assert binomtest(int((gold[chosen] == SUPPORT).sum()), int(chosen.sum()), 0.9, "greater").pvalue <= 0.1
    for one in confidences:
        if one < limits[SUPPORT]:
            right = gold[np.array(confidences) >= one] == SUPPORT
            assert binomtest(int(right.sum()), len(right), 0.9, "greater").pvalue > 0.1
    # Stances that it never answers have no limit that could be kept.
    assert np.isinf(np.delete(limits, SUPPORT)).all()


def test_answers_with_one_confidence_count_together() -> None:
    # The first thirty are right, but nothing tells them from the thirty wrong ones.
    gold = np.array([SUPPORT] * LEAST_ANSWERS + [0] * LEAST_ANSWERS)
    even = answered([0.7] * len(gold))
    # Thirty of sixty do not show that half are right, and 0.4 they do.
    assert np.isinf(confidence_limits(even, gold, 0.5)[SUPPORT])
    assert confidence_limits(even, gold, 0.4)[SUPPORT] == 0.7


def test_few_answers_promise_nothing() -> None:
    for count, known in ((LEAST_ANSWERS - 1, False), (LEAST_ANSWERS, True)):
        limits = confidence_limits(answered([0.9] * count), np.full(count, SUPPORT), 0.9)
        assert np.isfinite(limits[SUPPORT]) == known
    assert np.isinf(confidence_limits(np.empty((0, 3)), np.empty(0, dtype=int), 0.9)).all()


def test_other_rows_keep_the_promise() -> None:
    """Of a confidence that means what it says, nine limits in ten keep it: what they are fitted on does not flatter them."""
    rng = np.random.default_rng(3)
    kept = []
    for _ in range(200):
        confidence = rng.uniform(0.4, 1, 500)
        gold = np.where(rng.random(500) < confidence, SUPPORT, 0)
        limit = confidence_limits(answered(confidence.tolist()), gold, 0.9)[SUPPORT]
        if np.isfinite(limit):
            # Above it every confidence is as likely, and so is the share of right answers.
            kept.append((limit + 1) / 2 >= 0.9)
    assert len(kept) > 150
    assert np.mean(kept) >= 0.85
