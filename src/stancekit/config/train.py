"""The config of `stancekit train`."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from stancekit.config.section import Section, Seed

Head = Literal["cls", "mean", "nli"]


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
    """How the weights are moved.

    warmup: share of all steps. batch_size: pairs a device and step. layer_decay: rate of a layer over that of the one above it.
    averaging: decay a step of the weights' moving average, 0 for none. dropout: in place of the encoder's own.
    """

    epochs: float = Field(default=3, gt=0)
    batch_size: int = Field(default=32, gt=0)
    gradient_accumulation: int = Field(default=1, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.06, ge=0, lt=1)
    scheduler: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
    layer_decay: float = Field(default=1, gt=0, le=1)
    averaging: float = Field(default=0, ge=0, lt=1)
    dropout: float | None = Field(default=None, ge=0, lt=1)


class LossConfig(Section):
    """How far a row is from its target.

    class_weights: `balanced` makes rare stances count more. soft_labels: votes are the target where a row has them.
    label_smoothing: share of the target that goes to all stances alike. focal: exponent that makes easy rows count less.
    r_drop: weight of the distance between two passes of a row under different dropout.
    """

    class_weights: Literal["none", "balanced"] = "none"
    soft_labels: bool = False
    label_smoothing: float = Field(default=0, ge=0, lt=1)
    focal: float = Field(default=0, ge=0)
    r_drop: float = Field(default=0, ge=0)


class TeacherConfig(Section):
    """A trained model whose answers are learned beside the labels (Hinton et al. 2015).

    model: a run or bundle. weight: its share of a labelled row's target. temperature: above 1 flattens its answers.
    unlabelled: tables of statements with proposals that have its answer alone. min_confidence: those less sure are left out.
    precision: so are those less sure of a stance than where its answers on the validation file are right this often.
    answers: a folder that keeps its answers for other trainings too; without it they go with the run's working files.
    """

    model: Path
    weight: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=1, gt=0)
    unlabelled: list[Path] = Field(default=[])
    min_confidence: float = Field(default=0, ge=0, le=1)
    precision: float | None = Field(default=None, gt=0, le=1)
    answers: Path | None = None


class HardwareConfig(Section):
    """`auto` takes what is there; anything else is an error where it is not there.

    tf32: whether a CUDA device multiplies float32 in 19 bits. attention: what computes it. compile: by torch.compile, for long trainings.
    """

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"
    tf32: bool | Literal["auto"] = "auto"
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    compile: bool = False

    @model_validator(mode="after")
    def _can_be_together(self) -> "HardwareConfig":
        if self.device in ("cpu", "mps"):
            if self.tf32 is True:
                raise ValueError(f"tf32 is of CUDA devices, and device is {self.device}")
            if self.attention == "flash_attention_2":
                raise ValueError(f"flash_attention_2 needs a CUDA device, and device is {self.device}")
        if self.attention == "flash_attention_2" and self.precision == "fp32":
            raise ValueError("flash_attention_2 computes in half precision, and precision is fp32: use bf16, fp16 or auto")
        return self


class StoppingConfig(Section):
    """Stop after `patience` evaluations without a better one (macro-F1, between equals the loss); evaluations a whole epoch."""

    patience: int = Field(default=3, gt=0)
    evaluations_per_epoch: int = Field(default=1, gt=0)


class LoggingConfig(Section):
    """report_to: names the Trainer knows (tensorboard, wandb, mlflow, ...); their packages must be installed."""

    report_to: list[str] = Field(default=[])
    every_steps: int = Field(default=10, gt=0)


class StageConfig(Section):
    """One of several trainings in a row, each going on from the one before. What it leaves out is as in the run's own sections.

    teacher: of this stage alone; the run's own does not know what a stage before it is about.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    data: DataConfig | None = None
    optim: OptimConfig | None = None
    loss: LossConfig | None = None
    teacher: TeacherConfig | None = None
    stopping: StoppingConfig | None = None


class TrainConfig(Section):
    """One run of `stancekit train`. encoder: `minilm`, a hub id or a folder. stages: trainings before the run's own.

    calibration: how confidence is made to mean what it says, fitted on the validation file after the training.
    """

    encoder: str
    output: Path
    seed: Seed = 13
    data: DataConfig
    pairs: PairConfig = PairConfig()
    model: ModelConfig = ModelConfig()
    optim: OptimConfig = OptimConfig()
    loss: LossConfig = LossConfig()
    teacher: TeacherConfig | None = None
    hardware: HardwareConfig = HardwareConfig()
    stopping: StoppingConfig = StoppingConfig()
    logging: LoggingConfig = LoggingConfig()
    calibration: Literal["temperature", "vector", "isotonic", "none"] = "temperature"
    stages: list[StageConfig] = Field(default=[])

    @field_validator("stages")
    @classmethod
    def _own_names(cls, stages: list[StageConfig]) -> list[StageConfig]:
        names = [stage.name for stage in stages]
        if len(set(names)) < len(names):
            raise ValueError(f"of {', '.join(names)} two are the same: each has a folder of its name")
        return stages

    @model_validator(mode="after")
    def _passes_differ(self) -> "TrainConfig":
        for one in (self, *map(self.stage, self.stages)):
            if one.loss.r_drop and one.optim.dropout == 0:
                raise ValueError("loss.r_drop compares two passes under dropout, and optim.dropout is 0: set one of them otherwise")
        return self

    def stage(self, stage: StageConfig) -> "TrainConfig":
        """The config of one stage, whose run goes into `stages/NAME` of this one's."""
        changes: dict[str, Any] = {"output": self.output / "stages" / stage.name, "stages": [], "teacher": stage.teacher}
        for name in stage.model_fields_set - {"name", "teacher"}:
            own, given = getattr(self, name), getattr(stage, name)
            # Key by key: a stage that sets a rate keeps the run's batch size. Data comes whole, as one file or a mix of them.
            whole = own is None or given is None or name == "data"
            changes[name] = given if whole else own.model_copy(update={key: getattr(given, key) for key in given.model_fields_set})
        return self.model_copy(update=changes)
