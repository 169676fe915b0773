"""Articles to opinions: sentences, what they are asked, the pair model's answers, whose they are, and what all of it comes to."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stancekit.errors import StancekitError
from stancekit.inference.embedding import Embedder
from stancekit.inference.model import StanceModel, prediction
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import Pair
from stancekit.news.articles import article_of, cut_article
from stancekit.news.combining import Evidence, combine, voices_of
from stancekit.news.holders import Attribution, HolderFinder
from stancekit.news.relevance import LEAST, Floats, Gate, asked_about, behind, shares
from stancekit.reading.opinions import Found, opinions_of
from stancekit.records import Article, Opinion, Prediction, Proposal, Statement
from stancekit.stance import STANCES

# Three probabilities sum to 1, so the largest of them is at least a third.
MIN_CONFIDENCE = 0.4
# Of each sentence of an article: who speaks, and what the pair model is asked about them.
Voices = list[list[tuple[Attribution, Evidence]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """min_confidence: what is less sure is no opinion. min_relevance: of an article and a proposal, see `asked_about`."""

    min_confidence: float = MIN_CONFIDENCE
    min_relevance: float = LEAST


def limits_of(min_confidence: float | None, min_relevance: float | None) -> Limits:
    """These, and the usual ones where they are None."""
    given = {"min_confidence": min_confidence, "min_relevance": min_relevance}
    return Limits(**{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one article. answers: the pair model's own, to every sentence that was asked. proposals: how many it was asked about."""

    article: Article
    sentences: int
    proposals: int
    answers: list[Prediction]
    opinions: list[Opinion]


class _Asked(NamedTuple):
    """An article with the proposals that it is asked about. share, behind: see news/relevance.py, a column a proposal."""

    article: Article
    statements: Sequence[Statement]
    proposals: Sequence[Proposal]
    share: Floats
    behind: Floats

    @property
    def pairs(self) -> list[Pair]:
        return [(statement.text, proposal.text) for statement in self.statements for proposal in self.proposals]


class ArticleReader:
    """Reads articles with what was loaded once.

    proposals: as texts they get the ids p1, p2, ... limits: as usual where None. threads: of the embedder, None for every core.
    Raises StancekitError for a proposal that the model cannot take.
    """

    def __init__(
        self, model: StanceModel, proposals: Sequence[Proposal | str], limits: Limits | None = None, threads: int | None = None
    ) -> None:
        if isinstance(proposals, str):
            raise StancekitError("proposals are a list, and a text is a list of letters", fix="put it into a list: [proposal]")
        asked = [Proposal(f"p{number}", one) if isinstance(one, str) else one for number, one in enumerate(proposals, 1)]
        model.tokenizer.check_proposals(proposal.text for proposal in asked)
        self._model, self._proposals, self._limits = model, asked, limits or Limits()
        self._gate, self._finder = Gate(asked, Embedder(threads=threads)), HolderFinder()

    def opinions(self, article: Article | str) -> list[Opinion]:
        """Of one article, in the order of its text. Raises StancekitError where there is no sentence in it."""
        (read,) = self.read([article_of(article) if isinstance(article, str) else article])
        return read.opinions

    def read(self, articles: Sequence[Article]) -> list[Read]:
        """One an article. Those read together share batches, so many small ones are read faster."""
        asked = list(self._asked(articles))
        with ThreadPoolExecutor(1, "stancekit-parser") as parser:
            # The parser keeps one core busy, and the pair model leaves the interpreter to it while it computes.
            parsed = [parser.submit(self._voices, one) for one in asked]
            answers = list(self._answers(asked))
            voices = [one.result() for one in parsed]
        own = self._own_words(asked, voices)
        return [self._read(*each) for each in zip(asked, answers, voices, own, strict=True)]

    def _asked(self, articles: Sequence[Article]) -> Iterator[_Asked]:
        cut = [cut_article(article) for article in articles]
        relevance = self._gate.relevance([[statement.text for statement in statements] for statements in cut])
        for article, statements, found in zip(articles, cut, relevance, strict=True):
            near = asked_about(found.article, self._limits.min_relevance)
            proposals = [self._proposals[number] for number in near]
            yield _Asked(article, statements, proposals, shares(found.article[near]), behind(found.sentences[:, near]))

    def _answers(self, asked: Sequence[_Asked]) -> Iterator[FloatArray]:
        """The pair model's, each of shape (sentences, proposals, 3)."""
        rows = self._model.probabilities([pair for one in asked for pair in one.pairs])
        for one in asked:
            count = len(one.statements) * len(one.proposals)
            yield rows[:count].reshape(len(one.statements), len(one.proposals), len(STANCES))
            rows = rows[count:]

    def _voices(self, asked: _Asked) -> Voices:
        """Of each sentence. Nobody is looked for in an article that is asked nothing."""
        if not asked.proposals:
            return [[] for _ in asked.statements]
        found = self._finder.find(asked.statements)
        return [
            list(zip(attributions, voices_of(attributions, statement.text), strict=True))
            for statement, attributions in zip(asked.statements, found, strict=True)
        ]

    def _own_words(self, asked: Sequence[_Asked], voices: Sequence[Voices]) -> list[Mapping[Pair, FloatArray]]:
        """The pair model's answers to the words that are a voice's own, by words and proposal."""
        pairs = [list(dict.fromkeys(_own_pairs(*each))) for each in zip(asked, voices, strict=True)]
        rows = iter(self._model.probabilities([pair for of in pairs for pair in of]))
        return [{pair: next(rows) for pair in of} for of in pairs]

    def _read(self, asked: _Asked, answers: FloatArray, voices: Voices, own: Mapping[Pair, FloatArray]) -> Read:
        found = []
        for statement, of_sentence, rows, gaps in zip(asked.statements, voices, answers, asked.behind, strict=True):
            words = [_words(statement, voice) for _, voice in of_sentence]
            for proposal, row, share, gap in zip(asked.proposals, rows, asked.share.tolist(), gaps, strict=True):
                said = np.stack([own.get((text, proposal.text), row) for text in words])
                sure = combine([voice for _, voice in of_sentence], np.tile(row, (len(said), 1)), said, np.full(len(said), gap))
                found += [Found(statement, proposal, one, chances, share) for (one, _), chances in zip(of_sentence, sure, strict=True)]
        predictions = [
            prediction(statement, proposal, row)
            for statement, rows in zip(asked.statements, answers, strict=True)
            for proposal, row in zip(asked.proposals, rows, strict=True)
        ]
        opinions = opinions_of(asked.article, found, self._limits.min_confidence)
        return Read(asked.article, len(asked.statements), len(asked.proposals), predictions, opinions)


def _own_pairs(asked: _Asked, voices: Voices) -> Iterator[Pair]:
    for statement, of_sentence in zip(asked.statements, voices, strict=True):
        for text in filter(None, (_words(statement, voice) for _, voice in of_sentence)):
            yield from ((text, proposal.text) for proposal in asked.proposals)


def _words(statement: Statement, voice: Evidence) -> str:
    """A voice's own words, empty where the sentence says it all."""
    return "" if voice.own is None else statement.text[slice(*voice.own)].strip()
