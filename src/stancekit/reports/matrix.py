"""The overview of a reading: one line a holder, one column a proposal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stancekit.records import Opinion, Position, Proposal
from stancekit.reports.evidence import holder_name


class Cell(NamedTuple):
    """Where one holder stands on one proposal. anchor: the id of the mark of its surest sentence, None where that is not drawn."""

    position: Position
    anchor: str | None


class HolderRow(NamedTuple):
    """A line of the matrix. title: the article, where the holder is known in it alone. None in cells: silent."""

    holder: str
    title: str | None
    cells: list[Cell | None]


def holder_rows(
    positions: Iterable[Position], proposals: Sequence[Proposal], titles: Mapping[str, str], anchors: Mapping[tuple[object, ...], str]
) -> list[HolderRow]:
    """All holders: those with a name first, and among them those with most sentences.

    titles: by article id. anchors: by the `spot` of a sentence that is drawn.
    """
    holders: dict[tuple[str, str], list[Position]] = defaultdict(list)
    for one in positions:
        holders[one.holder_id or "", "" if one.holder_id else one.article].append(one)
    rows = []
    for _, held in sorted(holders.items(), key=_rank):
        cells = {one.proposal_id: Cell(one, anchors.get(spot(one))) for one in held}
        title = titles[held[0].article] if held[0].of_one_article else None
        rows.append(HolderRow(_name(held), title, [cells.get(proposal.id) for proposal in proposals]))
    return rows


def spot(said: Opinion | Position) -> tuple[object, ...]:
    """What tells the opinions of one article apart."""
    return said.article, said.start, said.end, said.proposal_id


def _rank(item: tuple[tuple[str, str], list[Position]]) -> tuple[bool, int, tuple[str, str]]:
    identity, held = item
    named = held[0].voice == "cited" and held[0].holder is not None
    return not named, -sum(one.oppose + one.support for one in held), identity


def _name(held: Sequence[Position]) -> str:
    if held[0].holder_id is None:
        return "unnamed voices"
    # One person, several spellings: the fullest.
    return max((holder_name(one) for one in held), key=lambda name: (len(name), name))
