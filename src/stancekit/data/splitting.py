"""Splits that cannot leak: no proposal, no text and no group stands in two of them."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from stancekit.config import SplitConfig, SplitName
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.records import Example, normalized

SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
MAX_FOLDS = 20


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
    result = _given(rows) if config.method == "given" else _grouped([row.example for row in rows], config, seed)
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


def keys(example: Example) -> list[str]:
    """What ties an example to others: its proposal, its statement and its group."""
    tied = [f"proposal {normalized(example.proposal)}", f"statement {normalized(example.statement)}"]
    return tied if example.group is None else [*tied, f"group {example.group}"]


def connected(examples: Sequence[Example]) -> list[int]:
    """A group number for each example: two that share a key, directly or over others, have the same."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[str, int] = {}
    edges = [(row, numbers.setdefault(key, len(numbers))) for row, example in enumerate(examples) for key in keys(example)]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    size = len(examples) + len(numbers)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1] + len(examples))), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    return [int(label) for label in labels[: len(examples)]]


def _grouped(examples: list[Example], config: SplitConfig, seed: int) -> Splits:
    from sklearn.model_selection import StratifiedGroupKFold

    groups = connected(examples)
    sizes = Counter(groups)
    # No more folds than the commonest stance has examples: scikit-learn refuses to make them.
    folds = min(MAX_FOLDS, len(sizes), max(Counter(example.stance for example in examples).values()))
    parts: dict[SplitName, list[Example]] = {name: [] for name in SPLITS}
    if folds < len(SPLITS):
        return Splits({**parts, "train": examples}, 0, len(sizes), max(sizes.values()))
    test, validation = (max(1, round(share * folds)) for share in (config.test, config.validation))
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    stances = [example.stance.label_id for example in examples]
    with _quiet_rare_classes():
        for fold, (_, members) in enumerate(splitter.split(np.zeros(len(examples)), stances, groups)):
            name: SplitName = "test" if fold < test else "validation" if fold < test + validation else "train"
            parts[name].extend(examples[member] for member in members)
    order = {example.id: number for number, example in enumerate(examples)}
    ordered = {name: sorted(part, key=lambda example: order[example.id]) for name, part in parts.items()}
    return Splits(ordered, 0, len(sizes), max(sizes.values()))


@contextmanager
def _quiet_rare_classes() -> Iterator[None]:
    # scikit-learn warns when a class has fewer members than there are folds; the audit shows class shares anyway.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        yield


def _given(rows: Sequence[Located]) -> Splits:
    without = [row.where for row in rows if row.split is None]
    if without:
        raise StancekitError(
            f"{without[0]} has no split ({len(without)} rows in all)",
            fix="set sources.split or columns.split, or use split.method = grouped",
        )
    parts: dict[SplitName, list[Example]] = {name: [] for name in SPLITS}
    taken: set[str] = set()
    leaks = 0
    # The later split is what numbers are published on, so it stays whole and the earlier ones give way.
    for name in reversed(SPLITS):
        members = [row.example for row in rows if row.split == name]
        parts[name] = [example for example in members if taken.isdisjoint(keys(example))]
        leaks += len(members) - len(parts[name])
        taken.update(key for example in members for key in keys(example))
    groups = Counter(connected([example for part in parts.values() for example in part]))
    return Splits(parts, leaks, len(groups), max(groups.values(), default=0))


def shared(splits: dict[SplitName, list[Example]]) -> dict[str, int]:
    """Keys that stand in more than one split, by kind; all zero unless a split leaks."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for name, examples in splits.items():
        for key in _all_keys(examples):
            homes[key].add(name)
    kinds = Counter(key.split(" ", 1)[0] for key, names in homes.items() if len(names) > 1)
    return {kind: kinds[kind] for kind in ("proposal", "statement", "group")}


def _all_keys(examples: Iterable[Example]) -> set[str]:
    return {key for example in examples for key in keys(example)}
