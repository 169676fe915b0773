"""Verbs whose opposites leave nothing between them: whoever opposes a ban wants to allow, and the other way round.

`raise` and `lower` are not such a pair: whoever opposes a rise may want things as they are. They stand in no table here.
"""

from typing import TYPE_CHECKING

from stancekit.data.augmentation.claims import Claim, Edit, refused

if TYPE_CHECKING:
    from spacy.tokens import Token

ASKING = ("should", "ought", "must", "would")
# With an object right behind: "should ban telemarketing" becomes "should allow telemarketing".
ACTIVE = {
    "ban": "allow", "prohibit": "allow", "forbid": "allow", "outlaw": "allow",
    "allow": "forbid", "permit": "forbid",
    "abolish": "keep", "scrap": "keep", "repeal": "keep", "keep": "give up",
    "end": "continue", "stop": "continue", "continue": "end",
    "approve": "reject", "ratify": "reject", "reject": "accept", "accept": "reject",
    "join": "stay out of",
}  # fmt: skip
# After "be": "should be banned" becomes "should be allowed".
PASSIVE = {
    "banned": "allowed", "prohibited": "allowed", "forbidden": "allowed", "outlawed": "allowed",
    "allowed": "forbidden", "permitted": "forbidden",
    "abolished": "kept", "scrapped": "kept", "repealed": "kept", "closed": "kept open", "shut": "kept open",
    "legalised": "kept illegal", "legalized": "kept illegal", "criminalised": "kept legal", "criminalized": "kept legal",
    "approved": "rejected", "rejected": "accepted", "accepted": "rejected",
    "legal": "illegal", "illegal": "legal", "lawful": "unlawful",
    "mandatory": "optional", "compulsory": "optional", "optional": "compulsory",
}  # fmt: skip
# Two words at the verb: "should withdraw from the pact", "should go on using cash".
PHRASES = {("withdraw", "from"): "stay in", ("stay", "in"): "withdraw from", ("go", "on"): "stop", ("stop", None): "go on"}


def opposite(claim: Claim) -> Edit | None:
    """The edit that turns what is asked for into its opposite, where it is asked for with one of these verbs."""
    verb = claim.verb
    # "accept more refugees" and "reject more refugees" leave out those who want as many as now.
    graded = any(token.lower_ in ("more", "less", "fewer", "there") for token in verb.doc)
    if claim.finite.lower_ not in ASKING or not claim.is_plain or graded or refused(verb.doc) or list(verb.conjuncts):
        return None
    after = verb.nbor() if verb.i + 1 < len(verb.doc) else None
    if verb.lemma_ == "be" and after is not None:
        return _after_be(after) if after.dep_ == "acomp" else None
    if any(child.dep_ == "auxpass" for child in verb.children):
        return _after_be(verb)
    if after is None or any(child.dep_ == "prt" for child in verb.children if child.lower_ != "on"):
        return None
    return _phrase(verb, after) or _active(verb, after)


def _after_be(word: "Token") -> Edit | None:
    new = PASSIVE.get(word.lower_)
    after = word.nbor().lower_ if word.i + 1 < len(word.doc) else ""
    objects = any(child.dep_ in ("dobj", "dative", "oprd", "agent") for child in word.children)
    # "banned from", "closed to", "approved by" do not fit what follows the opposite.
    fits = after not in ("from", "by", "as", "and", "or", "in") or (after == "in" and new != "kept open")
    return _edit(word, new) if new is not None and fits and not objects else None


def _phrase(verb: "Token", after: "Token") -> Edit | None:
    gerund = after.nbor() if after.lower_ == "on" and after.i + 1 < len(after.doc) else after
    if verb.lemma_ in ("go", "stop"):
        key = (verb.lower_, "on" if verb.lemma_ == "go" else None)
        fits = gerund.tag_ == "VBG" and (after.lower_ == "on") == (verb.lemma_ == "go")
        end = after.idx + len(after) if verb.lemma_ == "go" else verb.idx + len(verb)
        return Edit(verb.idx, end, PHRASES[key]) if fits and key in PHRASES else None
    new = PHRASES.get((verb.lower_, after.lower_))
    return Edit(verb.idx, after.idx + len(after), new) if new is not None else None


def _active(verb: "Token", after: "Token") -> Edit | None:
    new = ACTIVE.get(verb.lower_)
    things = [child for child in verb.children if child.dep_ == "dobj"]
    # "keep the ferries public", "keep the masts on the air": the opposite would need other words behind it.
    bending = ("xcomp", "oprd", "acomp", "advmod", "dative", *(["prep"] if verb.lower_ == "keep" else []))
    bent = any(child.dep_ in bending for child in verb.children if child.i > verb.i)
    if verb.lower_ in ("allow", "permit", "forbid"):
        things, bent = things or [child for child in verb.children if child.dep_ == "ccomp"], False
    known = new is not None and things and things[0].left_edge.i == after.i and not bent
    return _edit(verb, str(new)) if known else None


def _edit(word: "Token", new: str) -> Edit:
    return Edit(word.idx, word.idx + len(word), new.title() if word.text[0].isupper() else new)
