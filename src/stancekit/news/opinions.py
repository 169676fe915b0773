"""Who stands where: the opinions of a holder toward a proposal as one position."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from stancekit.news.once import said_once, side_of_holder
from stancekit.records import ArticleFacts, Opinion, Position
from stancekit.stance import Stance
from stancekit.tallies import MIXED, groups_of, voice_of


def summarise(opinions: Iterable[Opinion], facts: Iterable[ArticleFacts] = ()) -> list[Position]:
    """One position a holder and proposal, in the order in which the opinions first name them.

    facts: which articles are copies; without them all stand alone.
    """
    copies = groups_of(facts)
    groups: dict[tuple[str | None, str | None, str], list[Opinion]] = defaultdict(list)
    for opinion in said_once(opinions, copies):
        # Nothing tells whether two articles leave the same voice unnamed.
        unnamed_in = copies.get(opinion.article, opinion.article) if opinion.holder_id is None else None
        groups[voice_of(opinion, copies), unnamed_in, opinion.proposal_id].append(opinion)
    return [_position(group, copies) for group in groups.values()]


def _position(group: Sequence[Opinion], copies: Mapping[str, str]) -> Position:
    stances = Counter(opinion.stance for opinion in group)
    stance = side_of_holder(group, copies)
    # max() keeps the first of equals: the earliest sentence and the first spelling stand for all.
    surest = max(group, key=lambda opinion: (_shows(opinion, stance), opinion.confidence))
    names = [opinion.holder for opinion in group if opinion.holder is not None and opinion.holder_id is not None]
    return Position(
        holder=max(names, key=len, default=None),
        holder_id=surest.holder_id,
        voice=surest.voice,
        proposal_id=surest.proposal_id,
        proposal=surest.proposal,
        oppose=stances[Stance.OPPOSE],
        neutral=stances[Stance.NEUTRAL],
        support=stances[Stance.SUPPORT],
        articles=len({copies.get(opinion.article, opinion.article) for opinion in group}),
        stance=stance,
        confidence=surest.confidence,
        article=surest.article,
        sentence=surest.sentence,
        start=surest.start,
        end=surest.end,
    )


def _shows(opinion: Opinion, stance: str) -> bool:
    return opinion.stance is not Stance.NEUTRAL if stance == MIXED else opinion.stance.value == stance
