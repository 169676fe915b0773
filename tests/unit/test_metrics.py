"""Every measure equals scikit-learn's, also where a stance is absent, and many matrices are measured at once."""

import numpy as np
import pytest
from sklearn import metrics as reference

from stancekit.evaluation.metrics import (
    OVERALL,
    PER_CLASS,
    IntArray,
    accuracy,
    confusion,
    f1,
    f_avg,
    indices,
    macro_f1,
    mcc,
    precision,
    recall,
)
from stancekit.stance import STANCES, Stance

LABELS = [0, 1, 2]
# Which stances the gold rows and the answers are drawn from.
DRAWN_FROM = [((0, 1, 2), (0, 1, 2)), ((0, 2), (0, 1, 2)), ((0, 1, 2), (1,)), ((2,), (2,)), ((0,), (2,)), ((0, 1), (1, 2))]


def drawn(gold: tuple[int, ...], predicted: tuple[int, ...], seed: int) -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 60))
    return rng.choice(gold, size).astype(np.int64), rng.choice(predicted, size).astype(np.int64)


@pytest.mark.parametrize(("gold_from", "predicted_from"), DRAWN_FROM)
@pytest.mark.parametrize("seed", range(5))
def test_every_measure_is_that_of_scikit_learn(gold_from: tuple[int, ...], predicted_from: tuple[int, ...], seed: int) -> None:
    gold, predicted = drawn(gold_from, predicted_from, seed)
    counts = confusion(gold, predicted)
    assert np.array_equal(counts, reference.confusion_matrix(gold, predicted, labels=LABELS))
    per_class = reference.precision_recall_fscore_support(gold, predicted, labels=LABELS, zero_division=0)
    for own, theirs in zip((precision, recall, f1), per_class, strict=False):
        assert own(counts) == pytest.approx(theirs)
    assert float(accuracy(counts)) == pytest.approx(reference.accuracy_score(gold, predicted))
    assert float(macro_f1(counts)) == pytest.approx(reference.f1_score(gold, predicted, labels=LABELS, average="macro", zero_division=0))
    assert float(f_avg(counts)) == pytest.approx(reference.f1_score(gold, predicted, labels=[0, 2], average="macro", zero_division=0))
    assert float(mcc(counts)) == pytest.approx(reference.matthews_corrcoef(gold, predicted), abs=1e-9)


def test_many_matrices_are_measured_at_once_as_one_by_one() -> None:
    many = np.random.default_rng(5).integers(0, 9, size=(4, 5, 3, 3)).astype(np.float64)
    many[0, 0] = 0
    for metric in OVERALL.values():
        assert metric(many).shape == (4, 5)
        assert metric(many)[2, 3] == pytest.approx(metric(many[2, 3]))
    for metric in PER_CLASS.values():
        assert metric(many).shape == (4, 5, 3)
        assert metric(many)[2, 3] == pytest.approx(metric(many[2, 3]))
    assert all(np.isfinite(metric(many)).all() for metric in (*OVERALL.values(), *PER_CLASS.values()))


def test_f_avg_leaves_neutral_out() -> None:
    right_on_the_sides = np.array([[4.0, 0, 0], [0, 0, 0], [0, 0, 6.0]])
    assert float(f_avg(right_on_the_sides)) == 1.0
    assert float(macro_f1(right_on_the_sides)) == pytest.approx(2 / 3)


def test_indices_follow_the_order_of_the_stances() -> None:
    assert indices([Stance.SUPPORT, Stance.OPPOSE, Stance.NEUTRAL]).tolist() == [2, 0, 1]
    assert indices(STANCES).tolist() == LABELS
