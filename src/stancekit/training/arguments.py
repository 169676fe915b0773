"""Our training config as the transformers Trainer's arguments."""

import importlib.util
import math
from typing import TYPE_CHECKING

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.modeling.devices import Device, Precision
from stancekit.training.folder import LOGS, WORK

if TYPE_CHECKING:
    from transformers import TrainingArguments

BEST = "macro_f1"


def training_arguments(config: TrainConfig, examples: int, device: Device, precision: Precision) -> "TrainingArguments":
    """Arguments for a set of `examples` training pairs. Evaluations and checkpoints fall together."""
    from transformers import TrainingArguments

    _check_trackers(config.logging.report_to)
    optim = config.optim
    steps = steps_per_epoch(config, examples)
    every = max(1, steps // config.stopping.evaluations_per_epoch)
    return TrainingArguments(
        output_dir=str(config.output / WORK),
        num_train_epochs=optim.epochs,
        per_device_train_batch_size=optim.batch_size,
        per_device_eval_batch_size=2 * optim.batch_size,
        gradient_accumulation_steps=optim.gradient_accumulation,
        learning_rate=optim.learning_rate,
        weight_decay=optim.weight_decay,
        warmup_steps=math.ceil(optim.warmup * optim.epochs * steps),
        lr_scheduler_type=optim.scheduler,
        # Pairs of like length together: on mixed texts this halves the padding.
        train_sampling_strategy="group_by_length",
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=device == "cpu",
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=BEST,
        greater_is_better=True,
        logging_strategy="steps",
        logging_steps=config.logging.every_steps,
        report_to=config.logging.report_to or "none",
        run_name=config.output.name,
        project=config.output.parent.name or "stancekit",
        disable_tqdm=True,
        seed=config.seed,
        data_seed=config.seed,
        dataloader_pin_memory=device == "cuda",
        ddp_find_unused_parameters=False,
    )


def steps_per_epoch(config: TrainConfig, examples: int) -> int:
    """Optimizer steps an epoch over all processes."""
    import os

    pairs = config.optim.batch_size * config.optim.gradient_accumulation * int(os.environ.get("WORLD_SIZE", "1"))
    return math.ceil(examples / pairs)


def _check_trackers(names: list[str]) -> None:
    missing = [name for name in names if name not in ("none", "all") and importlib.util.find_spec(name) is None]
    if missing:
        raise StancekitError(
            f"logging.report_to names {', '.join(missing)}, not installed here", fix=f"pip install {' '.join(missing)}, or empty the list"
        )


def log_folder(config: TrainConfig) -> str:
    """Where trackers that write files (TensorBoard) put them."""
    return str(config.output / LOGS)
