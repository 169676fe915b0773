"""What was read of some articles, kept until all are read: a reading that was killed goes on behind the last part."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stancekit.inference.journal import Journal, Part
from stancekit.news.answers import sums_of
from stancekit.news.articles import Note
from stancekit.reading.reader import Read
from stancekit.records import Article, Opinion
from stancekit.stance import Stance
from stancekit.tables import json_line

# Articles that are read together: enough for full batches, and what a kill may cost.
PART = 16


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an article. sums: see Answers. counts: sentences, proposals asked about, pairs scored."""

    opinions: list[Opinion]
    sums: Mapping[str, Sequence[float]]
    counts: Mapping[str, int]

    @classmethod
    def of(cls, read: Read) -> "Kept":
        """Of what came of an article."""
        counts = {"articles": 1, "sentences": read.sentences, "asked": read.proposals, "pairs": len(read.answers)}
        return cls(read.opinions, sums_of(read.answers), counts)

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return {"opinions": [one.to_row() for one in self.opinions], "sums": self.sums, "counts": self.counts}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Kept":
        """Back from them."""
        return cls([Opinion(**{**one, "stance": Stance(one["stance"])}) for one in row["opinions"]], row["sums"], row["counts"])


class Parts:
    """The parts of one reading, in a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @property
    def done(self) -> int:
        """How many parts there are from an earlier start, or by now."""
        return len(self._journal.done)

    def of(self, number: int, articles: Sequence[Article], read: Callable[[Sequence[Article]], list[Read]]) -> list[Kept]:
        """What came of these articles: out of the journal where the part is there, else by `read`, and then it is."""
        if not articles:
            return []
        if number in self._journal.done:
            lines = self._journal.path(number).read_text(encoding="utf-8").splitlines()
            return [Kept.from_row(json.loads(line)) for line in lines]
        kept = [Kept.of(one) for one in read(articles)]
        content = "".join(json_line(one.to_row()) for one in kept).encode()
        self._journal.scratch(number).write_bytes(content)
        pairs, answers = sum(one.counts["pairs"] for one in kept), sum(len(one.opinions) for one in kept)
        self._journal.keep(Part(number, pairs, answers, 0, hashlib.sha256(content).hexdigest()))
        return kept

    def close(self) -> None:
        """The output is there: parts are no longer needed."""
        self._journal.close()


def chunks(stream: Iterable[Article | Note]) -> Iterator[list[Article | Note]]:
    """Runs of PART articles with the notes between them; the last one may be shorter."""
    chunk: list[Article | Note] = []
    for one in stream:
        chunk.append(one)
        if sum(isinstance(each, Article) for each in chunk) == PART:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
