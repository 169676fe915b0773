"""What a card says about the sets a model learned from."""

from pathlib import Path
from typing import Any

from conftest import WriteJsonl
from stancekit.export.sets import trained_sets
from stancekit.files import write_json
from stancekit.manifest import sha256


def row(number: int, source: str | None, made: bool = False) -> dict[str, Any]:
    texts = {"id": str(number), "statement": f"Statement {number}.", "proposal": "The ferry should be free.", "stance": "neutral"}
    return texts | ({"source": source} if source else {}) | ({"made": True} if made else {})


def run_on(folder: Path, *files: Path) -> Path:
    """A run's folder whose manifest says that it learned from these files."""
    mix = [{"path": str(path)} for path in files]
    manifest = {"stage": "train", "settings": {"data": {"mix": mix}}, "inputs": {str(path): sha256(path) for path in files}}
    (folder / "run").mkdir()
    write_json(folder / "run" / "manifest.json", manifest)
    return folder / "run"


def test_sets_are_counted_by_source_with_the_licences_of_their_report(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    one = write_jsonl(tmp_path / "one/train.jsonl", [row(1, "claims"), row(2, "claims", made=True), row(3, "ferries")])
    other = write_jsonl(tmp_path / "other/train.jsonl", [row(4, "claims"), row(5, None)])
    write_json(tmp_path / "one/report.json", {"sources": {"claims": {"read": 2, "licence": "CC BY 4.0"}, "ferries": {"read": 1}}})
    assert trained_sets(run_on(tmp_path, one, other)) == [
        {"name": "claims", "rows": 3, "made": 1, "licence": "CC BY 4.0"},
        {"name": "ferries", "rows": 1, "made": 0, "licence": None},
        {"name": "train.jsonl", "rows": 1, "made": 0, "licence": None},
    ]


def test_files_that_changed_or_went_tell_nothing(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    stays, changes, goes = (write_jsonl(tmp_path / name / "train.jsonl", [row(1, name)]) for name in ("stays", "changes", "goes"))
    run = run_on(tmp_path, stays, changes, goes)
    write_jsonl(changes, [row(2, "changes")])
    goes.unlink()
    write_json(tmp_path / "stays/report.json", {"sources": "damaged"})
    assert trained_sets(run) == [{"name": "stays", "rows": 1, "made": 0, "licence": None}]
    assert trained_sets(tmp_path) == []
