"""The config of `stancekit train`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from stancekit.config.section import Section, Seed


class MixedSet(Section):
    """One training set of several. cap: the most rows that are taken of it, drawn by the run's seed."""

    path: Path
    cap: int | None = Field(default=None, gt=0)


class DataConfig(Section):
    """Example files as `stancekit prepare` writes them: `train`, or `mix` for several training sets.

    temperature: of the mix; 1 takes the sets in proportion to their sizes, larger values even them out.
    """

    train: Path | None = None
    mix: list[MixedSet] = Field(default=[])
    temperature: float = Field(default=1, ge=1)
    validation: Path

    @model_validator(mode="after")
    def _one_way(self) -> "DataConfig":
        if (self.train is None) == (not self.mix):
            found = "neither is" if self.train is None else "both are"
            raise ValueError(f"give either train, one file, or mix, a list of them; {found} there")
        paths = [one.path for one in self.mix]
        twice = sorted({str(path) for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"mix names {', '.join(twice)} twice: what weighs more is set by cap and temperature")
        if self.temperature != 1 and not self.mix:
            raise ValueError("temperature is of a mix, and there is none")
        return self

    @property
    def training(self) -> list[MixedSet]:
        """All training sets; `train` alone is a mix of one."""
        return self.mix if self.train is None else [MixedSet(path=self.train)]

    @property
    def files(self) -> list[Path]:
        """All files that a training reads."""
        return [*(one.path for one in self.training), self.validation]


class PairConfig(Section):
    """max_length: tokens of a whole pair. Only the statement is ever cut."""

    max_length: int = Field(default=128, ge=16, le=8192)


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
    optim: OptimConfig = OptimConfig()
    loss: LossConfig = LossConfig()
    hardware: HardwareConfig = HardwareConfig()
    stopping: StoppingConfig = StoppingConfig()
    logging: LoggingConfig = LoggingConfig()
