"""The one loss: cross-entropy toward a distribution over the stances, with weights, focus and consistency as a recipe asks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stancekit.stance import STANCES

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class StanceLoss:
    """A loss for the Trainer (`compute_loss_func`).

    weights: of the stances, None for 1 each. focal: exponent of the focal loss (Lin et al. 2017, eq. 5), 0 for none.
    r_drop: weight of the consistency of two passes (Liang et al. 2021, eq. 4, halved, as the two cross-entropies are averaged).
    """

    weights: tuple[float, ...] | None = None
    focal: float = 0.0
    r_drop: float = 0.0

    def __call__(self, outputs: Any, labels: "Tensor", num_items_in_batch: "Tensor | int | None" = None) -> "Tensor":
        """A scalar. labels: label ids of shape (n,), or targets of shape (n, 3).

        outputs.logits: shape (n, 3), or (2n, 3) for two passes over the same rows, one after the other.
        """
        import torch

        # In bf16 the logarithm of a small probability is off in its second digit.
        logits = outputs.logits.float()
        count: Tensor | float = labels.numel() if num_items_in_batch is None else num_items_in_batch
        if labels.dim() == 1:
            targets = torch.nn.functional.one_hot(labels, len(STANCES)).to(logits.dtype)
        else:
            # The Trainer counts the numbers in `labels`, of which a target has one a stance.
            targets, count = labels.to(logits.dtype), count / len(STANCES)
        logs = torch.log_softmax(logits.view(-1, *targets.shape), dim=-1)
        rows = self._cross_entropy(logs, targets).mean(dim=0)
        if len(logs) == 2:
            rows = rows + self.r_drop / 4 * ((logs[0].exp() - logs[1].exp()) * (logs[0] - logs[1])).sum(dim=-1)
        # With accumulated gradients a step has more rows than this batch, and the Trainer says how many.
        return rows.sum() / count

    def _cross_entropy(self, logs: "Tensor", targets: "Tensor") -> "Tensor":
        terms = targets * logs
        if self.focal:
            terms = terms * (1 - logs.exp()) ** self.focal
        if self.weights is not None:
            terms = terms * logs.new_tensor(self.weights)
        return -terms.sum(dim=-1)
