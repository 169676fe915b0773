"""Holders on both sides of a proposal: within one article, or from one article to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from stancekit.news.once import days_of, groups_of, said_once, voice_of
from stancekit.records import ArticleFacts, Opinion
from stancekit.stance import Stance
from stancekit.tallies import Change, Kind

# A change is news, and most of those that unsure answers show are mistakes.
SURE = 0.7
# Whose it is must be likelier than not.
SURE_OF_HOLDER = 0.5
SIDES = (Stance.OPPOSE, Stance.SUPPORT)


class _Said(NamedTuple):
    """What a holder says in one article: the surest sentence of each side that it takes."""

    day: date | None
    sides: dict[Stance, Opinion]

    @property
    def side(self) -> Stance:
        """The one side, where there is one."""
        return next(iter(self.sides))

    @property
    def opinion(self) -> Opinion:
        """The sentence that shows that side."""
        return self.sides[self.side]


class _Holder(NamedTuple):
    id: str
    name: str | None


def changes_of(opinions: Iterable[Opinion], facts: Sequence[ArticleFacts], sure: float = SURE) -> list[Change]:
    """Conflicts and changes of mind, by holder and proposal in the order in which the opinions first name them.

    sure: opinions whose stance is less sure change nothing, nor do those whose holder is a guess, nor neutral ones: who kept out and
    then takes a side has made up a mind, not changed it. A holder known within one article can be in conflict there, and changes in no
    other; unnamed voices do neither. Copies speak once, on the earliest day of theirs. Raises ValueError where `facts` lacks an article.
    """
    groups, days, of_article = groups_of(facts), days_of(facts), {one.id: one for one in facts}
    held: dict[tuple[str, str], list[Opinion]] = defaultdict(list)
    for one in said_once(opinions, groups):
        if one.article not in of_article:
            raise ValueError(f"an opinion is of the article {one.article!r}, which is not among the facts")
        voice = voice_of(one, groups)
        if voice is not None and one.stance is not Stance.NEUTRAL and one.confidence >= sure and one.holder_confidence >= SURE_OF_HOLDER:
            held[voice, one.proposal_id].append(one)
    return [change for (voice, _), said in held.items() for change in _changes(voice, said, groups, days, of_article)]


def _changes(
    voice: str, opinions: Sequence[Opinion], groups: Mapping[str, str], days: Mapping[str, date], facts: Mapping[str, ArticleFacts]
) -> Iterator[Change]:
    articles: dict[str, list[Opinion]] = defaultdict(list)
    for one in opinions:
        articles[groups[one.article]].append(one)
    said = [_Said(days.get(mine[0].article), _surest(mine)) for mine in articles.values()]
    holder = _Holder(voice, max((one.holder for one in opinions if one.holder), key=len, default=None))
    for each in said:
        if len(each.sides) > 1:
            first, second = sorted(each.sides.values(), key=lambda opinion: (opinion.article, opinion.start, opinion.end))
            yield _change("conflict", holder, first, second, facts)
    clear = [one for one in said if len(one.sides) == 1]
    if len({one.side for one in clear}) > 1:
        yield _across(clear, holder, facts)


def _across(clear: Sequence[_Said], holder: _Holder, facts: Mapping[str, ArticleFacts]) -> Change:
    dated = sorted(((one.day, one.side.value, one) for one in clear if one.day is not None), key=lambda item: item[:2])
    turns = [(before, after) for (_, _, before), (_, _, after) in pairwise(dated) if before.side is not after.side]
    if len(dated) == len(clear) and len(turns) == 1:
        (before, after), *_ = turns
        if before.day != after.day:
            return _change("change", holder, before.opinion, after.opinion, facts)
    surest = [max((one for one in clear if one.side is side), key=lambda one: one.opinion.confidence) for side in SIDES]
    # Without dates the order of reading stays.
    before, after = sorted(surest, key=lambda one: (one.day is None, one.day or date.min, clear.index(one)))
    return _change("wavering", holder, before.opinion, after.opinion, facts)


def _change(kind: Kind, holder: _Holder, before: Opinion, after: Opinion, facts: Mapping[str, ArticleFacts]) -> Change:
    dates = facts[before.article].date, facts[after.article].date
    return Change(kind, holder.id, holder.name, before.proposal_id, before.proposal, before, after, *dates)


def _surest(opinions: Iterable[Opinion]) -> dict[Stance, Opinion]:
    best: dict[Stance, Opinion] = {}
    for one in opinions:
        if one.stance not in best or one.confidence > best[one.stance].confidence:
            best[one.stance] = one
    return best
