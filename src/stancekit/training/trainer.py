"""The Trainer of every recipe: our order of pairs and of evaluations, and rates by layer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer

from stancekit.config import OptimConfig
from stancekit.training.history import MACRO_F1, best
from stancekit.training.optimizer import parameter_groups
from stancekit.training.sampling import EpochSampler
from stancekit.training.throughput import Throughput


class PairTrainer(Trainer):  # type: ignore[misc]
    """The stock Trainer with our order of pairs, our choice of the best evaluation, rates by layer and R-Drop where the recipe asks."""

    optimizer: torch.optim.Optimizer | None

    def __init__(self, *args: Any, recipe: OptimConfig, **kwargs: Any) -> None:
        self.recipe = recipe
        super().__init__(*args, **kwargs)
        self.throughput = Throughput()
        self.add_callback(self.throughput)

    def training_step(self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> torch.Tensor:
        """The stock method, after counting the batch."""
        self.throughput.take(inputs["attention_mask"])
        loss: torch.Tensor = super().training_step(model, inputs, *args, **kwargs)
        return loss

    def create_optimizer(self, model: torch.nn.Module | None = None) -> torch.optim.Optimizer:
        """The stock optimizer, over groups by depth with optim.layer_decay."""
        if self.optimizer is None and self.recipe.layer_decay < 1:
            network = self.model if model is None else model
            kind, options = self.get_optimizer_cls_and_kwargs(self.args, network)
            decayed = self.get_decay_parameter_names(network)
            rates = self.args.learning_rate, self.recipe.layer_decay
            self.optimizer = kind(parameter_groups(network, *rates, self.args.weight_decay, decayed), **options)
        built: torch.optim.Optimizer = super().create_optimizer(model)
        return built

    def compute_loss(self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The stock method; for R-Drop the rows of a batch stand in it twice, their labels once."""
        if model.training and self.compute_loss_func.r_drop:
            inputs = {name: values if name == "labels" else torch.cat([values, values]) for name, values in inputs.items()}
        return super().compute_loss(model, inputs, *args, **kwargs)

    def _determine_best_metric(self, metrics: Mapping[str, float], trial: Any) -> bool:
        # The stock method compares one number alone. The log, which the checkpoints hold, has this evaluation as its last.
        found = best(self.state.log_history)
        if found is None or found["step"] != self.state.global_step:
            return False
        self.state.best_metric, self.state.best_global_step = found[MACRO_F1], self.state.global_step
        return True

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        # The stock method asks whether the best checkpoint's folder is there before it writes a sharded one, and then keeps an earlier.
        if self.is_fsdp_enabled:
            Path(self._get_output_dir(trial=trial), f"checkpoint-{self.state.global_step}").mkdir(parents=True, exist_ok=True)
        super()._save_checkpoint(model, trial)

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochSampler:
        batch = self.args.train_batch_size * self.args.gradient_accumulation_steps
        # The data set that is handed in has lost the columns that the model does not take.
        return EpochSampler(self.train_dataset["length"], batch, self.args.data_seed, lambda: int(self.state.epoch or 0))
