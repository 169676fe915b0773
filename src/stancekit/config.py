"""The configs of all stages: TOML files with `--set KEY=VALUE` on top, every fault reported at once."""

import difflib
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stancekit.errors import StancekitError
from stancekit.files import read_text
from stancekit.stance import Stance


class Section(BaseModel):
    """Base of all configs: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)


class Columns(Section):
    """Which column of a table holds what. votes: how many readers chose each stance, a column of counts for each."""

    statement: str
    proposal: str
    stance: str
    id: str | None = None
    group: str | None = None
    holder: str | None = None
    split: str | None = None
    votes: dict[Stance, str] = {}


SplitName = Literal["train", "validation", "test"]
# numpy and scikit-learn take no others.
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class TableSource(Section):
    """CSV, TSV, JSONL or Parquet, described by its columns."""

    format: Literal["table"]
    name: str
    path: Path
    columns: Columns
    labels: dict[str, Stance] = {}
    splits: dict[str, SplitName] = {}
    split: SplitName | None = None


class NewsroomSource(Section):
    """The corpus's own format: a JSONL file, or a folder of them, one article a line."""

    format: Literal["newsroom"]
    name: str
    path: Path


class PerspectrumSource(Section):
    """The folder of PERSPECTRUM's three JSON files, with the split as published."""

    format: Literal["perspectrum"]
    name: str
    path: Path


class SeesawSource(Section):
    """The folder of a SEESAW release: annotations/, articles/ and meta/, with the split as published."""

    format: Literal["seesaw"]
    name: str
    path: Path


Source = Annotated[TableSource | NewsroomSource | PerspectrumSource | SeesawSource, Field(discriminator="format")]


class CleaningConfig(Section):
    """What happens to pairs that carry two stances; exact repeats always go."""

    contradictions: Literal["drop", "keep", "refuse"] = "drop"


class SplitConfig(Section):
    """`grouped` draws new splits, `given` keeps the published ones and takes leaks out of the earlier split."""

    method: Literal["grouped", "given"] = "grouped"
    validation: float = Field(default=0.15, gt=0, lt=1)
    test: float = Field(default=0.2, gt=0, lt=1)

    @model_validator(mode="after")
    def _leaves_training(self) -> "SplitConfig":
        if self.validation + self.test >= 1:
            raise ValueError(f"validation = {self.validation} and test = {self.test} leave nothing for training")
        return self


class NeutralsConfig(Section):
    """share: neutral pairs made for training out of foreign proposals, as a share of its rows. 0 makes none."""

    share: float = Field(default=0, ge=0, le=1)


class PrepareConfig(Section):
    """One run of `stancekit prepare`. `raw` is the folder that the sources' paths start from."""

    name: str
    output: Path
    raw: Path = Path()
    seed: Seed = 13
    sources: list[Source] = Field(min_length=1)
    cleaning: CleaningConfig = CleaningConfig()
    split: SplitConfig = SplitConfig()
    neutrals: NeutralsConfig = NeutralsConfig()

    @field_validator("sources")
    @classmethod
    def _own_names(cls, sources: list[Source]) -> list[Source]:
        names = [source.name for source in sources]
        twice = sorted({repr(name) for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two have the name {', '.join(twice)}: ids begin with it, so give each its own")
        return sources


class DataConfig(Section):
    """Example files as `stancekit prepare` writes them."""

    train: Path
    validation: Path


class PairConfig(Section):
    """max_length: tokens of a whole pair. Only the statement is ever cut."""

    max_length: int = Field(default=128, ge=16, le=8192)


class OptimConfig(Section):
    """warmup: share of all steps. batch_size: pairs a device and step. class_weights: `balanced` makes rare stances count more."""

    epochs: float = Field(default=3, gt=0)
    batch_size: int = Field(default=32, gt=0)
    gradient_accumulation: int = Field(default=1, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.06, ge=0, lt=1)
    scheduler: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
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

    report_to: list[str] = []
    every_steps: int = Field(default=10, gt=0)


class TrainConfig(Section):
    """One run of `stancekit train`. encoder: `minilm`, a hub id or a folder."""

    encoder: str
    output: Path
    seed: Seed = 13
    data: DataConfig
    pairs: PairConfig = PairConfig()
    optim: OptimConfig = OptimConfig()
    hardware: HardwareConfig = HardwareConfig()
    stopping: StoppingConfig = StoppingConfig()
    logging: LoggingConfig = LoggingConfig()


AnyConfig = TypeVar("AnyConfig", bound=Section)


def load_config(path: Path, model: type[AnyConfig], overrides: list[str] | None = None) -> AnyConfig:
    """Read a TOML config. overrides: `a.b=value` with a TOML value, or bare text. Raises StancekitError with all faults."""
    values = read_toml(path)
    for override in overrides or []:
        _set(values, override)
    try:
        return model.model_validate(values)
    except ValidationError as fault:
        faults = [_describe(error, model) for error in fault.errors()]
        raise StancekitError.of_faults(str(path), faults, fix="edit these keys and run again") from fault


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain values. Raises StancekitError."""
    if not path.is_file():
        raise StancekitError(f"{path} does not exist", fix="check the path; configs/ holds complete examples")
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as fault:
        raise StancekitError(f"{path} is not TOML: {fault}", fix="mend that line") from fault


def _set(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise StancekitError(f"--set {override!r} has no KEY=VALUE", fix="for instance: --set optim.epochs=1")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    if isinstance(value, date | time):
        # No key of ours is a day or an hour: a name such as 2031-05-01 is text.
        value = text.strip()
    target: Any = values
    *parents, last = key.strip().split(".")
    for name in parents:
        target = target.setdefault(name, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict):
        raise StancekitError(f"--set {override!r}: a part of {key} is not a table", fix="name a key of a table, as in optim.epochs")
    target[last] = value


def _describe(error: Any, model: type[BaseModel]) -> str:
    location, kind = error["loc"], error["type"]
    # The format that picks a source's model is in pydantic's location, but not in the file.
    shown = location[:2] + location[3:] if location[:1] == ("sources",) else location
    place = ".".join(str(part) for part in shown)
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), _siblings(model, location), n=1)
        return f"{place}  unknown key" + (f", did you mean {close[0]}?" if close else "")
    if kind == "missing":
        return f"{place}  missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        known = ", ".join(map(str, SOURCE_MODELS))
        return f"{place}.format  " + (
            "missing" if kind.endswith("found") else f"should be one of {known}, got {error['input']['format']!r}"
        )
    message = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"{place}  {message}" + ("" if kind == "value_error" else f", got {error['input']!r}")


def _siblings(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    # Walk the models along the fault's place to the keys that would have been right there.
    current: type[BaseModel] | None = model
    for part in place[:-1]:
        if current is None:
            # Inside a list of sources, whose place goes on with a number and the source's format.
            current = SOURCE_MODELS.get(part)
        elif part in current.model_fields:
            current = _model_of(current.model_fields[str(part)].annotation)
    return list(current.model_fields) if current is not None else []


def _model_of(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


SOURCE_MODELS: dict[str | int, type[BaseModel]] = {
    "table": TableSource,
    "newsroom": NewsroomSource,
    "perspectrum": PerspectrumSource,
    "seesaw": SeesawSource,
}
