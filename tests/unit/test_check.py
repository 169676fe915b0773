"""`stancekit check` knows each kind of file, and tells the faults of all of them."""

from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.stages.check import check
from stancekit.tables import write_rows

ROOT = Path(__file__).resolve().parents[2]
SOUND = {"id": "1", "statement": "s", "proposal": "p", "stance": "support"}


def kinds(path: Path) -> list[str]:
    return [found.kind for found in check(path)]


def test_the_projects_own_configs_and_corpus_are_sound() -> None:
    assert set(kinds(ROOT / "configs")) >= {"prepare config", "train config"}
    assert kinds(ROOT / "data" / "newsroom") == ["corpus"]
    assert kinds(next((ROOT / "data" / "newsroom").glob("*.jsonl"))) == ["corpus"]


def test_examples_and_proposals_are_told_apart(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND, {**SOUND, "id": "2", "stance": "con"}])
    write_rows(tmp_path / "b.csv", [{"id": "toll", "proposal": "The bridge should have a toll."}])
    (tmp_path / "c.toml").write_text('[proposals]\ntoll = "The bridge should have a toll."\n')
    found = check(tmp_path)
    assert [item.kind for item in found] == ["examples", "proposals", "proposals"]
    assert found[0].summary == "2 pairs (oppose 50%, neutral 0%, support 50%)"
    assert found[1].summary == "1 proposals"


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND, SOUND, {**SOUND, "id": "3", "statement": " "}])
    (tmp_path / "b.toml").write_text('encoder = "minilm"\nouput = "x"\n')
    (tmp_path / "c.toml").write_text("[[sources]]\n")
    (tmp_path / "d.csv").write_text("id,statement,proposal,stance\n")
    with pytest.raises(StancekitError) as caught:
        check(tmp_path)
    message = str(caught.value)
    for line in (
        "a.jsonl:2 has the id '1' of",
        "a.jsonl:3 lacks statement",
        "ouput  unknown key, did you mean output?",
        "data  missing",
        "sources.0.format  missing",
        "d.csv holds no row",
    ):
        assert line in message


def test_there_must_be_something_to_check(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(StancekitError, match=r"does not exist|nothing to check"):
            check(path)
