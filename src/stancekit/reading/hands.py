"""Who reads chunks of articles: what each process loads, and what it makes of a chunk."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from stancekit.errors import reason
from stancekit.inference.model import StanceModel
from stancekit.inference.workers import loaded
from stancekit.news.articles import Note
from stancekit.reading.parts import Chunk, Kept, Written
from stancekit.reading.reader import ArticleReader, Limits
from stancekit.records import Article, Proposal


@dataclass(frozen=True, slots=True)
class ReadingDuty:
    """What makes a hand that reads, see crews.Duty."""

    bundle: Path
    proposals: Sequence[Proposal]
    limits: Limits
    device: str

    def begin(self, closes: ExitStack, threads: int | None = None) -> "ReadingHand":
        """Load the model, the embedder and the parser. Raises StancekitError."""
        model = loaded(self.bundle, self.device, threads)
        return ReadingHand(model, ArticleReader(model, self.proposals, self.limits, threads))


class ReadingHand:
    """Reads chunks with what was loaded once."""

    def __init__(self, model: StanceModel, reader: ArticleReader) -> None:
        self.identity = model.identity
        self._reader = reader

    def part(self, chunk: Chunk) -> Written:
        """Read a chunk. Articles that share it share batches."""
        read = iter(self._read(chunk.articles))
        return Written.of(chunk.number, [next(read) if isinstance(one, Article) else one for one in chunk.members])

    def _read(self, articles: Sequence[Article]) -> list[Kept | Note]:
        if not articles:
            return []
        try:
            return [Kept.of(one) for one in self._reader.read(articles)]
        except (OSError, MemoryError):
            # Of the machine, and not of an article.
            raise
        except Exception as fault:
            if len(articles) > 1:
                return list(self._one_by_one(articles))
            [article] = articles
            return [Note(article.source or article.id, f"stancekit cannot read it: {type(fault).__name__}: {reason(fault)}")]

    def _one_by_one(self, articles: Sequence[Article]) -> Iterator[Kept | Note]:
        """One of them cannot be read; the rest goes on."""
        for article in articles:
            yield from self._read([article])
