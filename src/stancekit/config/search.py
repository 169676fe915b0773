"""The config of `stancekit train --search`: a train config that also says what to try."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, field_validator, model_validator

from stancekit.config.loading import faults_of, load_config, put
from stancekit.config.section import Section, Seed
from stancekit.config.train import TrainConfig
from stancekit.errors import StancekitError

Value = bool | int | float | str
Number = StrictInt | StrictFloat
# What all trials have in common, and why.
FIXED = {
    "output": "is not for trying: each trial has its own folder",
    "seed": "is not for trying: all trials have the same, and search.seeds are for the trainings after them",
    "data.validation": "is not for trying: trials can be compared on the same rows only",
    "stopping.evaluations_per_epoch": "is not for trying: trials are held against each other evaluation by evaluation",
}
# A place inside a range where no whole number is: what holds at both ends need not hold for fractions.
INSIDE = 0.3819660112501051


class Dimension(Section):
    """What one key may be: from `low` to `high`, or one of `choices`.

    Two whole numbers make a range of whole numbers. log: drawn evenly over the orders of magnitude.
    """

    low: Number | None = None
    high: Number | None = None
    log: bool = False
    choices: list[StrictBool | StrictInt | StrictFloat | StrictStr] = Field(default=[])

    @model_validator(mode="after")
    def _one_way(self) -> "Dimension":
        ends = (self.low, self.high)
        if (None in ends) == (not self.choices) or (self.choices and (ends != (None, None) or self.log)):
            raise ValueError("give either low and high (and log, if wanted), or choices")
        if self.choices and (len(self.choices) < 2 or any(same(*pair) for pair in combinations(self.choices, 2))):
            raise ValueError("choices should be two or more that differ; a key that does not change belongs to its own section")
        if self.low is not None and self.high is not None:
            if self.low >= self.high:
                raise ValueError(f"low should be below high, got {self.low} and {self.high}")
            if self.log and self.low <= 0:
                raise ValueError(f"low should be above 0 where log is set, got {self.low}")
        return self

    @property
    def range(self) -> tuple[int, int] | tuple[float, float] | None:
        """Both ends, None where there are choices. Both are whole numbers or neither is."""
        if self.low is None or self.high is None:
            return None
        return (self.low, self.high) if isinstance(self.low, int) and isinstance(self.high, int) else (float(self.low), float(self.high))

    @property
    def samples(self) -> list[Value]:
        """Values that stand for all: every choice, or both ends and one between them."""
        if self.range is None:
            return list(self.choices)
        low, high = self.range
        return [low, high] if isinstance(low, int) else [low, low + (high - low) * INSIDE, high]

    def holds(self, value: object) -> bool:
        """Whether `value` may be drawn."""
        if self.range is None:
            return any(same(value, choice) for choice in self.choices)
        low, high = self.range
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (not isinstance(low, int) or float(value).is_integer()) and low <= value <= high  # type: ignore[arg-type, operator]


def same(one: object, other: object) -> bool:
    """Whether two values are one choice: 1 and 1.0 are, 1 and true are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class PrunerConfig(Section):
    """When a trial is given up: `median`, where its best macro-F1 so far is below the median of finished trials at that evaluation.

    after_trials: the first to compare with. after_evaluations: of a trial, before it is compared.
    """

    kind: Literal["median", "none"] = "median"
    after_trials: int = Field(default=4, gt=0)
    after_evaluations: int = Field(default=1, ge=0)


class SearchSection(Section):
    """trials: those given up count too. seed: of the draws. random_trials: drawn before any is learned from.

    time_limit: minutes after which no further trial begins. seeds: of the trainings that the best and the starting config get afterwards.
    """

    trials: int = Field(default=20, gt=0)
    seed: Seed = 1
    random_trials: int = Field(default=5, gt=0)
    time_limit: float | None = Field(default=None, gt=0)
    seeds: list[Seed] = Field(default=[101, 102, 103], min_length=2)
    pruner: PrunerConfig = PrunerConfig()
    space: dict[str, Dimension] = Field(min_length=1)

    @field_validator("space", mode="before")
    @classmethod
    def _dotted(cls, given: Any) -> Any:
        # In TOML, optim.dropout = {...} is a table in a table.
        return dict(_flat(given)) if isinstance(given, dict) else given


