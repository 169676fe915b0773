"""The rules that find the voices of one parsed sentence. Each has a name, which is reported with every holder it finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stancekit.news.attitudes import FORMS, SPONSORED, STEMS, TAGS, attitude_of, is_reported, is_unknown_person
from stancekit.news.clauses import (
    depth_of,
    ends_soon,
    is_break,
    may_speak,
    of_quantity,
    owner_of,
    phrase_end,
    phrase_head,
    phrase_start,
    stands_beside,
    subject_of,
)
from stancekit.news.cues import (
    ADJECTIVES,
    ATTITUDE,
    ATTITUDE_NOUNS,
    BODY_WORDS,
    DOCUMENTS,
    INVERTED,
    NEUTER,
    PLURAL,
    QUANTITIES,
    SENT,
    SINGULAR,
    SPEECH,
)
from stancekit.news.names import is_human, is_name, mention_of
from stancekit.news.quotes import Quoted
from stancekit.news.world import state_of_adjective

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token


@dataclass(frozen=True, slots=True)
class Voice:
    """A possible holder: its head word, the rule that found it, and how far it stands from the main clause (0 is nearest).

    joined: it shares the cue with a voice before it ("Varga and Moe reject the toll").
    """

    head: "Token"
    rule: str
    depth: float
    cue: "Token"
    joined: bool = False

    @property
    def own_stance(self) -> bool:
        """Whether the voice has a cue that tells a position by itself, in a clause beside the main one or as a participle."""
        if self.joined:
            return True
        if self.rule in ("passive-agent", "spoken-for"):
            return is_name(self.head)
        told = self.rule in ("attitude-verb", "attitude-adjective", "speech-verb") or (
            self.rule == "attitude-noun" and self.cue.pos_ == "VERB"
        )
        return told and stands_beside(self.cue)

    def tells(self, other: "Voice") -> bool:
        """Whether the position of `other` is known only by what this voice tells."""
        return other.rule == "nested" and self.cue.is_ancestor(other.cue)


def find_voices(doc: "Doc", quoted: Quoted) -> list[Voice]:
    """All voices of a sentence outside its quotations, the one whose position the sentence reports first."""
    found = [
        *_parenthetical(doc, quoted),
        *_subjects(doc, quoted),
        *_according(doc),
        *_agents(doc),
        *_distanced(doc),
        *_nouns(doc),
        *_senders(doc),
        *_viewpoints(doc),
        *_actors(doc),
        *_before_quotes(doc, quoted),
        *_after_colon(doc),
        *_misread(doc),
    ]
    outside = [voice for voice in found if not quoted.holds(voice.cue.idx) and not quoted.holds(voice.head.idx) and not _in_passing(voice)]
    return sorted(outside, key=lambda voice: (voice.depth, voice.cue.i))


def _in_passing(voice: Voice) -> bool:
    # "If members insist", "nothing that a buyer asked for": what is supposed, or said of somebody without a name only by the way.
    if voice.rule not in ("speech-verb", "attitude-verb"):
        return False
    supposed = any(child.lower_ == "if" and child.dep_ == "mark" for child in voice.cue.children)
    return supposed or (voice.depth >= 3 and voice.cue.tag_ != "VBG" and not is_name(voice.head))


def _parenthetical(doc: "Doc", quoted: Quoted) -> Iterator[Voice]:
    # Read off the surface: the parser often makes the quoted words the subject of an inverted "said X".
    for verb in doc:
        lemma = verb.lemma_.lower()
        # Taggers make a noun of many a "claims X" behind a comma; a think tank is one.
        if lemma not in TAGS or verb.tag_ in ("VB", "VBG") or verb.pos_ not in ("VERB", "AUX", "NOUN") or verb.lower_ == "think":
            continue
        subject = subject_of(verb)
        clear = subject is not None and subject.i < verb.i and may_speak(subject) and not quoted.holds(subject.idx)
        after = phrase_end(doc, verb.i + 1)
        inverted = lemma in INVERTED and (after == len(doc) or is_break(doc[after]) or doc[after].lower_ == "who")
        if verb.i > 0 and is_break(doc[verb.i - 1]) and (inverted or not clear):
            head = phrase_head(doc, verb.i + 1, after)
        else:
            start = phrase_start(doc, verb.i - 1)
            head = phrase_head(doc, start, verb.i) if start > 0 and ends_soon(verb) else None
        if head is not None and may_speak(head) and not quoted.holds(verb.idx):
            # ", the Courier reported": what it reports may be somebody's position.
            yield Voice(head, "speech-tag", 2 if lemma == "report" else -1, verb)


def _subjects(doc: "Doc", quoted: Quoted) -> Iterator[Voice]:
    for verb in doc:
        if verb.pos_ not in ("VERB", "AUX") or verb.dep_ in ("aux", "auxpass"):
            continue
        rule = attitude_of(verb)
        if rule is None:
            continue
        subject = subject_of(verb)
        if subject is None:
            continue
        # "Four of them declining to vote": the voice of a mere participle comes after those of all clauses.
        participle = verb.tag_ == "VBG" and subject.head.i == verb.i and all(child.dep_ != "aux" for child in verb.children)
        depth = depth_of(verb) + (3 if participle else 0)
        if subject.lower_ in ("who", "that", "which") and verb.dep_ == "relcl":
            if is_name(verb.head) and subject.lower_ != "that":
                yield Voice(verb.head, "relative", depth, verb)
        elif subject.lemma_.lower() in DOCUMENTS:
            owner = owner_of(subject)
            yield Voice(owner if owner is not None and owner.pos_ != "PRON" else subject, "document", depth, verb)
        elif may_speak(subject) or (rule in ("speech-verb", "attitude-verb") and is_unknown_person(subject)):
            yield Voice(of_quantity(subject), *(("nested", depth - 3) if is_reported(verb, subject) else (rule, depth)), verb)
            for other in subject.conjuncts:
                if other.i > subject.i and is_name(other) and may_speak(other):
                    yield Voice(other, rule, depth, verb, joined=True)


def _according(doc: "Doc") -> Iterator[Voice]:
    for token in doc[:-1]:
        if token.lower_ == "according" and doc[token.i + 1].lower_ == "to":
            head = next((child for child in doc[token.i + 1].children if child.dep_ == "pobj"), None)
            if head is not None and may_speak(head):
                yield Voice(head, "according-to", 0, token)


def _agents(doc: "Doc") -> Iterator[Voice]:
    for verb in doc:
        if verb.lemma_.lower() not in ATTITUDE | SPONSORED or verb.lemma_ == "call":
            continue
        for agent in (child for child in verb.children if child.dep_ in ("agent", "prep") and child.lower_ == "by"):
            head = next((child for child in agent.children if child.dep_ == "pobj"), None)
            if head is not None and may_speak(head) and verb.tag_ == "VBN":
                yield Voice(head, "passive-agent", depth_of(verb) + 1, verb)


def _distanced(doc: "Doc") -> Iterator[Voice]:
    # "The minister distanced Berlin from the plan": the minister speaks for Berlin.
    for verb in doc:
        if verb.lemma_.lower() in ("align", "commit", "dissociate", "distance"):
            for child in verb.children:
                if child.dep_ == "dobj" and is_name(child) and may_speak(child):
                    yield Voice(child, "spoken-for", depth_of(verb) + 1, verb)


def _nouns(doc: "Doc") -> Iterator[Voice]:
    for noun in doc:
        if noun.pos_ != "NOUN" or noun.lemma_.lower() not in ATTITUDE_NOUNS:
            continue
        owner, depth = owner_of(noun), depth_of(noun) + (1 if noun.dep_ == "nsubj" else 2)
        if owner is not None:
            yield Voice(owner, "attitude-noun", depth, noun)
        for child in noun.children:
            if child.dep_ == "amod" and state_of_adjective(child.text) is not None:
                yield Voice(child, "adjective-of-state", depth, noun)


def _senders(doc: "Doc") -> Iterator[Voice]:
    # "The lobby has sent round a paper that warns of ruin", "dockers signed a petition against the toll".
    for verb in doc:
        told = verb.lemma_.lower() in SPEECH | ATTITUDE and verb.dep_ in ("relcl", "acl") and verb.tag_ != "VBN"
        if not told or verb.head.dep_ != "dobj" or verb.head.lemma_.lower() not in DOCUMENTS | {"paper"}:
            continue
        sender = subject_of(verb.head.head)
        if verb.head.head.lemma_ in SENT and sender is not None and may_speak(sender):
            yield Voice(of_quantity(sender), "document", 2, verb)


def _viewpoints(doc: "Doc") -> Iterator[Voice]:
    # "For Dagny Moe, the argument is simple"; "To the dockers, it is an insult".
    if len(doc) > 2 and doc[0].lower_ in ("for", "to") and doc[0].dep_ == "prep":
        head = next((child for child in doc[0].children if child.dep_ == "pobj"), None)
        if head is not None and may_speak(head) and (is_name(head) or head.tag_ == "NNS"):
            yield Voice(head, "viewpoint", 4, doc[0])


def _actors(doc: "Doc") -> Iterator[Voice]:
    # A person who does the sentence's main deed, or anybody who "would" do it, where nothing tells more.
    for verb in doc:
        if verb.dep_ != "ROOT" or verb.pos_ not in ("VERB", "AUX") or any(child.dep_ == "auxpass" for child in verb.children):
            continue
        subject = subject_of(verb)
        if subject is None or not may_speak(subject) or subject.lower_ in SINGULAR | PLURAL | NEUTER:
            continue
        noun = subject.lemma_.lower()
        person = mention_of(subject).kind == "person" if is_name(subject) else is_human(noun)
        minded = any(child.dep_ == "aux" and child.lower_ in ("would", "could") for child in verb.children)
        if minded and (person or noun in BODY_WORDS or is_name(subject) or subject.lower_ in QUANTITIES):
            yield Voice(of_quantity(subject), "actor", 1, verb)
        elif person and (verb.lemma_ != "be" or is_name(subject)) and subject.tag_ in ("NN", "NNP") and noun not in BODY_WORDS:
            yield Voice(subject, "actor", 9, verb)


def _before_quotes(doc: "Doc", quoted: Quoted) -> Iterator[Voice]:
    # 'Varga opened with a plea: "Close it."' Whoever the clause before the colon is about says the rest.
    for start, _ in quoted.spans:
        colon = next((token for token in doc if token.idx >= start - 2), None)
        if colon is None or colon.text != ":":
            continue
        subject = next((token for token in doc[: colon.i] if token.dep_ == "nsubj" and may_speak(token)), None)
        head = subject if subject is not None else phrase_head(doc, 0, colon.i)
        if head is not None and may_speak(head):
            yield Voice(head, "colon-quote", 3, colon)


def _after_colon(doc: "Doc") -> Iterator[Voice]:
    # "Tolls hurt shops: mayor".
    colon = next((token for token in doc[-6:-1] if token.text == ":"), None)
    if colon is None or colon.i < 2 or any(token.pos_ in ("VERB", "AUX") or is_break(token) for token in doc[colon.i + 1 :]):
        return
    head = phrase_head(doc, colon.i + 1, len(doc))
    if head is not None and (is_human(head.lemma_.lower()) or head.lemma_.lower() in BODY_WORDS or head.ent_type_ == "PERSON"):
        yield Voice(head, "headline", 3, colon)


def _misread(doc: "Doc") -> Iterator[Voice]:
    # Headlines above all: "Dockers cheer vote", "Nurses dismayed at ruling", which the tagger takes for nouns.
    for token in doc[1:12]:
        if is_break(token):
            return
        yet = token.lower_ == "yet" and token.i + 1 < len(doc) and token.nbor().lower_ == "to"
        bare = token.lower_ in STEMS and token.nbor(-1).lower_.endswith("s") and token.i + 1 < len(doc)
        if not (yet or bare or token.lower_ in FORMS or token.lower_ in ADJECTIVES) or token.nbor(-1).pos_ in (
            "DET",
            "ADP",
            "AUX",
            "PART",
            "ADJ",
        ):
            continue
        head = phrase_head(doc, 0, token.i)
        if head is not None and may_speak(head):
            yield Voice(head, "headline", 0.5, token)
            return
