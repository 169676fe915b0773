"""What is said of a sentence's voice: who it is, where its words stand, by which rule it was found."""

from dataclasses import dataclass
from typing import Literal

from stancekit.news.stances import Cue


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
    confidence: how often such an attribution is right.
    """

    holder: Holder
    start: int
    end: int
    cue: Cue | None = None
    confidence: float = 1.0
