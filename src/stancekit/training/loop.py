"""The one training loop: the transformers Trainer over tokenized pairs."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancekit.config import TrainConfig
from stancekit.modeling.libraries import quiet_libraries
from stancekit.modeling.pairs import Pair, PairTokenizer
from stancekit.stance import STANCES

if TYPE_CHECKING:
    from datasets import Dataset
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from stancekit.modeling.devices import Device, Precision
    from stancekit.training.callbacks import Watch
    from stancekit.training.losses import StanceLoss
    from stancekit.training.trainer import PairTrainer


class Trained(NamedTuple):
    """A model after training (the best evaluation's weights), and what the training logged.

    weights: in the main process, of a model that is sharded over processes, its whole weights; else the model has them.
    facts: what the manifest tells of the training.
    """

    model: "PreTrainedModel"
    weights: "dict[str, Tensor] | None"
    is_main: bool
    best_macro_f1: float
    history: list[dict[str, Any]]
    facts: dict[str, Any]


def seed_everything(seed: int) -> None:
    """Seed python, numpy and torch; called before the head of the model is drawn."""
    from transformers import set_seed

    set_seed(seed)


def dataset(pairs: Sequence[Pair], labels: Sequence[Any], tokenizer: PairTokenizer) -> "Dataset":
    """Columns input_ids, attention_mask, (token_type_ids), labels, length. Raises StancekitError for an overlong proposal.

    labels: one a pair, a label id or a target over the stances.
    """
    from datasets import Dataset

    tokenizer.check_proposals(proposal for _, proposal in pairs)
    encodings = tokenizer.encode(pairs)
    columns: dict[str, list[Any]] = {name: [] for name in tokenizer.inputs}
    for encoding in encodings:
        for name, values in tokenizer.columns(encoding).items():
            columns[name].append(values)
    return Dataset.from_dict({**columns, "labels": list(labels), "length": [len(encoding.ids) for encoding in encodings]})


def metrics_of(prediction: Any) -> dict[str, float]:
    """Macro-F1 over all three stances, and accuracy, of a Trainer evaluation."""
    from sklearn.metrics import accuracy_score, f1_score

    gold, predicted = prediction.label_ids, np.argmax(prediction.predictions, axis=-1)
    every = range(len(STANCES))
    return {
        "macro_f1": float(f1_score(gold, predicted, labels=every, average="macro", zero_division=0)),
        "accuracy": float(accuracy_score(gold, predicted)),
    }


def fit(
    config: TrainConfig,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    data: "tuple[Dataset, Dataset]",
    loss: "StanceLoss",
    place: "tuple[Device, Precision]",
    checkpoint: Path | None,
    watch: "Watch | None" = None,
) -> Trained:
    """Train, going on from `checkpoint` where one is given. data: training and validation set; place: device and precision."""
    from stancekit.training.callbacks import ShowProgress, Watched
    from stancekit.training.processor import choose_attention, compile_encoder, quicken

    if place[0] == "cpu":
        quicken(model, config.hardware.compile)
    if place[0] == "cpu" and config.hardware.attention == "auto":
        choose_attention(model, place[1], config.pairs.max_length)
    if config.hardware.compile:
        compile_encoder(model)
    with quiet_libraries(), ShowProgress() as shown:
        trainer = _trainer(config, model, tokenizer, data, loss, place)
        trainer.add_callback(shown)
        if watch is not None:
            trainer.add_callback(Watched(watch))
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    # All processes have a part in it.
    weights = trainer.accelerator.get_state_dict(trainer.model) if trainer.is_fsdp_enabled else None
    # The main process goes on to remove the checkpoints that the others may still be reading.
    trainer.accelerator.wait_for_everyone()
    best = float(trainer.state.best_metric or 0.0)
    history, facts = history_of(trainer.state.log_history), _facts(trainer, place)
    return Trained(trainer.model, weights, trainer.is_world_process_zero(), best, history, facts)


def _facts(trainer: "PairTrainer", place: "tuple[Device, Precision]") -> dict[str, Any]:
    import torch

    from stancekit.modeling.attention import attention_of
    from stancekit.modeling.devices import gpu_facts

    device, precision = place
    return {
        "device": device,
        "precision": precision,
        "tf32": bool(trainer.args.tf32),
        "attention": attention_of(trainer.model),
        "processes": trainer.args.world_size,
        "sharded": bool(trainer.is_fsdp_enabled),
        "threads": torch.get_num_threads(),
        **gpu_facts(device),
        "training": trainer.throughput.kept.facts(),
    }


def history_of(log: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The losses and evaluations of a Trainer's log; what is not a number (a gradient of fp16's first steps) is None."""
    entries = [entry for entry in log if "eval_macro_f1" in entry or "loss" in entry]
    return [
        {key: value if not isinstance(value, float) or math.isfinite(value) else None for key, value in entry.items()} for entry in entries
    ]


def _trainer(
    config: TrainConfig,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    data: "tuple[Dataset, Dataset]",
    loss: "StanceLoss",
    place: "tuple[Device, Precision]",
) -> "PairTrainer":
    from transformers import DataCollatorWithPadding, PrinterCallback
    from transformers.integrations import TensorBoardCallback

    from stancekit.training.arguments import log_folder, training_arguments
    from stancekit.training.averaging import AveragingTrainer
    from stancekit.training.callbacks import StopEarly
    from stancekit.training.trainer import PairTrainer

    train, validation = data
    arguments = training_arguments(config, len(train), *place)
    # Under fp32 the Trainer would take what the launcher's config says, and the manifest would not be true.
    arguments.mixed_precision = "no" if place[1] == "fp32" else place[1]
    kind = AveragingTrainer if config.optim.averaging else PairTrainer
    trainer = kind(
        recipe=config.optim,
        model=model,
        args=arguments,
        data_collator=DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8 if place[0] == "cuda" else None),
        train_dataset=train,
        eval_dataset=validation,
        processing_class=tokenizer,
        compute_metrics=metrics_of,
        compute_loss_func=loss,
        callbacks=[StopEarly(config.stopping.patience)],
    )
    trainer.remove_callback(PrinterCallback)
    for callback in trainer.callback_handler.callbacks:
        if isinstance(callback, TensorBoardCallback) and callback.logging_dir is None:
            callback.logging_dir = log_folder(config)
    return trainer
