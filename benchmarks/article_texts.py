"""Articles with hand-written gold: the gold file, the text that a reader sees, and when two names are one holder's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from stancekit.files import read_json, read_text

UNSEEN = ("head", "script", "style")
# These stand inside a line; every other element begins a new one.
INLINE = ("a", "b", "cite", "em", "i", "span", "strong")
DETERMINERS = ("the", "a", "an", "its", "his", "her", "their", "our", "my")
TITLES = ("dr", "professor", "prof", "mr", "mrs", "ms", "sir", "cllr")
SMALL_WORDS = frozenset([*DETERMINERS, *TITLES, "of", "in", "at", "for", "and"])
STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


@dataclass(frozen=True, slots=True)
class Row:
    """A holder who takes, or expressly avoids, a side. stances: each of them is right. evidence: stretches, any of which shows it."""

    proposal: str
    names: tuple[str, ...]
    stances: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class WrittenGold:
    """What a careful reader finds in an article. silent: who speaks but takes no side. text: as seen, in one line."""

    article: Path
    text: str
    proposals: Mapping[str, str]
    rows: tuple[Row, ...]
    furniture: tuple[str, ...]
    silent: tuple[tuple[str, tuple[str, ...]], ...]


def read_gold(file: Path) -> WrittenGold:
    """The gold of an `.expected.json` file, whose article lies beside it. Raises StancekitError if either cannot be read."""
    gold = read_json(file, absent="name the gold of an article", damaged="mend the gold")
    article = file.with_name(gold["article"])
    rows = (
        Row(
            row["proposal"],
            tuple(row["names"]),
            (row["stance"],) if isinstance(row["stance"], str) else tuple(row["stance"]),
            tuple(map(one_line, row.get("evidence", ()))),
            row.get("optional", False),
        )
        for row in gold["opinions"]
    )
    silent = tuple((row["proposal"], tuple(row["names"])) for row in gold.get("silent", ()))
    furniture = tuple(map(one_line, gold["not_part_of_the_article"]))
    return WrittenGold(article, seen_text(article), gold["proposals"], tuple(rows), furniture, silent)


def one_line(text: str) -> str:
    """The text with single spaces and straight quotation marks."""
    return " ".join(text.translate(STRAIGHT).split())


def seen_text(article: Path) -> str:
    """All that a reader sees of the file, in one line. Of a web page that is everything but its head, scripts and styles."""
    text = read_text(article)
    if article.suffix != ".html":
        return one_line(text)
    parser = _Seen()
    parser.feed(text)
    return one_line("".join(parser.pieces))


def overlaps(text: str, sentence: str, stretches: Sequence[str]) -> bool:
    """Whether a sentence overlaps one of some stretches, by their places in the text, or by their words if the text lacks the sentence."""
    said = one_line(sentence)
    start = text.find(said)
    if start < 0:
        return any(one in said or said in one for one in stretches)
    places = [(place, place + len(one)) for one in stretches for place in [text.find(one)] if place >= 0]
    return any(first < start + len(said) and start < last for first, last in places)


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same words, small ones apart."""
    return bool(_words(one)) and _words(one) == _words(other)


def shared_words(one: str, other: str) -> int:
    """How many words two names share if one has all words of the other, else 0."""
    first, second = set(_words(one)), set(_words(other))
    return len(first & second) if first <= second or second <= first else 0


def _words(name: str) -> list[str]:
    plain = re.sub(r"'s?(?=\s|$)", "", name.translate(STRAIGHT).lower())
    return [word for word in re.findall(r"[^\W_]+", plain) if word not in SMALL_WORDS]


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag, 1)

    def handle_endtag(self, tag: str) -> None:
        self._break(tag, -1)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(data)

    def _break(self, tag: str, step: int) -> None:
        self.unseen += step if tag in UNSEEN else 0
        if tag not in INLINE:
            self.pieces.append(" ")
