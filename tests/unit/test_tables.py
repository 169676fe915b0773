"""Tables: what is written is read back, and faults carry their place."""

import csv
import gzip
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stancekit.errors import StancekitError
from stancekit.files import decoded_lines, read_text, write_json
from stancekit.tables import PARQUET_ROWS, read_rows, write_rows

TRICKY = [
    {"id": "1", "text": 'He said "no", twice.\nThen he left.'},
    {"id": "2", "text": "tab\there; comma, and \u201ccurly\u201d \u2014 caf\u00e9 \U0001f600"},
    {"id": "3", "text": "  spaces kept  "},
]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [row.values for row in read_rows(path)]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_what_is_written_is_read_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    assert write_rows(path, iter(TRICKY)) == len(TRICKY)
    assert rows_of(path) == TRICKY
    assert list(tmp_path.iterdir()) == [path]


def test_csv_lines_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'id,text\r\n1,"two\r\nlines"\r\n\r\n2,plain\r\n')
    assert [(row.where, row.values["text"]) for row in read_rows(path)] == [(f"{path}:2", "two\r\nlines"), (f"{path}:5", "plain")]


def test_a_row_with_too_few_cells_is_refused_at_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id,text\n1,"two\nlines"\n2\n')
    with pytest.raises(StancekitError, match=r"x\.csv:4 has 1 cells, the header has 2"):
        rows_of(path)


@pytest.mark.parametrize("cell", ['"never closed', '"closed" too soon'])
def test_broken_quotes_are_refused_with_their_line(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"id,text\n1,fine\n2,{cell}\n")
    with pytest.raises(StancekitError, match=r"x\.csv:3 is not valid CSV"):
        rows_of(path)


def test_a_quotation_mark_in_tsv_is_an_ordinary_character(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text('id\ttext\n1\t"A toll!" she cried\n2\tsix foot 2"\n')
    assert [row["text"] for row in rows_of(path)] == ['"A toll!" she cried', 'six foot 2"']


@pytest.mark.parametrize(
    ("name", "content"), [("x.csv", "id,text\n1,a\n"), ("x.tsv", "id\ttext\n1\ta\n"), ("x.jsonl", '{"id": "1", "text": "a"}\n')]
)
def test_a_byte_order_mark_is_dropped(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert rows_of(path) == [{"id": "1", "text": "a"}]
    assert read_text(path) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "id,text\n1,a\n2,caf\u00e9\n"),
        ("x.tsv", "id\ttext\n1\ta\n2\tcaf\u00e9\n"),
        ("x.jsonl", '{"t": "a"}\n\n{"t": "caf\u00e9"}\n'),
    ],
)
def test_a_byte_of_another_encoding_is_reported_with_its_line(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("windows-1252"))
    with pytest.raises(StancekitError, match=rf"{name}:3 is not UTF-8 \(byte 0xe9\)") as caught:
        rows_of(path)
    assert "iconv" in caught.value.fix
    with pytest.raises(StancekitError, match=rf"{name}:3 is not UTF-8"):
        read_text(path)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl", "x.parquet"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(StancekitError, match="is empty"):
        read_rows(tmp_path / name)


@pytest.mark.parametrize(
    ("header", "complaint"), [("id,text,id\n1,a,2\n", "x.csv:1 names 'id' twice"), ("\nid,text\n1,a\n", "x.csv:1 is blank")]
)
def test_a_header_must_name_each_column_once(tmp_path: Path, header: str, complaint: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header)
    with pytest.raises(StancekitError) as caught:
        rows_of(path)
    assert complaint in caught.value.problem


def test_a_table_must_exist_and_have_a_known_ending(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="does not exist"):
        read_rows(tmp_path / "x.csv")
    with pytest.raises(StancekitError, match="is not a file"):
        read_rows(tmp_path)
    (tmp_path / "x.xlsx").write_text("x")
    with pytest.raises(StancekitError, match=r"ending '\.xlsx'") as caught:
        read_rows(tmp_path / "x.xlsx")
    assert ".parquet" in caught.value.fix


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"a": 1', "is not JSON"),
        ("[1, 2]", "holds a list"),
        ('"text"', "holds a str"),
        ('{"a": NaN}', "NaN is no JSON value"),
        ('{"a": "\\ud83d"}', "surrogates not allowed"),
        ("[" * 100_000, "recursion"),
        ('{"a": ' + "1" * 5000 + "}", "digits"),
    ],
)
def test_a_bad_line_of_jsonl_is_refused_with_its_number(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f'{{"a": "\\ud83d\\ude00"}}\n\n{line}\n')
    with pytest.raises(StancekitError, match=rf"x\.jsonl:3 .*{complaint}"):
        rows_of(path)


def test_a_parquet_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write_rows(path, TRICKY)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StancekitError, match="is not a readable Parquet file"):
        rows_of(path)


