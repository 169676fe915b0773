"""The configs of all stages: what each holds, and how they are read."""

from stancekit.config.loading import load_config, read_toml
from stancekit.config.prepare import (
    SOURCE_MODELS,
    AugmentationConfig,
    CleaningConfig,
    Columns,
    NewsroomSource,
    PerspectrumSource,
    PrepareConfig,
    SeesawSource,
    Source,
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
    OptimConfig,
    PairConfig,
    StoppingConfig,
    TrainConfig,
)

__all__ = [
    "SOURCE_MODELS",
    "AugmentationConfig",
    "CleaningConfig",
    "Columns",
    "DataConfig",
    "HardwareConfig",
    "LoggingConfig",
    "LossConfig",
    "NewsroomSource",
    "OptimConfig",
    "PairConfig",
    "PerspectrumSource",
    "PrepareConfig",
    "Section",
    "Seed",
    "SeesawSource",
    "Source",
    "SplitConfig",
    "SplitName",
    "StoppingConfig",
    "TableSource",
    "TrainConfig",
    "load_config",
    "read_toml",
]
