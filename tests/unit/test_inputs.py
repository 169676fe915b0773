"""Statements out of tables, articles, folders and standard input."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.inference.inputs import STDIN, TableLayout, input_files, read_statements
from stancekit.records import Proposal, Statement
from stancekit.tables import write_rows

ARTICLE = "Toll row in Orrin\n\nMayor Varn praised the toll. Bakers fear it.\r\n\r\nIt opens at noon.\n"
SENTENCES = ["Toll row in Orrin", "Mayor Varn praised the toll.", "Bakers fear it.", "It opens at noon."]


def statements(*files: Path, layout: TableLayout | None = None) -> list[Statement]:
    return list(read_statements(files, layout or TableLayout()))


def pipe_in(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    # As a console of another time would decode it: our reading must not depend on that.
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))


def test_a_table_gives_a_statement_a_row(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(path, [{"statement": " a "}, {"statement": "b", "id": 7, "source": "wire", "proposal": "p", "proposal_id": "k"}])
    assert statements(path) == [Statement("1", " a ", str(path)), Statement("7", "b", "wire", proposal=Proposal("k", "p"))]


def test_compressed_tables_are_found_in_a_folder_and_read_like_others(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(b'{"statement": "a"}\n{"statement": "b"}\n'))
    (tmp_path / "y.zip.gz").touch()
    (path,) = input_files([tmp_path])
    assert statements(path) == [Statement("1", "a", str(path)), Statement("2", "b", str(path))]
    with pytest.raises(StancekitError, match=r"has the ending '\.zip\.gz'"):
        input_files([tmp_path / "y.zip.gz"])


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    write_rows(path, [{"body": "a", "key": "k", "claim": "p"}])
    layout = TableLayout.parse(["statement=body", "id=key", "proposal=claim"])
    assert statements(path, layout=layout) == [Statement("k", "a", str(path), proposal=Proposal("p", "p"))]


@pytest.mark.parametrize("mapping", ["body", "text=body", "statement=", "=body"])
def test_a_mapping_must_name_a_role_and_a_column(mapping: str) -> None:
    with pytest.raises(StancekitError, match="is not ROLE=COLUMN"):
        TableLayout.parse([mapping])


def test_an_article_is_cut_where_its_offsets_say(tmp_path: Path) -> None:
    path = tmp_path / "toll.txt"
    path.write_bytes(ARTICLE.encode())
    found = statements(path)
    assert [item.text for item in found] == SENTENCES
    assert [ARTICLE[item.start : item.end] for item in found] == SENTENCES
    assert found[0].id == "toll:1"


def test_texts_in_tables_are_cut_on_request_and_keep_their_proposal(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(path, [{"statement": ARTICLE, "id": "a", "proposal": "p"}])
    found = statements(path, layout=TableLayout(cut=True))
    assert [item.id for item in found] == ["a:1", "a:2", "a:3", "a:4"]
    assert [ARTICLE[item.start : item.end] for item in found] == SENTENCES
    assert {item.proposal for item in found} == {Proposal("p", "p")}


@pytest.mark.parametrize(
    ("rows", "cut", "complaint"),
    [
        ([{"text": "a"}], False, "has no column 'statement'"),
        ([{"statement": "a"}, {"statement": "  "}], False, "x.jsonl:2 has no text in 'statement'"),
        ([{"statement": 5}], False, "x.jsonl:1 has no text"),
        ([{"statement": "a", "proposal": " "}], False, "x.jsonl:1 has an empty proposal"),
        ([{"statement": "It opens."}, {"statement": "***"}], True, "x.jsonl:2 has no sentence"),
    ],
)
def test_a_row_that_cannot_be_scored_is_refused_with_its_place(
    tmp_path: Path, rows: list[dict[str, object]], cut: bool, complaint: str
) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(path, rows)
    with pytest.raises(StancekitError) as caught:
        statements(path, layout=TableLayout(cut=cut))
    assert complaint in caught.value.problem


def test_a_table_with_a_header_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("statement\n")
    with pytest.raises(StancekitError, match="holds no row"):
        statements(tmp_path / "x.csv")


def test_jsonl_comes_in_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, '\n{"statement": "Sæl is open."}\n{"statement": "b"}\n'.encode())
    assert statements(STDIN) == [Statement("1", "Sæl is open.", "<stdin>"), Statement("2", "b", "<stdin>")]


def test_text_comes_in_by_standard_input_with_its_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n \r\n" + ARTICLE
    pipe_in(monkeypatch, text.encode())
    found = statements(STDIN)
    assert [item.text for item in found] == SENTENCES
    assert [text[item.start : item.end] for item in found] == SENTENCES


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "standard input is empty"),
        (b"\n  \n", "standard input is empty"),
        (b'\n{"statement": "a"}\n{"stat\n', "<stdin>:3 is not JSON"),
        (b'{"statement": "a"}\n{"statement": "caf\xe9"}\n', r"<stdin>:2 is not UTF-8 \(byte 0xe9\)"),
        (b"A caf\xe9 opens.\n", r"<stdin>:1 is not UTF-8"),
        (b"***\n", "<stdin> has no sentence"),
    ],
)
def test_bad_standard_input_is_refused_with_its_line(monkeypatch: pytest.MonkeyPatch, content: bytes, complaint: str) -> None:
    pipe_in(monkeypatch, content)
    with pytest.raises(StancekitError, match=complaint):
        statements(STDIN)


def test_folders_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.txt", "deep/a.csv", "a.md", "notes.pdf", "c.PARQUET"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [file.relative_to(tmp_path).as_posix() for file in input_files([tmp_path])]
    assert names == ["a.md", "b.txt", "c.PARQUET", "deep/a.csv"]
    assert input_files([tmp_path / "b.txt", STDIN, tmp_path / "a.md"]) == [tmp_path / "b.txt", STDIN, tmp_path / "a.md"]


def test_what_cannot_be_read_is_refused_before_anything_is(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").touch()
    (tmp_path / "empty").mkdir()
    for path, complaint in ((tmp_path / "y.txt", "does not exist"), (tmp_path / "x.pdf", "ending"), (tmp_path / "empty", "holds no file")):
        with pytest.raises(StancekitError, match=complaint):
            input_files([path])


def test_a_folder_may_be_read_for_some_endings_alone(tmp_path: Path) -> None:
    for name in ("a.txt", "gold.jsonl", "b.MD"):
        (tmp_path / name).touch()
    assert input_files([tmp_path], inside=(".txt", ".md")) == [tmp_path / "a.txt", tmp_path / "b.MD"]
    assert input_files([tmp_path / "gold.jsonl"], inside=(".txt", ".md")) == [tmp_path / "gold.jsonl"]
    with pytest.raises(StancekitError, match="holds no file") as caught:
        input_files([tmp_path], inside=(".csv",))
    assert caught.value.fix.endswith("there: .csv")
