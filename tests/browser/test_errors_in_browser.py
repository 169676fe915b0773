"""The error browser: filters, by mouse and by keyboard, without scripts and on paper."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from browser.conftest import tabbed

pytestmark = pytest.mark.browser


def errors_shown(page: Page) -> list[str]:
    return [row.locator("small").first.inner_text().split(" · ")[0] for row in page.locator("#errors tbody tr").all() if row.is_visible()]


def filters(page: Page) -> Locator:
    return page.get_by_role("search", name="Filter the errors")


def choice(page: Page, name: str) -> Locator:
    return filters(page).get_by_role("combobox", name=name, exact=True)


@pytest.mark.parametrize(
    ("chosen", "words", "left"),
    [
        ({}, "", ["e1", "e2", "e3", "e4"]),
        ({"Label": "▼ oppose"}, "", ["e1", "e2"]),
        ({"Model": "▲ support"}, "", ["e1", "e3"]),
        ({"Label": "▼ oppose", "Model": "▲ support"}, "", ["e1"]),
        ({"Field": "transport"}, "", ["e1", "e3"]),
        ({"Tag": "irony"}, "", ["e1", "e2"]),
        ({"Tag": "hedge"}, "", ["e2"]),
        ({"Tag": "irony", "Field": "transport"}, "", ["e1"]),
        ({"Tag": "irony", "Label": "● neutral"}, "", []),
        ({"Field": "transport"}, "older", ["e3"]),
        ({}, "FERRY", ["e1", "e3"]),
        ({}, "ferry  mayor", ["e1"]),
        ({}, "<script>", ["e4"]),
        # What stands under a statement is searched too, but not what the model said: that is chosen.
        ({}, "hedge", ["e2"]),
        ({}, "neutral", []),
    ],
)
def test_filters_and_words_work_together(visit: Any, chosen: dict[str, str], words: str, left: list[str]) -> None:
    page = visit("trust", width=390)
    for name, option in chosen.items():
        choice(page, name).select_option(label=option)
    filters(page).get_by_label("Words in the text").fill(words)
    assert errors_shown(page) == left
    assert filters(page).get_by_role("status").inner_text() == f"{len(left)} of 4 match"


def test_what_all_errors_share_has_no_filter(visit: Any) -> None:
    page = visit("trust")
    assert [choice(page, name).count() for name in ("Field", "Tag", "Source", "Voice")] == [1, 1, 0, 0]


def test_one_button_clears_all_filters(visit: Any) -> None:
    page = visit("trust")
    choice(page, "Field").select_option(label="trade")
    filters(page).get_by_label("Words in the text").fill("nobody wrote this")
    assert errors_shown(page) == []
    filters(page).get_by_role("button").press("Enter")
    assert errors_shown(page) == ["e1", "e2", "e3", "e4"]
    assert choice(page, "Field").input_value() == ""


def test_of_many_errors_fifty_are_shown_at_once_and_the_filter_finds_the_others(visit: Any) -> None:
    page = visit("many")
    assert errors_shown(page) == [f"e{row}" for row in range(50)]
    assert filters(page).get_by_role("status").inner_text() == "60 of 60 match, the first 50 are shown"
    page.get_by_label("Words in the text").fill("toll 57.")
    assert errors_shown(page) == ["e57"]
    assert filters(page).get_by_role("status").inner_text() == "1 of 60 match"


def test_the_filters_are_worked_by_the_keyboard(visit: Any) -> None:
    page = visit("trust")
    choice(page, "Label").focus()
    assert [one.split(".")[0] for one in tabbed(page, 6)] == ["select", "select", "select", "input", "button", "div"]
    choice(page, "Tag").focus()
    page.keyboard.type("irony")
    assert errors_shown(page) == ["e1", "e2"]
    page.keyboard.press("Tab")
    page.keyboard.type("toll")
    assert errors_shown(page) == ["e2"]


def test_without_scripts_all_errors_stand_there_and_no_filter(visit: Any) -> None:
    page = visit("trust", scripts=False)
    assert errors_shown(page) == ["e1", "e2", "e3", "e4"]
    assert not page.locator("#filters").is_visible()


def test_paper_tells_the_filters_that_are_in_use_and_no_others(visit: Any) -> None:
    page = visit("trust")
    page.emulate_media(media="print")
    controls = filters(page).locator("select, input, button")
    assert not any(control.is_visible() for control in controls.all())
    page.emulate_media(media="screen")
    choice(page, "Tag").select_option(label="hedge")
    page.emulate_media(media="print")
    assert [choice(page, name).is_visible() for name in ("Label", "Tag")] == [False, True]
    assert filters(page).get_by_role("status").inner_text() == "1 of 4 match"
    assert page.locator("#calibration svg").is_visible()
