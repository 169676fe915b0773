"""Tables in and out: CSV, TSV, JSONL and Parquet, with the place of every row, and outputs that are whole or absent."""

import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from stancekit.errors import StancekitError

Values = dict[str, Any]
READABLE = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
WRITABLE = (".jsonl", ".csv", ".parquet")
PARQUET_ROWS = 10_000


class Row(NamedTuple):
    """One row and where it stands, for messages: `where` is `path:line`, or `path:row` in Parquet."""

    where: str
    values: Values


def read_rows(path: Path, stream: Iterable[str] | None = None) -> Iterator[Row]:
    """The rows of a table, one at a time. Nothing is skipped: what cannot be read raises StancekitError with its line.

    stream: read these lines instead, as JSONL; `path` then only names them in messages.
    """
    if stream is not None:
        return _read_jsonl(path, stream)
    if not path.is_file():
        raise StancekitError(f"{path} does not exist" if not path.exists() else f"{path} is not a file", fix="check the path")
    if path.stat().st_size == 0:
        raise StancekitError(f"{path} is empty", fix="give a file with at least one row")
    readers: Mapping[str, Callable[[Path], Iterator[Row]]] = {
        ".csv": lambda file: _read_delimited(file, ","),
        ".tsv": lambda file: _read_delimited(file, "\t"),
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise StancekitError(f"{path} has the ending {path.suffix!r}", fix=f"use one of {', '.join(READABLE)}")
    return reader(path)


def read_text(path: Path) -> str:
    """The whole of a UTF-8 text file (a byte order mark is dropped), line ends as they are. Raises StancekitError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise StancekitError(
            f"{path}:{line} is not UTF-8 (byte 0x{fault.object[fault.start]:02x})",
            fix=f"convert it, for instance: iconv -f windows-1252 -t utf-8 {path.name} > converted{path.suffix}",
        ) from fault
    except OSError as fault:
        raise StancekitError(f"{path} cannot be read: {fault.strerror}", fix="check the path and its permissions") from fault


def _decoded_lines(path: Path) -> Iterator[str]:
    # Line by line, so that a wrong byte is reported with its line and a large file needs no memory.
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as fault:
                raise StancekitError(
                    f"{path}:{number} is not UTF-8 (byte 0x{raw[fault.start]:02x})",
                    fix=f"convert it, for instance: iconv -f windows-1252 -t utf-8 {path.name} > converted{path.suffix}",
                ) from fault


def _read_delimited(path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    lines = _decoded_lines(path)
    # In TSV as published (ValueEval and most others) a quotation mark is an ordinary character.
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if delimiter == "\t" else csv.reader(lines, strict=True)
    before = 0
    try:
        header = next(reader)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not cells:
                continue
            if len(cells) != len(header):
                raise StancekitError(
                    f"{path}:{line} has {len(cells)} cells, the header has {len(header)}",
                    fix="quote cells that hold the delimiter, or mend the row",
                )
            yield Row(f"{path}:{line}", dict(zip(header, cells, strict=True)))
    except csv.Error as fault:
        raise StancekitError(f"{path}:{before + 1} is not valid CSV: {fault}", fix="mend the quoting of that row") from fault


def _read_jsonl(path: Path, lines: Iterable[str] | None = None) -> Iterator[Row]:
    for number, line in enumerate(_decoded_lines(path) if lines is None else lines, 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as fault:
            raise StancekitError(
                f"{path}:{number} is not JSON: {fault.msg} at column {fault.colno}", fix="one JSON object a line"
            ) from fault
        if not isinstance(values, dict):
            raise StancekitError(f"{path}:{number} holds a {type(values).__name__}", fix="one JSON object a line")
        yield Row(f"{path}:{number}", values)


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}:{number}", values)
    except (pa.ArrowException, OSError) as fault:
        reason = str(fault).splitlines()[0]
        raise StancekitError(f"{path} is not a readable Parquet file: {reason}", fix="write it again; a copy may be cut short") from fault


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A scratch name beside `path`, renamed to it when the block ends well and removed when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    os.close(handle)
    scratch = Path(name)
    try:
        # mkstemp is private to its owner; the final file gets what a plain open() would have given it.
        umask = os.umask(0)
        os.umask(umask)
        scratch.chmod(0o666 & ~umask)
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A scratch folder beside `path` that takes its place, old content included, when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial"))
    scratch.chmod(0o755)
    try:
        yield scratch
        old = scratch.with_suffix(".old")
        if path.exists():
            path.replace(old)
        scratch.replace(path)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with atomic_path(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: object) -> None:
    """Write indented JSON whole or not at all. Not-a-number is refused: JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_rows(path: Path, rows: Iterable[Values]) -> int:
    """Write rows as JSONL, CSV or Parquet by the ending of `path`, whole or not at all. Returns how many.

    All rows of a CSV or Parquet file must have the keys of the first one.
    """
    writers: Mapping[str, Callable[[Path, Iterable[Values]], int]] = {
        ".jsonl": _write_jsonl,
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise StancekitError(f"cannot write {path}: unknown ending {path.suffix!r}", fix=f"use one of {', '.join(WRITABLE)}")
    with atomic_path(path) as scratch:
        return writer(scratch, rows)


def json_line(row: Values) -> str:
    """One row of a JSONL file, with its line end."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _write_jsonl(path: Path, rows: Iterable[Values]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):
            file.write(json_line(row))
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


def _write_csv(path: Path, rows: Iterable[Values]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for count, row in enumerate(map(_flat, rows), 1):
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(row))
                writer.writeheader()
            writer.writerow(row)
    return count


def _write_parquet(path: Path, rows: Iterable[Values]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, pending = 0, []
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None
    try:
        for count, row in enumerate(rows, 1):
            pending.append(row)
            if len(pending) == PARQUET_ROWS:
                writer, schema = _write_batch(path, pending, writer, schema)
                pending = []
        if pending or writer is None:
            writer, schema = _write_batch(path, pending, writer, schema)
    finally:
        if writer is not None:
            writer.close()
    return count


def _write_batch(path: Path, rows: list[Values], writer: Any, schema: Any) -> tuple[Any, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows, schema=schema)
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

    return pa.int64() if column in ("start", "end") else pa.string()
