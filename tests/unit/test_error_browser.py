"""The error browser: a filter for whatever tells the errors apart, made from the data and from nothing else."""

from typing import Any

import pytest

from evaluations import error, metrics
from pages import HOSTILE, Structure
from stancekit.evaluation.slices import CUTS
from stancekit.reports.errors import ERRORS_SHOWN, FILTERS, ErrorBrowser, error_browser
from stancekit.reports.evaluation import LONGEST_ERROR, evaluation_page


def browsed(*errors: dict[str, Any]) -> ErrorBrowser:
    found = error_browser(errors)
    assert found is not None
    return found


def options(found: ErrorBrowser) -> dict[str, list[str]]:
    return {choice.name: [option.name for option in choice.options] for choice in found.choices}


def test_every_cut_of_the_data_has_a_filter_and_none_is_left_without_a_cut() -> None:
    assert FILTERS.keys() - {"gold", "predicted"} == CUTS.keys()
    first = {**error("a"), "parts": {by: ["one"] for by in CUTS}}
    second = {**error("b", "support", "oppose"), "parts": {by: ["other"] for by in CUTS}}
    found = options(browsed(first, second))
    assert found.keys() == set(FILTERS.values())


def test_what_all_errors_share_or_none_has_is_no_filter() -> None:
    found = browsed(error("a", source=["wire"], tag=["irony"]), error("b", source=["wire"], tag=["hedge"]))
    assert options(found) == {"Tag": ["hedge", "irony"]}
    assert options(browsed(error("a"))) == {"Tag": ["a", "irony"]}


def test_stances_stand_in_their_order_with_their_signs() -> None:
    found = options(browsed(error("a", "support", "neutral"), error("b", "oppose", "support"), error("c", "neutral", "oppose")))
    assert found["Label"] == found["Model"] == ["▼ oppose", "● neutral", "▲ support"]


def test_bands_stand_in_their_order() -> None:
    bands = ["1 to 10 words", "11 to 20 words", "21 to 30 words", "more than 30 words"]
    assert options(browsed(*(error("a", length=[band]) for band in reversed(bands))))["Statement length"] == bands


def test_a_row_has_the_keys_of_the_options_that_find_it() -> None:
    found = browsed(error("a", tag=["irony", "hedge"], field=["trade"]), error("b", "support", tag=["hedge"]), error("c", tag=["irony"]))
    names = {option.key: option.name for choice in found.choices for option in choice.options}
    assert [sorted(names[key] for key in row.keys) for row in found.rows] == [
        ["hedge", "irony", "▼ oppose"],
        ["hedge", "▲ support"],
        ["irony", "▼ oppose"],
    ]


def test_the_same_name_in_two_cuts_is_two_options() -> None:
    found = browsed(error("a", tag=["health"], field=["trade"]), error("b", tag=["irony"], field=["health"]))
    keys = [option.key for choice in found.choices for option in choice.options]
    assert len(set(keys)) == len(keys) == 4
    assert not set(found.rows[0].keys) & set(found.rows[1].keys)


def test_only_what_is_shown_counts() -> None:
    rows = [error("a", tag=["irony"]) for _ in range(ERRORS_SHOWN)]
    found = browsed(*rows, error("b", tag=["hedge"]))
    assert len(found.rows) == ERRORS_SHOWN
    assert found.choices == []


def test_under_a_statement_stands_what_it_does_not_show_itself() -> None:
    found = browsed(error("a", source=["wire"], field=["trade"], tag=["irony"], length=["1 to 10 words"], made=["as published"]))
    assert found.rows[0].about == ["e1", "trade", "irony"]


def test_without_errors_there_is_no_browser() -> None:
    assert error_browser([]) is None


def test_filters_are_labelled_and_their_texts_stay_texts() -> None:
    text = evaluation_page(metrics(errors=[error("a", tag=[HOSTILE]), error("b", "neutral", "oppose", 2, tag=["irony"])]))
    structure = Structure(text)
    assert structure.count("div", id="filters", role="search", hidden=None) == 1
    assert structure.count("select") == 3
    assert structure.count("label") == 4
    # Three filters of two values, and what chooses none.
    assert structure.count("option") == 9
    assert f'dir="auto">{HOSTILE[:8].replace("<", "&lt;").replace(">", "&gt;")}' in text
    assert HOSTILE not in text


@pytest.mark.parametrize("long", [{"statement": "word " * 900}, {"proposal": "word " * 900}, {"parts": {"tag": ["word " * 900]}}])
def test_a_long_text_is_cut(long: dict[str, Any]) -> None:
    text = evaluation_page(metrics(errors=[{**error("short"), **long}]))
    assert LONGEST_ERROR / 5 - 5 < text.count("word ") < LONGEST_ERROR / 5 + 20
