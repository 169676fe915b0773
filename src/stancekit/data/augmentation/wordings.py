"""What rules can make of each proposal: its negations, its other wordings, the clause that it is in a report."""

import re
from collections import Counter
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, NamedTuple

from stancekit.data.augmentation.claims import main_clause, read_proposals
from stancekit.data.augmentation.negation import negated
from stancekit.data.augmentation.opposites import opposite
from stancekit.data.augmentation.rewording import rewordings
from stancekit.data.augmentation.voicing import clauses

if TYPE_CHECKING:
    from stancekit.data.augmentation.claims import Parse

# A word that another one stands before.
WITHIN = re.compile(r"(?<=[\w,] )[A-Za-z][\w'’-]*")


class Wordings(NamedTuple):
    """The texts that negate a proposal, those that say the same, and its clause after "that"; empty where no rule is sound."""

    negated: list[str]
    reworded: list[str]
    voiced: list[str]


def wordings_of(proposals: Iterable[str], small: Set[str], parse: "Parse") -> dict[str, Wordings]:
    """The wordings of each distinct proposal. small: words that need no capital within a sentence, see `small_words`."""
    distinct = list(dict.fromkeys(proposals))
    found: dict[str, Wordings] = {}
    for proposal, (frame, body, doc) in zip(distinct, read_proposals(distinct, parse), strict=True):
        if len(doc) == 0:
            found[proposal] = Wordings([], [], [])
            continue
        claim = main_clause(frame, body, doc)
        edit = opposite(claim) if claim is not None and claim.negation is None else None
        against = [negated(frame, body, doc), claim.edited(edit) if claim is not None and edit is not None else None]
        said = clauses(frame, body, doc, small)
        found[proposal] = Wordings([text for text in against if text is not None], rewordings(frame, body, doc, small), said)
    return found


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that these texts mostly write small within a sentence: with a capital they begin one, and are no names."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for text in texts:
        for word in WITHIN.findall(text):
            (small if word[0].islower() else capital)[word.lower()] += 1
    # Crowds write some names small.
    return frozenset(word for word, count in small.items() if count > 2 * capital[word])


def bare(text: str) -> str:
    """The words of a text alone: two proposals that differ in case and marks only are one proposal."""
    return " ".join(re.findall(r"\w+", text.lower()))
