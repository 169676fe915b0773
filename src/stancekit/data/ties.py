"""What ties examples to each other: the texts they share, and the groups that their publishers or prepare gave them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from stancekit.records import Example, normalized

Kind = Literal["proposal", "statement", "group"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Key = tuple[Kind, str]


class Units(NamedTuple):
    """The unit of each example, as a number, and what a unit is, in words. apart: examples whose statement stands in another unit too."""

    numbers: list[int]
    words: str
    apart: int = 0


def keys(example: Example, either_side: bool = False) -> list[Key]:
    """What ties an example to others: its proposal, its statement and its group, if it has one.

    either_side: its proposal is a statement too, so that it ties to a statement that reads the same.
    """
    tied: list[Key] = [("proposal", normalized(example.proposal)), ("statement", normalized(example.statement))]
    if either_side:
        tied.append(("statement", normalized(example.proposal)))
    return tied if example.group is None else [*tied, ("group", example.group)]


def connected(examples: Sequence[Example], kinds: Sequence[Kind] = KINDS, either_side: bool = False) -> list[int]:
    """A number for each example: two that share a key of these kinds, directly or over others, have the same.

    either_side: see `keys`.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[Key, int] = {}
    edges = [
        (row, numbers.setdefault(key, len(numbers)))
        for row, example in enumerate(examples)
        for key in keys(example, either_side)
        if key[0] in kinds
    ]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    size = len(examples) + len(numbers)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1] + len(examples))), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    return [int(label) for label in labels[: len(examples)]]


def resampling_units(examples: Sequence[Example]) -> Units:
    """What is drawn as one when intervals are made, so that rows which depend on each other are not drawn apart.

    Rows of one article share their sentences, rows of one proposal their target; a speaker's rows stand on the targets
    of other speakers. Where groups tie all rows into one, proposals alone are left to draw. Shared statements join units too, where
    more than half of the units are left; else `apart` says how many rows they leave dependent.
    """
    kinds, words = _drawn_by(examples)
    numbers, joined = connected(examples, kinds), connected(examples, [*kinds, "statement"])
    kept, found = len(set(numbers)), len(set(joined))
    if found == kept:
        return Units(numbers, words)
    if 2 * found > kept:
        return Units(joined, f"{words}; also joined where they share a statement")
    places: defaultdict[str, set[int]] = defaultdict(set)
    for example, number in zip(examples, numbers, strict=True):
        places[normalized(example.statement)].add(number)
    return Units(numbers, words, sum(len(places[normalized(example.statement)]) > 1 for example in examples))


def _drawn_by(examples: Sequence[Example]) -> tuple[list[Kind], str]:
    """What units share, statements aside, and what they are in words."""
    if all(example.group is None for example in examples):
        return ["proposal"], "proposals"
    if len(set(connected(examples, ["proposal", "group"]))) == 1 < len({normalized(example.proposal) for example in examples}):
        return ["proposal"], "proposals, although their groups tie all of them together"
    return ["proposal", "group"], "proposals, joined where they share an article or group"
