"""An average of the weights over the steps, which is evaluated and kept in place of the weights themselves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import get_ema_multi_avg_fn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from stancekit.training.trainer import PairTrainer

# Beside the weights themselves in each of the Trainer's checkpoints.
AVERAGE = "average.safetensors"


class WeightAverage(TrainerCallback):  # type: ignore[misc]
    """Exponential moving average of all weights that are trained (Polyak & Juditsky 1992, with weights that fall off exponentially).

    The first steps count more than `decay` alone would let them, or the average would stay at weights that nobody has
    trained. Every process has the same weights after a step, and so keeps the same average.
    """

    def __init__(self, model: torch.nn.Module, decay: float) -> None:
        """decay: share of the old average in the new one after a step, in (0, 1)."""
        self.model = model
        self.decay = decay
        trained = ((name, weight) for name, weight in model.named_parameters() if weight.requires_grad)
        # safetensors writes tensors that lie in one piece.
        self.averages = {name: weight.detach().clone(memory_format=torch.contiguous_format) for name, weight in trained}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Follow the optimizer, ahead of an evaluation or checkpoint after the same step."""
        self.update(state.global_step)

    def update(self, step: int) -> None:
        """Take in the weights after optimizer step `step`, counted from 1."""
        # From the Trainer's own count of steps, which its checkpoints hold.
        decay = min(self.decay, (1 + step) / (10 + step))
        get_ema_multi_avg_fn(decay)(list(self.averages.values()), self._weights(), step)  # type: ignore[no-untyped-call]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside, the model has the averaged weights; afterwards its own again, to the bit."""
        own = {name: weight.clone() for name, weight in zip(self.averages, self._weights(), strict=True)}
        self.put()
        try:
            yield
        finally:
            self._put(own)

    def put(self) -> None:
        """Give the model the averaged weights for good."""
        self._put(self.averages)

    def save(self, folder: Path) -> None:
        """Write the average into a checkpoint."""
        save_file(self.averages, folder / AVERAGE)

    def load(self, folder: Path) -> None:
        """Take up the average of a checkpoint."""
        stored = load_file(folder / AVERAGE)
        for name, average in self.averages.items():
            average.copy_(stored[name])

    def _put(self, values: Mapping[str, torch.Tensor]) -> None:
        for weight, value in zip(self._weights(), values.values(), strict=True):
            weight.copy_(value)

    def _weights(self) -> list[torch.Tensor]:
        # Looked up each time: what loads a checkpoint may put new parameters into a model, or freeze them.
        now = dict(self.model.named_parameters())
        return [now[name].detach() for name in self.averages]


class AveragingTrainer(PairTrainer):
    """Trains the weights as PairTrainer does; evaluates their average, and ends with that of the best evaluation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.average = WeightAverage(self.model, self.recipe.averaging)
        self.add_callback(self.average)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """The stock method, on the average."""
        with self.average.in_place():
            metrics: dict[str, float] = super().evaluate(*args, **kwargs)
        return metrics

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """The stock method, and the average beside the weights; the Trainer ends a checkpoint later, with its state."""
        super().save_model(output_dir, _internal_call)
        if self.args.should_save:
            self.average.save(Path(output_dir or self.args.output_dir))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: torch.nn.Module | None = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        self.average.load(Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        super()._load_best_model()
        self.average.load(Path(self.state.best_model_checkpoint))
        self.average.put()
