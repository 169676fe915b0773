"""The config of `stancekit doubts`: that of a training, and how many parts its rows are cut into."""

import json
from pathlib import Path

from pydantic import Field

from stancekit.config.loading import load_config
from stancekit.config.train import TrainConfig


class DoubtsConfig(TrainConfig):
    """folds: parts of the training rows, each answered by a model that learned from the others. output: the folder of all of it."""

    folds: int = Field(default=4, ge=2)


def load_doubts(path: Path, overrides: list[str] | None, folds: int, output: Path | None) -> DoubtsConfig:
    """Read a train config as `load_config` does. output: None takes the training's own with `-doubts` at its end.

    An output among the overrides goes before both, since messages tell the user to set it so.
    """
    given = overrides or []
    own = [] if output is None else [f"output={json.dumps(str(output), ensure_ascii=False)}"]
    config = load_config(path, DoubtsConfig, [f"folds={folds}", *own, *given])
    if own or any(one.partition("=")[0].strip() == "output" for one in given):
        return config
    return config.model_copy(update={"output": config.output.with_name(f"{config.output.name}-doubts")})
