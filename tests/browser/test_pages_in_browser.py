"""Every page in a browser: nothing is asked for, nothing runs or sticks out, and the keyboard reaches all."""

from pathlib import Path
from typing import Any

import pytest

from browser.conftest import tabbed
from browser.drawn import PAGES, PEACEFUL, SCRIPTS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_complains_of_nothing(visit: Any, folder: Path, name: str) -> None:
    seen: list[str] = []
    page = visit(name, watch=seen)
    page.wait_for_load_state("networkidle")
    assert seen == [f"request: {(folder / f'{name}.html').as_uri()}"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(visit: Any, name: str, width: int) -> None:
    page = visit(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_what_looks_like_a_script_in_a_text_does_nothing(visit: Any, name: str) -> None:
    page = visit(name)
    assert page.title() != "taken"
    assert page.evaluate("window.taken") is None
    assert page.locator("script").count() == SCRIPTS.get(name, 0)
    assert page.locator("img").count() == 0
    assert page.get_by_text("window.taken = true").count() > 0 or name in PEACEFUL


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_links_tables_and_folds(visit: Any, name: str) -> None:
    page = visit(name, width=390)
    reached = tabbed(page, 40)
    assert reached[0] == "a.skip"
    folds = {"summary."} if page.locator("summary").count() else set()
    assert folds <= set(reached)
    assert any(one.startswith("a.") for one in reached[1:])
    assert any(one.startswith("div.scroll") for one in reached)


def test_a_fold_opens_by_the_keyboard(visit: Any) -> None:
    page = visit("evaluation")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


@pytest.mark.parametrize("name", PAGES)
def test_dark_readers_get_a_dark_page(visit: Any, name: str) -> None:
    grounds = [visit(name, colours=colours).evaluate("getComputedStyle(document.body).backgroundColor") for colours in ("light", "dark")]
    assert grounds == ["rgb(248, 246, 241)", "rgb(19, 21, 24)"]


@pytest.mark.parametrize("name", ["evaluation", "trust", "hostile", "search", "comparison", "gate"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_words_of_a_chart_stay_within_it(visit: Any, name: str, width: int) -> None:
    page = visit(name, width)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg.chart text')].filter(text => {
          const inner = text.getBoundingClientRect(), outer = text.closest('svg').getBoundingClientRect();
          return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
        }).map(text => text.textContent)"""
    )
    assert outside == []


@pytest.mark.parametrize("name", ["evaluation", "trust", "search", "comparison", "gate"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_words_of_a_chart_cover_others(visit: Any, name: str, width: int) -> None:
    page = visit(name, width)
    covered = page.evaluate(
        """() => [...document.querySelectorAll('svg.chart')].flatMap(chart => {
          const words = [...chart.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
          const apart = (one, other) => one.right + 4 <= other.left || other.right + 4 <= one.left
            || one.bottom - 4 <= other.top || other.bottom - 4 <= one.top;
          return words.flatMap(([one, box], at) => words.slice(at + 1)
            .filter(([_, other]) => !apart(box, other)).map(([other]) => [one, other]));
        })"""
    )
    assert covered == []


def test_a_page_with_a_script_of_its_own_still_runs_no_other(visit: Any) -> None:
    page = visit("trust")
    page.evaluate("""() => {
      const script = document.createElement('script');
      script.textContent = 'window.taken = true';
      document.body.append(script);
      const image = document.createElement('img');
      image.setAttribute('onerror', 'window.taken = true');
      image.src = 'data:,';
      document.body.append(image);
    }""")
    page.wait_for_timeout(100)
    assert page.evaluate("window.taken") is None


def test_every_answer_leads_to_its_section(visit: Any) -> None:
    page = visit("trust", width=390)
    links = page.locator(".answers a")
    assert links.count() == 4
    for link in links.all():
        link.press("Enter")
        assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 200


def test_the_warning_stands_on_the_first_screen_of_a_phone(visit: Any) -> None:
    place = visit("trust", width=390).locator(".verdict").bounding_box()
    assert place is not None
    assert place["y"] + place["height"] < 844


def test_failed_cases_unfold(visit: Any) -> None:
    page = visit("trust")
    fold = page.locator("details.fold").first
    assert not fold.locator("table").is_visible()
    fold.locator("summary").press("Enter")
    assert "The ferry must stay" in fold.locator("table").inner_text()


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, 9),
        ({"Label": "oppose"}, 3),
        ({"Label": "oppose", "Model": "support"}, 0),
        ({"Source": "1"}, 4),
        ({"Model": "neutral", "Source": "0"}, 2),
    ],
)
def test_doubtful_rows_are_chosen_without_a_script(visit: Any, chosen: dict[str, str], left: int) -> None:
    page = visit("doubts", width=390, scripts=False)
    for name, value in chosen.items():
        page.get_by_role("search").get_by_label(name).select_option(value)
    assert sum(row.is_visible() for row in page.locator("#rows tbody tr").all()) == left