def test_a_parquet_file_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), tmp_path / "x.parquet")
    with pytest.raises(StancekitError, match="names 'text' twice"):
        rows_of(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv.gz", 'id,text\n1,"two\nlines"\n\n2,caf\u00e9\n'),
        ("x.tsv.gz", "id\ttext\n1\ta\n\n\n2\tcaf\u00e9\n"),
        ("x.jsonl.gz", '\n{"id": "1", "text": "a"}\n\n\n{"id": "2", "text": "caf\u00e9"}\n'),
        ("X.NDJSON.GZ", '\n{"id": "1", "text": "a"}\n\n\n{"id": "2", "text": "caf\u00e9"}\n'),
    ],
)
def test_compressed_tables_are_read_with_the_line_numbers_of_what_they_hold(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content.encode()))
    assert [(row.where, row.values["id"]) for row in read_rows(path)] == [(f"{path}:2", "1"), (f"{path}:5", "2")]
    assert rows_of(path)[1]["text"] == "caf\u00e9"
    path.write_bytes(gzip.compress(content.encode("windows-1252")))
    with pytest.raises(StancekitError, match=rf"{name}:5 is not UTF-8 \(byte 0xe9\)") as caught:
        rows_of(path)
    assert f"gunzip -c {name} | iconv" in caught.value.fix


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-30],
        lambda packed: packed[:-4],
        lambda packed: packed[:40] + b"\xff" * 20 + packed[60:],
        lambda packed: b"id,text\n",
    ],
    ids=["cut short", "without its end", "overwritten", "not compressed"],
)
@pytest.mark.parametrize("name", ["x.csv.gz", "x.jsonl.gz"])
def test_a_damaged_compressed_file_is_refused(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    rows = [{"id": str(number), "text": "a toll"} for number in range(200)]
    write_rows(tmp_path / name.removesuffix(".gz"), rows)
    path = tmp_path / name
    path.write_bytes(damage(gzip.compress((tmp_path / name.removesuffix(".gz")).read_bytes())))
    with pytest.raises(StancekitError, match=rf"{name} is not a readable gzip file") as caught:
        rows_of(path)
    assert "cut short" in caught.value.fix


def test_a_compressed_file_that_holds_nothing_has_no_row(tmp_path: Path) -> None:
    for name in ("x.csv.gz", "x.jsonl.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b""))
    assert rows_of(tmp_path / "x.jsonl.gz") == []
    with pytest.raises(StancekitError, match=r"x\.csv\.gz:1 is blank"):
        rows_of(tmp_path / "x.csv.gz")


def test_what_is_compressed_must_be_a_text_table(tmp_path: Path) -> None:
    for name in ("x.gz", "x.parquet.gz", "x.txt.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"x"))
        with pytest.raises(StancekitError, match=rf"has the ending '{name.removeprefix('x')}'"):
            read_rows(tmp_path / name)


def test_parquet_rows_are_counted_over_batches(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    count = PARQUET_ROWS + 1
    # The source is absent in all of the first batch, so its type must not be guessed from it.
    rows = ({"id": str(number), "source": "s" if number == count else None, "start": None} for number in range(1, count + 1))
    assert write_rows(path, rows) == count
    *_, last = read_rows(path)
    assert last.where == f"{path}:{count}"
    assert last.values == {"id": str(count), "source": "s", "start": None}


SHAPE = {"id": "", "score": 0.0, "start": None, "source": None, "shares": {"oppose": 0.0, "support": 0.0}}


def test_a_csv_file_without_a_row_has_its_header(tmp_path: Path) -> None:
    assert write_rows(tmp_path / "x.csv", [], like=SHAPE) == 0
    assert (tmp_path / "x.csv").read_text() == "id,score,start,source,shares.oppose,shares.support\n"
    assert rows_of(tmp_path / "x.csv") == []


def test_a_parquet_file_without_a_row_has_the_columns_of_one_with_rows(tmp_path: Path) -> None:
    assert write_rows(tmp_path / "none.parquet", iter([]), like=SHAPE) == 0
    write_rows(tmp_path / "one.parquet", [SHAPE], like=SHAPE)
    assert pq.read_schema(tmp_path / "none.parquet").equals(pq.read_schema(tmp_path / "one.parquet"))
    assert rows_of(tmp_path / "none.parquet") == []


def test_nesting_becomes_dotted_columns_in_csv(tmp_path: Path) -> None:
    write_rows(tmp_path / "x.csv", [{"id": "1", "probabilities": {"oppose": 0.25, "support": 0.75}, "start": None}])
    with (tmp_path / "x.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["id", "probabilities.oppose", "probabilities.support", "start"], ["1", "0.25", "0.75", ""]]


def test_not_a_number_is_never_written_as_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"f1": math.nan})
    with pytest.raises(ValueError, match="JSON"):
        write_rows(tmp_path / "x.jsonl", [{"f1": math.nan}])
    assert list(tmp_path.iterdir()) == []


def test_lines_from_elsewhere_are_read_as_jsonl(tmp_path: Path) -> None:
    lines = decoded_lines(Path("<stdin>"), [b"\xef\xbb\xbf\n", b'{"a": 1}\n', b"{\n"])
    rows = read_rows(Path("<stdin>"), lines)
    assert next(rows) == ("<stdin>:2", {"a": 1})
    with pytest.raises(StancekitError, match=r"^<stdin>:3 is not JSON"):
        next(rows)


def test_an_unknown_ending_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"unknown ending '\.xlsx'"):
        write_rows(tmp_path / "new" / "x.xlsx", [{"a": 1}])
    assert list(tmp_path.iterdir()) == []
