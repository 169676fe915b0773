"""Cuts an article into paragraphs, and every paragraph into plain stretches and stretches that show an opinion."""

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.records import Article, Opinion, Position
from stancekit.reports.charts import SIGNS
from stancekit.stance import STANCES

PARAGRAPH_BREAK = re.compile(r"[ \t\r]*\n[ \t\r]*\n\s*")


class NumberedOpinion(NamedTuple):
    """An opinion under the number that ties text, note and table together; numbers start at 1 in every article."""

    number: int
    holder: str
    opinion: Opinion


class Stretch(NamedTuple):
    """A piece of the text. `shown` are the opinions it is evidence for, empty for plain text.

    starts: those of them whose evidence begins here; the others began further up, before a cut.
    """

    text: str
    shown: tuple[NumberedOpinion, ...]
    starts: tuple[NumberedOpinion, ...]

    @property
    def style(self) -> str:
        """The stance to colour it in; two sides become `mixed`."""
        sides = {one.opinion.stance.value for one in self.shown}
        return "mixed" if len(sides) > 1 else sides.pop()

    @property
    def signs(self) -> str:
        """The signs of its stances, each once, in the order of STANCES."""
        stances = {one.opinion.stance for one in self.shown}
        return "".join(SIGNS[stance] for stance in STANCES if stance in stances)


def holder_name(said: Opinion | Position) -> str:
    """Whom to name: the holder, or who is left when the text names none."""
    if said.voice == "author":
        return "the author"
    return said.holder or "an unnamed voice"


def numbered(article: Article, opinions: Sequence[Opinion]) -> list[NumberedOpinion]:
    """The opinions of one article in the order of its text. Raises StancekitError where one lies outside of the text."""
    for one in opinions:
        if not 0 <= one.start < one.end <= len(article.text):
            raise StancekitError(
                f"article {article.id} has {len(article.text)} characters, an opinion lies at {one.start} to {one.end}",
                fix="give the articles as they were read: the offsets of opinions hold for that text alone",
            )
    ordered = sorted(opinions, key=lambda one: (one.start, one.end, one.holder or "", one.proposal_id, one.stance, one.confidence))
    return [NumberedOpinion(number, holder_name(one), one) for number, one in enumerate(ordered, 1)]


def paragraphs(text: str, opinions: Sequence[NumberedOpinion]) -> list[list[Stretch]]:
    """The text as paragraphs of stretches. Joined, the stretches are the text without the blank lines between paragraphs."""
    spans = []
    start = 0
    for gap in PARAGRAPH_BREAK.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    opened: set[int] = set()
    return [_stretches(text, span, opinions, opened) for span in spans if text[slice(*span)].strip()]


def body(article: Article, opinions: Sequence[NumberedOpinion]) -> list[list[Stretch]]:
    """The paragraphs without a title line that a heading already shows; one that is evidence stays."""
    found = paragraphs(article.text, opinions)
    first = found[0] if found else []
    if article.title is None or len(first) != 1 or first[0].shown:
        return found
    # A heading in Markdown is marked by number signs.
    return found[1:] if first[0].text.strip().lstrip("#").strip() == article.title else found


def _stretches(text: str, span: tuple[int, int], opinions: Sequence[NumberedOpinion], opened: set[int]) -> list[Stretch]:
    # opened: the opinions whose evidence began before; this call adds its own.
    start, end = span
    inside = [one for one in opinions if one.opinion.start < end and one.opinion.end > start]
    edges = {edge for one in inside for edge in (one.opinion.start, one.opinion.end) if start < edge < end}
    cuts = [start, *sorted(edges), end]
    stretches = []
    for left, right in itertools.pairwise(cuts):
        shown = tuple(one for one in inside if one.opinion.start < right and one.opinion.end > left)
        starts = tuple(one for one in shown if one.number not in opened)
        opened.update(one.number for one in starts)
        stretches.append(Stretch(text[left:right], shown, starts))
    return stretches
