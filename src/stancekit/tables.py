"""Tables in and out: CSV, TSV, JSONL and Parquet, with the place of every row. Text tables may be compressed (`.csv.gz`)."""

import csv
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from stancekit.errors import StancekitError
from stancekit.files import GZIP, atomic_path, ending_of, lines_of

Values = dict[str, Any]
TEXT = (".csv", ".tsv", ".jsonl", ".ndjson")
READABLE = (*TEXT, ".parquet", *(f"{ending}{GZIP}" for ending in TEXT))
WRITABLE = (".jsonl", ".csv", ".parquet")
MARKS = {",": "commas", "\t": "tabs"}
OTHER_MARKS = {";": "semicolons", **MARKS}
PARQUET_ROWS = 10_000


class Row(NamedTuple):
    """One row and where it stands, for messages: `where` is `path:line`, or `path:row` in Parquet."""

    where: str
    values: Values


class BadRow(NamedTuple):
    """A row that cannot be used, and why. line: in Parquet the row; None where all of the file is meant, as of an article."""

    file: str
    line: int | None
    problem: str
    fix: str

    @classmethod
    def at(cls, where: str, what: str, fix: str) -> "BadRow":
        """The row at `path:line`: there stands `what`."""
        file, _, line = where.rpartition(":")
        return cls(file, int(line), f"{where} {what}", fix)

    def error(self) -> StancekitError:
        """As the error that ends the work."""
        return StancekitError(self.problem, self.fix)


def parse_columns(mappings: Iterable[str], roles: Sequence[str], example: str) -> dict[str, str]:
    """Role -> column from `role=column` words, as in `--column statement=body`. Raises StancekitError for an unknown role."""
    columns = {}
    for mapping in mappings:
        role, equals, column = mapping.partition("=")
        if not equals or role not in roles or not column:
            fix = f"ROLE is one of {', '.join(roles)}, as in --column {example}"
            raise StancekitError(f"--column {mapping!r} is not ROLE=COLUMN", fix=fix)
        columns[role] = column
    return columns


def read_rows(path: Path, stream: Iterable[str] | None = None) -> Iterator[Row]:
    """The rows of a table, one at a time. Nothing is skipped: what cannot be read raises StancekitError with its line.

    stream: read these lines instead, as JSONL; `path` then only names them in messages.
    """
    return _raising(each_row(path, stream))


def _raising(rows: Iterable[Row | BadRow]) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, BadRow):
            raise row.error()
        yield row


def each_row(path: Path, stream: Iterable[str] | None = None) -> Iterator[Row | BadRow]:
    """The same, but a row that cannot be read comes as a BadRow, and those behind it follow. Raises for a fault of the whole file."""
    if stream is not None:
        return _read_jsonl(path, stream)
    if not path.is_file():
        raise StancekitError(f"{path} does not exist" if not path.exists() else f"{path} is not a file", fix="check the path")
    if path.stat().st_size == 0:
        raise StancekitError(f"{path} is empty", fix="give a file with at least one row")
    readers: Mapping[str, Callable[[Path], Iterator[Row | BadRow]]] = {
        ".csv": lambda file: _read_delimited(file, ","),
        ".tsv": lambda file: _read_delimited(file, "\t"),
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
        ".parquet": _read_parquet,
    }
    if ending_of(path) not in READABLE:
        raise StancekitError(f"{path} has the ending {ending_of(path)!r}", fix=f"use one of {', '.join(READABLE)}")
    reader = readers[ending_of(path).removesuffix(GZIP)]
    return reader(path)


def _read_delimited(path: Path, delimiter: str) -> Iterator[Row | BadRow]:
    csv.field_size_limit(sys.maxsize)
    lines = lines_of(path)
    # In TSV as published (ValueEval and most others) a quotation mark is an ordinary character.
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if delimiter == "\t" else csv.reader(lines, strict=True)
    # A compressed file has a size even where it holds nothing.
    names = next(_cells(path, reader, 0), [])
    if isinstance(names, BadRow):
        raise names.error()
    header = _header(names, f"{path}:1")
    other = next((mark for mark in OTHER_MARKS if mark != delimiter and "".join(names).count(mark) >= len(names)), None)
    if other is not None:
        problem = f"{path}:1 has its columns parted by {OTHER_MARKS[other]}, not by {MARKS[delimiter]}"
        raise StancekitError(problem, fix=f"save it anew with {MARKS[delimiter]}, or as .jsonl")
    before = reader.line_num
    for cells in _cells(path, reader, before):
        line, before = before + 1, reader.line_num
        if isinstance(cells, BadRow):
            yield cells
        elif cells and len(cells) != len(header):
            what = f"has {len(cells)} cells, the header has {len(header)}"
            yield BadRow.at(f"{path}:{line}", what, fix="quote cells that hold the delimiter, or mend the row")
        elif cells:
            yield Row(f"{path}:{line}", dict(zip(header, cells, strict=True)))


