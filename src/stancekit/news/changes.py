"""Holders on both sides of a proposal: within one article, or from one article to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from stancekit.news.once import days_of, said_once, side_of_holder, side_of_voice, voices_of
from stancekit.records import ArticleFacts, Opinion
from stancekit.stance import Stance
from stancekit.tallies import BOTH, MIXED, Change, Kind, groups_of, voice_of

# A change is news, and most of those that unsure answers show are mistakes.
SURE = 0.7
# Whose it is must be likelier than not.
SURE_OF_HOLDER = 0.5


class _Said(NamedTuple):
    """What a holder says in one article: the side it takes there, and the surest sentence of each side among those that can be trusted."""

    day: date | None
    side: str
    shown: dict[str, Opinion]

    @property
    def opinion(self) -> Opinion:
        """The sentence that shows the side."""
        return self.shown[self.side]


class _Holder(NamedTuple):
    id: str
    name: str | None


class _Articles(NamedTuple):
    groups: Mapping[str, str]
    days: Mapping[str, date]
    facts: Mapping[str, ArticleFacts]


def changes_of(opinions: Iterable[Opinion], facts: Sequence[ArticleFacts], sure: float = SURE) -> list[Change]:
    """Conflicts and changes of mind, by holder and proposal in the order in which the opinions first name them.

    Where a holder stands is what summary and shares say: one wrong answer among many makes neither conflict nor wavering, while a change
    is told of who else is clearly on one side too, since the order in time speaks for it.
    sure: opinions whose stance is less sure show nothing, nor do those whose holder is a guess, nor neutral ones: who kept out and
    then takes a side has made up a mind, not changed it. A holder known within one article can be in conflict there, and changes in no
    other; unnamed voices do neither. Copies speak once, on the earliest day of theirs. Raises ValueError where `facts` lacks an article.
    """
    articles = _Articles(groups_of(facts), days_of(facts), {one.id: one for one in facts})
    held: dict[tuple[str, str], list[Opinion]] = defaultdict(list)
    for one in said_once(opinions, articles.groups):
        if one.article not in articles.facts:
            raise ValueError(f"an opinion is of the article {one.article!r}, which is not among the facts")
        voice = voice_of(one, articles.groups)
        if voice is not None:
            held[voice, one.proposal_id].append(one)
    return [change for (voice, _), said in held.items() for change in _changes(voice, said, articles, sure)]


def _changes(voice: str, opinions: Sequence[Opinion], articles: _Articles, sure: float) -> Iterator[Change]:
    holder = _Holder(voice, max((one.holder for one in opinions if one.holder), key=len, default=None))
    clear = []
    for mine in voices_of(opinions, articles.groups).values():
        side, shown = side_of_voice(mine), _surest(mine, sure)
        if side == MIXED and len(shown) > 1:
            first, second = sorted(shown.values(), key=lambda opinion: (opinion.article, opinion.start, opinion.end))
            yield _change("conflict", holder, first, second, articles)
        if side in shown:
            clear.append(_Said(articles.days.get(mine[0].article), side, shown))
    if len({one.side for one in clear}) > 1:
        change = _turn(clear, holder, articles)
        if change is None and side_of_holder(opinions, articles.groups) == MIXED:
            change = _wavering(clear, holder, articles)
        if change is not None:
            yield change


def _turn(clear: Sequence[_Said], holder: _Holder, articles: _Articles) -> Change | None:
    dated = sorted(((one.day, one.side, one) for one in clear if one.day is not None), key=lambda item: item[:2])
    turns = [(before, after) for (_, _, before), (_, _, after) in pairwise(dated) if before.side != after.side]
    if len(dated) < len(clear) or len(turns) != 1:
        return None
    ((before, after),) = turns
    return None if before.day == after.day else _change("change", holder, before.opinion, after.opinion, articles)


def _wavering(clear: Sequence[_Said], holder: _Holder, articles: _Articles) -> Change:
    surest = [max((one for one in clear if one.side == side), key=lambda one: one.opinion.confidence) for side in BOTH]
    # Without dates the order of reading stays.
    before, after = sorted(surest, key=lambda one: (one.day is None, one.day or date.min, clear.index(one)))
    return _change("wavering", holder, before.opinion, after.opinion, articles)


def _change(kind: Kind, holder: _Holder, before: Opinion, after: Opinion, articles: _Articles) -> Change:
    dates = articles.facts[before.article].date, articles.facts[after.article].date
    return Change(kind, holder.id, holder.name, before.proposal_id, before.proposal, before, after, *dates)


def _surest(opinions: Iterable[Opinion], sure: float) -> dict[str, Opinion]:
    best: dict[str, Opinion] = {}
    for one in opinions:
        trusted = one.stance is not Stance.NEUTRAL and one.confidence >= sure and one.holder_confidence >= SURE_OF_HOLDER
        side = one.stance.value
        if trusted and (side not in best or one.confidence > best[side].confidence):
            best[side] = one
    return best
