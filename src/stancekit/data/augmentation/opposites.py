"""Verbs whose opposites leave nothing between them: whoever opposes a ban wants to allow, and the other way round.

`raise` and `lower` are not such a pair: whoever opposes a rise may want things as they are. They stand in no table here.
"""

from typing import TYPE_CHECKING

from stancekit.data.augmentation.claims import Claim, Edit, following, refused

if TYPE_CHECKING:
    from spacy.tokens import Token

ASKING = ("should", "ought", "must", "would")
# With an object right behind: "should ban telemarketing" becomes "should allow telemarketing". "End" and "stop" are left out: what
# is to be ended may be poverty, which nobody wants to continue.
ACTIVE = {
    "ban": "allow", "prohibit": "allow", "forbid": "allow", "outlaw": "allow",
    "allow": "forbid", "permit": "forbid",
    "abolish": "keep", "scrap": "keep", "repeal": "keep", "keep": "give up", "continue": "end",
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
# "banned from", "closed by", "accepted as" do not fit what follows the opposite.
UNFIT = ("from", "by", "as", "and", "or")
DETERMINED = ("DT", "PRP$", "NNP", "NNPS")


def opposite(claim: Claim) -> Edit | None:
    """The edit that turns what is asked for into its opposite, where it is asked for with one of these verbs."""
    verb = claim.verb
    # "accept more refugees" and "reject more refugees" leave out those who want as many as now.
    graded = any(token.lower_ in ("more", "less", "fewer", "there") for token in verb.doc)
    if claim.finite.lower_ not in ASKING or not claim.is_plain or graded or refused(verb.doc) or list(verb.conjuncts):
        return None
    after = following(verb)
    if verb.lemma_ == "be":
        return _after_be(after) if after is not None and after.dep_ == "acomp" else None
    if any(child.dep_ == "auxpass" for child in verb.children):
        return _after_be(verb)
    return None if after is None else _phrase(verb, after) or _active(verb, after)


def _after_be(word: "Token") -> Edit | None:
    new, after = PASSIVE.get(word.lower_), following(word)
    # "allowed more control", "shut down"
    bound = any(child.dep_ in ("dobj", "dative", "oprd", "agent", "prt") for child in word.children)
    fits = after is None or after.lower_ not in UNFIT
    return _edit(word, new) if new is not None and fits and not bound else None


def _phrase(verb: "Token", after: "Token") -> Edit | None:
    # Two words at the verb, or one and a gerund: "should withdraw from the pact", "should go on using cash".
    last = following(after)
    if verb.lower_ == "withdraw" and after.lower_ == "from":
        return Edit(verb.idx, after.idx + len(after), "stay in")
    if verb.lower_ == "go" and after.lower_ == "on" and last is not None and last.tag_ == "VBG":
        return Edit(verb.idx, after.idx + len(after), "stop")
    return _edit(verb, "go on") if verb.lower_ == "stop" and after.tag_ == "VBG" else None


def _active(verb: "Token", after: "Token") -> Edit | None:
    name, new = verb.lower_, ACTIVE.get(verb.lower_)
    things = [child for child in verb.children if child.dep_ in ("dobj", *(["ccomp"] if name in ("allow", "permit", "forbid") else []))]
    if new is None or not things or things[0].left_edge.i != after.i or any(token.lower_ == "from" for token in verb.doc[after.i :]):
        return None
    # "keep the ferries public", "keep the masts on the air", "join at once": the opposite would need other words behind it.
    bending = ("prt", "advmod", "dative", "oprd", *(("xcomp", "ccomp", "acomp", "prep") if name == "keep" else ()))
    bent = any(child.dep_ in bending for child in verb.children if child.i > verb.i)
    # "join forces"
    fits = name != "join" or after.tag_ in DETERMINED
    return _edit(verb, new) if fits and not bent else None


def _edit(word: "Token", new: str) -> Edit:
    return Edit(word.idx, word.idx + len(word), new.title() if word.text[0].isupper() else new)
