"""Reads one sentence against the cast of its article: which voices it has, and who they are."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from stancekit.news.attributions import Holder
from stancekit.news.cast import Cast, Person
from stancekit.news.clauses import may_speak
from stancekit.news.cues import INTERVIEWEES, MOUTHPIECES
from stancekit.news.names import GENDERS, Mention, apposed_name, is_name, mention_of, name_runs
from stancekit.news.speakers import Sentence
from stancekit.news.voices import Voice, find_voices
from stancekit.news.world import state_of_adjective

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token


class Reader:
    """Reads one sentence. Names are met in the order of the words, so that a pronoun sees only those before it."""

    def __init__(self, cast: Cast, number: int, sentence: Sentence) -> None:
        self._cast, self._number, self._sentence = cast, number, sentence
        # Who is spoken of without a name inside a quotation is hardly ever who speaks next.
        seen = (mention for mention in _names(sentence.doc) if mention.proper or not sentence.quoted.holds(mention.start))
        self._names = sorted(map(self._shifted, seen), key=lambda mention: mention.start)

    def read(self) -> list[tuple[Holder, Person | None, Voice | None]]:
        """The voices, the main one first, each with its person where it is known, and with the rule's own findings where it has some.

        Rule `open-quote` marks a quotation whose speaker stands in another sentence.
        """
        found = list(self._voices())
        self._meet()
        return found

    def _voices(self) -> Iterator[tuple[Holder, Person | None, Voice | None]]:
        sentence = self._sentence
        if sentence.label is not None and not sentence.interviewer:
            yield (*self._labelled(sentence.label), None)
            return
        first: Person | None = None
        main: Voice | None = None
        for voice in find_voices(sentence.doc, sentence.quoted):
            if _is_asked(voice, sentence.doc):
                continue
            # What a tag (", said the mayor,") leaves of the sentence is what the mayor said.
            if main is not None and (main.rule == "speech-tag" or not voice.own_stance or voice.tells(main)):
                continue
            found = self._resolve(self._shifted(_mouthpiece(voice.head) or _state(voice) or mention_of(voice.head)), voice.rule)
            if found is not None and (main is None or (found[1] is not None and found[1] is not first and found[0].rule != "pronoun")):
                first, main = (found[1], voice) if main is None else (first, main)
                yield (*found, voice)
        if main is not None:
            return
        if sentence.quoted.covers(sentence.doc.text):
            yield Holder(None, None, None, None, "cited", "open-quote"), None, None
            return
        yield (*(self._quoted_name() or (Holder.author(), None)), None)

    def _meet(self, before: int | None = None) -> None:
        while self._names and (before is None or self._names[0].start < before):
            self._cast.meet(self._names.pop(0), self._number)

    def _resolve(self, mention: Mention, rule: str) -> tuple[Holder, Person | None] | None:
        if mention.kind == "author":
            return Holder.author("first-person"), None
        self._meet(mention.start)
        if mention.kind != "pronoun":
            return self._speaking(self._cast.meet(self._owned(mention), self._number), mention, rule)
        person = self._cast.refer(mention, self._number, aside=rule == "speech-tag")
        # "it" without a body before it is most often no voice at all ("it is hoped").
        if person is None and mention.core == "it":
            return None
        return self._speaking(person, mention, "pronoun")

    def _owned(self, mention: Mention) -> Mention:
        # "Their association", "her party": by itself it would be anybody's.
        owner = mention.text.split()[0].lower()
        if mention.kind != "body" or mention.proper or owner not in ("their", "his", "her"):
            return mention
        pronoun = replace(mention, text=owner, end=mention.start + len(owner), kind="pronoun", core=owner, gender=GENDERS.get(owner))
        person = self._cast.refer(pronoun, self._number, aside=False)
        return mention if person is None else replace(mention, core=f"{mention.core} of {person.name}")

    def _speaking(self, person: Person | None, mention: Mention, rule: str) -> tuple[Holder, Person | None]:
        if person is None:
            return Holder(mention.text, None, mention.start, mention.end, "cited", rule), None
        person.spoke = self._number
        return Holder(person.name, person.id, mention.start, mention.end, "cited", rule), person

    def _labelled(self, label: Mention) -> tuple[Holder, Person | None]:
        person = self._cast.first_person() if label.core.lower() in INTERVIEWEES else self._cast.label(label, self._number)
        return self._speaking(person, label, "label")

    def _quoted_name(self) -> tuple[Holder, Person | None] | None:
        spans, offset = self._sentence.quoted.spans, self._sentence.offset
        if not spans:
            return None
        near = [
            (min(min(abs(name.start - offset - end), abs(start - name.end + offset)) for start, end in spans), name)
            for name in self._names
            if name.kind in ("person", "body") and not self._sentence.quoted.holds(name.start - offset)
        ]
        # Farther off than a short aside, a name has most likely nothing to do with the quotation.
        closest = min(near, key=lambda pair: pair[0], default=None)
        return self._resolve(closest[1], "quote-name") if closest is not None and closest[0] <= 12 else None

    def _shifted(self, mention: Mention) -> Mention:
        offset = self._sentence.offset
        return replace(mention, start=mention.start + offset, end=mention.end + offset)


def _names(doc: "Doc") -> Iterator[Mention]:
    taken: set[int] = set()
    for chunk in doc.noun_chunks:
        root = chunk.root
        if may_speak(root) and (is_name(root) or (root.dep_ == "nsubj" and root.pos_ == "NOUN")):
            taken.update(range(chunk.start, chunk.end))
            yield mention_of(root)
    for last in name_runs(doc):
        if last.i not in taken and may_speak(last):
            yield mention_of(last)


def _is_asked(voice: Voice, doc: "Doc") -> bool:
    # "What does the mayor want?": the writer asks. "Why, the mayor asked, should we?" has a teller beside the question.
    if not doc.text.rstrip().endswith("?") or (voice.cue.dep_ != "ROOT" and voice.rule != "headline") or voice.rule == "speech-tag":
        return False
    return doc[0].tag_ in ("WP", "WRB", "WDT") or (doc[0].pos_ == "AUX" and doc[0].head.i == voice.cue.i)


def _state(voice: Voice) -> Mention | None:
    # "The Russian rejection" is Russia's.
    state = state_of_adjective(voice.head.text) if voice.rule == "adjective-of-state" else None
    return None if state is None else replace(mention_of(voice.head), kind="body", core=state.name, proper=True, sure=True)


def _mouthpiece(head: "Token") -> Mention | None:
    # "Her office said": the position reported is hers.
    if head.lemma_.lower() not in MOUTHPIECES or apposed_name(head) is not None:
        return None
    owner = next((child for child in head.children if child.dep_ == "poss" and child.pos_ == "PRON"), None)
    return mention_of(owner) if owner is not None else None
