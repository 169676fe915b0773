"""Sentences as they are read for voices: the parsed text, what is quoted in it, and the label of a speaker or a dateline before it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stancekit.news.cues import BODY_WORDS, INTERVIEWEES, INTERVIEWERS, PEOPLE, TITLES
from stancekit.news.interviews import Turn
from stancekit.news.names import Mention, is_proper
from stancekit.news.parser import parse
from stancekit.news.quotes import LONGEST_RUN, Quoted, find_quotes

if TYPE_CHECKING:
    from spacy.tokens import Doc

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# "PORT HALLAN, Vastrel (Wire) - ", "Halmstrand, 3 September 2031 - " and list numbers are no part of the sentence's grammar.
_LEAD = re.compile(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ'’.-]{2,},?(?: [\w'’.,-]+){0,4}(?: \([^()]{1,30}\))?,? ?[-–—]+ "
    rf"|[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+){{0,3}},? (?:\d{{1,2}} (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}})(?:,? \d{{4}})?:? ?[-–—]+ "
    r"|\d{1,2}[.:]\d\d (?:[-–—] )?|\d{1,3}[.)] |[#>*•-]+ )"
)
_LABEL = re.compile(r"([\w@][\w.'’@-]*(?:,? [\w.'’&-]+){0,5})(?: \([^()]{1,40}\))?: ")
_CAPITALS = re.compile(r"@?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}")
_HANDLE = re.compile(r"@\S+|\w*[a-z0-9]_\w+|[a-z]+\d+")
_APART = re.compile(r"(?:sir|madam|dear|editor|note|notes|reminder|correction|update|for|our|polls?|question)\b", re.I)
_AGAIN = re.compile(r",? (?:again|\w+ \w+ later)$")
_KNOWN = INTERVIEWERS | INTERVIEWEES


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. offset: where `doc` starts in the text, after its label or dateline. dialogue: of a transcript or a thread.

    hosted: its label is that of the one who leads through a conversation.
    """

    text: str
    offset: int
    label: Mention | None
    doc: "Doc"
    quoted: Quoted
    dialogue: bool
    hosted: bool

    @property
    def interviewer(self) -> bool:
        """Whether the label is that of who asks, not of who answers."""
        return self.hosted or (self.label is not None and self.label.core.lower() in INTERVIEWERS)


def read_sentences(texts: Sequence[str], turns: Sequence[Turn | None]) -> Iterator[Sentence]:
    """The sentences of one article, in order. turns: of an interview, whose turn each of them is."""
    leads = [_of_turn(text, turn) or lead for text, turn, lead in zip(texts, turns, _leads(texts), strict=True)]
    dialogue = sum(label is not None for _, label in leads) > 2
    host = _host(texts, leads)
    inside, run = False, 0
    docs = parse(text[offset:] for text, (offset, _) in zip(texts, leads, strict=True))
    for text, (offset, label), doc in zip(texts, leads, docs, strict=True):
        quoted = find_quotes(doc.text, inside and run < LONGEST_RUN)
        inside, run = quoted.open, run + 1 if quoted.open else 0
        goes_on = dialogue and (label is not None or not _LABEL.match(text))
        yield Sentence(text, offset, label, doc, quoted, goes_on, label is not None and label.text == host)


def _host(texts: Sequence[str], leads: Sequence[tuple[int, Mention | None]]) -> str | None:
    # Who speaks first in a broadcast, comes back and asks.
    said = [(label.text, text) for text, (_, label) in zip(texts, leads, strict=True) if label is not None and label.text.isupper()]
    counts = Counter(name for name, _ in said)
    if len(counts) < 2 or max(counts.values()) < 2 or counts[said[0][0]] < 2 or said[0][0].lower() in _KNOWN:
        return None
    return said[0][0] if any(name == said[0][0] and text.rstrip().endswith("?") for name, text in said) else None


def _leads(texts: Sequence[str]) -> list[tuple[int, Mention | None]]:
    matches = [_LABEL.match(text) for text in texts]
    counts = Counter(match[1] for match in matches if match)
    transcript = sum(count for name, count in counts.items() if name.isupper()) > 3
    thread = len(texts) > 3 and 2 * sum(counts.values()) > len(texts)
    leads: list[tuple[int, Mention | None]] = []
    for text, match in zip(texts, matches, strict=True):
        if match and not _APART.match(match[1]) and ((thread and _signed(match[1])) or _speaks(match, counts[match[1]], transcript)):
            leads.append((match.end(), _label(match)))
        else:
            lead = _LEAD.match(text)
            leads.append((lead.end() if lead else 0, None))
    return leads


def _of_turn(text: str, turn: Turn | None) -> tuple[int, Mention | None] | None:
    # In an interview a name before a colon is who speaks, be it once; whoever asks is the writer.
    match = _LABEL.match(text) if turn is not None else None
    if match is None or not _CAPITALS.fullmatch(match[1]) or match[1].lower() in _KNOWN:
        return None
    return match.end(), None if turn == "question" else _label(match)


def _signed(name: str) -> bool:
    # "Bram from Osterby", "Student, 22": capitals but for small words; "The rest is simple" is the beginning of a sentence.
    words = name.split()
    return "," in name or all(word[:1].isupper() or word[:1].isdigit() or word in ("of", "from", "in") for word in words)


def _speaks(match: re.Match[str], count: int, transcript: bool) -> bool:
    name, rest = match[1], match.string[match.end() :]
    if _HANDLE.fullmatch(name) or ((count > 1 or transcript) and (name.isupper() or name.lower() in _KNOWN)):
        return True
    # One label before a text without quotation marks is a dateline more often than a speaker ("MOSCOW: The Kremlin ...").
    if _CAPITALS.fullmatch(name) and rest.startswith(tuple("\"“‘'")):
        return True
    last = name.split()[-1].lower()
    roles = PEOPLE | TITLES | BODY_WORDS
    return last not in _KNOWN and not name.isupper() and (last in roles or last.removesuffix("s") in roles)


def _label(match: re.Match[str]) -> Mention:
    plain = _AGAIN.sub("", match[1])
    name = plain.title() if plain.isupper() and len(plain) > 2 else plain.lstrip("@")
    proper = match[1].startswith("@") or is_proper(name) or _HANDLE.fullmatch(name) is not None
    return Mention(match[1], match.start(1), match.end(1), "person", name, proper=proper)
