"""The error browser: filters, by mouse and by keyboard, without scripts and on paper."""

from typing import Any

import pytest
from playwright.sync_api import Page

from browser.conftest import tabbed

pytestmark = pytest.mark.browser


def errors_shown(page: Page) -> list[str]:
    return [row.locator("small").first.inner_text().split(" · ")[0] for row in page.locator("#errors tbody tr").all() if row.is_visible()]


@pytest.mark.parametrize(
    ("gold", "predicted", "words", "left"),
    [
        ("", "", "", ["e1", "e2", "e3", "e4"]),
        ("oppose", "", "", ["e1", "e2"]),
        ("", "support", "", ["e1", "e3"]),
        ("oppose", "support", "", ["e1"]),
        ("", "", "FERRY", ["e1", "e3"]),
        ("", "", "ferry  mayor", ["e1"]),
        ("", "", "<script>", ["e4"]),
        # What the model said is chosen, not searched for.
        ("", "", "neutral", []),
        ("neutral", "oppose", "", []),
    ],
)
def test_errors_are_filtered_by_label_answer_and_words(visit: Any, gold: str, predicted: str, words: str, left: list[str]) -> None:
    page = visit("trust", width=390)
    filters = page.get_by_role("search", name="Filter the errors")
    filters.get_by_label("Label").select_option(gold)
    filters.get_by_label("Model").select_option(predicted)
    filters.get_by_label("Words in the text").fill(words)
    assert errors_shown(page) == left
    assert page.locator("#found").inner_text() == f"{len(left)} of 4 shown"


def test_of_many_errors_fifty_are_shown_at_once_and_the_filter_finds_the_others(visit: Any) -> None:
    page = visit("many")
    assert errors_shown(page) == [f"e{row}" for row in range(50)]
    assert page.locator("#found").inner_text() == "50 of 60 shown; 60 match"
    page.get_by_label("Words in the text").fill("toll 57.")
    assert errors_shown(page) == ["e57"]
    assert page.locator("#found").inner_text() == "1 of 60 shown"


def test_the_filters_are_worked_by_the_keyboard(visit: Any) -> None:
    page = visit("trust")
    page.locator("#filter-gold").focus()
    assert [one.split(".")[0] for one in tabbed(page, 3)] == ["select", "input", "div"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("toll")
    assert errors_shown(page) == ["e2"]


def test_without_scripts_all_errors_stand_there_and_no_filter(visit: Any) -> None:
    page = visit("trust", scripts=False)
    assert errors_shown(page) == ["e1", "e2", "e3", "e4"]
    assert not page.locator("#filters").is_visible()


def test_filters_have_no_place_on_paper(visit: Any) -> None:
    page = visit("trust")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#calibration svg").is_visible()
