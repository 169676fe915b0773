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
    NEUTER,
    PLURAL,
    QUANTITIES,
    SINGULAR,
    SPEECH,
    THINGS,
)
from stancekit.news.names import is_name
from stancekit.news.quotes import Quoted

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_SUBJECTS = ("nsubj", "csubj", "expl")
_SUBORDINATE = {"relcl": 3, "acl": 2, "advcl": 1, "ccomp": 1, "pcomp": 1, "csubj": 1}
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
    chunks = list(doc.noun_chunks)
    for verb in doc:
        if verb.lemma_.lower() not in SPEECH or verb.pos_ not in ("VERB", "NOUN", "AUX") or verb.tag_ in ("VB", "VBG"):
            continue
        before, after = _previous(verb), _next(verb)
        if (before is not None and _is_break(before)) and after is not None:
            chunk = next((chunk for chunk in chunks if chunk.start == after.i), None)
            if chunk is not None and may_speak(chunk.root) and chunk.root.lower_ not in ("him", "her", "them", "me", "us"):
                yield Voice(_name_in(chunk.root, doc), "speech-tag", -1, verb)
                continue
        chunk = next((chunk for chunk in chunks if chunk.end in (verb.i, verb.i - 1) and chunk.end > 0), None)
        if chunk is not None and may_speak(chunk.root) and _ends_soon(verb) and _begins_clause(chunk.start, doc) and chunk.start > 0:
            yield Voice(_name_in(chunk.root, doc), "speech-tag", -1, verb)


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
        return _of_quantity(head) is not head or head.pos_ != "NUM"
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
    while token.head is not token:
        depth += _SUBORDINATE.get(token.dep_, 0)
        token = token.head
    return depth


def _name_in(head: "Token", doc: "Doc") -> "Token":
    # A parser's noun phrase may end before a name that stands in apposition without a comma.
    following = doc[head.i + 1] if head.i + 1 < len(doc) else None
    if not is_name(head) and following is not None and is_name(following) and following.dep_ in ("appos", "compound"):
        return max((word for word in doc[following.i : following.i + 3] if is_name(word)), key=lambda word: word.i)
    return _of_quantity(head)


def _previous(token: "Token") -> "Token | None":
    return token.nbor(-1) if token.i > 0 else None


def _next(token: "Token") -> "Token | None":
    return token.nbor() if token.i + 1 < len(token.doc) else None


def _is_break(token: "Token") -> bool:
    return token.is_punct and token.text not in ("-", "(", "'s", "’s")


def _begins_clause(start: int, doc: "Doc") -> bool:
    return start == 0 or _is_break(doc[start - 1])


def _ends_soon(verb: "Token") -> bool:
    for token in verb.doc[verb.i + 1 : verb.i + 6]:
        if _is_break(token) or token.is_space:
            return True
        if token.pos_ not in ("NOUN", "PROPN", "ADV", "ADP", "DET", "PRON", "PART", "ADJ", "NUM"):
            return False
    return verb.i + 6 >= len(verb.doc)
