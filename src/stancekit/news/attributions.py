"""What is said of a sentence's voice: who it is, where its words stand, by which rule it was found."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from stancekit.files import read_text
from stancekit.news.stances import Cue

# Written by: python benchmarks/holders.py data/newsroom --confidence src/stancekit/news/confidence.json
PRECISION = Path(__file__).with_name("confidence.json")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose position a sentence reports.

    name: the fullest form the article gives; id: the same for every form, None where a voice is cited but it is unknown whose.
    start, end: the words of the sentence that name the holder, None for the author. rule: which rule decided.
    proper: whether the id is that of a proper name; "mayor" is another holder in another article.
    """

    name: str | None
    id: str | None
    start: int | None
    end: int | None
    voice: Literal["author", "cited"]
    rule: str
    proper: bool = False

    @classmethod
    def author(cls, rule: str = "author") -> "Holder":
        """The writer of the article."""
        return cls(None, "author", None, None, "author", rule)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A holder of a sentence, with the clause that tells the position and the cue that reports it.

    start, end: of that clause in the sentence, the whole sentence where it has one voice.
    confidence: how often an attribution by its rule is right, as measured on the newsroom corpus' train and validation parts.
    """

    holder: Holder
    start: int
    end: int
    cue: Cue | None = None
    confidence: float = 1.0


def rule_precision(rule: str) -> float:
    """How often a holder found by `rule` is the right one; rules too rare to be measured share one figure."""
    table = _precision()
    return table.get(rule, table["other"])


@cache
def _precision() -> dict[str, float]:
    table: dict[str, float] = json.loads(read_text(PRECISION))
    return table
