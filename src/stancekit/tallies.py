"""The records of what all opinions come to: counts and shares, holders that stand on both sides, and what counts as one voice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from stancekit.records import DECIMALS, ArticleFacts, Opinion, Position, known_within
from stancekit.shares import Interval
from stancekit.stance import STANCES, Stance

By = Literal["all", "article", "holder", "outlet", "day", "week", "month"]
Grain = Literal["day", "week", "month"]
Kind = Literal["conflict", "change", "wavering"]
MIXED = "mixed"
BOTH = (Stance.OPPOSE.value, Stance.SUPPORT.value)
SIDES = (*(stance.value for stance in STANCES), MIXED)
# The share of the lesser side from which on a holder takes both.
MIXED_FROM = 1 / 3


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each side of one proposal is taken in one slice of what was read.

    The unit is a voice: one holder in one article toward one proposal, so that ten sentences of one loud voice are one, and a holder who
    is in ten articles is ten. A voice on both sides is `mixed` (see `side_of`); one with a side and with neutral sentences has the side.
    Articles that are copies of each other count as one.

    by, key: the slice: an article's id, a holder's id, an outlet, a day (2026-11-29), an ISO week (2026-W48) or a month (2026-11); "all"
    has the key "all". name: the key as people read it (a holder's fullest name, an article's title).
    voices: how many voices are oppose, neutral, support and mixed. sentences: how many different sentences show each stance. Neutral
    ones are those that keep out in so many words; sentences that merely say nothing are not among them.
    articles: how many articles the voices are in. shares: of the voices, by oppose, neutral, support and mixed, with 95 % intervals over
    articles; ends are None where there are fewer than 2 articles. Empty where there are no voices.

    pairs: how many (sentence, proposal) pairs of the slice the model scored, copies once. answered: the share of each stance among the
    model's answers to them. expected: the means of its probabilities, which count an unsure answer in part for each stance. corrected:
    `expected`, corrected for how often the model takes one stance for another. They are of sentences and of the model alone, so compare
    `corrected` with `expected`, not with `shares`.
    note: why there is no `corrected`, None where there is one.
    """

    by: By
    key: str
    name: str
    proposal_id: str
    voices: Mapping[str, int]
    sentences: Mapping[str, int]
    articles: int
    shares: Mapping[str, Interval]
    pairs: int = 0
    answered: Mapping[str, float] | None = None
    expected: Mapping[str, float] | None = None
    corrected: Mapping[str, Interval] | None = None
    note: str | None = None

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, all keys always present: `shares` has oppose, oppose_low, oppose_high and so on, None where absent."""
        return {
            "by": self.by, "key": self.key, "name": self.name, "proposal_id": self.proposal_id,
            "voices": dict(self.voices), "sentences": dict(self.sentences), "articles": self.articles,
            "shares": _ends(self.shares, SIDES), "pairs": self.pairs,
            "answered": _by_stance(self.answered or {}), "expected": _by_stance(self.expected or {}),
            "corrected": _ends(self.corrected or {}, SIDES[:-1]), "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One holder on both sides of one proposal.

    kind: `conflict`, both sides within one article; `change`, one side in all earlier articles and the other in all later ones;
    `wavering`, both sides in different articles in no such order, or with no dates to order them.
    before, after: the sentences that show it: for a change, those nearest to it in time, the surest of their articles; else the surest of
    either side, in the order of the text or of dates.
    before_date, after_date: the dates of their articles as given, None where an article has none.
    holder: the fullest name the holder is given.
    """

    kind: Kind
    holder_id: str
    holder: str | None
    proposal_id: str
    proposal: str
    before: Opinion
    after: Opinion
    before_date: str | None = None
    after_date: str | None = None

    def to_row(self) -> dict[str, Any]:
        """The record as JSON values, all keys always present."""
        return {**asdict(self), "before": self.before.to_row(), "after": self.after.to_row()}


def side_of(said: Iterable[str]) -> str:
    """Where somebody stands: within an article by the stances of the sentences, over articles by the side that is taken in each.

    The commoner side; `mixed` where the other has a third or more of what has a side, as one wrong answer among many is no change of
    mind; `neutral` where nothing has a side. An article that is `mixed` itself has both.
    """
    taken = (one for stance in said for one in (BOTH if stance == MIXED else (stance,)) if one != Stance.NEUTRAL.value)
    sides = Counter(taken).most_common()
    if len(sides) > 1 and sides[1][1] >= MIXED_FROM * (sides[0][1] + sides[1][1]):
        return MIXED
    return sides[0][0] if sides else Stance.NEUTRAL.value


def day_of(written: str | None) -> date | None:
    """The day of an ISO date or time, None where it is none."""
    try:
        # A time may stand behind the day.
        return date.fromisoformat((written or "")[: len("2026-11-29")])
    except ValueError:
        return None


def key_of(day: date, grain: Grain) -> str:
    """The period of a day, as tallies are keyed: 2026-11-29, 2026-W48 or 2026-11."""
    if grain == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: len("2026-11")] if grain == "month" else day.isoformat()


def _by_stance(shares: Mapping[str, float]) -> dict[str, float | None]:
    return {stance.value: _rounded(shares.get(stance.value)) for stance in STANCES}


def _ends(shares: Mapping[str, Interval], names: Sequence[str]) -> dict[str, float | None]:
    row: dict[str, float | None] = {}
    for name in names:
        # In every row of a table the same columns.
        found = shares.get(name, (None, None, None))
        row |= {key: _rounded(number) for key, number in zip((name, f"{name}_low", f"{name}_high"), found, strict=True)}
    return row


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS)


def groups_of(facts: Iterable[ArticleFacts]) -> dict[str, str]:
    """For each article the first of its copies, itself where it is none."""
    return {one.id: one.copy_of or one.id for one in facts}


def voice_of(opinion: Opinion | Position, groups: Mapping[str, str]) -> str | None:
    """The holder's id, the same in all copies of an article also where it holds within an article alone."""
    if opinion.holder_id is None or not known_within(opinion.article, opinion.holder_id):
        return opinion.holder_id
    return groups.get(opinion.article, opinion.article) + opinion.holder_id.removeprefix(opinion.article)
