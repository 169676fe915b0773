"""Outlets against each other: for each proposal what the voices in each outlet say, and what the model's errors leave of it."""

from collections.abc import Sequence
from typing import NamedTuple

from stancekit.records import Proposal
from stancekit.reports.page import percent
from stancekit.shares import Interval
from stancekit.tallies import Tally

OUTLETS_SHOWN = 400


class OutletRow(NamedTuple):
    """One outlet on one proposal."""

    outlet: str
    tally: Tally

    def share(self, side: str) -> str:
        """Of the voices, with its interval; a dash for one article, whose one voice would be 100 %."""
        return ranged(self.tally.shares.get(side)) if self.tally.articles > 1 else "–"


class OutletTable(NamedTuple):
    """All outlets on one proposal, those with most voices first. place: the column of the proposal."""

    place: int
    proposal: Proposal
    rows: list[OutletRow]


def outlet_tables(tallies: Sequence[Tally], proposals: Sequence[Proposal]) -> list[OutletTable]:
    """One table a proposal that two outlets or more speak of; nothing to compare in the others."""
    found = []
    for place, proposal in enumerate(proposals):
        own = [one for one in tallies if one.by == "outlet" and one.proposal_id == proposal.id and any(one.voices.values())]
        own.sort(key=lambda one: (-sum(one.voices.values()), one.key))
        if len(own) > 1:
            found.append(OutletTable(place, proposal, [OutletRow(one.name, one) for one in own]))
    return found


def fitting_outlets(tables: Sequence[OutletTable]) -> list[OutletTable]:
    """The tables with fewer rows each, where there are too many for a page."""
    rows = sum(len(one.rows) for one in tables)
    if rows <= OUTLETS_SHOWN:
        return list(tables)
    most = max(2, OUTLETS_SHOWN // len(tables))
    return [one._replace(rows=one.rows[:most]) for one in tables]


def ranged(share: Interval | None) -> str:
    """A share with its interval in whole percent, a dash for none."""
    if share is None:
        return "–"
    if share.low is None or share.high is None:
        return percent(share.value)
    return f"{percent(share.value)} ({share.low * 100:.0f}–{share.high * 100:.0f})"
