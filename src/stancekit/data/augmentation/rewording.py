"""Other wordings of a proposal that keep its side, by rule."""

import re
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from stancekit.data.augmentation.claims import Claim, Edit, following, main_clause, refused
from stancekit.data.augmentation.opposites import opposite

if TYPE_CHECKING:
    from spacy.tokens import Doc

FOR = ("It would be right", "The right thing would be")
AGAINST = ("It would be wrong", "It would be a mistake")
# Whom these stand for goes without saying in "it would be right to".
ANYBODY = ("we", "you", "one", "this house")
ARTICLES = ("a", "an", "the")
# A pronoun without a name cannot be the subject of "for ... to".
UNNAMED = ("it", "they", "he", "she", "i", "this", "that", "these", "those")
WISH = re.compile(r"(?:We need to|It would be right to|It is right to) (?=\w)")


def rewordings(frame: str, body: str, doc: "Doc", small: Set[str]) -> list[str]:
    """All wordings that rules can make of a proposal, none of them the proposal itself; empty where no rule is sound.

    small: words that need no capital within a sentence.
    """
    claim = main_clause(frame, body, doc)
    if claim is None:
        return [] if frame else _as_claim(body, doc)
    found = [f"{body[0].upper()}{body[1:]}"] if frame else []
    if (match := WISH.match(body)) is not None and claim.negation is None:
        return [*found, f"We should {body[match.end() :]}"]
    asks = claim.finite.lower_ in ("should", "ought") or (claim.finite.lower_ == "would" and _subject(claim).lower() == "this house")
    # In title case "It would be right for Schools To Close" would be written in two ways.
    if asks and claim.is_plain and claim.text[claim.finite.idx].islower():
        found += [*_same_verb(claim), *_by_opposite(claim), *_frames(claim, small)]
    return found


def _as_claim(body: str, doc: "Doc") -> list[str]:
    # "Abolish the monarchy"
    orders = doc[0].dep_ == "ROOT" and doc[0].tag_ == "VB" and len(doc.text) == len(body) and not refused(doc)
    return [f"We should {body[0].lower()}{body[1:]}"] if orders else []


def _subject(claim: Claim) -> str:
    return claim.text[: claim.finite.idx].strip()


def _same_verb(claim: Claim) -> Iterator[str]:
    finite = claim.finite
    if finite.lower_ == "should":
        end = finite.idx + len(finite)
        negation = claim.negation
        if negation is None:
            yield claim.edited(Edit(finite.idx, end, "ought to"))
        elif negation.lower_ == "not":
            yield claim.edited(Edit(finite.idx, negation.idx + len(negation), "ought not to"))
    elif finite.lower_ == "ought" and (to := _to_of_ought(claim)) is not None:
        yield claim.edited(Edit(finite.idx, to, "should not" if claim.negation is not None else "should"))


def _to_of_ought(claim: Claim) -> int | None:
    after = following(claim.negation or claim.finite)
    return after.idx + len(after) if after is not None and after.tag_ == "TO" else None


def _by_opposite(claim: Claim) -> Iterator[str]:
    # "should be banned" and "should not be allowed" ask for the same.
    edit, finite, negation = opposite(claim), claim.finite, claim.negation
    if edit is None:
        return
    written = claim.text[finite.idx : finite.idx + len(finite)]
    if negation is None:
        yield claim.edited(edit, Edit(finite.idx + len(finite), finite.idx + len(finite), " not"))
    else:
        yield claim.edited(edit, Edit(finite.idx, negation.idx + len(negation), written))


def _frames(claim: Claim, small: Set[str]) -> Iterator[str]:
    subject, negation = _subject(claim), claim.negation
    start = negation.idx + len(negation) if negation is not None else claim.finite.idx + len(claim.finite)
    predicate = claim.text[start:].strip().removeprefix("to ").strip()
    if refused(claim.verb.doc) or subject.lower() in UNNAMED or "," in predicate:
        return
    if subject.lower() == "there":
        if negation is None and predicate.startswith("be "):
            yield f"{FOR[0]} to have {predicate.removeprefix('be ')}"
        return
    whom = "" if subject.lower() in ANYBODY else f" for {inside(subject, small)}"
    for opening in AGAINST if negation is not None else FOR:
        yield f"{opening}{whom} to {predicate}"


def inside(subject: str, small: Set[str]) -> str:
    """A text that began a sentence, written as within one. small: words that need no capital there."""
    # The capital of a sentence's first word goes, that of a name stays ("South Ossetia").
    first, _, rest = subject.partition(" ")
    word = re.sub(r"['’]s?$", "", first).lower()
    known = word in small and (first[1:].islower() or len(first) == 1) and not rest[:1].isupper()
    return f"{first.lower()} {rest}".strip() if known or word in ARTICLES else subject
