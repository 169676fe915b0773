"""A job in pieces that workers far apart do alone: each reads its piece, answers it, and writes its part. Nothing here knows Ray."""

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import write_text
from stancekit.inference.answering import Answering, fits_of
from stancekit.inference.inputs import Rules, TableLayout
from stancekit.inference.model import SHAPE
from stancekit.inference.pieces import Piece, Reading, statements
from stancekit.inference.places import Folder
from stancekit.inference.questions import questions_of
from stancekit.inference.shards import cut
from stancekit.records import Proposal, Statement
from stancekit.tables import BadRow, Values, json_line, write_rows


@dataclass(frozen=True, slots=True)
class Job:
    """What all workers of a job must know. folder: where parts go. ending: of parts, .jsonl or .parquet. threads: see Answering."""

    bundle: Path
    proposals: tuple[Proposal, ...] | None
    layout: TableLayout
    device: str
    min_confidence: float
    folder: str
    ending: str
    threads: int | None = 1

    def rules(self) -> Rules:
        """What a row must bring."""
        own = self.proposals is None
        return Rules(self.layout, own=own, required=own, fits=fits_of(self.bundle) if own else None)

    def answering(self) -> Answering:
        """The scoring function, not loaded yet."""
        return Answering(self.bundle, self.proposals, self.device, self.min_confidence, self.threads)


@dataclass(frozen=True, slots=True)
class Count:
    """What a piece holds, each list with a number a span. readable: rows that could be read. fault: it cannot be read at all."""

    number: int
    questions: int = 0
    lines: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    readable: tuple[int, ...] = ()
    rejected: int = 0
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A finished part. rejected: rows of its piece that could not be asked. worker: machine and process that made it."""

    number: int
    questions: int
    answers: int
    rejected: int
    worker: str


def count(piece: Piece, job: Job) -> Count:
    """Read a piece without asking anything."""
    rules, readings, questions, rejected = job.rules(), [Reading() for _ in piece.spans], 0, 0
    asked = 1 if job.proposals is None else len(job.proposals)
    try:
        for span, reading in zip(piece.spans, readings, strict=True):
            for statement in statements(span, rules, reading):
                rejected += isinstance(statement, BadRow)
                questions += 0 if isinstance(statement, BadRow) else asked
    except StancekitError:
        # Its place in the file is not known yet: whoever knows it reads the piece again and tells.
        return Count(piece.number, fault=True)
    lines, rows, readable = zip(*((one.lines, one.rows, one.readable) for one in readings), strict=True)
    return Count(piece.number, questions, lines, rows, readable, rejected)


def bad_rows(piece: Piece, job: Job) -> Iterator[BadRow]:
    """Rows of a piece that cannot be asked. Raises StancekitError as soon as one cannot be read at all."""
    return (one for one in _each(piece, job) if isinstance(one, BadRow))


def _each(piece: Piece, job: Job) -> Iterator[Statement | BadRow]:
    rules = job.rules()
    return (statement for span in piece.spans for statement in statements(span, rules, Reading()))


def make(piece: Piece, job: Job, answering: Answering) -> Done:
    """Answer a piece, and write its part, its rejected rows if any, and the receipt that both are there."""
    folder, asked = Folder(job.folder), 0
    bad: list[BadRow] = []

    def rows() -> Iterator[Values]:
        nonlocal asked
        for shard in cut(questions_of(_each(piece, job), job.proposals, bad.append)):
            asked += len(shard)
            yield from (answer.to_row() for answer in answering.answers(shard))

    answers = folder.write(part_name(piece.number, job.ending), lambda path: write_rows(path, rows(), like=SHAPE))
    if bad:
        folder.write(rejects_name(piece.number), lambda path: write_rows(path, (row._asdict() for row in bad)))
    done = Done(piece.number, asked, answers, len(bad), f"{platform.node()} {os.getpid()}")
    folder.write(receipt_name(piece.number), lambda path: write_text(path, json_line(asdict(done))))
    return done


def part_name(number: int, ending: str) -> str:
    """The file with the answers to a piece."""
    return f"part-{number:05d}{ending}"


def rejects_name(number: int) -> str:
    """The file with the rows of a piece that could not be asked."""
    return f"rejected-{number:05d}.jsonl"


def receipt_name(number: int) -> str:
    """The file that tells that a part is whole; readers of tables pass over names that begin so."""
    return f"_done-{number:05d}.json"


def receipts(folder: Folder, names: set[str], count: int) -> dict[int, Done]:
    """The finished parts among the first `count`."""
    there = (number for number in range(count) if receipt_name(number) in names)
    return {number: Done(**json.loads(folder.read(receipt_name(number)))) for number in there}
