"""A training without some of its rows: neither it nor the stages before it learn what shares a proposal, a text or a group with them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stancekit.config import DataConfig, DoubtsConfig, TrainConfig
from stancekit.data.examples import placed_examples, read_examples
from stancekit.data.mixing import capped
from stancekit.data.ties import keys
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.tables import write_rows

FOLDS = "folds"
# The training itself among the names of its stages, which may not be empty.
ITSELF = ""
Sets = Mapping[str, Sequence[Sequence[Example]]]


class Rows(NamedTuple):
    """places: `path:line` of each labelled row. labelled: what people labelled, of all training sets after their caps.

    sets: by the name of a stage with data of its own, and ITSELF, the rows of each of its files; those made by rule are among them.
    """

    places: list[str]
    labelled: list[Example]
    sets: Sets


def read_rows(config: TrainConfig) -> Rows:
    """All rows of a training and its stages. Raises StancekitError for bad rows, and for labels of one stance alone."""
    given = config.data.training
    placed = [list(placed_examples(one.path).items()) for one in given]
    # With the training's own seed, so that these are the rows that it draws from.
    kept = capped(placed, [one.cap for one in given], np.random.default_rng(config.seed))
    labelled = [(place, example) for rows in kept for place, example in rows if not example.made]
    stances = {example.stance for _, example in labelled}
    if len(stances) < 2:
        files, found = ", ".join(str(one.path) for one in given), f"labelled {stances.pop()}" if stances else "made by rule"
        raise StancekitError(f"{files}: every row is {found}", fix="labels can be doubted where people gave two stances or more")
    own = {stage.name: [read_examples(one.path) for one in stage.data.training] for stage in config.stages if stage.data is not None}
    sets = {ITSELF: [[example for _, example in rows] for rows in kept], **own}
    return Rows([place for place, _ in labelled], [example for _, example in labelled], sets)


class Fold(NamedTuple):
    """The rows that a model is asked, and what it may learn, as `Rows.sets` has it. number: from 1."""

    number: int
    held_out: Sequence[Example]
    sets: Sets

    @property
    def learned(self) -> list[Example]:
        """The rows of the training itself."""
        return [example for rows in self.sets[ITSELF] for example in rows]


def leave_out(sets: Sets, held_out: Sequence[Example], number: int) -> Fold:
    """The rows that share no proposal, text or group with a fold's.

    Raises StancekitError where nothing is left of a stage, or no row of a stance that the fold has.
    """
    taken = {key for example in held_out for key in keys(example)}
    left = {name: [[one for one in rows if taken.isdisjoint(keys(one))] for rows in files] for name, files in sets.items()}
    fold = Fold(number, held_out, left)
    absent = {example.stance for example in held_out} - {example.stance for example in fold.learned}
    if absent:
        raise StancekitError(
            f"without fold {number} no row to learn from is {' or '.join(sorted(absent))}",
            fix="take fewer folds (--folds 2), or add pairs of that stance on further proposals",
        )
    empty = [name for name, files in left.items() if not any(files)]
    if empty:
        raise StancekitError(f"every row of the stage {empty[0]} shares a text or group with fold {number}", fix="leave the stage out")
    return fold


def fold_config(config: DoubtsConfig, fold: Fold) -> TrainConfig:
    """The same training on what is left, written as its files, with an output of its own."""
    run = config.output / FOLDS / f"fold-{fold.number}"
    rows = run.with_name(f"{run.name}-rows")
    stages = [
        stage if stage.data is None else stage.model_copy(update={"data": _instead(stage.data, fold.sets[stage.name], rows / stage.name)})
        for stage in config.stages
    ]
    changes = {"output": run, "data": _instead(config.data, fold.sets[ITSELF], rows), "stages": stages}
    return TrainConfig.model_validate({**{name: getattr(config, name) for name in TrainConfig.model_fields}, **changes})


def _instead(data: DataConfig, sets: Sequence[Sequence[Example]], folder: Path) -> DataConfig:
    mix = []
    for number, (given, rows) in enumerate(zip(data.training, sets, strict=True), 1):
        # A set that hangs together with the fold as a whole is not learned from.
        if rows:
            path = folder / f"{number}.jsonl"
            write_rows(path, (example.to_row() for example in rows))
            mix.append(given.model_copy(update={"path": path}))
    return data.model_copy(update={"mix": mix} if data.train is None else {"train": mix[0].path})
