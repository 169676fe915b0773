"""What counts once: articles that are copies of each other speak once, and a holder in one article is one voice, which takes one side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from stancekit.records import ArticleFacts, Opinion, normalized
from stancekit.tallies import day_of, side_of, voice_of


def said_once(opinions: Iterable[Opinion], groups: Mapping[str, str]) -> list[Opinion]:
    """The opinions without those that a copy repeats in the same words; what a copy adds stays.

    groups: from `groups_of`; an article that is not in it stands alone. Within one article nothing is left out: one sentence may show
    two stances of one holder.
    """
    first: dict[tuple[str, str | None, str, str], str] = {}
    kept = []
    for one in opinions:
        said = (groups.get(one.article, one.article), voice_of(one, groups), one.proposal_id, normalized(one.sentence))
        if first.setdefault(said, one.article) == one.article:
            kept.append(one)
    return kept


def voices_of(once: Iterable[Opinion], groups: Mapping[str, str]) -> dict[tuple[str, str | None, str], list[Opinion]]:
    """The opinions of each voice, by the first of its article's copies, the holder and the proposal, in the order in which they are given.

    once: from `said_once`. Unnamed voices of an article are one.
    """
    voices: dict[tuple[str, str | None, str], list[Opinion]] = defaultdict(list)
    for one in once:
        voices[groups.get(one.article, one.article), voice_of(one, groups), one.proposal_id].append(one)
    return dict(voices)


def side_of_voice(said: Iterable[Opinion]) -> str:
    """Where one voice stands: as `side_of` has it of its sentences."""
    return side_of(one.stance.value for one in said)


def side_of_holder(said: Iterable[Opinion], groups: Mapping[str, str]) -> str:
    """Where one holder stands on one proposal over all articles: each article has one voice, so that ten sentences in one weigh no more."""
    return side_of(map(side_of_voice, voices_of(said, groups).values()))


def days_of(facts: Iterable[ArticleFacts]) -> dict[str, date]:
    """The day of each article whose group of copies has one: the earliest of the group."""
    groups: dict[str, str] = {}
    days: dict[str, date] = {}
    for one in facts:
        group = groups[one.id] = one.copy_of or one.id
        day = day_of(one.date)
        if day is not None:
            days[group] = min(day, days.get(group, day))
    return {article: days[group] for article, group in groups.items() if group in days}
