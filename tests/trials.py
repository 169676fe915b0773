"""Fixtures: a search over tiny trainings, and trainings that are made up."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from searches import OPTIM, SEARCH, Configured
from stancekit.config import SearchConfig, TrainConfig
from stancekit.stages import search as stage

if TYPE_CHECKING:
    # Brings transformers, which most tests do without.
    from stancekit.training.callbacks import Watch


@pytest.fixture(scope="session")
def searching(tiny_config: Configured) -> Callable[..., SearchConfig]:
    """Makes the config of a search of seconds: `searching(output, trials=3, space={...})`."""

    def config(output: Path, changes: dict[str, Any] | None = None, **search: Any) -> SearchConfig:
        base = tiny_config(output, optim=OPTIM, **(changes or {}))
        return SearchConfig.model_validate(base.model_dump(exclude_unset=True) | {"search": SEARCH | search})

    return config


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings that take no time: three evaluations, better the nearer the learning rate is to 0.02."""

    def trained(run: TrainConfig, resume: bool = False, watch: "Watch | None" = None) -> dict[str, Any]:
        macro_f1 = 1 / (1 + abs(run.optim.learning_rate - 0.02))
        for number in (1, 2, 3):
            if watch is not None:
                watch(number, macro_f1 * number / 3, number == 3)
        return {"validation": {"macro_f1": macro_f1}}

    monkeypatch.setattr(stage, "train", trained)
    # With all libraries loaded it takes a second, and there are no models to let go of.
    monkeypatch.setattr(stage, "collect", int)
