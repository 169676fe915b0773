"""Accessibility: axe-core's rules of WCAG 2.1, levels A and AA, and the words of charts, which it takes for parts of a picture."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from browser.drawn import PAGES

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# The other made pages hold nothing that these do not.
JUDGED = ("data", "trust", "reading", "collection", "search", "comparison", "gate")

# The note of a mark stands over the text; here it stands under it, so that what it covers is judged too.
UNFOLD = """() => {
  document.querySelectorAll('details').forEach(one => one.open = true);
  document.querySelector('mark')?.focus();
  document.querySelectorAll('.tip').forEach(one => one.style.position = 'static');
}"""

JUDGE = """async rules => {
  const found = await axe.run({runOnly: rules, resultTypes: ['violations', 'incomplete']});
  const told = results => results.flatMap(({id, nodes}) => nodes.map(node => [id, node]))
    .filter(([id, node]) => !document.querySelector(node.target[0]).matches('svg.chart text'))
    .map(([id, node]) => `${id}: ${node.html.slice(0, 120)}`);
  return {violations: told(found.violations), unsure: told(found.incomplete), passed: found.passes.map(({id}) => id)};
}"""

# The contrast of each word with what is painted under its middle: the card, and the bars and cells over it.
WORDS = """() => {
  const {Color, flattenColors, getContrast} = axe.commons.color;
  const colour = (text, opacity = 1) => { const made = new Color(); made.parseString(text); made.alpha = opacity; return made; };
  const covers = (shape, word) => {
    const [outer, inner] = [shape, word].map(one => one.getBoundingClientRect());
    const [x, y] = [(inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2];
    return outer.left < x && x < outer.right && outer.top < y && y < outer.bottom
      && shape.compareDocumentPosition(word) & Node.DOCUMENT_POSITION_FOLLOWING;
  };
  return [...document.querySelectorAll('svg.chart text')].filter(word => word.textContent).map(word => {
    const ground = [...word.closest('svg').querySelectorAll('rect')].filter(shape => covers(shape, word)).reduce((under, shape) => {
      const {fill, fillOpacity} = getComputedStyle(shape);
      return flattenColors(colour(fill, Number(fillOpacity)), under);
    }, colour(getComputedStyle(word.closest('.card')).backgroundColor));
    return [word.textContent, getContrast(ground, colour(getComputedStyle(word).fill))];
  });
}"""


def unfolded(visit: Any, name: str, colours: str) -> Page:
    page: Page = visit(name, colours=colours)
    page.evaluate(UNFOLD)
    # By the debugger's door: the page's own policy would let no script in.
    page.evaluate(AXE)
    return page


def test_every_kind_of_page_is_judged() -> None:
    assert set(JUDGED) < set(PAGES)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", JUDGED)
def test_a_page_keeps_the_rules_of_access(visit: Any, name: str, colours: str) -> None:
    found = unfolded(visit, name, colours).evaluate(JUDGE, RULES)
    assert found["violations"] == []
    assert found["unsure"] == []
    assert "color-contrast" in found["passed"]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in JUDGED if name not in ("reading", "collection")])
def test_the_words_of_a_chart_stand_out_from_what_is_under_them(visit: Any, name: str, colours: str) -> None:
    words = unfolded(visit, name, colours).evaluate(WORDS)
    assert len(words) > 5
    assert [(word, round(contrast, 2)) for word, contrast in words if contrast < 4.5] == []
