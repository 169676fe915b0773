"""Which verbs report a position, by their own sense or with what hangs on them ("came out against", "has no quarrel with")."""

import re
from typing import TYPE_CHECKING

from stancekit.news.clauses import has_content
from stancekit.news.cues import (
    ADJECTIVES,
    ATTITUDE,
    BODY_WORDS,
    CLAUSAL,
    DOCUMENTS,
    LIGHT_VERBS,
    QUANTITIES,
    SPEECH,
    STANCE_OBJECTS,
    THINGS,
    words,
)
from stancekit.news.names import is_name, mention_of

if TYPE_CHECKING:
    from spacy.tokens import Token

# "Came out against it", "turned it down".
PARTICLES = {
    "come": ("out", "round", "around"),
    "stand": ("by", "with", "behind", "against", "firm", "up"),
    "turn": ("down",),
    "throw": ("out", "behind"),
    "vote": ("down", "for", "against"),
    "rule": ("out",),
    "hit": ("back", "out"),
    "dig": ("in",),
    "speak": ("up", "out", "against"),
    "sign": ("up", "onto"),
    "wave": ("through",),
    "put": ("down", "forward"),
    "keep": ("out", "quiet", "silent", "mum"),
    "lay": ("out", "down"),
    "set": ("out",),
}
STEMS = (SPEECH | ATTITUDE) - frozenset(PARTICLES) - CLAUSAL - words("brand label plan question state value view")
FORMS = frozenset(f"{stem}s" for stem in STEMS) | frozenset(re.sub("e?$", "ed", stem) for stem in STEMS) | words("cheer deny say want")
ONLY_WITH_PARTICLE = frozenset(PARTICLES) - LIGHT_VERBS - {"vote", "rule"}
TELLING = words("add announce confirm explain insist note report say tell")
SPONSORED = words("adopt draft file introduce pass propose sign sponsor write")
TAGS = SPEECH | {"agree", "call", "laugh", "cheer", "shoot"}


def attitude_of(verb: "Token") -> str | None:
    """The rule by which the verb reports a position of its subject, None where it does not."""
    lemma = verb.lemma_.lower()
    children = list(verb.children)
    if any(child.dep_ in ("auxpass", "nsubjpass") for child in children):
        return None
    if lemma == "make" and any(child.lower_ == "clear" for child in verb.subtree):
        return "attitude-adjective"
    if lemma == "have" and any(child.lower_ == "yet" for child in children):
        return "attitude-verb"
    if any(child.lower_ in PARTICLES.get(lemma, ()) for child in children):
        return "attitude-verb"
    if (lemma in CLAUSAL and not has_content(verb)) or lemma in ONLY_WITH_PARTICLE:
        return None
    if lemma in SPEECH:
        return "speech-verb"
    if lemma in ATTITUDE:
        return "attitude-verb"
    if lemma in LIGHT_VERBS and any(child.dep_ == "dobj" and child.lemma_.lower() in STANCE_OBJECTS for child in children):
        return "attitude-noun"
    if any(child.dep_ in ("acomp", "attr", "oprd") and child.lower_ in ADJECTIVES for child in children):
        return "attitude-adjective"
    if lemma == "be" and any(child.dep_ == "prep" and child.lower_ in ("against", "for") for child in children):
        return "attitude-adjective"
    return None


def is_reported(verb: "Token", subject: "Token") -> bool:
    """Whether somebody else tells the position of the subject: "the aide said that Varga opposes it", not "she said her group would"."""
    teller = verb.head
    if verb.dep_ != "ccomp" or teller.lemma_.lower() not in TELLING or subject.i < teller.i or verb.lemma_.lower() in SPEECH:
        return False
    own = any(child.dep_ == "poss" and child.pos_ == "PRON" for child in subject.children)
    definite = any(child.lower_ == "the" for child in subject.children)
    return not own and (mention_of(subject).proper or (definite and subject.lemma_.lower() in BODY_WORDS))


def is_unknown_person(subject: "Token") -> bool:
    """Whether the subject of a verb of saying or wanting may be a person that stands in no table."""
    # A word that stands in no table ("the prefect") is taken for a person where it says, argues or insists.
    return bool(subject.tag_ == "NN") and subject.lemma_.lower() not in THINGS | DOCUMENTS | QUANTITIES | {"rest"} and not is_name(subject)
