"""Questions in shards, answers in parts: the pieces of work that a long job is made of.

Shards are cut by number alone and scored each by itself, so a part is the same whoever makes it and whenever.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from stancekit.inference.cache import Cache, keys_of
from stancekit.inference.engine import score, softmax
from stancekit.inference.journal import Part
from stancekit.inference.model import StanceModel, prediction
from stancekit.inference.questions import Question
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import Pair
from stancekit.records import Prediction
from stancekit.tables import json_line

# Pairs: what a kill -9 may cost each worker, some seconds on a CPU. They are enough for batches of like length with little padding.
SHARD = 512


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of work. part: the scratch file that its answers go to."""

    number: int
    questions: Sequence[Question]
    part: Path


def cut(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Runs of SHARD questions; the last one may be shorter."""
    stream = iter(questions)
    while shard := list(islice(stream, SHARD)):
        yield shard


class Answerer:
    """A loaded model, with what it answered before where there is a cache. min_confidence: answers below it are left out."""

    def __init__(self, model: StanceModel, cache: Cache | None, min_confidence: float) -> None:
        self.model = model
        self.cache = cache
        self.min_confidence = min_confidence

    @property
    def identity(self) -> str:
        """See crews.Hand."""
        return self.model.identity

    def answers(self, questions: Sequence[Question]) -> tuple[list[Prediction], int]:
        """The answers in order, and to how many questions the cache knew them. Proposals must have been checked."""
        pairs = [(statement.text, proposal.text) for statement, proposal in questions]
        rows, cached = self._rows(pairs)
        every = (prediction(statement, proposal, row) for (statement, proposal), row in zip(questions, rows, strict=True))
        return [answer for answer in every if answer.confidence >= self.min_confidence], cached

    def part(self, shard: Shard) -> Part:
        """Answer a shard into its scratch file."""
        answers, cached = self.answers(shard.questions)
        digest = hashlib.sha256()
        with shard.part.open("wb") as file:
            for answer in answers:
                line = json_line(answer.to_row()).encode()
                digest.update(line)
                file.write(line)
        return Part(shard.number, len(shard.questions), len(answers), cached, digest.hexdigest())

    def _rows(self, pairs: Sequence[Pair]) -> tuple[Iterable[FloatArray], int]:
        if self.cache is None:
            return self._scored(pairs), 0
        keys = keys_of(self.model.identity, pairs)
        known = self.cache.known(list(dict.fromkeys(keys)))
        cached = sum(key in known for key in keys)
        new = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in known}
        if new:
            scored = dict(zip(new, self._scored(list(new.values())), strict=True))
            self.cache.add(scored)
            known |= scored
        return [known[key] for key in keys], cached

    def _scored(self, pairs: Sequence[Pair]) -> FloatArray:
        logits = score(self.model.scorer, self.model.tokenizer, pairs, alike=self.model.scorer.alike)
        return self.model.calibrated(softmax(logits))
