"""Pieces of files, each read alone, give what one reader of everything gives: the same statements, ids, places and bad rows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stancekit.errors import StancekitError
from stancekit.inference import pieces as pieces_module
from stancekit.inference.counting import Counted, counted, refuse_bad
from stancekit.inference.distributed import Job, count
from stancekit.inference.inputs import Rules, TableLayout, each_statement
from stancekit.inference.pieces import Piece, Reading, cut, statements
from stancekit.inference.places import found
from stancekit.records import Proposal, Statement
from stancekit.tables import BadRow

ASKED = (Proposal("p1", "The toll should be kept."), Proposal("p2", "The tram should stop."))
LINES = [
    '{"statement": "Bakers fear it."}',
    '{"statement": "Größe – ein Wort über Brücken.", "id": "own"}',
    "",
    '{"statement": " "}',
    "no JSON",
    '{"statement": "The mayor praised it.", "source": "Harbour Post", "extra": {"deep": [1, 2]}}',
    "\u3000",
    "[1]",
    '{"statement": "' + "long " * 60 + '"}',
    '{"statement": "The last one."}',
]


@pytest.fixture(autouse=True)
def bytes_are_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of so many bytes as are asked for, not of hundreds of times as many."""
    monkeypatch.setattr(pieces_module, "ROW_BYTES", 1)


def job(cut: bool = False, own: bool = False) -> Job:
    return Job(Path("base"), None if own else ASKED, TableLayout(cut=cut), "cpu", 0.0, "unused", ".jsonl")


def all_of(paths: list[Path], most: int, job: Job) -> Counted:
    pieces = cut(found(map(str, paths)), most)
    return counted(pieces, {piece.number: count(piece, job) for piece in pieces}, job)


def read(every: Counted, job: Job) -> list[Statement | BadRow]:
    return [one for piece in every.pieces for span in piece.spans for one in statements(span, job.rules(), Reading())]


@pytest.fixture(params=["\n", "\r\n"])
def jsonl(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl"
    # With a byte order mark, and no line end behind the last line.
    path.write_bytes(("\ufeff" + request.param.join(LINES)).encode())
    return path


@pytest.mark.parametrize("most", [1, 2, 7, 31, 64, 100, 1000])
def test_jsonl_cut_anywhere_reads_as_a_whole(jsonl: Path, most: int) -> None:
    whole = list(each_statement([jsonl], Rules()))
    assert {type(one) for one in whole} == {Statement, BadRow}
    every = all_of([jsonl], most, job())
    assert read(every, job()) == whole
    assert [piece.number for piece in every.pieces] == list(range(len(every.pieces)))
    assert (len(every.pieces) > 3) == (most < 1000)
    assert every.questions == 2 * sum(isinstance(one, Statement) for one in whole)
    assert every.rejected == sum(isinstance(one, BadRow) for one in whole)


def test_a_row_belongs_to_the_piece_that_it_begins_in(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [json.dumps({"statement": "a" * size}) + "\n" for size in (5, 50, 1)]
    path.write_text("".join(rows))
    at_the_end_of_the_first = len(rows[0])
    every = all_of([path], at_the_end_of_the_first, job())
    assert [piece.spans[0].start // at_the_end_of_the_first for piece in every.pieces] == [
        0,
        1,
        (len(rows[0]) + len(rows[1])) // len(rows[0]),
    ]
    assert [piece.questions for piece in every.pieces] == [2, 2, 2]


@pytest.mark.parametrize("most", [1, 3, 4, 5, 100])
def test_parquet_cut_within_row_groups_reads_as_a_whole(tmp_path: Path, most: int) -> None:
    path = tmp_path / "x.parquet"
    texts = [None if number in (3, 8) else f"Bakers fear toll {number}." for number in range(11)]
    pq.write_table(pa.table({"statement": texts, "source": [None, "Post"] * 5 + [None]}), path, row_group_size=4)
    every = all_of([path], most, job())
    assert read(every, job()) == list(each_statement([path], Rules()))
    assert len(every.pieces) == -(-11 // most)


def test_small_files_share_a_piece_and_keep_numbers_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_text(LINES[0] + "\n" + LINES[5] + "\n")
    (tmp_path / "d.txt").write_text("The council met.\n\nMayor Varn praised the toll. Bakers fear it.\n")
    (tmp_path / "e.csv").write_text('statement,id\n"one\ntwo",\nthree,own\n,\n')
    paths = sorted(tmp_path.iterdir())
    every = all_of(paths, 10_000, job())
    assert len(every.pieces) == 1
    assert len(every.pieces[0].spans) == 5
    assert read(every, job()) == list(each_statement(paths, Rules()))


def test_articles_in_tables_are_cut_into_sentences(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps({"statement": text}) + "\n" for text in ("Bakers fear it. The mayor does not.", "***", "One more.")))
    every = all_of([path], 20, job(cut=True))
    assert read(every, job(cut=True)) == list(each_statement([path], Rules(TableLayout(cut=True))))


def test_pieces_come_back_from_json(jsonl: Path) -> None:
    from dataclasses import asdict

    for piece in all_of([jsonl], 31, job()).pieces:
        assert Piece.from_row(json.loads(json.dumps(asdict(piece)))) == piece


def own_rows(path: Path) -> Iterator[str]:
    yield json.dumps({"statement": "Bakers fear it.", "proposal": "The toll should be kept."})
    yield json.dumps({"statement": "Bakers fear it.", "proposal": ""})
    yield json.dumps({"statement": "Bakers fear it.", "proposal": "many words " * 200})


def test_proposals_of_rows_are_held_against_the_model(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(own_rows(path)))
    every = all_of([path], 150, job(own=True))
    assert (every.questions, every.rejected) == (1, 2)
    bad = [one for one in read(every, job(own=True)) if isinstance(one, BadRow)]
    assert [one.line for one in bad] == [2, 3]
    assert "tokens" in bad[1].problem
    with pytest.raises(StancekitError, match=r"x\.jsonl:2 has an empty proposal"):
        refuse_bad(every, job(own=True))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.jsonl", b'{"statement": "Bakers fear it."}\n' * 5 + b'{"statement": "B\xe4cker"}\n', r"x\.jsonl:6 is not UTF-8 \(byte 0xe4\)"),
        ("x.jsonl", b"no\nno\nno\n", r"x\.jsonl:1 is not JSON"),
        ("x.jsonl", b"\n\n", "holds no row"),
        ("x.jsonl", b"", "is empty"),
        ("x.jsonl", b'{"text": "Bakers fear it."}\n' * 3, "has no column 'statement'"),
        ("x.jsonl", b'{"statement": ""}\n' * 3, r"x\.jsonl:1 has no text"),
        ("x.parquet", b"PAR1 and no more", "not a readable Parquet file"),
        ("x.txt", b"***\n", "has no sentence"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StancekitError, match=problem):
        all_of([tmp_path / name], 20, job())
