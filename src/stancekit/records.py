"""The records that stages hand to each other. Plain values: no file, model or network is touched here."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from stancekit.errors import StancekitError
from stancekit.stance import STANCES, Stance, parse_stance

TEXTS = ("id", "statement", "proposal", "source", "group", "field", "holder", "voice")
TRUE = ("true", "1", "yes")
# Probabilities are written with so many, and whatever is read off them is read off what is written.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled pair. `group` names what must stay in one split (an article, a claim, a speaker); `made` marks built neutrals.

    field: the subject, such as health. voice: whose words the stance is in, the author's or those of somebody cited.
    """

    id: str
    statement: str
    proposal: str
    stance: Stance
    source: str | None = None
    group: str | None = None
    holder: str | None = None
    voice: str | None = None
    tags: tuple[str, ...] = ()
    votes: Mapping[str, int] | None = None
    made: bool = False
    field: str | None = None

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, without the keys that are absent."""
        # Of a hundred thousand records, asdict copies every text first.
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        row = {key: value for key, value in values.items() if value not in (None, (), False)}
        return {**row, "stance": self.stance.value, **({"tags": list(self.tags)} if self.tags else {})}

    @classmethod
    def from_row(cls, row: Mapping[str, Any], where: str) -> "Example":
        """The record out of a row of an examples file. Raises StancekitError naming `where` (path:line)."""
        given = {key: value for key, value in row.items() if value is not None and str(value).strip()}
        missing = [key for key in ("id", "statement", "proposal", "stance") if key not in given]
        if missing:
            raise StancekitError(
                f"{where} lacks {', '.join(missing)}",
                fix="an examples file needs id, statement, proposal and stance in every row; `stancekit prepare` makes one",
            )
        stance = parse_stance(given["stance"])
        if stance is None:
            raise StancekitError(
                f"{where} has stance {row['stance']!r}",
                fix=f"use one of {', '.join(STANCES)}, or map it under [sources.labels] in a prepare config",
            )
        texts = {key: str(given[key]) for key in TEXTS if key in given}
        tags, votes = _tags(given.get("tags", []), where), _votes(given.get("votes"), where)
        return cls(**texts, stance=stance, tags=tags, votes=votes, made=str(given.get("made")).lower() in TRUE)


def _tags(value: Any, where: str) -> tuple[str, ...]:
    # A cell of a CSV file is one text: its tags stand between commas.
    tags = value.split(",") if isinstance(value, str) else value
    if not isinstance(tags, list | tuple) or not all(isinstance(tag, str) for tag in tags):
        raise StancekitError(f"{where} has tags {value!r}", fix="give tags as a list of words; in CSV as one text with commas between them")
    return tuple(tag.strip() for tag in tags)


def _votes(value: Any, where: str) -> dict[str, int] | None:
    if value is None:
        return None
    # In Parquet all rows have the same stances, absent ones as nulls.
    votes = {name: count for name, count in value.items() if count is not None} if isinstance(value, Mapping) else {"": value}
    if any(name not in STANCES or type(count) is not int or count < 0 for name, count in votes.items()):
        raise StancekitError(
            f"{where} has votes {value!r}",
            fix=f'give whole numbers for {", ".join(STANCES)}, as in {{"support": 2}}; CSV cannot hold votes',
        )
    return votes


@dataclass(frozen=True, slots=True)
class Proposal:
    """A claim with a side, and the id it is reported under."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A text to classify. start and end are character offsets into the document it was cut from, None if it was not cut.

    proposal: the one proposal it is to be scored on, where the row brought its own.
    """

    id: str
    text: str
    source: str | None = None
    start: int | None = None
    end: int | None = None
    proposal: Proposal | None = None


# Where a stretch of a main text stands in the page or Markdown it is of: start and end in the text, start and end there. Both are of one
# length, and then the same but for white space, or the first is one character and the second what it is written as (`&amp;`).
Run = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Article:
    """A document as it was read: `text` is never changed, so that offsets into it hold.

    date: ISO, a day or a time. skipped: stretches (start, end) of the text that are no article text (adverts, share bars, comment notices).
    runs: of a page or Markdown, what of its text was found in what was given; None where the text is that itself.
    """

    id: str
    text: str
    source: str | None = None
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    skipped: tuple[tuple[int, int], ...] = ()
    runs: tuple[Run, ...] | None = None

    @property
    def facts(self) -> "ArticleFacts":
        """All but the text."""
        return ArticleFacts(self.id, self.source, self.title, self.date, self.outlet)


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What is kept of an article once it was read.

    copy_of: the first of the articles with nearly the same text, None for that one itself and for texts that stand alone.
    """

    id: str
    source: str | None = None
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer: probabilities are in the order of STANCES and sum to 1, confidence is the largest of them."""

    statement_id: str
    statement: str
    proposal_id: str
    proposal: str
    stance: Stance
    confidence: float
    probabilities: Mapping[str, float]
    source: str | None = None
    start: int | None = None
    end: int | None = None

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, all keys always present."""
        return {**asdict(self), "stance": self.stance.value}


