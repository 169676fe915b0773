"""Statements that report somebody's stance on a proposal, by rule: what verbs such as "backed", "fought" and "debated" say of it.

Few sets hold the words with which news reports a stance; a model that never met them guesses from the topic.
"""

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

import numpy as np

from stancekit.data.augmentation.claims import main_clause
from stancekit.data.augmentation.rewording import inside
from stancekit.stance import Stance

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Who they are tells nothing of their stance, and all verbs go with one or many.
HOLDERS = (
    "the ministry", "the mayor", "the union", "farmers", "the committee", "the opposition", "residents", "the chamber of commerce",
    "a spokeswoman for the region", "the governing party", "teachers", "the bishop", "two of the three parties", "employers",
    "the neighbouring state", "the parliament", "students", "the court's former president", "the island's council", "doctors",
)  # fmt: skip
NOUNS = ("the idea", "the view", "the proposal", "the argument")
OPENINGS = ("", "", "", "on Tuesday ", "last week ", "in a statement, ", "after a long meeting, ", "once again, ")
VERBS: Mapping[Stance, tuple[str, ...]] = {
    Stance.SUPPORT: (
        "backed", "supported", "endorsed", "welcomed", "defended", "embraced", "applauded", "championed", "praised", "upheld",
        "spoke up for", "came out in favour of", "voted for", "campaigned for", "lobbied for", "rallied behind", "agreed with",
        "sympathised with", "refused to give up", "had always believed in", "gave a warm welcome to", "had nothing but praise for",
    ),
    Stance.OPPOSE: (
        "rejected", "opposed", "condemned", "denounced", "fought", "resisted", "dismissed", "attacked", "criticised", "decried",
        "spoke out against", "came out against", "voted against", "campaigned against", "lobbied against", "ruled out", "disagreed with",
        "ridiculed", "refused to support", "had never believed in", "gave a cold welcome to", "had nothing but scorn for",
    ),
    Stance.NEUTRAL: (
        "discussed", "debated", "considered", "examined", "described", "reported on", "took note of", "heard", "explained", "summed up",
        "asked about", "published a study of", "will decide on", "put to the vote", "put off the decision on",
        "neither backed nor rejected",
        "declined to comment on", "took no side on", "traced the history of", "quoted", "set out both sides of", "listed who shares",
    ),
}  # fmt: skip


def clauses(frame: str, body: str, doc: "Doc", small: Set[str]) -> list[str]:
    """The proposal as it stands after "the idea that", the one text or none where it is no plain sentence.

    small: words that need no capital within a sentence.
    """
    text = body.strip().rstrip(".!").strip()
    if main_clause(frame, body, doc) is None or any(mark in text for mark in '?!:;"“”'):
        return []
    return [inside(text, small)]


def voiced(clause: str, stance: Stance, rng: np.random.Generator) -> str:
    """A sentence in which somebody has this stance on the proposal whose clause is given."""
    opening, holder, verb, noun = (str(rng.choice(words)) for words in (OPENINGS, HOLDERS, VERBS[stance], NOUNS))
    sentence = f"{opening}{holder} {verb} {noun} that {clause}."
    return sentence[0].upper() + sentence[1:]
