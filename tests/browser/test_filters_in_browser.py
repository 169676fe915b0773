"""The filters of the page of a reading: what they choose, the address that keeps them, many articles."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.conftest import TYPED, articles_shown, field, holders_shown
from readings import GUARDS, made_article, opinion, page_of
from stancekit.news.aggregation import tallies_of
from stancekit.news.changes import changes_of
from stancekit.news.opinions import summarise
from stancekit.records import Article, Proposal
from stancekit.reports.reading import Reading, reading_page

pytestmark = pytest.mark.browser


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


def test_the_note_on_filters_is_shown_with_filters_alone(visit: Any) -> None:
    page = visit("collection")
    note = page.locator(".when-filtered").first
    assert not note.is_visible()
    field(page, "Stance").select_option("oppose")
    assert note.is_visible()


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
