"""The page of a reading: notes by mouse, keyboard and finger; paper; a phone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.conftest import articles_shown, field, holders_shown, tabbed
from readings import GUARDS, collection, opinion, page_of
from stancekit.records import Article, Proposal
from stancekit.reports.reading import reading_page

pytestmark = pytest.mark.browser


def test_a_mark_tells_its_opinions_on_hover_and_on_focus(visit: Any) -> None:
    page = visit("collection")
    card, marks = page.get_by_role("tooltip"), page.locator("mark")
    assert not card.is_visible()
    marks.nth(0).hover()
    told = card.inner_text()
    assert all(
        part in told for part in ("Ida Brandvold", "▲ support", "▼ oppose", "80%", "10%", "A toll should be taken", "The ferry should")
    )
    assert all(part in told for part in ("“spoke”", "speech verb", "right in 92% of cases"))
    page.mouse.move(2, 2)
    card.wait_for(state="hidden")
    marks.nth(1).focus()
    assert "Tomas Aurel" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.is_visible()


def test_a_title_that_is_evidence_tells_its_opinions_too(browser: Browser, tmp_path: Path) -> None:
    article = Article("t", "Guards will stay\n\nNobody knows for how long.", None, "Guards will stay")
    file = tmp_path / "title.html"
    file.write_text(page_of([article], [GUARDS], [opinion(article, 0, 16, voice="author", holder=None)]), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("h1 mark").hover()
    assert "the author" in page.get_by_role("tooltip").inner_text()
    page.locator(".stands a").click()
    assert page.evaluate("document.activeElement.parentElement.parentElement.localName") == "h1"
    page.close()


def test_a_note_stays_while_the_mouse_is_in_it(visit: Any) -> None:
    page = visit("collection")
    page.locator("mark").first.hover()
    page.get_by_role("tooltip").hover()
    page.wait_for_timeout(300)
    assert page.get_by_role("tooltip").is_visible()


def test_a_finger_opens_and_closes_a_note(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((folder / "collection.html").as_uri())
    card = page.get_by_role("tooltip")
    page.locator("mark").first.tap()
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.locator("article h3").first.tap()
    assert not card.is_visible()
    context.close()


def test_a_mark_is_described_by_the_notes_of_its_opinions(visit: Any) -> None:
    page = visit("collection")
    ids = page.locator("mark").first.get_attribute("aria-describedby").split()
    notes = [page.locator(f"#{one}").text_content() for one in ids]
    assert len(notes) == 2
    assert all("Ida Brandvold" in note for note in notes)


def test_a_stance_leads_to_its_sentence_and_the_sentence_to_the_table_and_back(visit: Any) -> None:
    page = visit("collection")
    page.locator("#board a.cell.mixed").first.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "mark"
    assert page.locator("mark:has(.at)").evaluate("mark => getComputedStyle(mark).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator("tr.at")
    assert page.evaluate("document.activeElement.id") == row.get_attribute("id")
    row.get_by_role("link").first.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "mark"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") > 0


def test_all_is_worked_by_the_keyboard(visit: Any) -> None:
    page = visit("collection")
    page.locator("#filtering summary").focus()
    assert [one.split(".")[0] for one in tabbed(page, 4)] == ["select"] * 4
    field(page, "Stance").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert holders_shown(page) == ["Ragna Sund"]
    found = page.get_by_role("button", name="Clear filters")
    found.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "summary"
    page.locator("article .stands").first.focus()
    reached = [one.split(".")[0] for one in tabbed(page, 9)]
    # The numbers of the table, then each mark with the numbers behind it.
    assert reached == ["a", "a", "a", "mark", "a", "a", "mark", "a", "summary"]


def test_without_scripts_everything_is_there_to_read(visit: Any) -> None:
    page = visit("collection", scripts=False)
    assert not page.locator("#filtering").is_visible()
    assert len(articles_shown(page)) == 8
    assert page.locator("#board a.cell").first.get_attribute("href") == "#a7-1"
    notes = page.locator("details.notes").first
    notes.locator("summary").press("Enter")
    assert "right in 92% of cases" in notes.inner_text()


def test_paper_shows_evidence_without_colour_and_all_notes_and_no_filters(visit: Any) -> None:
    page = visit("collection")
    page.emulate_media(media="print")
    assert not page.locator("#filtering").is_visible()
    styles = [
        page.locator(f"mark.{side}").first.evaluate(
            "mark => { const s = getComputedStyle(mark); return [s.borderBottomStyle, s.backgroundColor]; }"
        )
        for side in ("oppose", "support", "neutral", "mixed")
    ]
    assert [line for line, _ in styles] == ["solid", "double", "dotted", "dashed"]
    assert {ground for _, ground in styles} == {"rgba(0, 0, 0, 0)"}
    assert page.locator(".said").first.is_visible()
    assert page.locator(".said").first.evaluate("note => note.getBoundingClientRect().height") > 20
    board = page.locator("#board .scroll")
    assert board.evaluate("table => [table.scrollHeight <= table.clientHeight + 1, getComputedStyle(table).maxHeight]") == [True, "none"]


def test_no_column_of_the_overview_is_cut_off_on_paper(browser: Browser, tmp_path: Path) -> None:
    reading = collection()
    many = [*reading.proposals, *(Proposal(f"p{number}", f"The harbour should be dredged in summer {number}") for number in range(10))]
    file = tmp_path / "wide.html"
    file.write_text(reading_page(replace(reading, proposals=many)), encoding="utf-8")
    # A4 across, less its margins.
    page = browser.new_page(viewport={"width": 1040, "height": 800})
    page.goto(file.as_uri())
    board = page.locator("#board .scroll")
    wide = "box => box.scrollWidth > box.clientWidth"
    assert board.evaluate(wide)
    page.emulate_media(media="print")
    assert not board.evaluate(wide)
    page.close()


def test_on_a_phone_each_stance_of_a_holder_stands_under_its_proposal(visit: Any) -> None:
    page = visit("collection", width=360)
    row = page.locator("#board tbody tr", has_text="Ida Brandvold")
    shown = [cell for cell in row.locator("td").all() if cell.is_visible()]
    told = [cell.evaluate("cell => getComputedStyle(cell, '::before').content") for cell in shown]
    assert told == ['"A toll should be taken at the bridge"', '"The ferry should stay"']
    tops = [box["y"] for cell in shown if (box := cell.bounding_box()) is not None]
    assert tops == sorted(tops)
    assert tops[0] < tops[1]
    silent = page.locator("#board tbody tr", has_text="Council of Vane").locator("td").first
    assert not silent.is_visible()
    # Readers of screens still have a table with its heads.
    assert page.locator("#board").get_by_role("columnheader", name="The ferry should stay").count() == 1
    page.get_by_text("Filter this page").click()
    field(page, "Stance").select_option("oppose")
    assert [cell.is_visible() for cell in row.locator("td").all()] == [False, True]


@pytest.mark.parametrize("name", ["reading", "collection", "attacked"])
def test_a_small_phone_scrolls_down_only(visit: Any, name: str) -> None:
    page = visit(name, width=360)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("mark").first.focus()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_motion_is_left_out_for_who_wants_none(visit: Any) -> None:
    page = visit("collection")
    moved = "getComputedStyle(document.querySelector('mark')).transitionDuration"
    assert page.evaluate(moved) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moved) == "0s"
