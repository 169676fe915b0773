"""Whether an article is about a proposal at all, by the embeddings of its sentences.

A stance model answers every question it is asked, so an article on rockets must not be asked about a sea wall. A single sentence tells
little of what it is about ("It would be a disaster"): cut by its own likeness to the proposal, 98 % of the sides are kept only where
five sixths of all pairs are. The few sentences of an article that are most like the proposal tell much more: docs/relevance.md.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from stancekit.records import Proposal

Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
# How many sentences speak for their article, of a short one a third: one alone may stray, and many are about something else.
SPEAKING = 3
# The highest at which 98 % of the sides of the corpus's validation part pass, titles among the sentences: benchmarks/relevance.py.
LEAST = 0.2537
# Of how near an article is to its nearest proposal. The highest of 0.5, 0.55, 0.6 at which 98 % of the sides of the corpus's train part
# and of SEESAW's train stories still pass: docs/relevance.md.
SHARE = 0.5
# Cosines are compared as they are rounded here: what is below hangs on the processor.
DECIMALS = 4


class Embedder(Protocol):
    """See inference/embedding.py."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), width), rows of length 1."""


class Relevance(NamedTuple):
    """How near an article is to proposals. article: shape (proposals,). sentences: cosines, shape (sentences, proposals)."""

    article: Floats
    sentences: Floats


class Gate:
    """Tells what an article is asked about. Proposals are embedded once, and so is each sentence, however many proposals there are."""

    def __init__(self, proposals: Sequence[Proposal], embedder: Embedder) -> None:
        self._embedder = embedder
        self._proposals = embedder.embed([proposal.text for proposal in proposals]).astype(np.float64)

    def relevance(self, articles: Sequence[Sequence[str]]) -> list[Relevance]:
        """One an article. articles: the texts of their sentences, at least one each."""
        vectors = self._embedder.embed([text for sentences in articles for text in sentences])
        found, start = [], 0
        for sentences in articles:
            # In double precision, as the last bits of a product hang on how many proposals are asked.
            cosines = (vectors[start : start + len(sentences)].astype(np.float64) @ self._proposals.T).round(DECIMALS)
            start += len(sentences)
            nearest = np.sort(cosines, axis=0)[-speaking(len(sentences)) :]
            found.append(Relevance(nearest.mean(axis=0), cosines))
        return found


def shares(article: Floats) -> Floats:
    """How near an article is to each proposal, of how near it is to the nearest of them; all 1 where it is near to none."""
    nearest = article.max(initial=0.0)
    return article / nearest if nearest > 0 else np.ones_like(article)


def asked_about(article: Floats, least: float) -> list[int]:
    """Places of the proposals that an article is asked about: at least so near, and not far behind the nearest one. 0 asks about all.

    article: see Relevance.
    """
    near = (article >= least) & (shares(article) >= SHARE) if least > 0 else np.ones(len(article), dtype=bool)
    return [int(place) for place in np.flatnonzero(near)]


def behind(sentences: Floats) -> Floats:
    """How much nearer each sentence is to another proposal than to this one, with the sentence before: mean cosines, 0 for the nearest.

    sentences: see Relevance, of one article in reading order. Same shape.
    """
    near = (sentences + np.vstack([sentences[:1], sentences[:-1]])) / 2
    return np.asarray((near.max(axis=1, keepdims=True, initial=-1.0) - near).round(DECIMALS))


def speaking(sentences: int) -> int:
    """How many sentences speak for an article that has so many."""
    return min(SPEAKING, -(-sentences // SPEAKING))
