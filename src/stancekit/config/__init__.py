"""The configs of all stages: what each holds, and how they are read."""

from stancekit.config.loading import load_config, read_toml
from stancekit.config.prepare import (
    SOURCE_MODELS,
    CleaningConfig,
    Columns,
    NeutralsConfig,
    NewsroomSource,
    PerspectrumSource,
    PrepareConfig,
    SeesawSource,
    Source,
    SourceSection,
    SplitConfig,
    SplitName,
    TableSource,
)
from stancekit.config.section import Section, Seed
from stancekit.config.train import (
    DataConfig,
    HardwareConfig,
    LoggingConfig,
    LossConfig,
    MixedSet,
    OptimConfig,
    PairConfig,
    StoppingConfig,
    TrainConfig,
)

__all__ = [
    "SOURCE_MODELS",
    "CleaningConfig",
    "Columns",
    "DataConfig",
    "HardwareConfig",
    "LoggingConfig",
    "LossConfig",
    "MixedSet",
    "NeutralsConfig",
    "NewsroomSource",
    "OptimConfig",
    "PairConfig",
    "PerspectrumSource",
    "PrepareConfig",
    "Section",
    "Seed",
    "SeesawSource",
    "Source",
    "SourceSection",
    "SplitConfig",
    "SplitName",
    "StoppingConfig",
    "TableSource",
    "TrainConfig",
    "load_config",
    "read_toml",
]
