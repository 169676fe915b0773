"""Cuts an article into paragraphs, and these into plain stretches, stretches that show an opinion, and some that were not read."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.records import Article, Opinion, Position, bare_title
from stancekit.tallies import side_of

# It begins with a line feed: from each of many blanks one would look to the end of them.
PARAGRAPH_BREAK = re.compile(r"\n[ \t\r]*\n\s*")


class NumberedOpinion(NamedTuple):
    """An opinion under the number that ties text, note and table together; numbers start at 1 in every article."""

    number: int
    holder: str
    opinion: Opinion


class Stretch(NamedTuple):
    """A piece of the text. `shown` are the opinions it is evidence for, empty for plain text.

    starts, ends: those of them whose evidence begins or ends here; it may run over several stretches. skipped: no text of the article.
    """

    text: str
    shown: tuple[NumberedOpinion, ...] = ()
    starts: tuple[NumberedOpinion, ...] = ()
    ends: tuple[NumberedOpinion, ...] = ()
    skipped: bool = False

    @property
    def style(self) -> str:
        """The stance to colour it in: as `side_of` has it of all that it shows."""
        return side_of(one.opinion.stance.value for one in self.shown)


class Stand(NamedTuple):
    """Where one holder stands on one proposal within one article. row: the id of its line in the table."""

    row: str
    holder: str
    stance: str
    shown: list[NumberedOpinion]

    @property
    def sure(self) -> float | None:
        """The confidence of the surest sentence that shows the stance, None where both sides are shown: no sentence shows that."""
        return max((one.opinion.confidence for one in self.shown if self.stance == one.opinion.stance.value), default=None)


class AboutProposal(NamedTuple):
    """All who stand somewhere on one proposal within one article. proposal: its text. place: its column in the overview."""

    proposal: str
    place: int
    stands: list[Stand]


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


def stands_of(key: str, opinions: Sequence[NumberedOpinion], columns: Mapping[str, int]) -> list[AboutProposal]:
    """One line a proposal and holder, proposals in the order of `columns` (by id), holders by their first sentence.

    key: of the article, which the ids of the lines begin with.
    """
    found: dict[str, dict[tuple[str | None, str], list[NumberedOpinion]]] = {}
    for one in opinions:
        # Two voices without a name are two as far as anybody knows, but nothing tells them apart: they share a line.
        held = found.setdefault(one.opinion.proposal_id, {})
        held.setdefault((one.opinion.holder_id, "" if one.opinion.holder_id else one.holder), []).append(one)
    rows = (f"{key}-r{number}" for number in itertools.count(1))
    return [
        AboutProposal(
            next(iter(held.values()))[0].opinion.proposal,
            columns[proposal],
            [Stand(next(rows), max((one.holder for one in said), key=len), _side(said), said) for said in held.values()],
        )
        for proposal, held in sorted(found.items(), key=lambda item: columns[item[0]])
    ]


def _side(said: Sequence[NumberedOpinion]) -> str:
    return side_of(one.opinion.stance.value for one in said)


def paragraphs(article: Article, opinions: Sequence[NumberedOpinion]) -> list[list[Stretch]]:
    """The text as paragraphs of stretches. Joined, the stretches are the text without the blank lines between paragraphs."""
    spans = []
    start = 0
    for gap in PARAGRAPH_BREAK.finditer(article.text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(article.text)))
    found = [_stretches(article, span, opinions) for span in spans if article.text[slice(*span)].strip()]
    return _with_ends(found)


def titled(article: Article, opinions: Sequence[NumberedOpinion]) -> tuple[list[Stretch], list[list[Stretch]]]:
    """The title, with its evidence where the text begins with it, and the paragraphs without it: nothing is to be read twice."""
    found = paragraphs(article, opinions)
    title = article.title or article.id
    first = "".join(piece.text for piece in found[0]).strip() if found else ""
    if article.title is None or bare_title(first) != article.title:
        return [Stretch(title)], found
    # Marks of Markdown stand at both ends of it, or at none.
    before = first.find(article.title)
    behind = len(first) - before - len(article.title)
    *rest, end = found[0]
    start, *rest = *rest, end._replace(text=end.text.rstrip()[: -behind or None])
    return [start._replace(text=start.text.lstrip()[before:]), *rest], found[1:]


def _stretches(article: Article, span: tuple[int, int], opinions: Sequence[NumberedOpinion]) -> list[Stretch]:
    start, end = span
    inside = [one for one in opinions if one.opinion.start < end and one.opinion.end > start]
    skipped = [(max(left, start), min(right, end)) for left, right in article.skipped if left < end and right > start]
    edges = {edge for one in inside for edge in (one.opinion.start, one.opinion.end)} | {edge for pair in skipped for edge in pair}
    cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
    stretches = []
    for left, right in itertools.pairwise(cuts):
        shown = tuple(one for one in inside if one.opinion.start < right and one.opinion.end > left)
        out = any(first <= left and right <= last for first, last in skipped)
        stretches.append(Stretch(article.text[left:right], shown, skipped=out))
    return stretches


def _with_ends(found: Sequence[Sequence[Stretch]]) -> list[list[Stretch]]:
    # Evidence may run over paragraphs, so where it begins and ends is known only of the whole.
    first: dict[int, tuple[int, int]] = {}
    last: dict[int, tuple[int, int]] = {}
    for row, pieces in enumerate(found):
        for column, piece in enumerate(pieces):
            for one in piece.shown:
                first.setdefault(one.number, (row, column))
                last[one.number] = (row, column)
    return [
        [
            piece._replace(
                starts=tuple(one for one in piece.shown if first[one.number] == (row, column)),
                ends=tuple(one for one in piece.shown if last[one.number] == (row, column)),
            )
            for column, piece in enumerate(pieces)
        ]
        for row, pieces in enumerate(found)
    ]
