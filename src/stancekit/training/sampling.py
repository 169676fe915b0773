"""The order of training pairs: drawn anew every epoch from the seed alone, pairs of like length together."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import Sampler
from transformers import Trainer
from transformers.trainer_pt_utils import get_length_grouped_indices


class EpochSampler(Sampler[int]):
    """Row numbers of one epoch; on mixed texts, batches of like length halve the padding.

    The stock sampler draws from the global generator, whose state depends on all that was drawn before: a resumed
    training would see other batches, and two processes would part ways after an epoch.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, epoch: Callable[[], int]) -> None:
        """lengths: tokens of every pair. batch: pairs a step. epoch: asked whenever a new order is needed."""
        self.lengths = list(lengths)
        self.batch = batch
        self.seed = seed
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        # Spread out, so that seed 1 in epoch 1 is not seed 2 in epoch 0.
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch())
        yield from get_length_grouped_indices(self.lengths, self.batch, generator=generator)


class PairTrainer(Trainer):  # type: ignore[misc]
    """The stock Trainer with our order of pairs, and with two passes over each in training where the loss compares them."""

    def compute_loss(self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The stock method; the rows of a batch stand in it twice for R-Drop, their labels once."""
        if model.training and self.compute_loss_func.r_drop:
            inputs = {name: values if name == "labels" else torch.cat([values, values]) for name, values in inputs.items()}
        return super().compute_loss(model, inputs, *args, **kwargs)

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochSampler:
        batch = self.args.train_batch_size * self.args.gradient_accumulation_steps
        # The data set that is handed in has lost the columns that the model does not take.
        return EpochSampler(self.train_dataset["length"], batch, self.args.data_seed, lambda: int(self.state.epoch or 0))
