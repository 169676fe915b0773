import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from comparisons import made_comparison
from doubting import made_doubts
from evaluations import error, trusted
from searches import made_result
from stancekit.news.opinions import summarise
from stancekit.records import Article, Opinion, Proposal
from stancekit.reports.comparison import comparison_page
from stancekit.reports.data import data_page
from stancekit.reports.doubts import doubts_page
from stancekit.reports.evaluation import evaluation_page
from stancekit.reports.reading import reading_page
from stancekit.reports.search import search_page
from stancekit.stance import STANCES, Stance

pytestmark = pytest.mark.browser

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ATTACK = '<script>document.title = "taken"; window.taken = true</script><img src="x" onerror="window.taken = true">'
LONG = "The old tannery should become a school, even if the market has to move to Unterwalderbruckenbergheimstettenfeldkirchenhausen"

# Every text that can be seen, against the nearest ground that is painted behind it (WCAG 2.1, 1.4.3).
TOO_FAINT = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => parts(colour).slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const [red, green, blue, opacity = 1] = parts(getComputedStyle(element).backgroundColor);
      if (opacity === 1) return `rgb(${red}, ${green}, ${blue})`;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  let checked = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length || element.closest('svg')) continue;
    const [low, high] = [light(getComputedStyle(element).color), light(ground(element))].sort((one, other) => one - other);
    checked += 1;
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(walker.currentNode.data.trim().slice(0, 60));
  }
  return {checked, faint};
}"""


def measure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.08, "high": value + 0.07}


def metrics() -> dict[str, Any]:
    scores = {key: measure(0.6) for key in ("macro_f1", "accuracy", "mcc", "f_avg")}
    counts = {stance.value: 9 for stance in STANCES}
    row = {"n": 27, "accuracy": measure(0.6), "gold": counts, "predicted": counts}
    error = {"id": "e1", "statement": ATTACK, "proposal": LONG, "gold": "oppose", "predicted": "neutral", "confidence": 0.97}
    return {
        "model": "quick",
        "data": "newsroom/test",
        "n": 412,
        "proposals": 70,
        "clusters": 18,
        "verdict": "The model is better than word counts, and still errs in two of five sentences.",
        "interval": {"level": 0.95, "resamples": 1000, "seed": 13, "unit": "proposals, joined where they share an article or group"},
        **scores,
        "per_class": {stance.value: {**{rate: measure(0.6) for rate in ("precision", "recall", "f1")}, "n": 40} for stance in STANCES},
        "confusion": [[71, 34, 25], [25, 116, 22], [23, 28, 67]],
        "per_proposal": [{**row, "proposal": f"{LONG} {number}"} for number in range(70)],
        "baselines": {"majority": {**scores, "difference": measure(0.2)}},
        "agreement": {"n": 380, "alpha": measure(0.7), "agreement": measure(0.8), "macro_f1": measure(0.8)},
        "errors": [error],
    }


def report() -> dict[str, Any]:
    classes = {"oppose": 402, "neutral": 451, "support": 361}
    split = {"examples": 1214, "proposals": 86, "statements": 801, "groups": 44, "made": 12, "classes": classes}
    return {
        "name": "newsroom",
        "splits": {"train": split, "test": split},
        "sources": {"a-source-with-quite-a-long-name-of-its-own": {"read": 4000, "kept": 3642}},
        "dropped": {"exact_repeats": 17, "contradictions": 5, "leaks": 3, "long_proposals": 2},
        "contradictions": [{"statement": ATTACK, "proposal": LONG, "stances": {"support": ["a.jsonl:12"], "oppose": ["a.jsonl:14"]}}],
        "kept_apart": {"shared_statements": 611, "shared_proposals": 119, "groups": 72, "largest_group": 61},
        "augmentation": {"foreign": {"wanted": 9, "made": 8}, "negated": {"wanted": 4, "made": 4, "no_rule": 211}},
        "unlabelled": 7,
    }


def reading() -> str:
    sentences = (f"The harbour wants {ATTACK} the guards.", "The mayor does not.", "A vote is due on Friday.")
    article = Article("a", "\n\n".join(sentences), "wire.txt", "Ostrava Coast balks at guards")
    proposals = [Proposal(f"p{number}", f"{LONG} {number}") for number in range(6)]
    said = []
    for place, sentence in enumerate(sentences):
        start = article.text.index(sentence)
        spread = (Stance.SUPPORT, Stance.OPPOSE, Stance.OPPOSE)[place]
        for proposal in proposals[place : place + 2]:
            span = (sentence, start, start + len(sentence))
            said.append(Opinion("a", "Ida Brandvold", "ida", proposal.id, proposal.text, spread, 0.87, *span, "said", "cited"))
    return reading_page([article], proposals, said, summarise(said), "Read in May")


ERRORS = [
    error("The ferry must stay, said the mayor of Vane.", "oppose", "support", 1),
    error("A toll would ruin the market, said Ida Brandvold.", "oppose", "neutral", 2),
    error("The bridge is old. The ferry is older.", "neutral", "support", 3),
    error(f"{ATTACK} {LONG}", "support", "oppose", 4),
]
# A page that runs a script of the house; all others run none.
SCRIPTS = {"evaluation": 1, "trust": 1, "hostile": 1, "many": 1}
PAGES: dict[str, Callable[[], str]] = {
    "data": lambda: data_page(report()),
    "evaluation": lambda: evaluation_page(metrics()),
    "trust": lambda: evaluation_page({**metrics(), **trusted(warning=True), "errors": ERRORS}),
    "many": lambda: evaluation_page({**metrics(), "errors": [error(f"Toll {row}. {ATTACK}", number=row) for row in range(60)]}),
    "hostile": lambda: evaluation_page({**metrics(), **trusted(f"{ATTACK} {LONG}")}),
    "reading": reading,
    "search": lambda: search_page(made_result(ATTACK)),
    "comparison": lambda: comparison_page(*made_comparison(f"{LONG} {ATTACK}", seeds=3)),
    "doubts": lambda: doubts_page(*made_doubts(f"{LONG} {ATTACK}")),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        missing = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pages")
    for name, make in PAGES.items():
        (place / f"{name}.html").write_text(make(), encoding="utf-8")
    return place


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Any]:
    contexts = []

    def open_page(name: str, width: int = 1280, colours: Any = "light", watch: list[str] | None = None, scripts: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=colours, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        if watch is not None:
            page.on("console", lambda message: watch.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: watch.append(f"error: {error}"))
            page.on("request", lambda request: watch.append(f"request: {request.url}"))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


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
    page.evaluate("document.querySelectorAll('.tip').forEach(one => one.style.display = 'block')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_what_looks_like_a_script_in_a_text_does_nothing(visit: Any, name: str) -> None:
    page = visit(name)
    assert page.title() != "taken"
    assert page.evaluate("window.taken") is None
    assert page.locator("script").count() == SCRIPTS.get(name, 0)
    assert page.locator("img").count() == 0
    assert page.get_by_text("window.taken = true").count() > 0


def tabbed(page: Page, presses: int) -> list[str]:
    reached = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.localName + '.' + document.activeElement.className"))
    return reached


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_links_tables_and_folds(visit: Any, name: str) -> None:
    page = visit(name, width=390)
    reached = tabbed(page, 40)
    assert reached[0] == "a.skip"
    folds = {"summary."} if page.locator("summary").count() else set()
    assert {"a.", *folds} <= set(reached)
    assert any(one.startswith("div.scroll") for one in reached)


def test_a_fold_opens_by_the_keyboard(visit: Any) -> None:
    page = visit("evaluation")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_a_mark_tells_its_opinions_on_focus_and_on_hover(visit: Any) -> None:
    page = visit("reading", width=390)
    tips = page.locator(".tip")
    assert not tips.first.is_visible()
    marks = [one for one in tabbed(page, 40) if one.startswith("mark")]
    assert marks[:3] == ["mark.support", "mark.oppose", "mark.oppose"]
    page.locator("mark.support").focus()
    assert tips.first.is_visible()
    assert all(part in tips.first.inner_text() for part in ("Ida Brandvold", "support", "87%", "tannery should become a school"))
    page.locator("mark.support").blur()
    page.locator("mark.oppose").first.hover()
    assert tips.nth(1).is_visible()
    assert not tips.first.is_visible()


def test_a_stance_in_the_overview_leads_to_its_sentence(visit: Any) -> None:
    page = visit("reading")
    page.locator(".board td a.oppose").first.click()
    assert page.locator("mark.oppose").first.evaluate("mark => getComputedStyle(mark).outlineStyle") == "solid"


@pytest.mark.parametrize("name", PAGES)
def test_dark_readers_get_a_dark_page(visit: Any, name: str) -> None:
    grounds = [visit(name, colours=colours).evaluate("getComputedStyle(document.body).backgroundColor") for colours in ("light", "dark")]
    assert grounds == ["rgb(248, 246, 241)", "rgb(19, 21, 24)"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(visit: Any, name: str, colours: str) -> None:
    page = visit(name, colours=colours)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate("document.querySelectorAll('.tip').forEach(one => one.style.display = 'block')")
    found = page.evaluate(TOO_FAINT)
    assert found["checked"] > 40
    assert found["faint"] == []


@pytest.mark.parametrize("name", ["evaluation", "trust", "hostile", "search", "comparison"])
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
    place = visit("trust", width=390).locator(".banner").bounding_box()
    assert place is not None
    assert place["y"] + place["height"] < 844


def test_failed_cases_unfold(visit: Any) -> None:
    page = visit("trust")
    fold = page.locator("details.fold").first
    assert not fold.locator("table").is_visible()
    fold.locator("summary").press("Enter")
    assert "The ferry must stay" in fold.locator("table").inner_text()


def test_filters_have_no_place_on_paper(visit: Any) -> None:
    page = visit("trust")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#calibration svg").is_visible()


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
