"""Bad rows: set aside with their place and reason while the rest goes on, or with --strict the end of the work."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from stancekit.errors import StancekitError
from stancekit.stages.predict import predict
from stancekit.tables import read_rows

Run = Callable[..., CompletedProcess[str]]
LINES = [
    '{"id": "a", "statement": "Bakers fear it.", "proposal": "Keep the toll."}',
    '{"id": "b", "statement": "Bakers',
    '["c"]',
    '{"id": "d", "statement": "", "proposal": "Keep the toll."}',
    '{"id": "e", "statement": "Farmers like it.", "proposal": null}',
    '{"id": "f", "statement": "Farmers like it."}',
    json.dumps({"id": "g", "statement": "Farmers like it.", "proposal": "many words " * 40}),
    r'{"id": "h", "statement": "half \ud83d", "proposal": "Keep the toll."}',
    '{"statement": "It opens at noon.", "proposal": "Keep the toll."}',
]
CSV = 'statement,proposal\nBakers fear it.,Keep it.\n"a"b,Keep it.\none cell\nx,y,z\n"Two\nlines.",Keep it.\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text("".join(f"{line}\n" for line in LINES))
    (tmp_path / "rows.csv").write_text(CSV)
    (tmp_path / "empty.txt").write_text("***\n")
    (tmp_path / "proposals.txt").write_text("Keep the toll.\n")
    return tmp_path


def rows_of(name: str) -> list[dict[str, Any]]:
    return [row.values for row in read_rows(Path(name))]


def test_bad_rows_are_set_aside_with_place_and_reason(place: Path, tiny_bundle: Path) -> None:
    outcome = predict(tiny_bundle, [Path("rows.jsonl"), Path("rows.csv")], None, Path("out.jsonl"))
    rows = rows_of("out.jsonl")
    # Where a row has no id it is called by its number, and bad ones are counted too.
    assert [row["statement_id"] for row in rows] == ["a", "9", "1", "5"]
    assert rows[-1]["statement"] == "Two\nlines."
    bad = rows_of("out.jsonl.rejected.jsonl")
    assert [list(row) for row in bad] == [["file", "line", "problem", "fix"]] * 10
    places = [(row["file"], row["line"]) for row in bad]
    assert places == [("rows.jsonl", line) for line in range(2, 9)] + [("rows.csv", line) for line in (3, 4, 5)]
    told = [row["problem"].removeprefix(f"{row['file']}:{row['line']} ") for row in bad]
    for problem, expected in zip(
        told,
        ["is not JSON", "holds a list", "has no text", "has an empty proposal", "has an empty proposal", "80 tokens, 37 fit",
         "is not JSON", "is not valid CSV", "has 1 cells", "has 3 cells"], strict=True,
    ):  # fmt: skip
        assert expected in problem
    assert all(row["fix"] for row in bad)
    assert (outcome.answers, outcome.rejected, outcome.rejects) == (4, 10, Path("out.jsonl.rejected.jsonl"))


def test_the_command_says_where_rejected_rows_are(place: Path, tiny_bundle: Path, stancekit: Run) -> None:
    done = stancekit("predict", tiny_bundle, "rows.jsonl", "--output", "out.csv")
    assert done.returncode == 0
    assert done.stderr.endswith("wrote 2 predictions to out.csv; rows rejected: 7, see out.csv.rejected.jsonl\n")
    printed = stancekit("predict", tiny_bundle, "rows.jsonl", "--quiet")
    assert printed.returncode == 0
    assert [json.loads(line)["statement_id"] for line in printed.stdout.splitlines()] == ["a", "9"]
    assert printed.stderr.count("rejected: rows.jsonl:") == 7


def test_rejected_rows_of_standard_input_are_told_as_they_come(place: Path, tiny_bundle: Path, stancekit: Run) -> None:
    done = stancekit("predict", tiny_bundle, "-", stdin=(place / "rows.jsonl").read_bytes())
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert "rejected: <stdin>:2 is not JSON" in done.stderr


def test_an_article_without_a_sentence_is_a_bad_row(place: Path, tiny_bundle: Path) -> None:
    (place / "good.md").write_text("Bakers fear it. Farmers do not.\n")
    outcome = predict(tiny_bundle, [Path("empty.txt"), Path("good.md")], Path("proposals.txt"), Path("out.parquet"))
    assert (outcome.answers, outcome.rejected) == (2, 1)
    assert rows_of("out.parquet.rejected.jsonl")[0] | {"fix": ""} == {
        "file": "empty.txt", "line": None, "problem": "empty.txt has no sentence", "fix": "",
    }  # fmt: skip


def test_a_file_of_rejected_rows_goes_when_there_are_none(place: Path, tiny_bundle: Path) -> None:
    predict(tiny_bundle, [Path("rows.jsonl")], None, Path("out.jsonl"))
    (place / "rows.jsonl").write_text(LINES[0])
    assert predict(tiny_bundle, [Path("rows.jsonl")], None, Path("out.jsonl")).rejects is None
    assert not (place / "out.jsonl.rejected.jsonl").exists()


@pytest.mark.parametrize("line", range(1, 8))
def test_strict_ends_at_the_first_bad_row(place: Path, tiny_bundle: Path, line: int) -> None:
    (place / "rows.jsonl").write_text("\n".join([LINES[0], LINES[line], LINES[8]]))
    before = sorted(place.iterdir())
    with pytest.raises(StancekitError, match=r"rows.jsonl:2 "):
        predict(tiny_bundle, [Path("rows.jsonl")], None, Path("out.jsonl"), strict=True)
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.jsonl", b'[\n{"statement":\n"a"}\n]\n', "x.jsonl:1 "),  # JSON, but of another kind: no line is a row
        ("x.jsonl", b'{"text": "a"}\n{"statement": "b", "proposal": "p"}\n', "no column 'statement'"),
        ("x.jsonl", b'{"statement": "a"}\n{"statement": "b", "proposal": "p"}\n', "brings no proposal"),
        ("x.jsonl", b'{"statement": "a", "proposal": "p"}\ncaf\xe9\n', "x.jsonl:2 is not UTF-8"),
        ("x.csv", b'statement,proposal\na,p\n"b,p\nc,p\n', "x.csv:3 is not valid CSV"),  # the mark takes all rows behind it
        ("x.csv", b'statement,"proposal"s\na,p\n', "x.csv:1 is not valid CSV"),
        ("x.jsonl", b'{"statement": " ", "proposal": "p"}\n', "x.jsonl:1 has no text"),  # not one sound row
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_a_model_is_looked_for(place: Path, name: str, content: bytes, complaint: str) -> None:
    (place / name).write_bytes(content)
    before = sorted(place.iterdir())
    with pytest.raises(StancekitError, match=complaint):
        predict(place / "no-model", [Path(name)], None, Path("out.jsonl"))
    assert sorted(place.iterdir()) == before


def test_an_output_replaces_neither_its_proposals_nor_its_cache(place: Path, tiny_bundle: Path) -> None:
    asked = b"id,proposal\n1,Tax carbon.\n"
    Path("asked.csv").write_bytes(asked)
    with pytest.raises(StancekitError, match=r"asked\.csv is read by this command"):
        predict(tiny_bundle, [Path("rows.jsonl")], Path("asked.csv"), Path("asked.csv"))
    with pytest.raises(StancekitError, match=r"known\.jsonl is read by this command"):
        predict(tiny_bundle, [Path("rows.jsonl")], None, Path("known.jsonl"), cache=Path("known.jsonl"))
    assert Path("asked.csv").read_bytes() == asked
    assert not Path("known.jsonl").exists()


def test_neither_file_of_an_output_may_be_an_input(place: Path, tiny_bundle: Path) -> None:
    (place / "out.csv.rejected.jsonl").write_text(LINES[0])
    with pytest.raises(StancekitError, match=r"rejected\.jsonl is read by this command"):
        predict(tiny_bundle, [Path("out.csv.rejected.jsonl")], None, Path("out.csv"))
