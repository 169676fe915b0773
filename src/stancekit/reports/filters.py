"""What the filters of a reading's page work on: opinions as short rows of numbers, and the values that can be chosen."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stancekit.records import ArticleFacts, Opinion, Proposal
from stancekit.reports.matrix import HolderRow, holder_key, spot
from stancekit.reports.timeline import Scale
from stancekit.tallies import MIXED_FROM, day_of, groups_of

# About half a megabyte of rows.
OPINIONS_FILTERED = 20_000


class Choices(NamedTuple):
    """Values of the filters: (key, name). days: the first and the last date, None without dates."""

    proposals: list[tuple[str, str]]
    holders: list[tuple[str, str]]
    outlets: list[str]
    days: tuple[str, str] | None


def kept_for_filters(opinions: Sequence[Opinion]) -> list[Opinion]:
    """All opinions, or the surest where they are too many for a page, in an order that hangs on nothing but them."""
    kept = sorted(opinions, key=lambda one: -one.confidence)[:OPINIONS_FILTERED] if len(opinions) > OPINIONS_FILTERED else opinions
    return sorted(kept, key=lambda one: (one.article, one.start, one.end, one.holder_id or "", one.proposal_id, one.stance, one.confidence))


def choices_of(proposals: Sequence[Proposal], rows: Sequence[HolderRow], facts: Sequence[ArticleFacts]) -> Choices:
    """What the page offers. rows: the holders that the matrix shows; others are found by their words."""
    named = [(row.key, f"{row.holder} ({row.title})" if row.title else row.holder) for row in rows]
    days = sorted(day.isoformat() for one in facts if (day := day_of(one.date)))
    return Choices(
        proposals=[(one.id, one.text) for one in proposals],
        holders=sorted(named, key=lambda pair: (pair[1].casefold(), pair[0])),
        outlets=sorted({one.outlet for one in facts if one.outlet}),
        days=(days[0], days[-1]) if days else None,
    )


def filter_data(
    opinions: Sequence[Opinion],
    facts: Sequence[ArticleFacts],
    proposals: Sequence[Proposal],
    rows: Sequence[HolderRow],
    anchors: Mapping[tuple[object, ...], str],
    scale: Scale | None,
) -> dict[str, Any]:
    """Plain values for JSON.

    opinions: [article, holder, proposal, stance, confidence in percent, anchor or 0], the first four as places in the lists beside it;
    holders that the matrix does not show have places after those it shows. articles: see `_articles`. mixed_from: the share of the
    lesser side from which on somebody takes both.
    """
    article_places = {one.id: place for place, one in enumerate(facts)}
    groups = groups_of(facts)
    columns = {one.id: place for place, one in enumerate(proposals)}
    lines = {row.key: place for place, row in enumerate(rows)}
    names = [row.holder for row in rows]
    found = []
    for said in opinions:
        key = holder_key(said, groups)
        if lines.setdefault(key, len(names)) == len(names):
            names.append(said.holder or "")
        places = [article_places[said.article], lines[key], columns[said.proposal_id], said.stance.label_id]
        found.append([*places, round(said.confidence * 100), anchors.get(spot(said), 0)])
    return {
        "articles": _articles(facts, groups, scale),
        "holders": names,
        "keys": [row.key for row in rows],
        "proposals": [one.id for one in proposals],
        "opinions": found,
        "mixed_from": MIXED_FROM,
    }


def _articles(facts: Sequence[ArticleFacts], groups: Mapping[str, str], scale: Scale | None) -> list[list[Any]]:
    """[title, outlets, day, period, place of the first of its copies]; outlets are also those of copies, which are not told apart."""
    places = {one.id: place for place, one in enumerate(facts)}
    outlets = {one.id: {one.outlet: None} if one.outlet else {} for one in facts}
    for one in facts:
        if one.copy_of in outlets and one.outlet:
            outlets[one.copy_of][one.outlet] = None
    return [
        [
            one.title or one.id,
            [*outlets[one.id]],
            _day(one),
            scale.place_of(one.date) if scale else -1,
            places.get(groups[one.id], places[one.id]),
        ]
        for one in facts
    ]


def _day(one: ArticleFacts) -> str:
    day = day_of(one.date)
    return day.isoformat() if day else ""
