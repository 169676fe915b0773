"""Stances and their spellings."""

import pytest

from stancekit.stance import ALIASES, STANCES, Stance, parse_stance


def test_the_order_is_the_one_of_every_array() -> None:
    assert [stance.value for stance in STANCES] == ["oppose", "neutral", "support"]
    assert [stance.label_id for stance in STANCES] == [0, 1, 2]


@pytest.mark.parametrize(
    ("spelling", "stance"),
    [
        ("Support", Stance.SUPPORT),
        (" in favor of ", Stance.SUPPORT),
        ("FAVOUR", Stance.SUPPORT),
        (1, Stance.SUPPORT),
        (1.0, Stance.SUPPORT),
        ("con", Stance.OPPOSE),
        ("-1", Stance.OPPOSE),
        (-1.0, Stance.OPPOSE),
        ("none", Stance.NEUTRAL),
        (0, Stance.NEUTRAL),
    ],
)
def test_common_spellings_are_known(spelling: object, stance: Stance) -> None:
    assert parse_stance(spelling) is stance


@pytest.mark.parametrize("spelling", ["", "maybe", None, 2, 0.5, "LABEL_0", float("nan")])
def test_other_words_are_no_stance(spelling: object) -> None:
    assert parse_stance(spelling) is None


def test_a_sources_own_table_is_asked_first() -> None:
    labels = {"No": Stance.NEUTRAL, "FAVOR_STRONG": Stance.SUPPORT}
    assert parse_stance("no", labels) is Stance.NEUTRAL
    assert parse_stance("favor_strong", labels) is Stance.SUPPORT
    assert parse_stance("against", labels) is Stance.OPPOSE


def test_every_alias_is_lower_case_as_it_is_looked_up() -> None:
    assert all(alias == alias.strip().lower() for alias in ALIASES)
