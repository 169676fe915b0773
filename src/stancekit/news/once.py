"""Articles that are copies of each other speak once: what of all opinions counts, and whose it is."""

from collections.abc import Iterable, Mapping
from datetime import date

from stancekit.records import ArticleFacts, Opinion, known_within, normalized


def groups_of(facts: Iterable[ArticleFacts]) -> dict[str, str]:
    """For each article the first of its copies, itself where it is none."""
    return {one.id: one.copy_of or one.id for one in facts}


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


def voice_of(opinion: Opinion, groups: Mapping[str, str]) -> str | None:
    """The holder's id, the same in all copies of an article also where it holds within an article alone."""
    if opinion.holder_id is None or not known_within(opinion.article, opinion.holder_id):
        return opinion.holder_id
    return groups.get(opinion.article, opinion.article) + opinion.holder_id.removeprefix(opinion.article)


def days_of(facts: Iterable[ArticleFacts]) -> dict[str, date]:
    """The day of each article whose group of copies has one: the earliest of the group."""
    groups: dict[str, str] = {}
    days: dict[str, date] = {}
    for one in facts:
        group = groups[one.id] = one.copy_of or one.id
        day = _day(one.date)
        if day is not None:
            days[group] = min(day, days.get(group, day))
    return {article: days[group] for article, group in groups.items() if group in days}


def _day(written: str | None) -> date | None:
    try:
        # A time may stand behind the day.
        return date.fromisoformat((written or "")[: len("2026-11-29")])
    except ValueError:
        return None
