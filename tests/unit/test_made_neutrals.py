"""Made neutrals: marked, foreign, seeded, as many as asked for; the hard ones share words with their proposal."""

import numpy as np
import pytest

from stancekit.data.augmentation.neutrals import foreign_neutrals, hard_neutrals
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
            votes={"support": 2},
        )
        for article in range(count)
        for row in range(6)
    ]


def debate(name: str, proposal: str, *statements: str) -> list[Example]:
    return [Example(f"{name}:{row}", text, proposal, Stance.OPPOSE, group=name, holder="Ada") for row, text in enumerate(statements)]


# Of five debates, "quarry" shares two scattered words with the harbour's statement; "fees" shares a term with it, "ferries" speaks
# of the same thing as its own proposal, "owls" shares one word, "lamps" none.
SHARING = "Old boats pay harbour fees in winter, and the valley of our stone bridge pays nothing for its noisy traffic, say the fishers."
DEBATES = [
    *debate("harbour", "Fishers should pay the winter toll at the pier.", SHARING),
    *debate("quarry", "The stone quarry below the valley should open again next summer.", "It is loud."),
    *debate("fees", "Museums should drop harbour fees for school classes and pensioners.", "It is dear."),
    *debate("ferries", "Fishers should pay the winter toll on ferries.", "It is slow."),
    *debate("owls", "Owls deserve a noisy forest.", "It is dark."),
    *debate("lamps", "Lamps should be green.", "It is bright."),
]


def test_they_are_neutral_marked_and_never_of_the_same_group() -> None:
    examples = articles(5)
    groups = dict(zip((example.statement for example in examples), connected(examples), strict=True))
    homes = {example.proposal: group for example, group in zip(examples, connected(examples), strict=True)}
    made = foreign_neutrals(examples, 15, np.random.default_rng(1))
    assert len(made) == 15
    assert len({(example.statement, example.proposal) for example in made}) == 15
    assert [example.id.split(":a")[0] for example in made] == [f"foreign:{number}" for number in range(1, 16)]
    for example in made:
        assert (example.stance, example.made, example.holder, example.tags, example.votes) == (Stance.NEUTRAL, True, None, (), None)
        assert groups[example.statement] != homes[example.proposal]


def test_seeds_decide() -> None:
    examples = articles(5)
    for maker in (foreign_neutrals, hard_neutrals):
        one, again, other = (maker([*examples, *DEBATES], 9, np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert one == again
        assert one != other or maker is hard_neutrals


def test_none_is_none() -> None:
    assert foreign_neutrals(articles(2), 0, np.random.default_rng(1)) == []
    assert hard_neutrals(articles(2), 0, np.random.default_rng(1)) == []


@pytest.mark.parametrize(("maker", "name"), [(foreign_neutrals, "foreign"), (hard_neutrals, "hard")])
def test_one_group_has_no_foreign_proposal(maker: type, name: str) -> None:
    with pytest.raises(StancekitError, match="one group") as caught:
        maker(articles(1), 3, np.random.default_rng(1))
    assert f"augmentation.{name} to 0" in caught.value.fix


def test_a_hard_one_shares_words_but_no_term_and_no_subject() -> None:
    (made,) = hard_neutrals(DEBATES, 5, np.random.default_rng(1))
    assert (made.statement, made.proposal) == (SHARING, DEBATES[1].proposal)
    assert (made.id, made.stance, made.made, made.holder) == ("hard:1:harbour:0", Stance.NEUTRAL, True, None)


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        ("The stone bridge in the valley should open again next summer.", "a shared term"),
        ("The stone quarry should open again next summer for tourists.", "one shared word"),
        ("The stone valley and the noisy traffic of fishers in boats.", "too much alike"),
    ],
)
def test_a_proposal_outside_the_band_makes_none(proposal: str, reason: str) -> None:
    changed = [*DEBATES[:1], *debate("quarry", proposal, "It is loud."), *DEBATES[2:]]
    assert hard_neutrals(changed, 5, np.random.default_rng(1)) == [], reason
