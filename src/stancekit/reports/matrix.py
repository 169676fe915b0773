"""The overview of a reading: one line a holder, one column a proposal."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stancekit.records import Opinion, Proposal
from stancekit.reports.evidence import holder_name
from stancekit.stance import STANCES, Stance


class Placed(NamedTuple):
    """An opinion, the title of its article, and the id of its mark on the page, None where that article is not drawn."""

    opinion: Opinion
    title: str
    anchor: str | None


class Cell(NamedTuple):
    """What one holder says on one proposal: one of the three stances, or `mixed` where both sides are taken.

    sentences: how many sentences every stance has, without zeros. anchor: of the first sentence that can be jumped to.
    """

    stance: str
    sentences: Mapping[Stance, int]
    anchor: str | None


class HolderRow(NamedTuple):
    """A line of the matrix. title: the article, where the holder has no name that holds beyond it. None in cells: silent."""

    holder: str
    title: str | None
    cells: list[Cell | None]


def holder_rows(placed: Iterable[Placed], proposals: Sequence[Proposal]) -> list[HolderRow]:
    """All holders: those with a name first, and among them those who take a side most often."""
    voices: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    for one in placed:
        voices[_identity(one.opinion)].append(one)
    return [_row(identity, said, proposals) for identity, said in sorted(voices.items(), key=_rank)]


def _identity(opinion: Opinion) -> tuple[str, ...]:
    # Without a name nothing tells whether two articles mean the same person, so each article has its own line.
    name = opinion.holder_id or opinion.holder
    if opinion.voice == "author" or name is None:
        return ("unnamed", holder_name(opinion), opinion.article)
    return ("named", name)


def _rank(item: tuple[tuple[str, ...], list[Placed]]) -> tuple[bool, int, int, tuple[str, ...]]:
    identity, said = item
    sides = sum(one.opinion.stance is not Stance.NEUTRAL for one in said)
    return identity[0] != "named", -sides, -len(said), identity


def _row(identity: tuple[str, ...], said: Sequence[Placed], proposals: Sequence[Proposal]) -> HolderRow:
    by_proposal: dict[str, list[Placed]] = defaultdict(list)
    for one in said:
        by_proposal[one.opinion.proposal_id].append(one)
    names = Counter(holder_name(one.opinion) for one in said)
    # One person, several spellings: the commonest, and of these the fullest.
    name = min(names, key=lambda spelling: (-names[spelling], -len(spelling), spelling))
    title = None if identity[0] == "named" else said[0].title
    cells = [_cell(by_proposal[proposal.id]) if proposal.id in by_proposal else None for proposal in proposals]
    return HolderRow(name, title, cells)


def _cell(said: Sequence[Placed]) -> Cell:
    sentences: dict[Stance, set[tuple[str, int, int]]] = {stance: set() for stance in STANCES}
    for one in said:
        sentences[one.opinion.stance].add((one.opinion.article, one.opinion.start, one.opinion.end))
    counts = {stance: len(places) for stance, places in sentences.items() if places}
    sides = [stance for stance in counts if stance is not Stance.NEUTRAL]
    stance = "mixed" if len(sides) > 1 else sides[0].value if sides else Stance.NEUTRAL.value
    shown = [one for one in said if stance == "mixed" or one.opinion.stance == stance]
    return Cell(stance, counts, next((one.anchor for one in shown if one.anchor is not None), None))
