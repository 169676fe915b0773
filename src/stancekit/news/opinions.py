"""Who stands where: predictions of an article joined with its holders, and one position a holder and proposal."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from stancekit.errors import StancekitError
from stancekit.news.holders import Holder
from stancekit.news.once import groups_of, said_once, voice_of
from stancekit.records import Article, ArticleFacts, Opinion, Position, Prediction
from stancekit.stance import Stance
from stancekit.tallies import MIXED


def opinions_of(article: Article, predictions: Sequence[Prediction], holders: Mapping[str, Holder], min_confidence: float) -> list[Opinion]:
    """One opinion a sentence and proposal with a side at or above `min_confidence`, in the order of the text.

    holders: by statement id; a sentence without one is the author's. Neutral sentences are no opinions: a model finds most
    pairs neutral, and most voices that it finds neutral speak of something else. Raises StancekitError for a prediction
    without offsets.
    """
    sides = [item for item in predictions if item.stance is not Stance.NEUTRAL and item.confidence >= min_confidence]
    opinions = [_opinion(article, item, holders.get(item.statement_id)) for item in sides]
    return sorted(opinions, key=lambda opinion: (opinion.start, opinion.end))


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


def _opinion(article: Article, prediction: Prediction, holder: Holder | None) -> Opinion:
    if prediction.start is None or prediction.end is None:
        raise StancekitError(f"prediction {prediction.statement_id} has no offsets", fix="score the sentences that cut_article gives")
    holder = holder if holder is not None else Holder.author()
    return Opinion(
        article=article.id,
        holder=holder.name,
        holder_id=_identity(article, holder),
        proposal_id=prediction.proposal_id,
        proposal=prediction.proposal,
        stance=prediction.stance,
        confidence=prediction.confidence,
        sentence=prediction.statement,
        start=prediction.start,
        end=prediction.end,
        rule=holder.rule,
        voice=holder.voice,
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
