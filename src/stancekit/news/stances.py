"""The words by which a voice takes a side: rejects, backs, distances itself from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True, slots=True)
class Cue:
    """The word or words that report a position, at start and end in the sentence.

    polarity: 1 for what is welcomed, -1 for what is turned down, 0 for a voice that keeps out, None for a report without a side ("said").
    It holds for the object of the cue and has negation in it ("did not reject" is 1 by its polarity, negated).
    """

    text: str
    start: int
    end: int
    lemma: str
    polarity: Literal[-1, 0, 1] | None = None
    negated: bool = False


def read_cue(token: "Token") -> Cue:
    """The cue whose head word is `token`."""
    return Cue(token.text, token.idx, token.idx + len(token), token.lemma_.lower())
