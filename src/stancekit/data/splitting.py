"""Splits that cannot leak: no proposal, no text and no group stands in two of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stancekit.config import SplitConfig, SplitName
from stancekit.data.folds import dealt
from stancekit.data.sources import Located
from stancekit.data.ties import KINDS, Key, connected, keys
from stancekit.errors import StancekitError
from stancekit.records import Example

SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
# Folds are what splits are put together from, so the smallest split has two of them.
LEAST_FOLDS, MOST_FOLDS = 20, 200


class Splits(NamedTuple):
    """Examples by split, and what was done to keep them apart."""

    examples: dict[SplitName, list[Example]]
    leaks: int
    groups: int
    largest_group: int


def split(rows: Sequence[Located], config: SplitConfig, seed: int) -> Splits:
    """Draw or take over the three splits. Raises StancekitError where one would be empty or train has a single class."""
    if not rows:
        fix = "mend the labels, or set cleaning.contradictions to keep"
        raise StancekitError("no example is left to split: every pair carries two stances", fix=fix)
    result = _given(rows, config.either_side) if config.method == "given" else _grouped([row.example for row in rows], config, seed)
    for name in SPLITS:
        if not result.examples[name]:
            raise StancekitError(
                f"split {name} would be empty: {len(rows)} examples in {result.groups} groups that must not be torn apart",
                fix="add data on further proposals, or change [split]"
                if config.method == "grouped"
                else "give each split a source, or use split.method = grouped",
            )
    classes = {example.stance for example in result.examples["train"]}
    if len(classes) < 2:
        raise StancekitError(f"every training example is {classes.pop()}", fix="add examples of another stance, or check [sources.labels]")
    return result


def _grouped(examples: list[Example], config: SplitConfig, seed: int) -> Splits:
    groups = connected(examples, either_side=config.either_side)
    sizes = Counter(groups)
    wanted = min(max(math.ceil(2 / min(config.validation, config.test)), LEAST_FOLDS), MOST_FOLDS)
    # No more folds than the commonest stance has examples: scikit-learn refuses to make them.
    folds = min(wanted, len(sizes), max(Counter(example.stance for example in examples).values()))
    parts: dict[SplitName, list[Example]] = {name: [] for name in SPLITS}
    if folds < len(SPLITS):
        return Splits({**parts, "train": examples}, 0, len(sizes), max(sizes.values()))
    of_rows = dealt(examples, groups, folds, seed)
    members = [np.flatnonzero(of_rows == number) for number in range(folds)]
    homes = _homes([len(fold) for fold in members], config, np.random.default_rng(seed))
    for name, fold in zip(homes, members, strict=True):
        parts[name].extend(examples[member] for member in fold)
    order = {example.id: number for number, example in enumerate(examples)}
    ordered = {name: sorted(part, key=lambda example: order[example.id]) for name, part in parts.items()}
    return Splits(ordered, 0, len(sizes), max(sizes.values()))


def _homes(sizes: Sequence[int], config: SplitConfig, rng: np.random.Generator) -> list[SplitName]:
    # scikit-learn deals the largest groups into the first folds, so folds are drawn, and the largest of all is trained on.
    homes: list[SplitName] = ["train"] * len(sizes)
    largest = int(np.argmax(sizes))
    left = [int(fold) for fold in rng.permutation(len(sizes)) if fold != largest]
    wanted: tuple[tuple[SplitName, float, int], ...] = (("test", config.test, 1), ("validation", config.validation, 0))
    for name, share, reserved in wanted:
        taken: list[int] = []
        for fold in left[: len(left) - reserved]:
            # Only what brings the split nearer to its share.
            if sum(sizes[other] for other in taken) + sizes[fold] / 2 <= share * sum(sizes):
                taken.append(fold)
        for fold in taken or [min(left, key=lambda fold: sizes[fold])]:
            homes[fold] = name
            left.remove(fold)
    return homes


def _given(rows: Sequence[Located], either_side: bool) -> Splits:
    without = [row.where for row in rows if row.split is None]
    if without:
        raise StancekitError(
            f"{without[0]} has no split ({len(without)} rows in all)",
            fix="set sources.split or columns.split, or use split.method = grouped",
        )
    parts: dict[SplitName, list[Example]] = {name: [] for name in SPLITS}
    taken: set[Key] = set()
    leaks = 0
    # The later split is what numbers are published on, so it stays whole and the earlier ones give way.
    for name in reversed(SPLITS):
        members = [row.example for row in rows if row.split == name]
        parts[name] = [example for example in members if taken.isdisjoint(keys(example, either_side))]
        leaks += len(members) - len(parts[name])
        taken.update(key for example in members for key in keys(example, either_side))
    groups = Counter(connected([example for part in parts.values() for example in part], either_side=either_side))
    return Splits(parts, leaks, len(groups), max(groups.values(), default=0))


def shared(splits: dict[SplitName, list[Example]]) -> dict[str, int]:
    """Keys that stand in more than one split, by kind; all zero unless a split leaks."""
    homes: defaultdict[Key, set[str]] = defaultdict(set)
    for name, examples in splits.items():
        for key in {key for example in examples for key in keys(example)}:
            homes[key].add(name)
    kinds = Counter(kind for (kind, _), names in homes.items() if len(names) > 1)
    return {kind: kinds[kind] for kind in KINDS}
