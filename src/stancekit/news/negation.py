"""Negation and what holds a verb back: "did not back", "no longer opposes", "stopped short of asking"."""

from typing import TYPE_CHECKING

from stancekit.news.polarity import HOLDS_BACK, NEGATIONS, REFUSES

if TYPE_CHECKING:
    from spacy.tokens import Token

# Cues stand in each other at most this deep ("said that it had refused to back").
DEPTH = 4
_GOVERNORS = REFUSES | HOLDS_BACK | {"have", "stop", "want", "ready", "able", "willing", "without"}
_CHAINED = ("xcomp", "pcomp", "acomp", "attr", "dobj", "pobj", "prep", "advmod", "oprd")


def turns(token: "Token", deciding: "Token") -> tuple[bool, bool]:
    """Whether the cue is turned round by a negation, and whether it is held back ("stopped short of", "neither ... nor")."""
    turned, held_back, word = False, False, deciding
    for _ in range(DEPTH):
        lows = {child.lower_ for child in word.children if not _only(child)}
        if "neither" in lows and any(later.lower_ == "nor" for later in word.doc[word.i :]):
            held_back = True
        else:
            turned ^= bool(lows & NEGATIONS - {"few", "little"}) or _longer(word)
        turned ^= any(_nobody(child) for child in word.children if child.dep_ in ("nsubj", "nsubjpass"))
        governor = word.head
        if governor.i == word.i or word.dep_ not in _CHAINED:
            break
        if word.i != token.i or governor.lemma_.lower() in _GOVERNORS:
            turned ^= governor.lemma_.lower() in REFUSES | {"without"}
            held_back |= governor.lemma_.lower() in HOLDS_BACK or has_word(governor, "yet") or has_word(governor, "short")
            word = governor
            continue
        break
    return turned, held_back


def _only(child: "Token") -> bool:
    return child.i + 1 < len(child.doc) and child.lower_ == "not" and child.nbor().lower_ in ("only", "just", "merely", "simply")


def _longer(word: "Token") -> bool:
    return any(child.lower_ == "longer" and child.i > 0 and child.nbor(-1).lower_ == "no" for child in word.children)


def _nobody(subject: "Token") -> bool:
    return subject.lower_ in ("nobody", "none", "few") or any(child.lower_ in ("no", "few", "neither") for child in subject.children)


def has_word(word: "Token", adverb: str) -> bool:
    """Whether the word has this one below it."""
    return any(child.lower_ == adverb for child in word.children)
