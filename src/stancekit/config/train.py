"""The config of `stancekit train`."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from stancekit.config.section import Section, Seed

Head = Literal["cls", "mean", "nli"]


class DataConfig(Section):
    """Example files as `stancekit prepare` writes them."""

    train: Path
    validation: Path


class PairConfig(Section):
    """max_length: tokens of a whole pair. Only the statement is ever cut."""

    max_length: int = Field(default=128, ge=16, le=8192)


class LoraConfig(Section):
    """Low-rank updates in place of the encoder's weights (Hu et al. 2021): W + alpha / rank * B A, with dropout before A."""

    rank: int = Field(default=8, gt=0, le=1024)
    alpha: int = Field(default=16, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)


class ModelConfig(Section):
    """head: the family's own, the mean of all tokens, or a published entailment head. frozen: what gets no gradient."""

    head: Head = "cls"
    frozen: Literal["none", "embeddings"] = "none"
    lora: LoraConfig | None = None


class OptimConfig(Section):
    """warmup: share of all steps. batch_size: pairs a device and step."""

    epochs: float = Field(default=3, gt=0)
    batch_size: int = Field(default=32, gt=0)
    gradient_accumulation: int = Field(default=1, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.06, ge=0, lt=1)
    scheduler: Literal["linear", "cosine", "constant_with_warmup"] = "linear"


class LossConfig(Section):
    """class_weights: `balanced` makes rare stances count more."""

    class_weights: Literal["none", "balanced"] = "none"


class HardwareConfig(Section):
    """`auto` takes what is there; anything else is an error where it is not there."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"


class StoppingConfig(Section):
    """Stop after `patience` evaluations without a better macro-F1; evaluations a whole epoch."""

    patience: int = Field(default=3, gt=0)
    evaluations_per_epoch: int = Field(default=1, gt=0)


class LoggingConfig(Section):
    """report_to: names the Trainer knows (tensorboard, wandb, mlflow, ...); their packages must be installed."""

    report_to: list[str] = Field(default=[])
    every_steps: int = Field(default=10, gt=0)


class TrainConfig(Section):
    """One run of `stancekit train`. encoder: `minilm`, a hub id or a folder."""

    encoder: str
    output: Path
    seed: Seed = 13
    data: DataConfig
    pairs: PairConfig = PairConfig()
    model: ModelConfig = ModelConfig()
    optim: OptimConfig = OptimConfig()
    loss: LossConfig = LossConfig()
    hardware: HardwareConfig = HardwareConfig()
    stopping: StoppingConfig = StoppingConfig()
    logging: LoggingConfig = LoggingConfig()
