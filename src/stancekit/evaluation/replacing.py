"""Another proposal of the same data for each one: what a statement is shown beside when it is asked whether the proposal matters."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from stancekit.data.augmentation.likeness import BATCH, likeness
from stancekit.data.augmentation.neutrals import MOST_ALIKE_PROPOSALS
from stancekit.data.ties import keys
from stancekit.evaluation.metrics import IntArray
from stancekit.records import Example, normalized


class Replaced(NamedTuple):
    """proposals: the other one of each row. tied: how many rows have one that is tied to their own, where none else was left."""

    proposals: list[str]
    tied: int


def replaced(examples: Sequence[Example], rng: np.random.Generator) -> Replaced | None:
    """Give every proposal the place of another, so that each is used once; None where there is but one.

    Two are tied where they share a group or a statement, or where their words are much alike (cosine of TF-IDF): such a
    proposal may be a rival of the true one, and an answer that stays is then no sign of blindness. Pairs that are tied in
    a random cycle swap partners with others, until none is left or no swap helps.
    """
    texts = list({normalized(example.proposal): example.proposal for example in reversed(examples)}.items())
    if len(texts) < 2:
        return None
    numbers = {key: number for number, (key, _) in enumerate(texts)}
    own = np.array([numbers[normalized(example.proposal)] for example in examples])
    ties = _Ties(examples, numbers)
    others = derangement(ties, rng)
    tied = np.array([ties.tied(number, int(other)) for number, other in enumerate(others)])
    return Replaced([texts[others[number]][1] for number in own], int(tied[own].sum()))


class _Ties:
    """Which proposals, by number, share a key."""

    def __init__(self, examples: Sequence[Example], numbers: dict[str, int]) -> None:
        self.keys: list[set[Hashable]] = [set() for _ in numbers]
        members: defaultdict[Hashable, set[int]] = defaultdict(set)
        for number, key in (*_shared(examples, numbers), *_alike(examples, numbers)):
            self.keys[number].add(key)
            members[key].add(number)
        self.members = {key: np.array(sorted(found)) for key, found in members.items()}

    def tied(self, one: int, other: int) -> bool:
        return not self.keys[one].isdisjoint(self.keys[other])

    def free(self, one: int) -> "np.typing.NDArray[np.bool_]":
        """Which proposals are not tied to this one, as it is to itself; shape (proposals,)."""
        free = np.ones(len(self.keys), dtype=np.bool_)
        for key in self.keys[one]:
            free[self.members[key]] = False
        return free


def derangement(ties: _Ties, rng: np.random.Generator) -> IntArray:
    """The number of another proposal for each, all of them different; shape (proposals,), no fixed point."""
    order = rng.permutation(len(ties.keys))
    others = np.empty_like(order)
    others[order] = np.roll(order, 1)
    for one in rng.permutation(len(others)):
        if ties.tied(int(one), int(others[one])):
            # Both that swap must be free of ties afterwards, so that no swap undoes another.
            partners = np.flatnonzero(ties.free(int(one))[others] & ties.free(int(others[one])))
            if len(partners):
                partner = rng.choice(partners)
                others[[one, partner]] = others[[partner, one]]
    return np.asarray(others, dtype=np.int64)


def _shared(examples: Sequence[Example], numbers: dict[str, int]) -> Iterator[tuple[int, Hashable]]:
    for example in examples:
        own = numbers[normalized(example.proposal)]
        yield from ((own, key) for key in keys(example) if key[0] != "proposal")


def _alike(examples: Sequence[Example], numbers: dict[str, int]) -> Iterator[tuple[int, Hashable]]:
    try:
        proposals, _, _, weights = likeness(examples)
    except ValueError:
        # Signs and stop words alone have no vector.
        return
    for begin in range(0, len(proposals), BATCH):
        rows, columns = ((weights[begin : begin + BATCH] @ weights.T) > MOST_ALIKE_PROPOSALS).nonzero()
        for row, column in zip(rows + begin, columns, strict=True):
            one, other = (numbers[normalized(proposals[place])] for place in (row, column))
            if one < other:
                yield from ((number, ("alike", one, other)) for number in (one, other))
