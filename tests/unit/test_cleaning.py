"""Repeats go, contradictions are found and treated as asked."""

from typing import Literal

import pytest

from stancekit.config import CleaningConfig, SplitName
from stancekit.data.cleaning import Cleaned, clean
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance

PRO, NONE, CON = Stance.SUPPORT, Stance.NEUTRAL, Stance.OPPOSE
Row = tuple[str, str, Stance]


def located(*rows: Row, split: SplitName | None = None) -> list[Located]:
    return [Located(f"f.csv:{line}", Example(str(line), *row), split) for line, row in enumerate(rows, 2)]


def cleaned(rows: list[Located], contradictions: Literal["drop", "keep", "refuse"] = "drop", published: bool = False) -> Cleaned:
    return clean(rows, CleaningConfig(contradictions=contradictions), published)


def ids(result: Cleaned) -> list[str]:
    return [row.example.id for row in result.kept]


def test_of_repeats_the_first_stays() -> None:
    result = cleaned(located(("a", "p", PRO), ("b", "p", CON), ("A  ", "P", PRO), ("a", "q", PRO), ("b", "p", CON)))
    assert ids(result) == ["2", "3", "5"]
    assert (result.exact_repeats, result.contradictory_rows, result.contradictions) == (2, 0, [])


def test_rows_with_a_long_proposal_are_left_out_and_counted() -> None:
    rows = located(("a", "one two three", PRO), ("a", "one two three four", PRO), ("a", "One  two three", PRO), ("b", "a b c d e", CON))
    result = clean(rows, CleaningConfig(longest_proposal=3), published=False)
    assert ids(result) == ["2"]
    assert (result.long_proposals, result.exact_repeats, result.contradictory_rows) == (2, 1, 0)


CONTRADICTORY = (("a", "p", PRO), ("b", "p", CON), ("a", "p", NONE), ("A", "p", PRO))


def test_a_contradictory_pair_goes_with_all_its_rows() -> None:
    result = cleaned(located(*CONTRADICTORY))
    assert ids(result) == ["3"]
    assert (result.exact_repeats, result.contradictory_rows) == (0, 3)


def test_a_contradiction_names_its_places() -> None:
    (contradiction,) = cleaned(located(*CONTRADICTORY)).contradictions
    assert contradiction.to_row() == {
        "statement": "a",
        "proposal": "p",
        "stances": {"support": ["f.csv:2", "f.csv:5"], "neutral": ["f.csv:4"]},
    }


def test_contradictions_may_be_kept_once_a_stance() -> None:
    result = cleaned(located(*CONTRADICTORY), "keep")
    assert sorted(ids(result)) == ["2", "3", "4"]
    assert (result.exact_repeats, result.contradictory_rows, len(result.contradictions)) == (1, 0, 1)


def test_contradictions_may_be_refused() -> None:
    with pytest.raises(StancekitError) as caught:
        cleaned(located(*CONTRADICTORY), "refuse")
    for place in ("f.csv:2", "f.csv:4", "f.csv:5", "'a' / 'p'"):
        assert place in caught.value.problem


def test_no_row_is_lost_from_the_count() -> None:
    rows = located(*CONTRADICTORY, ("b", "p", CON), ("c", "p", PRO))
    for policy in ("drop", "keep"):
        result = cleaned(rows, policy)
        assert len(result.kept) + result.exact_repeats + result.contradictory_rows == len(rows)


def test_published_splits_are_cleaned_each_by_itself() -> None:
    rows = [*located(("a", "p", PRO), split="train"), *located(("a", "p", CON), split="test")]
    result = cleaned(rows, published=True)
    assert len(result.kept) == 2
    assert result.contradictions == []


def test_published_splits_that_are_drawn_anew_are_cleaned_as_one() -> None:
    contradictory = [*located(("a", "p", PRO), split="train"), *located(("a", "p", CON), split="test")]
    assert cleaned(contradictory).contradictory_rows == 2
    repeated = [*located(("a", "p", PRO), split="train"), *located(("A", "p", PRO), split="test")]
    assert cleaned(repeated).exact_repeats == 1
