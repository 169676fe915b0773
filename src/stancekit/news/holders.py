"""Who speaks in each sentence of an article: rules over the dependency parse, and the memory of who was named before."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from stancekit.news.cast import Cast, Person
from stancekit.news.clauses import may_speak
from stancekit.news.cues import INTERVIEWEES, INTERVIEWERS, MOUTHPIECES
from stancekit.news.names import Mention, is_human, is_name, is_proper, mention_of, name_runs
from stancekit.news.parser import parse
from stancekit.news.quotes import LONGEST_RUN, Quoted, find_quotes
from stancekit.news.stances import Cue
from stancekit.news.voices import find_voices
from stancekit.records import Statement

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

# "PORT HALLAN, Vastrel (Wire) - " and list numbers are no part of the sentence's grammar.
_LEAD = re.compile(r"(?:[A-Z][A-Z'’.-]{2,}(?:[ ,][\w'’.,-]+){0,4}(?: \([^()]{1,30}\))?,? ?[-–—]+ |\d{1,3}[.)] |[#>*•-]+ )")
_LABEL = re.compile(r"([A-Z@][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3})(?: \([^()]{1,40}\))?: ")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose position a sentence reports.

    name: the fullest form the article gives; id: the same for every form, None where a voice is cited but it is unknown whose.
    start, end: the words of the sentence that name the holder, None for the author. rule: which rule decided.
    proper: whether the id is that of a proper name; "mayor" is another holder in another article.
    """

    name: str | None
    id: str | None
    start: int | None
    end: int | None
    voice: Literal["author", "cited"]
    rule: str
    proper: bool = False

    @classmethod
    def author(cls, rule: str = "author") -> "Holder":
        """The writer of the article."""
        return cls(None, "author", None, None, "author", rule)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A holder of a sentence, with the clause that tells the position and the cue that reports it.

    start, end: of that clause in the sentence, the whole sentence where it has one voice.
    confidence: how often such an attribution is right.
    """

    holder: Holder
    start: int
    end: int
    cue: Cue | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    offset: int
    label: Mention | None
    doc: "Doc"
    quoted: Quoted


class HolderFinder:
    """Finds holders; loads spaCy's English parser at the first sentence. Raises StancekitError when the parser is not installed."""

    def find(self, statements: Sequence[Statement]) -> list[list[Attribution]]:
        """At least one attribution a sentence, the main one first. statements: consecutive sentences of one article, in reading order."""
        holders = self._holders(statements)
        return [[Attribution(holder, 0, len(one.text))] for holder, one in zip(holders, statements, strict=True)]

    def _holders(self, statements: Sequence[Statement]) -> list[Holder]:
        sentences = list(_read([statement.text for statement in statements]))
        transcript = sum(sentence.label is not None for sentence in sentences) > 2
        cast, found = Cast(), list[tuple[Holder, Person | None]]()
        for number, sentence in enumerate(sentences):
            names = sorted((_shifted(mention, sentence.offset) for mention in _names(sentence.doc)), key=lambda mention: mention.start)
            reader = _Reader(cast, number, names)
            holder = reader.holder(sentence)
            if transcript and sentence.label is None and holder.voice == "author" and found and found[-1][0].rule == "label":
                holder, reader.person = replace(found[-1][0], start=None, end=None), found[-1][1]
            reader.meet_rest()
            found.append((holder, reader.person))
        # Only now is the fullest form of every name known, and with it the id that all mentions share.
        return _fill_quotations(
            sentences, [holder if one is None else replace(holder, name=one.name, id=one.id, proper=one.proper) for holder, one in found]
        )


