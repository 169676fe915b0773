"""Proposals from their three kinds of file."""

import gzip
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.inference.proposals import read_proposals
from stancekit.records import Proposal

TOLL, FERRY = "The bridge should have a toll.", "The ferry should be kept."


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content", "ids"),
    [
        ("p.txt", f"\ufeff{TOLL}\n\n  {FERRY}  \n", ["p1", "p2"]),
        ("p.csv", f'id,proposal\ntoll,"{TOLL}"\n ferry ,{FERRY}\n', ["toll", "ferry"]),
        ("p.toml", f'[proposals]\ntoll = "{TOLL}"\n"ferry" = """{FERRY}"""\n', ["toll", "ferry"]),
    ],
)
def test_each_kind_of_file_gives_the_same_proposals(tmp_path: Path, name: str, content: str, ids: list[str]) -> None:
    assert read_proposals(written(tmp_path, name, content)) == [Proposal(ids[0], TOLL), Proposal(ids[1], FERRY)]


def test_a_csv_of_proposals_may_be_compressed(tmp_path: Path) -> None:
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(f"id,proposal\ntoll,{TOLL}\n".encode()))
    assert read_proposals(tmp_path / "p.csv.gz") == [Proposal("toll", TOLL)]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("p.txt", "", "holds no proposal"),
        ("p.txt", "\n  \n", "holds no proposal"),
        ("p.txt", f"{TOLL}\n{FERRY}\n{TOLL.upper()}\n", "p.txt:3  the text of 'p3' stands at"),
        ("p.csv", "id,proposal\n", "holds no proposal"),
        ("p.csv", "id,text\n1,x\n", "has no column proposal"),
        ("p.csv", "id,proposal\ntoll,\n", "p.csv:2  proposal 'toll' is empty"),
        ("p.csv", "id,proposal\n,x\n", "p.csv:2  proposal 'x' has no id"),
        ("p.csv", f"id,proposal\na,{TOLL}\na,{FERRY}\n", "p.csv:3  the id of 'a' stands at"),
        ("p.toml", "[proposals]\n", "holds no proposal"),
        ("p.toml", '[proposals]\ntoll = ""\n', "proposal 'toll' is empty"),
        ("p.toml", 'toll = "x"\n', "has no table [proposals]"),
        ("p.toml", "[proposals]\ntoll = 3\n", "has no table [proposals]"),
        ("p.docx", "x", "has the ending '.docx'"),
    ],
)
def test_what_is_no_list_of_proposals_is_refused(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    with pytest.raises(StancekitError) as caught:
        read_proposals(written(tmp_path, name, content))
    assert complaint in caught.value.problem


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="has 2 problems"):
        read_proposals(written(tmp_path, "p.csv", f"id,proposal\na,{TOLL}\na,\n"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="does not exist"):
        read_proposals(tmp_path / "p.txt")


def test_a_matter_that_is_no_claim_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", logger="stancekit"):
        assert len(read_proposals(written(tmp_path, "p.txt", f"{TOLL}\nWolves\n"))) == 2
    assert [record.getMessage().split(": ")[1] for record in caplog.records] == [f"{tmp_path / 'p.txt'}:2"]
    assert "'Wolves'" in caplog.text


def test_the_columns_that_are_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="has no column id, proposal, only key, text"):
        read_proposals(written(tmp_path, "p.csv", f"key,text\na,{TOLL}\n"))