@dataclass(frozen=True, slots=True)
class Opinion:
    """Who takes which side, and the sentence that shows it. start and end are offsets into the article as read.

    source_start, source_end: the same in what was given, which differs for pages and Markdown: there in the decoded file. None where it
    cannot be told.
    holder_id alone tells holders apart: a proper name goes by its slug (`ada-varga`) in all articles, anybody else by
    `<article>.<slug>` (`toll.mayor`, `toll.author`). None where a voice is cited but it is unknown whose.
    confidence: of the stance. rule, holder_confidence: what named the holder, and how often that rule is right.
    cue: the words that report the position ("has condemned"). probabilities: by stance, the confidence is the stance's.
    """

    article: str
    holder: str | None
    holder_id: str | None
    proposal_id: str
    proposal: str
    stance: Stance
    confidence: float
    sentence: str
    start: int
    end: int
    rule: str
    voice: str
    holder_confidence: float = 1.0
    cue: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    source_start: int | None = None
    source_end: int | None = None

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, all keys always present."""
        return {**asdict(self), "stance": self.stance.value}


@dataclass(frozen=True, slots=True)
class Position:
    """Where one holder stands on one proposal, over all that was read.

    oppose, neutral, support: opinions of either side, and of keeping out of it. articles: how many articles they are in. Of articles that
    are copies of each other, one counts, and so does what it says in the same words.
    stance: the side that is taken, `neutral` where none is, `mixed` where both are; each article has one vote (`tallies.side_of`).
    confidence, article, sentence, start, end: the surest opinion of that stance, or of either side where it is mixed. Voices whose name is
    unknown (holder_id None) share one position an article.
    """

    holder: str | None
    holder_id: str | None
    voice: str
    proposal_id: str
    proposal: str
    oppose: int
    neutral: int
    support: int
    articles: int
    stance: str
    confidence: float
    article: str
    sentence: str
    start: int
    end: int

    @property
    def of_one_article(self) -> bool:
        """Whether the holder is known within its article alone, for want of a proper name."""
        return known_within(self.article, self.holder_id)

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, all keys always present."""
        return asdict(self)


def known_within(article: str, holder_id: str | None) -> bool:
    """Whether a holder's id holds within its article alone, for want of a proper name."""
    return holder_id is None or holder_id.startswith(f"{article}.")


def normalized(text: str) -> str:
    """Lower case with single spaces: two texts that differ in nothing else count as the same text."""
    return " ".join(text.lower().split())


def bare_title(line: str) -> str:
    """A line without the marks of Markdown for a heading, and those of emphasis where they hold all of it."""
    bare = line.strip().lstrip("#").strip()
    for mark in ("***", "**", "*", "___", "__", "_"):
        inside = bare[len(mark) : -len(mark)]
        if inside and bare.startswith(mark) and bare.endswith(mark) and mark[0] not in inside:
            return inside.strip()
    return bare


def class_counts(examples: Iterable[Example]) -> dict[Stance, int]:
    """Number of examples of every stance, zeros included."""
    counts = dict.fromkeys(STANCES, 0)
    for example in examples:
        counts[example.stance] += 1
    return counts
