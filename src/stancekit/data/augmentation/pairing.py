"""Pairs without a label, for a teacher to answer: statements beside other proposals that are near their own.

What such a pair is cannot be told by rule: the other proposal may be a rival, the same in other words, or beside the point. A
teacher's probabilities say more of it than one label would.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from stancekit.data.augmentation.likeness import BATCH, likeness
from stancekit.records import Example, normalized

NEAREST = 8


class Unlabelled(NamedTuple):
    """A statement beside a proposal that nobody has read together."""

    id: str
    statement: str
    proposal: str


def related_pairs(examples: Sequence[Example], share: float, seed: int) -> list[Unlabelled]:
    """Pairs of a statement and one of the proposals nearest to it and its own, none of which `examples` hold.

    share: how many are wanted, as a share of the examples; there are fewer where proposals have no neighbours. Near is the cosine of
    TF-IDF vectors. A statement that stands in many examples stands in many pairs.
    """
    wanted = round(share * len(examples))
    if wanted == 0:
        return []
    rng = np.random.default_rng(seed)
    nearest = _nearest(examples)
    seen = {(normalized(example.statement), normalized(example.proposal)) for example in examples}
    pairs: list[Unlabelled] = []
    for row, proposal in _drawn(examples, nearest, rng):
        if len(pairs) == wanted:
            break
        key = (normalized(examples[row].statement), normalized(proposal))
        if key not in seen:
            seen.add(key)
            pairs.append(Unlabelled(f"unlabelled:{len(pairs) + 1}:{examples[row].id}", examples[row].statement, proposal))
    return pairs


def _drawn(examples: Sequence[Example], nearest: Sequence[Sequence[str]], rng: np.random.Generator) -> Iterator[tuple[int, str]]:
    orders = [rng.permutation(len(proposals)) for proposals in nearest]
    for place in range(NEAREST):
        for row in rng.permutation(len(examples)):
            if place < len(orders[row]):
                yield int(row), nearest[row][orders[row][place]]


def _nearest(examples: Sequence[Example]) -> list[list[str]]:
    # For each example, the proposals that share words of weight with its statement or its own proposal, the nearest ones.
    proposals, own, statements, weights = likeness(examples)
    found: list[list[str]] = []
    for begin in range(0, len(examples), BATCH):
        rows = slice(begin, begin + BATCH)
        near = ((statements[rows] + weights[own[rows]]) @ weights.T).toarray()
        near[np.arange(len(near)), own[rows]] = 0
        best = np.argsort(-near, axis=1, kind="stable")[:, :NEAREST]
        found += [[proposals[number] for number in line if values[number] > 0] for line, values in zip(best, near, strict=True)]
    return found
