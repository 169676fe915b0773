"""What is called what: "called the plan [premature]", "said that it was a [mistake]"."""

from itertools import takewhile
from typing import TYPE_CHECKING

from stancekit.news.clauses import is_break
from stancekit.news.cues import words
from stancekit.news.polarity import BAD, GOOD

if TYPE_CHECKING:
    from spacy.tokens import Token

JUDGING = words("be brand call consider deem describe dub find judge label look regard remain see seem term think view")
_QUALITIES = ("amod", "acomp", "attr", "conj", "oprd")
_COPULAS = words("be look remain seem")
NAMING = words("brand call deem dub label term")


def judgement_of(verb: "Token") -> "Token | None":
    """What the verb calls something: "called the plan [premature]", "it is a [mistake]"."""
    named = [child for child in verb.children if child.dep_ in ("acomp", "attr", "oprd", "ccomp", "xcomp")]
    named += [word for link in verb.children if link.dep_ == "prep" and link.lower_ == "as" for word in link.children]
    # "branded the idea unacceptable": the parser may hang the adjective on the idea.
    objects = [child for child in verb.children if child.dep_ == "dobj" and verb.lemma_.lower() in NAMING]
    named += [word for one in objects for word in one.subtree if word.i > one.i]
    words = [word for one in named for word in (one, *(child for child in one.children if child.dep_ in _QUALITIES))]
    return next((word for word in words if word.lower_ in GOOD | BAD or word.lemma_.lower() in GOOD | BAD), None)


def thing_judged(verb: "Token", judgement: "Token") -> tuple[int, int] | None:
    """Where the thing that `judgement_of` found something said of stands, None where it is a pronoun."""
    of_clause = [child for one in verb.children if one.dep_ in ("ccomp", "xcomp") for child in one.children if child.dep_ == "nsubj"]
    subjects = [child for child in verb.children if child.dep_ == "nsubj"] if verb.lemma_.lower() in _COPULAS else []
    objects = [child for child in verb.children if child.dep_ == "dobj"]
    thing = next((word for word in (*of_clause, *objects, *subjects) if word.pos_ != "PRON" and word.i != judgement.i), None)
    if thing is None:
        return None
    named = list(takewhile(lambda word: word.i < judgement.i and word.lower_ != "as" and not is_break(word), thing.subtree))
    return (named[0].idx, named[-1].idx + len(named[-1])) if named else None
