"""Who speaks in each sentence of an article: rules over the dependency parse, and the memory of who was named before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stancekit.news.attributions import Attribution, Holder, rule_precision
from stancekit.news.cast import Cast, Person
from stancekit.news.clauses import stretch_of
from stancekit.news.interviews import turns_of
from stancekit.news.reader import Reader
from stancekit.news.speakers import Sentence, read_sentences
from stancekit.news.stances import read_cue
from stancekit.news.voices import Voice
from stancekit.records import Statement

__all__ = ["Attribution", "Holder", "HolderFinder"]

Read = list[tuple[Holder, Person | None, Voice | None]]


class HolderFinder:
    """Finds holders; loads spaCy's English parser at the first sentence. Raises StancekitError when the parser is not installed."""

    def find(self, statements: Sequence[Statement]) -> list[list[Attribution]]:
        """At least one attribution a sentence, the main one first. statements: consecutive sentences of one article, in reading order."""
        turns = turns_of(statements)
        sentences = list(read_sentences([statement.text for statement in statements], turns))
        cast, read = Cast(), list[Read]()
        for number, sentence in enumerate(sentences):
            voices = Reader(cast, number, sentence).read()
            if turns[number] == "answer" and sentence.label is None and voices[0][0].voice == "author":
                voices = _answered(voices, cast)
            read.append(_carried(voices, read[-1]) if _goes_on(sentence, voices, read) else voices)
        # Only now is the fullest form of every name known, and with it the id that all mentions share.
        named = [[(_named(holder, person), voice) for holder, person, voice in voices] for voices in read]
        main = _fill_quotations(sentences, [voices[0][0] for voices in named])
        return [
            list(_attributions(sentence, [(first, voices[0][1]), *voices[1:]]))
            for sentence, first, voices in zip(sentences, main, named, strict=True)
        ]


def _goes_on(sentence: Sentence, voices: Read, before: list[Read]) -> bool:
    # In a transcript a sentence without a label is still its speaker's.
    own = voices[0][0].voice == "author"
    return sentence.dialogue and sentence.label is None and own and bool(before) and before[-1][0][0].rule == "label"


def _answered(voices: Read, cast: Cast) -> Read:
    # Without a label, the one who answered before, else the first person named.
    person = cast.answering()
    if person is None:
        return voices
    return [(Holder(person.name, person.id, None, None, "cited", "label", person.proper), person, voices[0][2])]


def _carried(voices: Read, before: Read) -> Read:
    holder, person, _ = before[0]
    return [(replace(holder, start=None, end=None), person, voices[0][2])]


def _named(holder: Holder, person: Person | None) -> Holder:
    return holder if person is None else replace(holder, name=person.name, id=person.id, proper=person.proper)


def _attributions(sentence: Sentence, voices: Sequence[tuple[Holder, Voice | None]]) -> Iterator[Attribution]:
    beside = [voice.cue for _, voice in voices if voice is not None and voice.rule != "passive-agent"]
    for number, (holder, voice) in enumerate(voices):
        start, end = 0, len(sentence.text)
        # The first voice has the whole sentence but for what others say beside it; a participle is part of what it says.
        if voice is not None and (number or len(beside) > 1):
            start, end = stretch_of(voice.cue, voice.head, [cue for cue in beside if cue.i != voice.cue.i])
            start, end = start + sentence.offset, end + sentence.offset
        cue = read_cue(voice.cue).shifted(sentence.offset) if voice is not None else None
        yield Attribution(holder, start, end, cue, rule_precision(holder.rule))


def _fill_quotations(sentences: Sequence[Sentence], found: list[Holder]) -> list[Holder]:
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
