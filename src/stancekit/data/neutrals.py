"""Made neutrals: statements beside proposals of another article, which they say nothing about.

A labelled article asks each sentence about its own proposals only. A model that never saw a proposal from elsewhere
takes sides on every proposal it is asked about when it reads the news.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stancekit.data.ties import connected
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance

ATTEMPTS = 100


def made_neutrals(examples: Sequence[Example], share: float, rng: np.random.Generator) -> list[Example]:
    """`share` of len(examples) neutral pairs of a statement and a proposal of another connected group, marked `made`.

    Raises StancekitError when all examples are of one group, so that there is no foreign proposal.
    """
    wanted = round(share * len(examples))
    if wanted == 0:
        return []
    groups = connected(examples)
    if len(set(groups)) < 2:
        raise StancekitError(
            "neutrals cannot be made: all training examples belong to one group", fix="set neutrals.share to 0, or add other articles"
        )
    made: dict[tuple[str, str], Example] = {}
    for _ in range(wanted * ATTEMPTS):
        if len(made) == wanted:
            break
        one, other = (int(index) for index in rng.integers(len(examples), size=2))
        pair = (examples[one].statement, examples[other].proposal)
        if groups[one] != groups[other] and pair not in made:
            made[pair] = _neutral(examples[one], examples[other], len(made) + 1)
    return list(made.values())


def _neutral(example: Example, other: Example, number: int) -> Example:
    # The statement's holder and tags were given toward its own proposals, so they are left out.
    return replace(
        example,
        id=f"made:{number}:{example.id}",
        proposal=other.proposal,
        stance=Stance.NEUTRAL,
        holder=None,
        voice=None,
        tags=(),
        votes=None,
        made=True,
    )
