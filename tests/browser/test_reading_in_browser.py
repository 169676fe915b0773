"""The page of a reading: notes by mouse, keyboard and finger; filters that the address keeps; paper; a phone; many articles."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from browser.conftest import tabbed
from readings import GUARDS, collection, made_article, opinion, page_of
from stancekit.news.aggregation import tallies_of
from stancekit.news.changes import changes_of
from stancekit.news.opinions import summarise
from stancekit.records import Article, Proposal
from stancekit.reports.reading import Reading, reading_page

pytestmark = pytest.mark.browser

TYPED = ("From", "To", "Words")


def field(page: Page, name: str) -> Locator:
    panel = page.get_by_role("search", name="Filter this page")
    return panel.get_by_label(name, exact=True) if name in TYPED else panel.get_by_role("combobox", name=name, exact=True)


def articles_shown(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator("article h3").all() if one.is_visible()]


def holders_shown(page: Page) -> list[str]:
    return [one.inner_text().split("\n")[0] for one in page.locator("#board tbody th").all() if one.is_visible()]


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


@pytest.mark.parametrize(
    ("chosen", "opinions", "holders", "articles"),
    [
        ({"Proposal": "The ferry should stay"}, 6, ["Ida Brandvold", "Ragna Sund", "Tomas Aurel", "Council of Vane"], 6),
        ({"Holder": "Ragna Sund"}, 3, ["Ragna Sund"], 3),
        ({"Outlet": "Harbour Post"}, 5, ["Ida Brandvold", "Tomas Aurel", "Council of Vane"], 3),
        # A copy's outlet finds the article that was read in its place.
        ({"Outlet": "Skerrin Times"}, 3, ["Ida Brandvold", "Tomas Aurel"], 1),
        ({"Stance": "● neutral"}, 1, ["Ragna Sund"], 1),
        ({"Confidence": "80% and more", "Stance": "▼ oppose"}, 5, ["Ida Brandvold", "Ragna Sund", "Tomas Aurel"], 4),
        ({"Confidence": "90% and more"}, 0, [], 0),
        ({"From": "2031-04-07", "To": "2031-04-14"}, 3, ["Ida Brandvold", "Ragna Sund", "Tomas Aurel"], 2),
        ({"Words": "WEEK 2 aurel"}, 2, ["Tomas Aurel"], 1),
        ({"Holder": "Ida Brandvold", "Proposal": "The ferry should stay"}, 2, ["Ida Brandvold"], 2),
    ],
)
def test_filters_choose_what_the_whole_page_shows(
    visit: Any, chosen: dict[str, str], opinions: int, holders: list[str], articles: int
) -> None:
    page = visit("collection")
    for name, value in chosen.items():
        if name in TYPED:
            field(page, name).fill(value)
        else:
            field(page, name).select_option(label=value)
    assert page.locator("#found output").inner_text() == f"{opinions} of 15 opinions, in {articles} of 9 articles"
    assert sorted(holders_shown(page)) == sorted(holders)
    assert len(articles_shown(page)) == articles
    bright = [one for one in page.locator("mark:not(.off)").all() if one.is_visible()]
    assert bool(bright) == bool(opinions)


def test_under_a_filter_cells_bars_and_marks_tell_what_is_left(visit: Any) -> None:
    page = visit("collection")
    cell = page.locator("#board tbody tr", has_text="Tomas Aurel").locator(".cell").first
    before = cell.inner_text()
    bar = page.locator(".time g[data-period='0'] rect.support").first
    assert "◆ mixed" in before
    assert float(bar.get_attribute("height")) > 0
    mark = page.locator("mark").first
    assert mark.get_attribute("class") == "mixed"
    field(page, "Stance").select_option("oppose")
    assert cell.inner_text().split() == ["▼", "oppose", "2", "82%"]
    assert float(bar.get_attribute("height")) == 0
    assert page.locator(".balance").first.inner_text().split() == ["▼", "2", "oppose"]
    assert mark.get_attribute("class") == "oppose"
    # Notes and tables beside the text tell no more than the filter lets through.
    mark.hover()
    assert "support" not in page.get_by_role("tooltip").inner_text()
    page.get_by_role("button", name="Clear filters").press("Enter")
    assert cell.inner_text() == before
    assert mark.get_attribute("class") == "mixed"
    assert float(bar.get_attribute("height")) > 0
    assert len(articles_shown(page)) == 8


def test_a_filter_that_leaves_all_changes_no_stance(browser: Browser, tmp_path: Path) -> None:
    """Ida is loud for them in one article, with a doubtful sentence against; Ragna is loud in one and against them in the other."""
    text = " ".join(f"Sentence number {number}." for number in range(10, 21))
    one, other = (Article(name, text, None, f"Day {name}", f"2031-03-0{day}", "Courier") for name, day in (("a", 3), ("b", 4)))
    spots = [(20 * number, 20 * number + 19) for number in range(11)]
    said = [opinion(one, *spots[n], "support" if n < 5 else "oppose", "Ida Brandvold") for n in range(6)]
    said += [opinion(one, *spots[n], "support", "Ragna Sund") for n in range(6, 11)]
    said += [opinion(other, *spots[0], "oppose", "Ragna Sund")]
    facts = [one.facts, other.facts]
    reading = Reading([GUARDS], [one, other], said, summarise(said, facts), facts, tallies_of(said, facts), changes_of(said, facts))
    file = tmp_path / "loud.html"
    file.write_text(reading_page(reading), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    told = [(cell.inner_text().split()) for cell in page.locator("#board .cell").all()]
    assert [cell[:2] for cell in sorted(told)] == [["▲", "support"], ["◆", "mixed"]]
    shown = [page.locator(name).first.inner_text() for name in ("#board", "ul.balance", "#changes")]
    assert "changed over time" in shown[0]
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#sure=50")
    assert page.locator("#found output").inner_text() == "12 of 12 opinions, in 2 of 2 articles"
    assert [page.locator(name).first.inner_text() for name in ("#board", "ul.balance", "#changes")] == shown


def test_the_address_keeps_the_filters_over_a_reload_and_a_jump(visit: Any) -> None:
    page = visit("collection")
    field(page, "Holder").select_option(label="Ragna Sund")
    field(page, "Words").fill("week 4")
    assert "holder=ragna-sund" in page.url
    page.reload()
    assert field(page, "Holder").input_value() == "ragna-sund"
    assert field(page, "Words").input_value() == "week 4"
    assert holders_shown(page) == ["Ragna Sund"]
    page.locator("#board a.cell").and_(page.locator(":visible")).first.press("Enter")
    assert "holder=ragna-sund" in page.url
    assert "at=a5-2" in page.url
    page.reload()
    assert page.evaluate("document.activeElement.localName") == "mark"
    page.get_by_role("button", name="Clear filters").click()
    assert page.url.endswith("#")


@pytest.mark.parametrize(
    "state", ["proposal=none", "holder=%22%3E%3Cimg%20src=x%20onerror=window.taken=1%3E", "at=%3Cscript%3E", "sure=abc", "%"]
)
def test_an_address_made_by_a_stranger_does_nothing(visit: Any, folder: Path, state: str) -> None:
    seen: list[str] = []
    page = visit("collection", watch=seen)
    page.goto(f"{(folder / 'collection.html').as_uri()}#{state}")
    page.reload()
    assert [one for one in seen if not one.startswith("request")] == []
    assert len(articles_shown(page)) == 8
    assert page.evaluate("window.taken") is None


def test_texts_that_attack_do_nothing_when_filtered_and_pointed_at(visit: Any) -> None:
    seen: list[str] = []
    page = visit("attacked", watch=seen)
    page.locator("mark").first.hover()
    assert "<script>" in page.get_by_role("tooltip").inner_text()
    field(page, "Holder").select_option(index=1)
    field(page, "Words").fill("<script>")
    assert int(page.locator("#found output").inner_text().split()[0]) > 0
    page.reload()
    assert page.locator("#found output").is_visible()
    assert [one for one in seen if not one.startswith("request")] == []
    assert page.evaluate("window.taken") is None
    assert page.locator("[onmouseover], [onerror], img").count() == 0


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


def test_the_note_on_filters_is_shown_with_filters_alone(visit: Any) -> None:
    page = visit("collection")
    note = page.locator(".when-filtered").first
    assert not note.is_visible()
    field(page, "Stance").select_option("oppose")
    assert note.is_visible()


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


def test_three_hundred_articles_on_ten_proposals_open_and_filter_soon(browser: Browser, tmp_path: Path) -> None:
    proposals = [Proposal(f"p{number}", f"Proposal {number} should pass") for number in range(10)]
    articles, said = [], []
    for number in range(300):
        article, opinions = made_article(number % 7)
        article = type(article)(f"n{number}", article.text * 4, None, f"Story {number}", article.date, article.outlet)
        articles.append(article)
        for place, one in enumerate(opinions):
            about = proposals[(number + place) % 10]
            said.append(
                type(one)(
                    **{
                        **{key: getattr(one, key) for key in one.__slots__},
                        "article": article.id,
                        "proposal_id": about.id,
                        "proposal": about.text,
                    }
                )
            )
    file = tmp_path / "many.html"
    file.write_text(page_of(articles, proposals, said), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart") < 5_000
    spent = page.evaluate("""() => {
      const begun = performance.now(), stance = document.querySelector('[name=stance]');
      stance.value = 'oppose';
      stance.dispatchEvent(new Event('input', {bubbles: true}));
      document.body.getBoundingClientRect();
      return performance.now() - begun;
    }""")
    assert spent < 2_000
    assert page.locator("#found").is_visible()
    page.close()
