"""Our training config as the transformers Trainer's arguments."""

import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.modeling.devices import Device, Precision, resolve_tf32
from stancekit.training.folder import LOGS, WORK

if TYPE_CHECKING:
    from transformers import TrainingArguments

BEST = "macro_f1"


def training_arguments(config: TrainConfig, examples: int, device: Device, precision: Precision) -> "TrainingArguments":
    """Arguments for a set of `examples` training pairs. Evaluations and checkpoints fall together."""
    from transformers import TrainingArguments

    optim = config.optim
    steps = steps_per_epoch(config, examples, device)
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
        **_number_formats(config, device, precision),
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


def _number_formats(config: TrainConfig, device: Device, precision: Precision) -> dict[str, bool | None]:
    # What is not said of TF32 stays as torch has it; said on a CPU, it would be of the CPU's products.
    tf32 = resolve_tf32(config.hardware.tf32, device, precision) if device == "cuda" else None
    return {"bf16": precision == "bf16", "fp16": precision == "fp16", "tf32": tf32}


def steps_per_epoch(config: TrainConfig, examples: int, device: Device) -> int:
    """Optimizer steps an epoch over all processes; a process alone takes every GPU that it sees."""
    import torch

    alone = torch.cuda.device_count() if device == "cuda" else 1
    pairs = config.optim.batch_size * config.optim.gradient_accumulation * int(os.environ.get("WORLD_SIZE", alone))
    return math.ceil(examples / pairs)


def check_trackers(names: Sequence[str]) -> None:
    """Raise StancekitError for a tracker that the Trainer does not know, or that is not installed."""
    from transformers.integrations import get_available_reporting_integrations
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    named = [name for name in names if name not in ("none", "all")]
    unknown = [name for name in named if name not in INTEGRATION_TO_CALLBACK]
    if unknown:
        raise StancekitError(
            f"logging.report_to names {', '.join(unknown)}", fix=f"use one of {', '.join(sorted(INTEGRATION_TO_CALLBACK))}"
        )
    missing = [name for name in named if name not in get_available_reporting_integrations()]
    if missing:
        raise StancekitError(
            f"logging.report_to names {', '.join(missing)}, not installed here", fix="install its package, or empty the list"
        )


def log_folder(config: TrainConfig) -> str:
    """Where trackers that write files (TensorBoard) put them."""
    return str(config.output / LOGS)
