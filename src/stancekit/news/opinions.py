"""Who stands where: predictions of an article joined with its holders, and one row a holder and proposal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stancekit.errors import StancekitError
from stancekit.news.holders import Holder
from stancekit.records import Article, Opinion, Prediction
from stancekit.stance import STANCES, Stance

MIXED = "mixed"


def opinions_of(
    article: Article,
    predictions: Sequence[Prediction],
    holders: Mapping[str, Holder],
    min_confidence: float,
    keep_neutral: bool = False,
) -> list[Opinion]:
    """One opinion a sentence and proposal with a side at or above `min_confidence`, in the order of the text.

    holders: by statement id; a sentence without one is the author's. keep_neutral: also report cited voices that take no side.
    Neutral sentences of the author are mere facts and never opinions. Raises StancekitError for a prediction without offsets.
    """
    sure = [(item, holders.get(item.statement_id)) for item in predictions if item.confidence >= min_confidence]
    opinions = [_opinion(article, item, holder) for item, holder in sure if _counts(item, holder, keep_neutral)]
    return sorted(opinions, key=lambda opinion: (opinion.start, opinion.end))


def summarise(opinions: Iterable[Opinion]) -> list[dict[str, Any]]:
    """One row a holder and proposal: counts, the side that leads (or `mixed` where both are level) and the surest sentence for it.

    Holders are told apart by id; voices that could not be named (id None) share one row. Ordered by first appearance.
    """
    groups: dict[tuple[str | None, str], list[Opinion]] = {}
    for opinion in opinions:
        groups.setdefault((opinion.holder_id, opinion.proposal_id), []).append(opinion)
    return [_row(group) for group in groups.values()]


def _counts(prediction: Prediction, holder: Holder | None, keep_neutral: bool) -> bool:
    if prediction.stance is not Stance.NEUTRAL:
        return True
    return keep_neutral and holder is not None and holder.voice == "cited"


def _opinion(article: Article, prediction: Prediction, holder: Holder | None) -> Opinion:
    if prediction.start is None or prediction.end is None:
        raise StancekitError(f"prediction {prediction.statement_id} has no offsets", fix="score the sentences that cut_article gives")
    holder = holder if holder is not None else Holder.author()
    return Opinion(
        article=article.id,
        holder=holder.name,
        holder_id=holder.id,
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


def _row(group: Sequence[Opinion]) -> dict[str, Any]:
    counts = {stance: sum(opinion.stance is stance for opinion in group) for stance in STANCES}
    leading = _leading(counts)
    matching = [opinion for opinion in group if leading in (MIXED, opinion.stance)]
    # max() keeps the first of equals, so that the earliest sentence wins and the order of rows never matters.
    best = max(matching, key=lambda opinion: opinion.confidence)
    names = [opinion.holder for opinion in group if opinion.holder is not None]
    return {
        "holder": max(names, key=len) if names and best.holder_id is not None else None,
        "holder_id": best.holder_id,
        "voice": best.voice,
        "proposal_id": best.proposal_id,
        "proposal": best.proposal,
        **{stance.value: counts[stance] for stance in STANCES},
        "stance": str(leading),
        "confidence": best.confidence,
        "article": best.article,
        "sentence": best.sentence,
        "start": best.start,
        "end": best.end,
    }


def _leading(counts: Mapping[Stance, int]) -> Stance | str:
    if counts[Stance.SUPPORT] == counts[Stance.OPPOSE]:
        return Stance.NEUTRAL if counts[Stance.SUPPORT] == 0 else MIXED
    return Stance.SUPPORT if counts[Stance.SUPPORT] > counts[Stance.OPPOSE] else Stance.OPPOSE
