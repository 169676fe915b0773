"""Inputs cut into pieces that machines far apart can read alone, with the row numbers that one reader of everything would give them.

JSONL is cut at bytes, Parquet at rows, so one large file spreads over all machines; other files stay whole. What stands before a piece is
known once all have been counted.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from stancekit.errors import StancekitError, reason
from stancekit.files import ending_of
from stancekit.inference.inputs import Rules, check_columns, statements_of_article, statements_of_row
from stancekit.inference.places import Found, opened
from stancekit.news.articles import ENDINGS, read_article
from stancekit.records import Statement
from stancekit.tables import BadRow, Row, each_row

# Of a row of JSONL with a sentence of news. Parts come out larger or smaller where rows are.
ROW_BYTES = 300
LINES, PARQUET = (".jsonl", ".ndjson"), (".parquet",)
READING = 16


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one file: the lines that begin at bytes [start, stop), the rows [start, stop) of a Parquet file, or all of it.

    lines, rows: how many stand before it in its file. blank lines are no rows.
    """

    name: str
    place: str
    kind: Literal["lines", "rows", "whole"]
    start: int = 0
    stop: int = 0
    lines: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What one part of the output is made from. questions: pairs in it, once they are counted."""

    number: int
    spans: tuple[Span, ...]
    questions: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Piece":
        """What `asdict` made of one, after a way through JSON."""
        return cls(row["number"], tuple(Span(**span) for span in row["spans"]), row["questions"])


@dataclass(slots=True)
class Reading:
    """What was met while a span was read: lines, rows, and rows that could be read as such."""

    lines: int = 0
    rows: int = 0
    readable: int = 0


def cut(files: Sequence[Found], most: int) -> list[Piece]:
    """Pieces of about `most` rows, in the order of the input. Small files share one. Raises StancekitError for a damaged Parquet file."""
    with ThreadPoolExecutor(READING) as pool:
        spans = [span for found in pool.map(lambda file: list(_spans(file, most)), files) for span in found]
    pieces: list[list[Span]] = []
    weight = math.inf
    for span, weighs in spans:
        if weight + weighs > most:
            pieces.append([])
            weight = 0.0
        pieces[-1].append(span)
        weight += weighs
    return [Piece(number, tuple(members)) for number, members in enumerate(pieces)]


def _spans(file: Found, most: int) -> Iterator[tuple[Span, float]]:
    """The spans of a file, with how many rows they have, or seem to."""
    ending = ending_of(Path(file.name))
    if file.size == 0:
        raise StancekitError(f"{file.name} is empty", fix="give a file with at least one row")
    if ending in LINES:
        step, size, kind, each = most * ROW_BYTES, file.size, "lines", 1 / ROW_BYTES
    elif ending in PARQUET:
        step, size, kind, each = most, _parquet_rows(file), "rows", 1.0
        if size == 0:
            raise StancekitError(f"{file.name} holds no row", fix="give at least one")
    else:
        yield Span(file.name, file.place, "whole"), file.size / ROW_BYTES
        return
    for start in range(0, size, step):
        stop = min(start + step, size)
        yield Span(file.name, file.place, kind, start, stop), (stop - start) * each  # type: ignore[arg-type]


def statements(span: Span, rules: Rules, reading: Reading) -> Iterator[Statement | BadRow]:
    """What a span has to say, with the ids and places that reading its whole file would give. reading: is filled as it goes.

    Raises StancekitError for what cannot be read at all.
    """
    if span.kind == "whole" and ending_of(Path(span.name)) in ENDINGS:
        reading.readable += 1
        article = replace(read_article(Path(span.place)), source=span.name)
        yield from statements_of_article(article)
        return
    file, names = Path(span.name), rules.layout.names
    for row in _rows(span, reading):
        reading.rows += 1
        if isinstance(row, BadRow):
            yield row
            continue
        if not reading.readable and span.start == 0:
            check_columns(file, row, names, rules)
        reading.readable += 1
        for statement in statements_of_row(file, span.rows + reading.rows, row, names, rules):
            if isinstance(statement, Statement) and statement.source == str(file):
                # A Path makes one slash of two.
                yield replace(statement, source=span.name)
            else:
                yield statement


def _rows(span: Span, reading: Reading) -> Iterator[Row | BadRow]:
    if span.kind == "rows":
        yield from _parquet(span)
        return
    if span.kind == "whole":
        for row in each_row(Path(span.place)):
            yield _told(row, span.place, span.name, 0)
        return
    with opened(span.place) as file:
        for row in each_row(Path("x"), _lines(file, span, reading)):
            yield _told(row, "x", span.name, span.lines)


def _told(row: Row | BadRow, place: str, name: str, before: int) -> Row | BadRow:
    """The row as the reader of the whole file would name it. Numbers are those of lines from 1, behind `place:`."""
    if isinstance(row, Row):
        return Row(f"{name}:{int(row.where.removeprefix(f'{place}:')) + before}", row.values)
    line = (row.line or 0) + before
    return BadRow(name, line, row.problem.replace(f"{place}:{row.line} ", f"{name}:{line} ", 1), row.fix)


def _lines(file: IO[bytes], span: Span, reading: Reading) -> Iterator[str]:
    """The lines that begin within the span."""
    position = span.start
    if span.start:
        # Where the byte before it ends no line, the line there began in the span before.
        file.seek(span.start - 1)
        position += len(file.readline()) - 1
    else:
        file.seek(0)
    while position < span.stop and (raw := file.readline()):
        first = position == 0
        position += len(raw)
        reading.lines += 1
        try:
            yield raw.decode("utf-8-sig" if first else "utf-8")
        except UnicodeDecodeError as fault:
            raise StancekitError(
                f"{span.name}:{span.lines + reading.lines} is not UTF-8 (byte 0x{raw[fault.start]:02x})", fix="write it as UTF-8"
            ) from fault


def _parquet_rows(file: Found) -> int:
    import pyarrow.parquet as pq

    with opened(file.place) as source, _readable(file.name):
        return int(pq.ParquetFile(source).metadata.num_rows)


def _parquet(span: Span) -> Iterator[Row]:
    import pyarrow.parquet as pq

    with opened(span.place) as source, _readable(span.name):
        file = pq.ParquetFile(source)
        for group, first in _groups(file, span):
            number = first
            for batch in file.iter_batches(row_groups=[group]):
                begin, end = max(span.start - number, 0), min(span.stop - number, batch.num_rows)
                for offset, values in enumerate(batch.slice(begin, max(end - begin, 0)).to_pylist(), number + begin + 1):
                    yield Row(f"{span.name}:{offset}", values)
                number += batch.num_rows


@contextmanager
def _readable(name: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise StancekitError(
            f"{name} is not a readable Parquet file: {reason(fault)}", fix="write it again; a copy may be cut short"
        ) from fault


def _groups(file: Any, span: Span) -> Iterable[tuple[int, int]]:
    """Row groups that the span touches, with the rows before each."""
    first = 0
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if first < span.stop and first + rows > span.start:
            yield group, first
        first += rows
