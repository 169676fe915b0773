"""The order of training pairs: drawn anew every epoch from the seed alone, pairs of like length together."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch.utils.data import Sampler
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
