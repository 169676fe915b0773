"""What was read of some articles, kept until all are read: a reading that was killed goes on behind the parts that are there.

Articles are cut into chunks by number alone and each chunk is read by itself, so a part is the same whoever makes it and whenever.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stancekit.inference.crews import Crew
from stancekit.inference.journal import Journal, Part
from stancekit.news.answers import sums_of
from stancekit.news.articles import Note
from stancekit.progress import Advance
from stancekit.reading.reader import Read
from stancekit.records import Article, Opinion
from stancekit.stance import Stance

# Articles that are read together: enough for full batches, and what a kill may cost each worker.
PART = 16
# How parts are laid out.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of work: PART articles with the notes between them; the last one may hold fewer."""

    number: int
    members: Sequence[Article | Note]

    @property
    def articles(self) -> list[Article]:
        """Those of its members that can be read."""
        return [one for one in self.members if isinstance(one, Article)]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an article. sums: see Answers. counts: sentences, proposals asked about, pairs scored."""

    article: Article
    opinions: list[Opinion]
    sums: Mapping[str, Sequence[float]]
    counts: Mapping[str, int]

    @classmethod
    def of(cls, read: Read) -> "Kept":
        """Of what came of an article."""
        counts = {"articles": 1, "sentences": read.sentences, "asked": read.proposals, "pairs": len(read.answers)}
        return cls(read.article, read.opinions, sums_of(read.answers), counts)

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        opinions = [one.to_row() for one in self.opinions]
        return {"article": asdict(self.article), "opinions": opinions, "sums": self.sums, "counts": self.counts}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Kept":
        """Back from them."""
        told = row["article"]
        runs = None if told["runs"] is None else tuple(map(tuple, told["runs"]))
        article = Article(**{**told, "skipped": tuple(map(tuple, told["skipped"])), "runs": runs})
        opinions = [Opinion(**{**one, "stance": Stance(one["stance"])}) for one in row["opinions"]]
        return cls(article, opinions, row["sums"], row["counts"])


@dataclass(frozen=True, slots=True)
class Written:
    """A part as its file holds it: JSON lines, one a member of the chunk. articles: read. pairs: scored. opinions: found."""

    number: int
    content: bytes
    articles: int
    pairs: int
    opinions: int

    @classmethod
    def of(cls, number: int, members: Sequence[Kept | Note]) -> "Written":
        """Of what came of each member of a chunk, in their order."""
        rows = ({"note": one._asdict()} if isinstance(one, Note) else one.to_row() for one in members)
        kept = [one for one in members if isinstance(one, Kept)]
        pairs, opinions = sum(one.counts["pairs"] for one in kept), sum(len(one.opinions) for one in kept)
        # In ASCII: no text of an article ends a line of the file.
        return cls(number, "".join(json.dumps(row) + "\n" for row in rows).encode(), len(kept), pairs, opinions)


def chunks(stream: Iterable[Article | Note]) -> Iterator[Chunk]:
    """All of a stream, PART articles at a time."""
    number, members, articles = 0, list[Article | Note](), 0
    for one in stream:
        members.append(one)
        articles += isinstance(one, Article)
        if articles == PART:
            yield Chunk(number, members)
            number, members, articles = number + 1, [], 0
    if members:
        yield Chunk(number, members)


def make(work: Iterator[Chunk], journal: Journal, crew: Crew[Chunk, Written], advance: Advance) -> int:
    """Let the crew make the parts that are not there yet, and keep each as it comes. Returns how many the reading has in all."""
    count = 0

    def missing() -> Iterator[Chunk]:
        nonlocal count
        for chunk in work:
            count = chunk.number + 1
            if chunk.number in journal.done:
                advance(len(chunk.articles))
            else:
                yield chunk

    for written in crew.parts(missing()):
        journal.scratch(written.number).write_bytes(written.content)
        digest = hashlib.sha256(written.content).hexdigest()
        journal.keep(Part(written.number, written.pairs, written.opinions, 0, digest))
        advance(written.articles)
    return count


def kept(journal: Journal, count: int) -> Iterator[Kept | Note]:
    """What the first `count` parts hold, in the order of the articles."""
    for row in _rows(journal, count):
        yield Note(**row["note"]) if "note" in row else Kept.from_row(row)


def texts(journal: Journal, count: int) -> Iterator[dict[str, Any]]:
    """Rows with the texts that opinions' offsets count in, where these are not what was given: those of pages and of Markdown."""
    for row in _rows(journal, count):
        article = row.get("article")
        if article is not None and article["runs"] is not None:
            yield {"article": article["id"], "source": article["source"], "text": article["text"]}


def _rows(journal: Journal, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield from map(json.loads, journal.path(number).read_text(encoding="utf-8").splitlines())
