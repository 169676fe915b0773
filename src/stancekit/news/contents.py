"""What a cue speaks of: the clause that was said or demanded, the thing that was backed or rejected."""

from typing import TYPE_CHECKING

from stancekit.news.clauses import is_break
from stancekit.news.cues import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSES = ("ccomp", "xcomp", "pcomp")
_THINGS = ("dobj", "pobj", "attr", "oprd", "dative")
_LINKS = frozenset({"about", "against", "at", "behind", "by", "for", "from", "in", "of", "on", "over", "to", "toward", "towards", "with"})
_PERSONAL = words("""
    accuse attack blame castigate chide commend congratulate condemn criticise criticize disassociate dissociate distance fault praise
    rebuke salute slam slate thank warn
""")
_EDGES = frozenset({"that", "to", "if", "whether", "as"})


def content_of(token: "Token") -> tuple[int, int] | None:
    """Where what the cue with this head word speaks of stands in the text: of clauses first, then objects, then what it modifies.

    "demanded that [the fee go]", "rejects [the tolls]", "opposition to [tolls]", "[the plan], backed by the mayor". None where the
    cue stands in the middle of it, or alone.
    """
    # What follows a comma or a quotation mark after a thing often has a side of its own ("rejects the plan, calls it unfair").
    found = _said(token) or _to_break(_reason(token) or _object(token) or _after(token) or _modified(token))
    inside = [word for word in found if word.i != token.i]
    if not inside:
        return None
    first, last = min(inside, key=lambda word: word.i), max(inside, key=lambda word: word.i)
    if first.i < token.i < last.i:
        return None
    words = _trimmed(list(token.doc[first.i : last.i + 1]))
    return (words[0].idx, words[-1].idx + len(words[-1])) if words else None


def _reason(token: "Token") -> "list[Token]":
    # Beside "for" or "from" the object is whom it concerns: "thanked the mayor for [closing it]", "distanced Berlin from [the plan]".
    objects = [child for child in token.children if child.dep_ == "dobj"]
    if not objects or token.lemma_.lower() not in _PERSONAL:
        return []
    beside = [child for one in (token, *objects) for child in one.children if child.dep_ == "prep"]
    links = [link for link in beside if link.lower_ in ("for", "from", "against")]
    return [word for link in links[:1] for child in link.children if child.dep_ in ("pobj", "pcomp") for word in child.subtree]


def _said(token: "Token") -> "list[Token]":
    clause = next((child for child in token.children if child.dep_ in _CLAUSES or (child.dep_ == "acl" and _told(child))), None)
    if clause is None:
        return []
    # "urged the council to build": whom it concerns stands between the verb and its clause.
    asked = [child for child in token.children if child.dep_ in ("dobj", "nsubj") and token.i < child.i < clause.i]
    # Of several demands the first: together they are about too much for one answer.
    further = {word.i for child in clause.children if child.dep_ in ("conj", "cc") for word in child.subtree if child.i > clause.i}
    return [word for part in (*asked, clause) for word in part.subtree if word.i not in further]


def _told(clause: "Token") -> bool:
    # "the claim that ...", "a plea to ..."; "the plan backed by" is none.
    return any(child.lower_ in ("that", "to") for child in clause.children)


def _object(token: "Token") -> "list[Token]":
    if any(child.dep_ in ("nsubjpass", "auxpass") for child in token.children):
        passive = next((child for child in token.children if child.dep_ == "nsubjpass"), None)
        return list(passive.subtree) if passive is not None else []
    return [word for child in token.children if child.dep_ in _THINGS and child.pos_ != "PRON" for word in child.subtree]


def _after(token: "Token") -> "list[Token]":
    for link in token.children:
        if link.lower_ in _LINKS and link.dep_ in ("prep", "prt", "agent", "dative") and link.i > token.i and link.dep_ != "agent":
            found = [word for child in link.children if child.dep_ in ("pobj", "pcomp") for word in child.subtree]
            if found:
                return found
    return []


def _modified(token: "Token") -> "list[Token]":
    relative = any(child.lower_ in ("which", "that") and child.dep_ in _THINGS for child in token.children)
    if token.dep_ != "acl" and not (token.dep_ == "relcl" and relative):
        return []
    own = {word.i for word in token.subtree}
    return [word for word in token.head.subtree if word.i not in own and word.i < token.i]


def _to_break(found: "list[Token]") -> "list[Token]":
    ordered = sorted(found, key=lambda word: word.i)
    end = next((place for place, word in enumerate(ordered) if place and is_break(word)), len(ordered))
    return ordered[:end]


def _trimmed(words: "list[Token]") -> "list[Token]":
    while words and (words[-1].is_punct or words[-1].is_space or words[-1].dep_ == "cc" or words[-1].lower_ == "as"):
        words = words[:-1]
    while words and (words[0].is_punct or words[0].is_space or words[0].lower_ in _EDGES):
        words = words[1:]
    return words
