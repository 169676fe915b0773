"""Made neutrals: marked, foreign, seeded, as many as asked for."""

import numpy as np
import pytest

from stancekit.data.neutrals import made_neutrals
from stancekit.data.ties import connected
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance


def articles(count: int) -> list[Example]:
    return [
        Example(
            f"a{article}:{row}",
            f"Sentence {row} of {article}.",
            f"Proposal {row % 2} of {article}.",
            Stance.SUPPORT,
            group=f"a{article}",
            holder="Ada",
            tags=("explicit",),
        )
        for article in range(count)
        for row in range(6)
    ]


def test_they_are_neutral_marked_and_never_of_the_same_group() -> None:
    examples = articles(5)
    groups = dict(zip((example.statement for example in examples), connected(examples), strict=True))
    homes = {example.proposal: group for example, group in zip(examples, connected(examples), strict=True)}
    made = made_neutrals(examples, 0.5, np.random.default_rng(1))
    assert len(made) == 15
    assert len({(example.statement, example.proposal) for example in made}) == 15
    for example in made:
        assert (example.stance, example.made, example.holder, example.tags) == (Stance.NEUTRAL, True, None, ())
        assert groups[example.statement] != homes[example.proposal]


def test_seeds_decide() -> None:
    examples = articles(5)
    one, again, other = (made_neutrals(examples, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_none_is_none() -> None:
    assert made_neutrals(articles(2), 0, np.random.default_rng(1)) == []


def test_one_group_has_no_foreign_proposal() -> None:
    with pytest.raises(StancekitError, match="one group"):
        made_neutrals(articles(1), 0.5, np.random.default_rng(1))
