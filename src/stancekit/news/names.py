"""Noun phrases as names: which words name a voice, what kind of voice it is, and the id it goes by."""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stancekit.news.cues import BODY_WORDS, FEMALE, FIRST_PERSON, MALE, NEUTER, PLURAL, SINGULAR, TITLES

if TYPE_CHECKING:
    from spacy.tokens import Token

Kind = Literal["person", "body", "group", "pronoun", "author"]

_BEFORE = frozenset({"compound", "amod", "nmod", "nummod", "poss", "det", "case", "predet", "quantmod", "npadvmod", "flat", "advmod"})
_DETERMINERS = frozenset("the a an this that these those its their his her our my your".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A holder as one sentence words it.

    start, end: offsets in the sentence. core: the name without titles, articles and possessive pronouns. titles: lower-case titles and roles beside the name.
    """

    text: str
    start: int
    end: int
    kind: Kind
    core: str
    titles: frozenset[str] = frozenset()
    gender: Literal["m", "f"] | None = None

    @property
    def definite(self) -> bool:
        """Whether it points back ("the minister", "her deputy") rather than naming somebody."""
        first = self.text.split()[0].lower() if self.text else ""
        return self.kind in ("person", "body", "group") and first in _DETERMINERS - {"a", "an"}


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens; possessive endings stay part of their word. Empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", re.sub(r"['’](?=s\b|\s|$)", "", name))
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)).lower()))


def mention_of(head: "Token") -> Mention:
    """The mention whose head word is `head`; an apposed name ("the secretary, Tomas Aurel") takes its place."""
    lower = head.lower_
    if lower in FIRST_PERSON:
        return _bare(head, "author")
    if lower in SINGULAR | PLURAL | NEUTER:
        return _bare(head, "pronoun")
    named = _apposed_name(head)
    roles = frozenset({lower} if named is not None else ())
    head = named if named is not None else head
    start, end = _extent(head)
    text = head.doc.text[start:end]
    words = text.split()
    titles = frozenset(word.lower().rstrip(".") for word in words[:-1] if word.lower().rstrip(".") in TITLES) | roles
    return Mention(text, start, end, _kind(head, words, titles), _core(head, words), titles | _role_after(head), _gender(titles))


def _bare(token: "Token", kind: Kind) -> Mention:
    gender = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}.get(token.lower_)
    return Mention(token.text, token.idx, token.idx + len(token), kind, token.lower_, gender=gender)  # type: ignore[arg-type]


def _apposed_name(head: "Token") -> "Token | None":
    if head.pos_ == "PROPN":
        return None
    return next((child for child in head.children if child.dep_ == "appos" and child.i > head.i and is_name(child)), None)


def is_name(token: "Token") -> bool:
    """Whether the word is (part of) a proper name, by the tagger and by its capital letter."""
    return token.text[:1].isupper() and (token.pos_ == "PROPN" or token.ent_type_ in ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC"))


def _extent(head: "Token") -> tuple[int, int]:
    first = head
    for token in reversed(list(head.lefts)):
        if token.dep_ not in _BEFORE or token.i < first.left_edge.i - 1 - (1 if token.nbor().text == "-" else 0):
            break
        first = token.left_edge
    last = head
    for token in head.rights:
        if token.dep_ == "prep" and token.i == last.i + 1 and (token.lower_ == "of" or not is_name(head)):
            noun = next((child for child in token.children if child.dep_ == "pobj"), None)
            if noun is not None:
                last = noun
        elif token.dep_ in ("nummod", "flat") and token.i == last.i + 1:
            last = token
    return first.idx, last.idx + len(last)


def _kind(head: "Token", words: list[str], titles: frozenset[str]) -> Kind:
    lowered = {word.lower() for word in words}
    lemma = head.lemma_.lower()
    if not is_name(head):
        if lemma in TITLES:
            return "person"
        return "body" if lemma in BODY_WORDS else "group" if head.tag_ == "NNS" else "person"
    if head.ent_type_ == "PERSON" or titles:
        return "person" if not lowered & BODY_WORDS else "body"
    if head.ent_type_ in ("ORG", "GPE", "NORP", "LOC", "FAC") or lowered & BODY_WORDS or words[0].lower() in _DETERMINERS:
        return "body"
    return "person"


def _core(head: "Token", words: list[str]) -> str:
    if not is_name(head):
        while len(words) > 1 and words[0].lower() in _DETERMINERS:
            words = words[1:]
        return " ".join(words)
    cut = 0
    for position, word in enumerate(words[:-1]):
        plain = word.lower().rstrip(".")
        if plain in TITLES or plain in _DETERMINERS or (word[:1].islower() and plain not in ("of", "de", "van", "von", "der", "la", "al", "bin", "and", "for", "the")):
            cut = position + 1
    # "the Federation of the ..." keeps its tail; a title inside a body's name ("the Nurse Union") is not one of a person.
    if any(word.lower() in BODY_WORDS for word in words):
        cut = 1 if words[0].lower() in _DETERMINERS and len(words) > 1 else 0
    return " ".join(words[cut:])


def _role_after(head: "Token") -> frozenset[str]:
    # "Thea Kolar, its director" and "Ida Brandvold, who chairs the committee" tell a role after the name.
    found = set()
    for child in head.children:
        if child.dep_ == "appos" and not is_name(child):
            found.add(child.lemma_.lower())
        if child.dep_ == "relcl" and child.lemma_ in ("chair", "lead", "head"):
            found |= {"chair", "chairman", "chairwoman"} if child.lemma_ == "chair" else {"leader", "head", "director"}
    return frozenset(found)


def _gender(titles: frozenset[str]) -> Literal["m", "f"] | None:
    return "m" if titles & MALE else "f" if titles & FEMALE else None
