"""Noun phrases as names: which words name a voice, what kind of voice it is, and the id it goes by."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stancekit.news.cues import (
    BODY_WORDS,
    FEMALE,
    FIRST_PERSON,
    HUMAN_ENDINGS,
    MALE,
    NEUTER,
    OFFICES,
    PEOPLE,
    PLURAL,
    SINGULAR,
    THINGS,
    TITLES,
    words,
)

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

GENDERS: dict[str, Literal["m", "f"]] = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}
Kind = Literal["person", "body", "group", "pronoun", "author"]

_BEFORE = frozenset({"compound", "amod", "nmod", "nummod", "poss", "det", "case", "predet", "quantmod", "npadvmod", "flat", "advmod"})
_PARTICLES = words("al and bin da de del der di du el la le ten van von y")
_SOME = words("all any both few many most no other several some")
_OWNERS = words("their its his her our my your")
_DETERMINERS = words("the a an this that these those its their his her our my your")


@dataclass(frozen=True, slots=True)
class Mention:
    """A holder as one sentence words it.

    start, end: offsets in the sentence. core: the name without titles, articles and possessive pronouns.
    titles: lower-case titles and roles beside the name. sure: False where `kind` is a guess. subject: of some clause.
    proper: whether the core names one and the same voice in every article.
    """

    text: str
    start: int
    end: int
    kind: Kind
    core: str
    titles: frozenset[str] = frozenset()
    gender: Literal["m", "f"] | None = None
    sure: bool = True
    subject: bool = False
    proper: bool = False

    @property
    def honorific(self) -> str | None:
        """The first title as it is written."""
        return next((word for word in self.text.split() if word.lower().rstrip(".") in self.titles), None)

    @property
    def definite(self) -> bool:
        """Whether it points back ("the minister", "her deputy") rather than naming somebody."""
        first = self.text.split()[0].lower() if self.text else ""
        return self.kind in ("person", "body", "group") and first in _DETERMINERS - {"a", "an"}


def slug(name: str) -> str:
    """Lower-case words joined by hyphens; possessive endings stay part of their word. Empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", re.sub(r"['’](?=s\b|\s|$)", "", name))
    bare = "".join(character for character in plain if not unicodedata.combining(character)).lower()
    # Names in other scripts keep their letters.
    return "-".join(re.findall(r"[a-z0-9]+", bare) or re.findall(r"\w+", bare))


def mention_of(head: "Token") -> Mention:
    """The mention whose head word is `head`; an apposed name ("the secretary, Tomas Aurel") takes its place."""
    lower = head.lower_
    if lower in FIRST_PERSON:
        return _bare(head, "author")
    if lower in SINGULAR | PLURAL | NEUTER:
        return _bare(head, "pronoun")
    subject = head.dep_ in ("nsubj", "nsubjpass")
    named = apposed_name(head)
    roles = frozenset({lower} if named is not None else ())
    head = named if named is not None else head
    start, end = _extent(head)
    text = head.doc.text[start:end]
    titles = frozenset(word.lower().rstrip(".") for word in text.split()[:-1]) & TITLES | roles | _role_after(head)
    core = _core(head, text.split())
    kind, sure = _kind(head, text, core, titles)
    gender = _gender(titles | {head.lemma_.lower()})
    return Mention(text, start, end, kind, core, titles, gender, sure, subject, is_name(head) and is_proper(core))


def _bare(token: "Token", kind: Kind) -> Mention:
    return Mention(token.text, token.idx, token.idx + len(token), kind, token.lower_, gender=GENDERS.get(token.lower_))


def apposed_name(head: "Token") -> "Token | None":
    """The name that a role before it is given ("the secretary, Tomas Aurel,"), None where `head` is itself a name of somebody."""
    start, end = _extent(head)
    text = head.doc.text[start:end]
    if is_name(head) and is_proper(_core(head, text.split())):
        return None
    child = next((child for child in head.children if child.dep_ == "appos" and child.i > head.i and is_name(child)), None)
    if child is not None and _names_noun_before(child, head):
        return None
    # Read off the surface, too: behind a longer phrase the parser hangs the name on the nearest noun.
    comma = next((token for token in head.doc[head.i + 1 :] if token.idx >= end), None)
    if child is not None or comma is None or comma.text != "," or comma.i + 2 >= len(head.doc):
        return child
    run = comma.i + 1
    while run < len(head.doc) and is_name(head.doc[run]):
        run += 1
    closed = run < len(head.doc) and (head.doc[run].is_punct or head.doc[run].tag_ in ("VBD", "VBZ"))
    return head.doc[run - 1] if run - comma.i > 2 and closed and head.doc[comma.i + 1].ent_type_ in ("PERSON", "ORG", "") else None


def _names_noun_before(name: "Token", head: "Token") -> bool:
    # "The head of the grid operator Nordnett", "protesters from the group Cold Hands": the name is the operator's, the group's.
    start = name.left_edge.i
    while start > 0 and is_name(name.doc[start - 1]):
        start -= 1
    noun = name.doc[start - 1] if start else head
    known = noun.lemma_.lower() in BODY_WORDS or is_human(noun.lemma_.lower())
    return noun.i != head.i and noun.pos_ == "NOUN" and known and any(child.lower_ in _DETERMINERS for child in noun.children)


def is_name(token: "Token") -> bool:
    """Whether the word is (part of) a proper name, by the tagger and by its capital letter."""
    return token.text[:1].isupper() and (token.pos_ == "PROPN" or token.ent_type_ in ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC"))


def is_human(word: str) -> bool:
    """Whether a common noun, in lower case and singular, is one for people: by the word tables, else by its ending."""
    if word in TITLES or word in PEOPLE:
        return True
    return word not in THINGS and word not in BODY_WORDS and len(word) > 4 and word.endswith(HUMAN_ENDINGS)


def is_proper(core: str) -> bool:
    """Whether a core has a capitalised word that is none for an office, a role, a body or a kind of people."""
    named = [word for word in core.split() if word[:1].isupper() or word[:1] == "@"]
    return any(not _is_common(re.sub(r"['’]s?$", "", word.lower().rstrip(".")), alone=len(named) == 1) for word in named)


def _is_common(word: str, alone: bool) -> bool:
    singular = word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
    tables = OFFICES | TITLES | PEOPLE | BODY_WORDS | THINGS | _DETERMINERS
    # "Foreman" and "Growers" open a sentence with a capital; beside another name "Grower" is a surname.
    return word in tables or singular in tables or (alone and is_human(singular))


def name_runs(doc: "Doc") -> Iterator["Token"]:
    """The last word of every run of two or more capitalised names, which the parser's noun phrases do not all cover."""
    for token in doc:
        follows = token.i > 0 and _goes_on(token.nbor(-1))
        ends = token.i + 1 == len(doc) or not _goes_on(token.nbor())
        if is_name(token) and follows and ends:
            yield token


def _goes_on(token: "Token") -> bool:
    capital = token.text[:1].isupper() and token.lower_ not in _DETERMINERS and token.ent_type_ not in ("DATE", "TIME")
    return capital and (token.pos_ == "PROPN" or (token.i > 0 and token.pos_ in ("NOUN", "ADJ") and token.ent_type_ != ""))


def _extent(head: "Token") -> tuple[int, int]:
    first = head
    for token in reversed(list(head.lefts)):
        if token.dep_ not in _BEFORE or token.right_edge.i != first.i - 1:
            break
        first = token.left_edge
    while is_name(head) and first.i > 0 and _goes_on(first.nbor(-1)):
        first = first.nbor(-1)
    last = head
    for token in head.rights:
        adjacent = token.i == last.i + 1
        if adjacent and token.dep_ == "prep" and (token.lower_ == "of" or not is_name(head)):
            noun = next((child for child in token.children if child.dep_ == "pobj" and child.ent_type_ not in ("DATE", "TIME")), None)
            last = noun if noun is not None else last
            while noun is not None and last.i + 1 < len(head.doc) and is_name(last.nbor()) and _names_noun_before(last.nbor(), head):
                last = last.nbor()
        elif adjacent and (token.dep_ in ("nummod", "flat") or (is_name(token) and is_name(head))):
            last = token
        elif token.dep_ not in ("punct", "case"):
            break
    return first.idx, last.idx + len(last)


def _kind(head: "Token", text: str, core: str, titles: frozenset[str]) -> tuple[Kind, bool]:
    lemma = head.lemma_.lower()
    if not is_name(head):
        if lemma in BODY_WORDS:
            return "body", True
        return ("group", is_human(lemma)) if head.tag_ in ("NNS", "NNPS") else ("person", is_human(lemma))
    lowered = [word.lower() for word in core.split()]
    first, *between = text.removesuffix(core).split() or [""]
    if BODY_WORDS & set(lowered) or (first.lower() in _DETERMINERS and not titles and not (between and first.lower() in _OWNERS)):
        return "body", True
    if titles or (head.ent_type_ == "PERSON" and len(lowered) > 1):
        return "person", True
    # The tagger's classes of invented names are guesses; two capitalised words are most often a person, one a place or body.
    if head.ent_type_ == "PERSON" or (len(lowered) > 1 and head.ent_type_ in ("", "ORG")):
        return "person", False
    return "body", False


def _core(head: "Token", parts: list[str]) -> str:
    # The marks of emphasis in Markdown are no part of a name.
    parts = [bare for word in parts if (bare := word.strip("*_"))] or parts
    if not is_name(head):
        while len(parts) > 1 and parts[0].lower() in _DETERMINERS | {"own"}:
            parts = parts[1:]
        return " ".join(parts)
    end = next((place for place, word in enumerate(parts) if place and word in ("of", "at", "for", "in")), len(parts))
    # "Secretary of Defense Chuck Hagel": behind the office there is a name.
    behind = parts[end + 1 :]
    named = len(behind) > (1 if head.ent_type_ == "PERSON" else 2) and all(word[:1].isupper() for word in behind)
    if named and is_human(parts[end - 1].lower()):
        return " ".join(behind[1:][-2:])
    cut = 0
    for place, word in enumerate(parts[: end - 1]):
        plain = word.lower().rstrip(".")
        if is_human(plain) or plain in _DETERMINERS | _SOME or (word[:1].islower() and plain not in _PARTICLES):
            cut = place + 1
    titled = any(is_human(word.lower().rstrip(".")) or word[:1].islower() for word in parts[:cut])
    # "Perrin Aldous of Saltmouth" loses its tail, "the Chamber of Commerce" needs it.
    if BODY_WORDS & {word.lower() for word in parts[cut:end]} or (not titled and end < len(parts) and end - cut == 1):
        names = (place for place, word in enumerate(parts) if word[:1].isupper() and word.lower() not in _DETERMINERS)
        return " ".join(parts[next(names, 0) :])
    return " ".join(parts[cut:end])


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
