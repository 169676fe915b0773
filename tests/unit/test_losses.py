"""Class weights: scikit-learn's balanced weights, averaged over the step's rows, and acting in a training."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from stancekit.training.losses import balanced_weights, weighted_cross_entropy


def test_weights_are_the_balanced_ones() -> None:
    labels = [0] * 3 + [1] * 6 + [2] * 1
    assert balanced_weights(labels) == pytest.approx(compute_class_weight("balanced", classes=np.arange(3), y=np.array(labels)))
    assert np.mean([balanced_weights(labels)[label] for label in labels]) == pytest.approx(1)


def test_a_stance_without_rows_has_no_weight() -> None:
    assert balanced_weights([0, 0, 2, 2]) == [1.0, 0.0, 1.0]


def test_equal_weights_give_the_plain_loss() -> None:
    logits, labels = torch.randn(7, 3), torch.tensor([0, 1, 2, 0, 1, 2, 0])
    loss = weighted_cross_entropy([1.0, 1.0, 1.0])(SimpleNamespace(logits=logits), labels)
    assert torch.allclose(loss, torch.nn.functional.cross_entropy(logits, labels))


def test_accumulated_batches_sum_to_the_whole_step() -> None:
    logits, labels = torch.randn(8, 3), torch.tensor([0, 1, 2, 0, 1, 1, 1, 1])
    loss = weighted_cross_entropy([2.0, 0.5, 1.0])
    whole = loss(SimpleNamespace(logits=logits), labels)
    parts = [loss(SimpleNamespace(logits=logits[rows]), labels[rows], num_items_in_batch=8) for rows in (slice(0, 3), slice(3, 8))]
    assert torch.allclose(whole, sum(parts, torch.tensor(0.0)))


def test_rare_rows_count_more() -> None:
    logits, labels = torch.zeros(4, 3, requires_grad=True), torch.tensor([1, 1, 1, 2])
    weighted_cross_entropy(balanced_weights(labels.tolist()))(SimpleNamespace(logits=logits), labels).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[3].abs().sum() == pytest.approx(3 * float(logits.grad[0].abs().sum()), rel=1e-5)