def _cells(path: Path, reader: Any, before: int) -> Iterator[list[str] | BadRow]:
    """The cells of each row; `before` lines have been read. Behind a fault of quoting, rows go on at the next line."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            bad = BadRow.at(f"{path}:{before + 1}", f"is not valid CSV: {fault}", fix="mend the quoting of that row")
            if "end of data" in str(fault):
                # A quotation mark that is never closed has taken all that stands behind it.
                raise bad.error() from fault
            yield bad
        before = reader.line_num


def _header(names: list[str], where: str) -> list[str]:
    twice = sorted({repr(name) for name in names if names.count(name) > 1})
    if twice or not names:
        problem = f"{where} names {', '.join(twice)} twice" if names else f"{where} is blank"
        raise StancekitError(problem, fix="begin with a line that names each column once")
    return names


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def _read_jsonl(path: Path, lines: Iterable[str] | None = None) -> Iterator[Row | BadRow]:
    for number, line in enumerate(lines_of(path) if lines is None else lines, 1):
        if not line.strip():
            continue
        try:
            values = _JSON.decode(line)
            if "\\ud" in line.lower():
                # Half of a pair of escapes (\ud83d alone) is no character: no output could hold it.
                json.dumps(values, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as fault:
            reason = f"{fault.msg} at column {fault.colno}" if isinstance(fault, json.JSONDecodeError) else str(fault)
            yield BadRow.at(f"{path}:{number}", f"is not JSON: {reason}", fix="one JSON object a line")
            continue
        if not isinstance(values, dict):
            yield BadRow.at(f"{path}:{number}", f"holds a {type(values).__name__}", fix="one JSON object a line")
            continue
        yield Row(f"{path}:{number}", values)


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            _header(file.schema_arrow.names, str(path))
            for batch in file.iter_batches():
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}:{number}", values)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        reason = str(fault).splitlines()[0]
        raise StancekitError(f"{path} is not a readable Parquet file: {reason}", fix="write it again; a copy may be cut short") from fault


def write_rows(path: Path, rows: Iterable[Values], like: Values | None = None) -> int:
    """Write rows as JSONL, CSV or Parquet by the ending of `path`, whole or not at all. Returns how many.

    All rows of a CSV or Parquet file must have the keys of the first one. like: a row with the keys and kinds that rows
    would have, so that a file without any has its columns all the same.
    """
    writers: Mapping[str, Callable[[Path, Iterable[Values], Values | None], int]] = {
        ".jsonl": _write_jsonl,
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise StancekitError(f"cannot write {path}: unknown ending {path.suffix!r}", fix=f"use one of {', '.join(WRITABLE)}")
    with atomic_path(path) as scratch:
        return writer(scratch, rows, like)


def json_line(row: Values) -> str:
    """One row of a JSONL file, with its line end."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _write_jsonl(path: Path, rows: Iterable[Values], _like: Values | None) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json_line(row))
            count += 1
    return count


def _flat(row: Values) -> Values:
    # CSV has no nesting: probabilities {oppose, ...} become the columns probabilities.oppose, ...
    flat: Values = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            flat[key] = value
    return flat


def _write_csv(path: Path, rows: Iterable[Values], like: Values | None) -> int:
    flat = map(_flat, rows)
    first = next(flat, None)
    shape = first if first is not None else _flat(like or {})
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(shape))
        if shape:
            writer.writeheader()
        for row in itertools.chain([] if first is None else [first], flat):
            writer.writerow(row)
            count += 1
    return count


def _write_parquet(path: Path, rows: Iterable[Values], like: Values | None) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, pending = 0, []
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None
    try:
        for row in rows:
            pending.append(row)
            count += 1
            if len(pending) == PARQUET_ROWS:
                writer, schema = _write_batch(path, pending, writer, schema)
                pending = []
        if pending or writer is None:
            writer, schema = _write_batch(path, pending, writer, schema, like)
    finally:
        if writer is not None:
            writer.close()
    return count


def _write_batch(path: Path, rows: list[Values], writer: Any, schema: Any, like: Values | None = None) -> tuple[Any, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows, schema=schema) if rows or like is None else pa.Table.from_pylist([like]).slice(0, 0)
    if writer is None:
        # A column without a value in the first batch has no type yet; text and whole numbers cover ours.
        kinds = [field.with_type(_null_type(field.name)) if pa.types.is_null(field.type) else field for field in table.schema]
        schema = pa.schema(kinds)
        table = table.cast(schema)
        writer = pq.ParquetWriter(path, schema)
    writer.write_table(table)
    return writer, schema


def _null_type(column: str) -> Any:
    import pyarrow as pa

    return pa.int64() if column.endswith(("start", "end")) else pa.string()
