"""The config of `stancekit prepare`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from stancekit.config.section import Section, Seed
from stancekit.stance import Stance


class Columns(Section):
    """Which column of a table holds what. votes: how many readers chose each stance, a column of counts for each."""

    statement: str
    proposal: str
    stance: str
    id: str | None = None
    group: str | None = None
    holder: str | None = None
    split: str | None = None
    votes: dict[Stance, str] = Field(default={})


SplitName = Literal["train", "validation", "test"]


class SourceSection(Section):
    """What sources of every format have. raw: what the path starts from, in place of the config's. licence: in its owners' words."""

    name: str
    path: Path
    raw: Path | None = None
    licence: str | None = Field(default=None, min_length=1)


class TableSource(SourceSection):
    """CSV, TSV, JSONL or Parquet, described by its columns."""

    format: Literal["table"]
    columns: Columns
    labels: dict[str, Stance] = Field(default={})
    splits: dict[str, SplitName] = Field(default={})
    split: SplitName | None = None


class NewsroomSource(SourceSection):
    """The corpus's own format: a JSONL file, or a folder of them, one article a line."""

    format: Literal["newsroom"]


class PerspectrumSource(SourceSection):
    """The folder of PERSPECTRUM's three JSON files, with the split as published."""

    format: Literal["perspectrum"]


class SeesawSource(SourceSection):
    """The folder of a SEESAW release: annotations/, articles/ and meta/, with the split as published."""

    format: Literal["seesaw"]


Source = Annotated[TableSource | NewsroomSource | PerspectrumSource | SeesawSource, Field(discriminator="format")]


class CleaningConfig(Section):
    """What happens to pairs that carry two stances; exact repeats always go. longest_proposal: in words, longer ones are left out."""

    contradictions: Literal["drop", "keep", "refuse"] = "drop"
    longest_proposal: int | None = Field(default=None, gt=0)


class SplitConfig(Section):
    """`grouped` draws new splits, `given` keeps the published ones and takes leaks out of the earlier split.

    either_side: a text is kept in one split whether it stands as statement or as proposal.
    """

    method: Literal["grouped", "given"] = "grouped"
    either_side: bool = False
    validation: float = Field(default=0.15, gt=0, lt=1)
    test: float = Field(default=0.2, gt=0, lt=1)

    @model_validator(mode="after")
    def _leaves_training(self) -> "SplitConfig":
        if self.validation + self.test >= 1:
            raise ValueError(f"validation = {self.validation} and test = {self.test} leave nothing for training")
        return self


Share = Annotated[float, Field(ge=0, le=1)]


class AugmentationConfig(Section):
    """Rows made for training, each kind as a share of its rows; 0 makes none. See docs/augmentation.md.

    unlabelled: pairs for a teacher, in a file of their own.
    """

    foreign: Share = 0
    hard: Share = 0
    negated: Share = 0
    reworded: Share = 0
    masked: Share = 0
    voiced: Share = 0
    unlabelled: Share = 0


class PrepareConfig(Section):
    """One run of `stancekit prepare`. `raw` is the folder that the paths of sources without their own start from."""

    name: str
    output: Path
    raw: Path = Path()
    seed: Seed = 13
    sources: list[Source] = Field(min_length=1)
    cleaning: CleaningConfig = CleaningConfig()
    split: SplitConfig = SplitConfig()
    augmentation: AugmentationConfig = AugmentationConfig()

    @field_validator("sources")
    @classmethod
    def _own_names(cls, sources: list[Source]) -> list[Source]:
        names = [source.name for source in sources]
        twice = sorted({repr(name) for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two have the name {', '.join(twice)}: ids begin with it, so give each its own")
        return sources

    def raw_of(self, source: SourceSection) -> Path:
        """The folder that this source's path starts from."""
        return self.raw if source.raw is None else source.raw

    def place_of(self, source: SourceSection) -> Path:
        """The file or folder of a source."""
        return self.raw_of(source) / source.path


SOURCE_MODELS: dict[str | int, type[BaseModel]] = {
    "table": TableSource,
    "newsroom": NewsroomSource,
    "perspectrum": PerspectrumSource,
    "seesaw": SeesawSource,
}
