"""Who stands where: what the voices of an article make of proposals, and one position a holder and proposal."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.inference.model import prediction
from stancekit.inference.scorers import FloatArray
from stancekit.news.attributions import Attribution, Holder
from stancekit.news.once import groups_of, said_once, voice_of
from stancekit.news.stances import keeps_out
from stancekit.records import Article, ArticleFacts, Opinion, Position, Proposal, Statement
from stancekit.stance import Stance
from stancekit.tallies import MIXED


class Found(NamedTuple):
    """What one voice of a sentence makes of a proposal. statement: with offsets. probabilities: in the order of STANCES, shape (3,)."""

    statement: Statement
    proposal: Proposal
    attribution: Attribution
    probabilities: FloatArray


def opinions_of(article: Article, found: Iterable[Found], min_confidence: float) -> list[Opinion]:
    """Those of an article that are told to have a side, or to keep out of it, at or above `min_confidence`; in the order of the text.

    A model finds most pairs neutral, and most voices that it finds neutral speak of something else: neutral is an opinion only where the
    cue says so ("has not decided"). Two voices of a sentence that turn out to be one holder are one opinion, the surer one.
    """
    surest: dict[tuple[object, ...], Opinion] = {}
    for one in found:
        opinion = _opinion(article, one)
        told = opinion.stance is not Stance.NEUTRAL or keeps_out(one.attribution.cue)
        key = (opinion.start, opinion.end, opinion.holder_id, opinion.holder, opinion.proposal_id)
        if told and opinion.confidence >= min_confidence and (key not in surest or opinion.confidence > surest[key].confidence):
            surest[key] = opinion
    return sorted(surest.values(), key=lambda opinion: (opinion.start, opinion.end))


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


def side_of(stances: Collection[Stance]) -> str:
    """What somebody with these stances stands for: the side that is among them, `mixed` for both, `neutral` for none."""
    sides = set(stances) - {Stance.NEUTRAL}
    if len(sides) > 1:
        return MIXED
    return sides.pop().value if sides else Stance.NEUTRAL.value


def _opinion(article: Article, found: Found) -> Opinion:
    statement, holder, cue = found.statement, found.attribution.holder, found.attribution.cue
    if statement.start is None or statement.end is None:
        raise StancekitError(f"statement {statement.id} has no offsets", fix="score the sentences that cut_article gives")
    answer = prediction(statement, found.proposal, found.probabilities)
    return Opinion(
        article=article.id,
        holder=holder.name,
        holder_id=_identity(article, holder),
        proposal_id=found.proposal.id,
        proposal=found.proposal.text,
        stance=answer.stance,
        confidence=answer.confidence,
        sentence=statement.text,
        start=statement.start,
        end=statement.end,
        rule=holder.rule,
        voice=holder.voice,
        holder_confidence=found.attribution.confidence,
        cue=None if cue is None else cue.text,
        probabilities=answer.probabilities,
    )


def _identity(article: Article, holder: Holder) -> str | None:
    # Slugs hold no full stop, so that no name can be taken for somebody of an article.
    return holder.id if holder.id is None or holder.proper else f"{article.id}.{holder.id}"


def _position(group: Sequence[Opinion], copies: Mapping[str, str]) -> Position:
    stances = Counter(opinion.stance for opinion in group)
    stance = side_of(stances)
    # max() keeps the first of equals: the earliest sentence and the first spelling stand for all.
    surest = max(group, key=lambda opinion: (opinion.stance.value == stance, opinion.confidence))
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