class SearchConfig(TrainConfig):
    """The starting config, whose output is the search's folder, and what to try around it."""

    search: SearchSection

    @model_validator(mode="after")
    def _fresh_seeds(self) -> "SearchConfig":
        seeds = self.search.seeds
        if self.seed in seeds or len(set(seeds)) < len(seeds):
            raise ValueError(f"search.seeds should differ from each other and from seed, which the trials have ({self.seed}); got {seeds}")
        return self


def _flat(given: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def load_search(path: Path, overrides: list[str] | None = None) -> SearchConfig:
    """Read a search config as `load_config` does. Raises StancekitError, too, with all faults of configs that trials could make."""
    config = load_config(path, SearchConfig, overrides)
    faults = faults_of_space(config)
    if faults:
        raise StancekitError.of_faults(str(path), faults, fix="edit these keys and run again")
    return config


def faults_of_space(config: SearchConfig) -> list[str]:
    """What is wrong with the train configs that the space can make: each key alone, then any two together."""
    space = config.search.space
    fixed = [f"search.space.{key}  {reason}" for key, reason in FIXED.items() if key in space]
    alone = [{key: value} for key, dimension in space.items() if key not in FIXED for value in dimension.samples]
    faults = fixed + [fault for one in alone for fault in _faults(config, one)]
    if not faults:
        together = [
            {first: one, second: other}
            for first, second in combinations(space, 2)
            for one, other in product(*(space[key].samples for key in (first, second)))
        ]
        faults = [fault for both in together for fault in _faults(config, both)]
    return list(dict.fromkeys(faults))


def _faults(config: SearchConfig, parameters: Mapping[str, Value]) -> list[str]:
    try:
        found = faults_of(_values(config, parameters), TrainConfig)
    except StancekitError as fault:
        found = [fault.problem]
    tried = ", ".join(f"{key} = {value!r}" for key, value in parameters.items())
    # What stands at the key itself says so already; a fault may be elsewhere, or between two keys.
    return [
        f"search.space.{fault}" if fault.startswith(tuple(parameters)) else f"search.space  {tried}: {fault.strip()}" for fault in found
    ]


def train_config(config: SearchConfig, parameters: Mapping[str, Value], output: Path, seed: int | None = None) -> TrainConfig:
    """The starting config with these keys changed. seed: in place of its own. Raises StancekitError where it is none."""
    values = _values(config, parameters) | {"output": output} | ({} if seed is None else {"seed": seed})
    faults = faults_of(values, TrainConfig)
    if faults:
        raise StancekitError.of_faults(f"the config of {output}", faults, fix="mend search.space")
    return TrainConfig.model_validate(values)


def sample_configs(config: SearchConfig) -> list[TrainConfig]:
    """The starting config, and one for each sample of each key."""
    tried = [{key: value} for key, dimension in config.search.space.items() for value in dimension.samples]
    return [train_config(config, one, config.output) for one in ({}, *tried)]


def value_at(config: TrainConfig, key: str) -> Any:
    """The value at a dotted key, None where a part of it is absent."""
    found: Any = config
    for name in key.split("."):
        found = getattr(found, name, None)
    return found


def _values(config: SearchConfig, parameters: Mapping[str, Value]) -> dict[str, Any]:
    # Stages tell what they set from what they leave to the run: defaults must not be written out.
    values = config.model_dump(exclude={"search"}, exclude_unset=True)
    for key, value in parameters.items():
        put(values, key, value, f"search.space.{key}")
    return values