class _Reader:
    """Reads one sentence against the cast; `person` is then the one who holds it.

    Names are met in the order of the words, so that a pronoun sees only those before it.
    """

    def __init__(self, cast: Cast, number: int, names: list[Mention]) -> None:
        self._cast, self._number, self._names = cast, number, names
        self.person: Person | None = None

    def holder(self, sentence: _Sentence) -> Holder:
        """The holder of the sentence; rule `open-quote` marks a quotation whose speaker stands in another sentence."""
        if sentence.label is not None and sentence.label.core.lower() not in INTERVIEWERS:
            return self._labelled(sentence.label)
        for voice in find_voices(sentence.doc, sentence.quoted):
            mention = _shifted(_mouthpiece(voice.head) or mention_of(voice.head), sentence.offset)
            holder = self._resolve(mention, voice.rule)
            if holder is not None:
                return holder
        if sentence.quoted.covers(sentence.doc.text):
            return Holder(None, None, None, None, "cited", "open-quote")
        return self._quoted_name(sentence) or Holder.author()

    def meet_rest(self, before: int | None = None) -> None:
        """Take the names up to `before`, or all that are left, into the cast."""
        while self._names and (before is None or self._names[0].start < before):
            self._cast.meet(self._names.pop(0), self._number)

    def _resolve(self, mention: Mention, rule: str) -> Holder | None:
        if mention.kind == "author":
            return Holder.author("first-person")
        self.meet_rest(mention.start)
        if mention.kind != "pronoun":
            return self._speaking(self._cast.meet(mention, self._number), mention, rule)
        person = self._cast.refer(mention, self._number, aside=rule == "speech-tag")
        # "it" without a body before it is most often no voice at all ("it is hoped").
        if person is None and mention.core == "it":
            return None
        return self._speaking(person, mention, "pronoun")

    def _speaking(self, person: Person | None, mention: Mention, rule: str) -> Holder:
        if person is None:
            return Holder(mention.text, None, mention.start, mention.end, "cited", rule)
        self.person, person.spoke = person, self._number
        return Holder(person.name, person.id, mention.start, mention.end, "cited", rule)

    def _labelled(self, label: Mention) -> Holder:
        person = self._cast.first_person() if label.core.lower() in INTERVIEWEES else self._cast.meet(label, self._number)
        return self._speaking(person, label, "label")

    def _quoted_name(self, sentence: _Sentence) -> Holder | None:
        if not sentence.quoted.spans:
            return None
        spans = sentence.quoted.spans
        near = [
            (min(min(abs(name.start - end), abs(start - name.end)) for start, end in spans), name)
            for name in self._names
            if name.kind in ("person", "body") and not sentence.quoted.holds(name.start - sentence.offset)
        ]
        # Farther off than a short aside, a name has most likely nothing to do with the quotation.
        closest = min(near, key=lambda pair: pair[0], default=None)
        return self._resolve(closest[1], "quote-name") if closest is not None and closest[0] <= 12 else None


def _read(texts: Sequence[str]) -> Iterator[_Sentence]:
    matches = [_LABEL.match(text) for text in texts]
    labels = Counter(match[1] for match in matches if match)
    transcript = sum(count for name, count in labels.items() if name.isupper()) > 3
    known = INTERVIEWERS | INTERVIEWEES
    speakers = {name for name, count in labels.items() if (count > 1 or transcript) and (name.isupper() or name.lower() in known)}
    leads: list[tuple[int, Mention | None]] = []
    for text, match in zip(texts, matches, strict=True):
        # One label before a text without quotation marks is a dateline more often than a speaker ("MOSCOW: The Kremlin ...").
        if match and (match[1] in speakers or text[match.end() : match.end() + 1] in tuple("\"“‘'") or match[1].startswith("@")):
            leads.append((match.end(), _label(match)))
        else:
            lead = _LEAD.match(text)
            leads.append((lead.end() if lead else 0, None))
    inside, run = False, 0
    docs = parse(text[offset:] for text, (offset, _) in zip(texts, leads, strict=True))
    for text, (offset, label), doc in zip(texts, leads, docs, strict=True):
        quoted = find_quotes(doc.text, inside and run < LONGEST_RUN)
        inside, run = quoted.open, run + 1 if quoted.open else 0
        yield _Sentence(text, offset, label, doc, quoted)


def _label(match: re.Match[str]) -> Mention:
    name = match[1].title() if match[1].isupper() and len(match[1]) > 2 else match[1].lstrip("@")
    return Mention(match[1], match.start(1), match.end(1), "person", name, proper=is_proper(name) or match[1].startswith("@"))


def _names(doc: "Doc") -> Iterator[Mention]:
    taken: set[int] = set()
    for chunk in doc.noun_chunks:
        root = chunk.root
        if may_speak(root) and (is_name(root) or (root.dep_ == "nsubj" and is_human(root.lemma_.lower()))):
            taken.update(range(chunk.start, chunk.end))
            yield mention_of(root)
    for last in name_runs(doc):
        if last.i not in taken and may_speak(last):
            yield mention_of(last)


def _mouthpiece(head: "Token") -> Mention | None:
    # "Her office said": the position reported is hers.
    if head.lemma_.lower() not in MOUTHPIECES:
        return None
    owner = next((child for child in head.children if child.dep_ == "poss" and child.pos_ == "PRON"), None)
    return mention_of(owner) if owner is not None else None


def _shifted(mention: Mention, offset: int) -> Mention:
    return replace(mention, start=mention.start + offset, end=mention.end + offset)


def _fill_quotations(sentences: Sequence[_Sentence], found: list[Holder]) -> list[Holder]:
    # A quotation that runs on is its speaker's: named in the next sentence that has one while it lasts, else in the last before.
    filled = list(found)
    for number, holder in enumerate(filled):
        if holder.rule != "open-quote":
            continue
        later = number
        while later + 1 < len(filled) and sentences[later].quoted.open and filled[later].rule == "open-quote":
            later += 1
        before = next((one for one in reversed(filled[:number]) if one.id is not None), None)
        speaker = filled[later] if filled[later].rule != "open-quote" else before
        if speaker is not None and speaker.voice == "cited":
            filled[number] = replace(holder, name=speaker.name, id=speaker.id, proper=speaker.proper)
    return filled
