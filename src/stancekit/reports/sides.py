"""What stands on top of the page about many articles: for each proposal its sides, its course over time, and who says it best."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from stancekit.records import ArticleFacts, Opinion, Proposal
from stancekit.reports.evidence import holder_name
from stancekit.reports.timeline import scale_of, timeline
from stancekit.tallies import Change, Tally

# Of each side; a reader compares them side by side.
QUOTES_SHOWN = 2
# A longer sentence says more than one thing.
LONGEST_QUOTE = 320
CHANGES_SHOWN = 60
KINDS = {
    "change": "changed sides",
    "conflict": "on both sides in one article",
    "wavering": "on both sides in different articles",
}


class Quote(NamedTuple):
    """A sentence that shows a side. anchor: the id of its place, None where its article is not drawn. place: of the opinion in the data."""

    opinion: Opinion
    holder: str
    where: str
    anchor: str | None
    place: int | None


class Card(NamedTuple):
    """One proposal. tally: over all that was read, None where nothing was counted. chart: empty without dates."""

    place: int
    proposal: Proposal
    tally: Tally | None
    chart: Markup
    support: list[Quote]
    oppose: list[Quote]


class ChangedMind(NamedTuple):
    """A holder on both sides of a proposal, with a sentence of either."""

    change: Change
    kind: str
    holder: str
    before: Quote
    after: Quote


def cards(
    proposals: Sequence[Proposal],
    tallies: Sequence[Tally],
    facts: Sequence[ArticleFacts],
    opinions: Sequence[Opinion],
    quote: Callable[[Opinion], Quote],
) -> list[Card]:
    """One card a proposal, in the order given."""
    scale = scale_of(tallies, facts)
    of_all = {one.proposal_id: one for one in tallies if one.by == "all"}
    found = []
    for place, proposal in enumerate(proposals):
        chart = Markup("")
        if scale is not None:
            own = sorted((one for one in tallies if one.by == scale.grain and one.proposal_id == proposal.id), key=lambda one: one.key)
            chart = timeline(proposal.text, own, scale, place) if own else chart
        said = [one for one in opinions if one.proposal_id == proposal.id]
        support, oppose = ([quote(one) for one in telling(said, side)] for side in ("support", "oppose"))
        found.append(Card(place, proposal, of_all.get(proposal.id), chart, support, oppose))
    return found


def telling(opinions: Sequence[Opinion], side: str) -> list[Opinion]:
    """The sentences to quote for one side: sure of the stance and of the holder, short, and each by another holder."""
    own = [one for one in opinions if one.stance.value == side and one.voice == "cited" and one.holder is not None]
    ranked = sorted(
        own, key=lambda one: (len(one.sentence) > LONGEST_QUOTE, -one.confidence * one.holder_confidence, one.article, one.start)
    )
    chosen: list[Opinion] = []
    for one in ranked:
        if all(one.holder != other.holder and one.sentence != other.sentence for other in chosen):
            chosen.append(one)
    return chosen[:QUOTES_SHOWN]


def changed_minds(changes: Sequence[Change], quote: Callable[[Opinion], Quote]) -> list[ChangedMind]:
    """The first 60, changes of mind before the others, which are more often errors of the model; else in the order given."""
    kinds = list(KINDS)
    ranked = sorted(changes, key=lambda one: kinds.index(one.kind))[:CHANGES_SHOWN]
    return [ChangedMind(one, KINDS[one.kind], _name(one), quote(one.before), quote(one.after)) for one in ranked]


def quoter(
    facts: Mapping[str, ArticleFacts], anchors: Mapping[tuple[object, ...], str], places: Mapping[tuple[object, ...], int],
    spot: Callable[[Opinion], tuple[object, ...]],
) -> Callable[[Opinion], Quote]:  # fmt: skip
    """Makes quotes of opinions. anchors, places: by `spot`."""

    def quote(one: Opinion) -> Quote:
        about = facts[one.article]
        where = ", ".join(part for part in (about.outlet or about.title or about.id, (about.date or "")[:10]) if part)
        return Quote(one, holder_name(one), where, anchors.get(spot(one)), places.get(spot(one)))

    return quote


def _name(change: Change) -> str:
    return change.holder or holder_name(change.before)
