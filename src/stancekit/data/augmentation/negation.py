"""The negation of a proposal, by rule: whoever supports the one opposes the other."""

from typing import TYPE_CHECKING

from stancekit.data.augmentation.claims import UNIVERSAL, Claim, Edit, following, main_clause, refused

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

PLAIN_MODALS = ("should", "ought", "would", "will", "could")
# "has no place in" is a set phrase whose "no" can go: "has a place in".
NO_PHRASES = ("place", "right")


def negated(frame: str, body: str, doc: "Doc") -> str | None:
    """The proposal with its main clause negated, or with its negation taken away; None where no rule is sound."""
    claim = main_clause(frame, body, doc)
    if claim is None:
        return None if frame else _negated_fragment(body, doc)
    if (phrase := _no_phrase(claim)) is not None:
        return None if refused(doc, free=phrase.i + 1) else claim.edited(Edit(phrase.idx, phrase.idx + len(phrase), "a"))
    if doc[0].lower_ in UNIVERSAL and claim.negation is None and not refused(doc, free=1):
        return claim.edited(Edit(0, len(doc[0]), f"{'not' if frame else 'Not'} {doc[0].lower_}"))
    # "Ferries rather than a bridge should not ..." reads as if the bridge should.
    compared = any(token.lower_ in ("rather", "instead") for token in doc[: claim.finite.i])
    if refused(doc) or compared or not claim.is_plain or doc[0].lower_ == "that":
        return None
    edits = _without_negation(claim) if claim.negation is not None else _with_negation(claim)
    return claim.edited(*edits) if edits else None


def _negated_fragment(body: str, doc: "Doc") -> str | None:
    # "Abolish the monarchy" and, in lower case, topics such as "a tax on sugar".
    first, root = doc[0], next(token for token in doc if token.dep_ == "ROOT")
    if refused(doc) or len(doc.text) != len(body) or any(token.lower_ in ("not", "do", "and", "or", "n't") for token in doc):
        return None
    if root.i == 0 and root.tag_ == "VB":
        return f"Do not {body[0].lower()}{body[1:]}"
    parts = {child.dep_ for child in root.children if child.i < root.i} - {"amod", "compound", "det", "nmod", "npadvmod", "punct"}
    if root.pos_ != "NOUN" or not body[0].islower() or parts or root.left_edge.i != 0:
        return None
    if first.lower_ in ("a", "an"):
        return f"no {body[len(first) + 1 :]}"
    return f"no {body}" if first.pos_ in ("NOUN", "ADJ") else None


def _no_phrase(claim: Claim) -> "Token | None":
    after = list(claim.verb.doc[claim.verb.i + 1 : claim.verb.i + 3])
    known = claim.verb is claim.finite and claim.verb.lemma_ in ("have", "be") and len(after) == 2
    return after[0] if known and after[0].lower_ == "no" and after[1].lower_ in NO_PHRASES else None


def _with_negation(claim: Claim) -> list[Edit]:
    finite = claim.finite
    start, end = finite.idx, finite.idx + len(finite)
    word = "Not" if claim.text[start].isupper() else "not"
    if finite.lower_ == "must":
        # "must not" would say more than that there is no duty.
        return [Edit(start, end, "Need Not" if word == "Not" else "need not")]
    if finite.lower_ == "can":
        return [Edit(end, end, word.lower())]
    if finite.lower_ in PLAIN_MODALS or (finite.tag_ != "MD" and (finite is not claim.verb or finite.lemma_ == "be")):
        return [Edit(end, end, f" {word}")]
    return _with_do(claim)


def _with_do(claim: Claim) -> list[Edit]:
    # "deserves" becomes "does not deserve". Where form and tag do not fit each other, the parser has guessed.
    verb, written = claim.verb, claim.verb.lower_
    if any(token.tag_ == "VB" or token.lemma_ == "do" for token in verb.doc[: verb.i] if token.dep_ not in ("acl", "xcomp")):
        return []
    fits = {"VBZ": written.endswith("s"), "VBP": written == verb.lemma_, "VBD": written != verb.lemma_}
    if verb.tag_ not in fits or not fits[verb.tag_] or verb.lemma_ == "be":
        return []
    helper = {"VBZ": "does", "VBP": "do", "VBD": "did"}[verb.tag_]
    return [Edit(verb.idx, verb.idx + len(verb), f"{helper} not {verb.lemma_}")]


def _without_negation(claim: Claim) -> list[Edit]:
    finite, negation = claim.finite, claim.negation
    if negation is None:
        return []
    start, end = finite.idx, negation.idx + len(negation)
    written = claim.text[start : finite.idx + len(finite)]
    if finite.lower_ == "must":
        return [Edit(start, end, "should")]
    if finite.lower_ == "ought" and ((after := following(negation)) is None or after.tag_ != "TO"):
        return [Edit(start, end, f"{written} to")]
    if finite.lower_ == "do":
        return [Edit(start, end, "")]
    if finite.lower_ == "does":
        verb = claim.verb
        return [Edit(start, end, ""), Edit(verb.idx, verb.idx + len(verb), third_person(verb.lower_))]
    # "won't" and "can't" are cut in the middle of the word.
    whole = finite.lower_ in (*PLAIN_MODALS, "can") or (finite.tag_ != "MD" and finite.lower_ != "did")
    return [Edit(start, end, written)] if whole else []


def third_person(verb: str) -> str:
    """The form of a verb after `it`."""
    irregular = {"have": "has", "be": "is"}
    if verb in irregular:
        return irregular[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"
