"""Made neutrals: statements beside proposals that they say nothing about.

A labelled article asks each sentence about its own proposals only. A model that never saw a proposal from elsewhere
takes sides on every proposal it is asked about when it reads the news, most of all where the words are the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stancekit.data.augmentation.likeness import BATCH, likeness
from stancekit.data.ties import connected
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance

if TYPE_CHECKING:
    from numpy.typing import NDArray

ATTEMPTS = 100
# Cosine of TF-IDF between statement and foreign proposal: below, hardly a word of weight is shared; above, the statement often does
# argue about the proposal. Both ends were set by reading samples, see docs/augmentation.md.
LEAST_ALIKE, MOST_ALIKE = 0.15, 0.25
SHARED_WORDS = 2
# Two debates about one thing ("beauty contests", "beauty pageants") are not foreign to each other, whatever their groups.
MOST_ALIKE_PROPOSALS = 0.2
# A proposal of which nothing is known. Words for and against stand in them alike, so that they tell nothing either. None speaks
# of "the plan", which would be the plan of the statement, and none says that something should be done, which mostly is so.
MASKS = (
    "It is not said here what ought to be allowed.",
    "It is not said here what ought to be banned.",
    "A certain proposal, which is not named here, should be adopted.",
    "A certain proposal, which is not named here, should be rejected.",
    "What should be done is left open.",
    "What should not be done is left open.",
    "This proposal has been left out.",
    "no proposal given",
)


def neutral(example: Example, proposal: str, name: str) -> Example:
    """The statement of an example as a neutral row beside this proposal, its id beginning with `name`."""
    # The statement's holder and tags were given toward its own proposals, so they are left out.
    return replace(
        example,
        id=f"{name}:{example.id}",
        proposal=proposal,
        stance=Stance.NEUTRAL,
        holder=None,
        voice=None,
        tags=(),
        votes=None,
        made=True,
    )


def foreign_neutrals(examples: Sequence[Example], wanted: int, rng: np.random.Generator) -> list[Example]:
    """At most `wanted` neutral pairs of a statement and a proposal of another connected group, marked `made`.

    Raises StancekitError when all examples are of one group, so that there is no foreign proposal.
    """
    if wanted == 0:
        return []
    groups = _groups(examples, "foreign")
    made: dict[tuple[str, str], Example] = {}
    for _ in range(wanted * ATTEMPTS):
        if len(made) == wanted:
            break
        one, other = (int(index) for index in rng.integers(len(examples), size=2))
        pair = (examples[one].statement, examples[other].proposal)
        if groups[one] != groups[other] and pair not in made:
            made[pair] = neutral(examples[one], examples[other].proposal, f"foreign:{len(made) + 1}")
    return list(made.values())


def hard_neutrals(examples: Sequence[Example], wanted: int, rng: np.random.Generator) -> list[Example]:
    """Like `foreign_neutrals`, but with proposals that share words of weight with the statement; one a statement, so maybe fewer."""
    if wanted == 0:
        return []
    groups = _groups(examples, "hard")
    made: dict[str, Example] = {}
    for row, found in _alike(examples, np.array(groups), rng.permutation(len(examples))):
        if len(made) == wanted:
            break
        if len(found) and examples[row].statement not in made:
            proposal = found[int(rng.integers(len(found)))]
            made[examples[row].statement] = neutral(examples[row], proposal, f"hard:{len(made) + 1}")
    return list(made.values())


def _groups(examples: Sequence[Example], kind: str) -> list[int]:
    groups = connected(examples)
    if len(set(groups)) < 2:
        raise StancekitError(
            f"{kind} neutrals cannot be made: all training examples belong to one group",
            fix=f"set augmentation.{kind} to 0, or add other articles",
        )
    return groups


def _alike(examples: Sequence[Example], groups: "NDArray[Any]", order: "NDArray[Any]") -> Iterator[tuple[int, list[str]]]:
    # For each row in this order, the foreign proposals within the band.
    from sklearn.feature_extraction.text import CountVectorizer

    homes = {example.proposal: group for example, group in zip(examples, groups, strict=True)}
    proposals, numbers, statements, weights = likeness(examples)
    # "death penalty", "free speech": whoever uses the same term mostly speaks of the same thing.
    terms = CountVectorizer(stop_words="english", ngram_range=(2, 2), binary=True)
    of_proposals = terms.fit_transform(proposals)
    of_statements = terms.transform(example.statement for example in examples)
    home = np.array([homes[proposal] for proposal in proposals])
    for begin in range(0, len(order), BATCH):
        rows = order[begin : begin + BATCH]
        near = (statements[rows] @ weights.T).toarray()
        words = ((statements[rows] > 0).astype(int) @ (weights > 0).astype(int).T).toarray()
        own = (weights[numbers[rows]] @ weights.T).toarray()
        fits = (near >= LEAST_ALIKE) & (near <= MOST_ALIKE) & (words >= SHARED_WORDS) & (own <= MOST_ALIKE_PROPOSALS)
        fits &= (of_statements[rows] @ of_proposals.T).toarray() == 0
        fits &= home[None, :] != groups[rows][:, None]
        for place, row in enumerate(rows):
            yield int(row), [proposals[number] for number in np.flatnonzero(fits[place])]
