"""The overview of a reading: one line a holder, one column a proposal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from stancekit.records import Opinion, Position, Proposal
from stancekit.reports.evidence import holder_name
from stancekit.tallies import voice_of

# These keep a page under 3 MB, with its articles.
HOLDERS_SHOWN = 200
CELLS_SHOWN = 30_000
FILLED_CELLS_SHOWN = 3_000


class Cell(NamedTuple):
    """Where one holder stands on one proposal. anchor: the id of its surest sentence, None where that is not drawn.

    changed: whether the sides follow each other over time.
    """

    position: Position
    anchor: str | None
    changed: bool


class HolderRow(NamedTuple):
    """A line of the matrix. key: tells holders apart. title: the article, where the holder is known in it alone. None in cells: silent."""

    key: str
    holder: str
    title: str | None
    sentences: int
    articles: int
    cells: list[Cell | None]


def holder_rows(
    positions: Iterable[Position],
    proposals: Sequence[Proposal],
    titles: Mapping[str, str],
    anchors: Mapping[tuple[object, ...], str],
    changed: Collection[tuple[str, str]] = (),
    groups: Mapping[str, str] = MappingProxyType({}),
) -> list[HolderRow]:
    """All holders: those with a name first, and among them those that are in most articles, then those with most sentences.

    titles: by article id. anchors: by the `spot` of a sentence that is drawn. changed: (holder id, proposal id) whose sides follow
    each other. groups: see `groups_of`.
    """
    holders: dict[str, list[Position]] = defaultdict(list)
    for one in positions:
        holders[holder_key(one, groups)].append(one)
    rows = []
    for key, held in sorted(holders.items(), key=_rank):
        cells = {one.proposal_id: Cell(one, anchors.get(spot(one)), (one.holder_id or "", one.proposal_id) in changed) for one in held}
        title = titles[held[0].article] if held[0].of_one_article else None
        sentences = sum(map(_sentences, held))
        articles = max(one.articles for one in held)
        rows.append(HolderRow(key, _name(held), title, sentences, articles, [cells.get(proposal.id) for proposal in proposals]))
    return rows


def fitting(rows: Sequence[HolderRow]) -> list[HolderRow]:
    """As many of the first rows as a page has room for, at least one where there is one."""
    filled = 0
    columns = len(rows[0].cells) if rows else 1
    most = min(HOLDERS_SHOWN, max(1, CELLS_SHOWN // max(columns, 1)))
    for place, row in enumerate(rows[:most]):
        filled += sum(cell is not None for cell in row.cells)
        if filled > FILLED_CELLS_SHOWN and place:
            return list(rows[:place])
    return list(rows[:most])


def holder_key(said: Opinion | Position, groups: Mapping[str, str]) -> str:
    """The holder's id, the same in all copies of an article; voices whose name is unknown share one. A slug holds no question mark.

    groups: see `groups_of`.
    """
    return voice_of(said, groups) or f"{groups.get(said.article, said.article)}.?"


def spot(said: Opinion | Position) -> tuple[object, ...]:
    """What tells the opinions of one article apart."""
    return said.article, said.start, said.end, said.proposal_id, said.holder_id


def _sentences(one: Position) -> int:
    return one.oppose + one.neutral + one.support


def _rank(item: tuple[str, list[Position]]) -> tuple[bool, int, int, str]:
    key, held = item
    named = held[0].voice == "cited" and held[0].holder is not None
    return not named, -max(one.articles for one in held), -sum(map(_sentences, held)), key


def _name(held: Sequence[Position]) -> str:
    if held[0].holder_id is None:
        return "unnamed voices"
    # One person, several spellings: the fullest.
    return max((holder_name(one) for one in held), key=lambda name: (len(name), name))
