"""Losses beside the model's own cross-entropy."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from stancekit.stance import STANCES

if TYPE_CHECKING:
    from torch import Tensor

Loss = Callable[..., "Tensor"]


def balanced_weights(labels: Sequence[int]) -> list[float]:
    """A weight for each stance: rows / (stances present x rows of that stance), 0 for a stance without rows (King & Zeng 2001).

    The mean weight of the rows is 1, so that learning rates mean the same with and without weights.
    """
    counts = [labels.count(stance.label_id) for stance in STANCES]
    present = sum(count > 0 for count in counts)
    return [len(labels) / (present * count) if count else 0.0 for count in counts]


def weighted_cross_entropy(weights: Sequence[float]) -> Loss:
    """A loss for the Trainer: cross-entropy of every row times the weight of its stance, averaged over the step's rows."""
    import torch

    def loss(outputs: Any, labels: "Tensor", num_items_in_batch: "Tensor | int | None" = None) -> "Tensor":
        logits = outputs.logits
        weight = torch.tensor(weights, dtype=logits.dtype, device=logits.device)
        rows = torch.nn.functional.cross_entropy(logits, labels, reduction="none") * weight[labels]
        # With accumulated gradients a step has more rows than this batch, and the Trainer says how many.
        return rows.sum() / (labels.numel() if num_items_in_batch is None else num_items_in_batch)

    return loss
