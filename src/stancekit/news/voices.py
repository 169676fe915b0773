"""The rules that find the voices of one parsed sentence. Each has a name, which is reported with every holder it finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stancekit.news.cues import (
    ADJECTIVES,
    ATTITUDE,
    ATTITUDE_NOUNS,
    DOCUMENTS,
    FIRST_PERSON,
    LIGHT_VERBS,
    NEUTER,
    PLURAL,
    QUANTITIES,
    SINGULAR,
    SPEECH,
    STANCE_OBJECTS,
    THINGS,
)
from stancekit.news.names import is_name
from stancekit.news.quotes import Quoted

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_SUBJECTS = ("nsubj", "csubj", "expl")
_SUBORDINATE = {"relcl": 3, "acl": 2, "advcl": 1, "ccomp": 1, "pcomp": 1, "csubj": 1}
_OBJECTS = frozenset("him them me us".split())
_NOT_VOICES = frozenset("that this these those which what whatever it there here something anything everything nothing".split())


@dataclass(frozen=True, slots=True)
class Voice:
    """A possible holder: its head word, the rule that found it, and how far it stands from the main clause (0 is nearest)."""

    head: "Token"
    rule: str
    depth: int
    cue: "Token"


def find_voices(doc: "Doc", quoted: Quoted) -> list[Voice]:
    """All voices of a sentence outside its quotations, the one whose position the sentence reports first."""
    found = [
        *_parenthetical(doc, quoted),
        *_subjects(doc, quoted),
        *_according(doc),
        *_agents(doc),
        *_nouns(doc),
        *_viewpoints(doc),
    ]
    outside = [voice for voice in found if not quoted.holds(voice.cue.idx) and not quoted.holds(voice.head.idx)]
    return sorted(outside, key=lambda voice: (voice.depth, voice.cue.i))


def _parenthetical(doc: "Doc", quoted: Quoted) -> Iterator[Voice]:
    # Read off the surface: the parser often makes the quoted words the subject of an inverted "said X".
    for verb in doc:
        if verb.lemma_.lower() not in SPEECH or verb.pos_ not in ("VERB", "NOUN", "AUX") or verb.tag_ in ("VB", "VBG"):
            continue
        subject = _subject(verb)
        clear = subject is not None and subject.i < verb.i and may_speak(subject) and not quoted.holds(subject.idx)
        if verb.i > 0 and _is_break(doc[verb.i - 1]) and not clear:
            head = _phrase_head(doc, verb.i + 1, _phrase_end(doc, verb.i + 1))
        else:
            start = _phrase_start(doc, verb.i - 1)
            head = _phrase_head(doc, start, verb.i) if start > 0 and _ends_soon(verb) else None
        if head is not None and may_speak(head) and not quoted.holds(verb.idx):
            yield Voice(head, "speech-tag", -1, verb)


def _phrase_end(doc: "Doc", start: int) -> int:
    end = start
    while end < len(doc) and end - start < 12 and not _is_break(doc[end]) and doc[end].pos_ not in ("VERB", "AUX", "SCONJ"):
        end += 1
    return end


def _phrase_start(doc: "Doc", last: int) -> int:
    start = last + 1
    while start > 0 and last - start < 10 and not _is_break(doc[start - 1]) and doc[start - 1].pos_ not in ("VERB", "AUX", "SCONJ", "CCONJ"):
        start -= 1
    return start if start == 0 or _is_break(doc[start - 1]) else 0


def _phrase_head(doc: "Doc", start: int, end: int) -> "Token | None":
    """The head of the noun phrase doc[start:end]: its first proper name that no preposition governs, else its first noun or pronoun."""
    if start >= end or doc[start].pos_ not in ("DET", "PROPN", "NOUN", "ADJ", "NUM", "PRON") or doc[start].lower_ in _OBJECTS:
        return None
    head: Token | None = None
    for token in doc[start:end]:
        if token.pos_ == "ADP":
            break
        if token.tag_ in ("POS", "PRP$") or (token.i + 1 < end and doc[token.i + 1].tag_ == "POS"):
            continue
        if is_name(token) or (token.pos_ in ("NOUN", "PRON", "PROPN", "NUM") and (head is None or not is_name(head))):
            head = token
    return _of_quantity(head) if head is not None else None


def _subjects(doc: "Doc", quoted: Quoted) -> Iterator[Voice]:
    for verb in doc:
        if verb.pos_ not in ("VERB", "AUX") or verb.dep_ in ("aux", "auxpass"):
            continue
        rule = _attitude(verb)
        if rule is None:
            continue
        subject = _subject(verb)
        if subject is None:
            continue
        depth = _depth(verb)
        if subject.lower_ in ("who", "that", "which") and verb.dep_ == "relcl":
            if subject.lower_ == "who":
                yield Voice(verb.head, "relative", depth, verb)
        elif subject.lemma_.lower() in DOCUMENTS and (owner := _owner(subject)) is not None:
            yield Voice(owner, "document", depth, verb)
        elif may_speak(subject):
            yield Voice(_of_quantity(subject), rule, depth, verb)


def _attitude(verb: "Token") -> str | None:
    lemma = verb.lemma_.lower()
    passive = any(child.dep_ in ("auxpass", "nsubjpass") for child in verb.children)
    if passive:
        return None
    if lemma in SPEECH:
        return "speech-verb"
    if lemma in ATTITUDE:
        return "attitude-verb"
    if lemma in LIGHT_VERBS and any(child.dep_ == "dobj" and child.lemma_.lower() in STANCE_OBJECTS for child in verb.children):
        return "attitude-noun"
    for child in verb.children:
        if child.dep_ in ("acomp", "attr", "oprd", "advcl", "conj", "xcomp") and child.lower_ in ADJECTIVES:
            return "attitude-adjective"
        if lemma == "be" and child.dep_ == "prep" and child.lower_ in ("against", "for"):
            return "attitude-adjective"
    return None


def _subject(verb: "Token") -> "Token | None":
    for _ in range(6):
        subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), None)
        if subject is not None:
            return subject
        if any(child.dep_ == "nsubjpass" for child in verb.children):
            return next(child for child in verb.children if child.dep_ == "nsubjpass")
        if verb.dep_ not in ("conj", "xcomp", "advcl"):
            return None
        verb = verb.head
    return None


def _according(doc: "Doc") -> Iterator[Voice]:
    for token in doc[:-1]:
        if token.lower_ == "according" and doc[token.i + 1].lower_ == "to":
            head = next((child for child in doc[token.i + 1].children if child.dep_ == "pobj"), None)
            if head is not None and may_speak(head):
                yield Voice(head, "according-to", 0, token)


def _agents(doc: "Doc") -> Iterator[Voice]:
    for verb in doc:
        if verb.lemma_.lower() not in SPEECH | ATTITUDE:
            continue
        for agent in (child for child in verb.children if child.dep_ in ("agent", "prep") and child.lower_ == "by"):
            head = next((child for child in agent.children if child.dep_ == "pobj"), None)
            if head is not None and may_speak(head) and verb.tag_ == "VBN":
                yield Voice(head, "passive-agent", _depth(verb) + 1, verb)


def _nouns(doc: "Doc") -> Iterator[Voice]:
    for noun in doc:
        if noun.pos_ != "NOUN" or noun.lemma_.lower() not in ATTITUDE_NOUNS:
            continue
        owner = _owner(noun)
        if owner is not None:
            yield Voice(owner, "attitude-noun", _depth(noun) + (1 if noun.dep_ == "nsubj" else 2), noun)


def _viewpoints(doc: "Doc") -> Iterator[Voice]:
    # "For Dagny Moe, the argument is simple"; "To the dockers, it is an insult".
    if len(doc) > 2 and doc[0].lower_ in ("for", "to") and doc[0].dep_ == "prep":
        head = next((child for child in doc[0].children if child.dep_ == "pobj"), None)
        if head is not None and may_speak(head) and (is_name(head) or head.tag_ == "NNS"):
            yield Voice(head, "viewpoint", 4, doc[0])


def _owner(noun: "Token") -> "Token | None":
    for child in noun.children:
        if child.dep_ == "poss" and may_speak(child):
            return child
        if child.dep_ in ("prep", "agent") and child.lower_ in ("from", "by", "among", "of"):
            head = next((word for word in child.children if word.dep_ == "pobj"), None)
            if head is not None and may_speak(head) and (child.lower_ != "of" or is_name(head)):
                return head
    return None


def may_speak(head: "Token") -> bool:
    """Whether the noun or pronoun can be somebody rather than something."""
    lower, lemma = head.lower_, head.lemma_.lower()
    if lower in FIRST_PERSON | SINGULAR | PLURAL | NEUTER:
        return lower not in NEUTER or lower == "it"
    if lower in _NOT_VOICES or lower in ("you", "one's", "who", "whoever"):
        return False
    if is_name(head):
        return head.ent_type_ not in ("DATE", "TIME", "MONEY", "PERCENT", "LAW", "QUANTITY")
    if lower in QUANTITIES or head.pos_ == "NUM":
        return _of_quantity(head).i != head.i or head.pos_ != "NUM"
    return head.pos_ in ("NOUN", "PROPN") and lemma not in THINGS and head.ent_type_ not in ("DATE", "TIME", "MONEY", "PERCENT")


def _of_quantity(head: "Token") -> "Token":
    # "Nobody at the Federation" and "most of the dockers" speak for the Federation and the dockers.
    if head.lower_ not in QUANTITIES:
        return head
    for child in head.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "at", "from", "in", "on"):
            noun = next((word for word in child.children if word.dep_ == "pobj"), None)
            if noun is not None:
                return noun
    return head


def _depth(token: "Token") -> int:
    depth = 0
    while token.head.i != token.i:
        depth += _SUBORDINATE.get(token.dep_, 0)
        token = token.head
    return depth


def _is_break(token: "Token") -> bool:
    return token.is_punct and token.text not in ("-", "(", "'s", "’s")


def _ends_soon(verb: "Token") -> bool:
    for token in verb.doc[verb.i + 1 : verb.i + 6]:
        if _is_break(token) or token.is_space:
            return True
        if token.pos_ not in ("NOUN", "PROPN", "ADV", "ADP", "DET", "PRON", "PART", "ADJ", "NUM"):
            return False
    return verb.i + 6 >= len(verb.doc)
