"""What the voices of an article make of proposals, as opinions."""

from collections.abc import Iterable
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.inference.model import prediction
from stancekit.inference.scorers import FloatArray
from stancekit.news.attributions import Attribution, Holder
from stancekit.news.places import source_span
from stancekit.news.stances import keeps_out
from stancekit.records import Article, Opinion, Prediction, Proposal, Statement
from stancekit.stance import Stance

# Which proposal a voice keeps out of, its sentence hardly tells: those that the article is about, as seen from the nearest (`shares`).
# Best F1 of neutral opinions on the corpus's train and validation parts: docs/stance-of-a-voice.md.
KEPT_OUT = 0.7


class Found(NamedTuple):
    """What one voice of a sentence makes of a proposal. statement: with offsets. probabilities: in the order of STANCES, shape (3,).

    share: how near the article is to the proposal, of how near it is to the nearest.
    """

    statement: Statement
    proposal: Proposal
    attribution: Attribution
    probabilities: FloatArray
    share: float = 1.0


def opinions_of(article: Article, found: Iterable[Found], min_confidence: float) -> list[Opinion]:
    """Those of an article that are told to have a side, or to keep out of it, at or above `min_confidence`; in the order of the text.

    A model finds most pairs neutral, and most voices that it finds neutral speak of something else: neutral is an opinion only where the
    cue says so ("has not decided"), and toward what the article is about. Two voices of a sentence that turn out to be one holder are one
    opinion, the surer one.
    """
    surest: dict[tuple[object, ...], Opinion] = {}
    for one in found:
        # Most answers are none: of those nothing more is made.
        answer = prediction(one.statement, one.proposal, one.probabilities)
        told = answer.stance is not Stance.NEUTRAL or (keeps_out(one.attribution.cue) and one.share >= KEPT_OUT)
        if not told or answer.confidence < min_confidence:
            continue
        opinion = _opinion(article, one, answer)
        key = (opinion.start, opinion.end, opinion.holder_id, opinion.holder, opinion.proposal_id)
        if key not in surest or opinion.confidence > surest[key].confidence:
            surest[key] = opinion
    return sorted(surest.values(), key=lambda opinion: (opinion.start, opinion.end))


def _opinion(article: Article, found: Found, answer: Prediction) -> Opinion:
    statement, holder, cue = found.statement, found.attribution.holder, found.attribution.cue
    if statement.start is None or statement.end is None:
        raise StancekitError(f"statement {statement.id} has no offsets", fix="score the sentences that cut_article gives")
    source = source_span(article, statement.start, statement.end) or (None, None)
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
        source_start=source[0],
        source_end=source[1],
    )


def _identity(article: Article, holder: Holder) -> str | None:
    # Slugs hold no full stop, so that no name can be taken for somebody of an article.
    return holder.id if holder.id is None or holder.proper else f"{article.id}.{holder.id}"
