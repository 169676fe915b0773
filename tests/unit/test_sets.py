"""What a card says about the sets a model learned from."""

from pathlib import Path
from typing import Any

from conftest import WriteJsonl
from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.export.sets import taught_by, trained_sets
from stancekit.files import write_json
from stancekit.manifest import sha256
from stancekit.modeling.provenance import seen_by, teachers_of


def row(number: int, source: str | None, made: bool = False) -> dict[str, Any]:
    texts = {"id": str(number), "statement": f"Statement {number}.", "proposal": "The ferry should be free.", "stance": "neutral"}
    return texts | ({"source": source} if source else {}) | ({"made": True} if made else {})


def run_on(folder: Path, *files: Path, name: str = "run", teacher: Path | None = None, encoder: Path | str = "minilm") -> Path:
    """A run's folder whose manifest says that it learned from these files, from this teacher, and where it started."""
    settings = {
        "encoder": str(encoder),
        "data": {"mix": [{"path": str(path)} for path in files]},
        "teacher": teacher and {"model": str(teacher)},
    }
    manifest = {"stage": "train", "settings": settings, "inputs": {str(path): sha256(path) for path in files}}
    (folder / name).mkdir()
    write_json(folder / name / "manifest.json", manifest)
    return folder / name


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


def test_what_a_teacher_learned_counts_once(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    both, its_own = (write_jsonl(tmp_path / name / "train.jsonl", [row(number, name)]) for number, name in enumerate(("both", "its-own")))
    teacher = run_on(tmp_path, both, its_own, name="teacher")
    run = run_on(tmp_path, both, teacher=teacher)
    assert teachers_of(run) == [teacher]
    assert [(one["name"], one["rows"]) for one in trained_sets(run)] == [("both", 1), ("its-own", 1)]
    # A teacher whose encoder cannot be told any more is still told of, with its files.
    assert taught_by(run) == [{"encoder": None, "trained_on": [{"path": str(one), "sha256": sha256(one)} for one in (both, its_own)]}]
    assert (teachers_of(teacher), taught_by(teacher)) == ([], [])


def test_a_teacher_that_learned_an_earlier_file_of_the_same_path_hides_no_set(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    data = write_jsonl(tmp_path / "data/train.jsonl", [row(1, "earlier")])
    teacher = run_on(tmp_path, data, name="teacher")
    write_jsonl(data, [row(1, "claims"), row(2, "claims")])
    assert [(one["name"], one["rows"]) for one in trained_sets(run_on(tmp_path, data, teacher=teacher))] == [("claims", 2)]


def test_what_a_model_saw_is_known_while_its_files_are_here(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    data = write_jsonl(tmp_path / "data/train.jsonl", [row(1, "claims")])
    run = run_on(tmp_path, data)
    later = run_on(tmp_path, data, name="later", encoder=run)
    seen, unknown = seen_by(later)
    assert (seen.count(read_examples(data)), unknown) == ({"proposal": 1, "statement": 1}, [])
    data.unlink()
    assert seen_by(later) == (Seen(), [later, run])


def test_what_a_start_and_the_teachers_of_a_start_saw_is_seen(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    files = [write_jsonl(tmp_path / name / "train.jsonl", [row(number, name)]) for number, name in enumerate(("taught", "first", "last"))]
    teacher = run_on(tmp_path, files[0], name="teacher")
    first = run_on(tmp_path, files[1], name="first-run", teacher=teacher)
    seen, unknown = seen_by(run_on(tmp_path, files[2], encoder=first))
    assert [seen.count(read_examples(file))["statement"] for file in files] == [1, 1, 1]
    assert unknown == []
    # A plain encoder in a folder is no model that has seen stances.
    (tmp_path / "encoder").mkdir()
    assert seen_by(run_on(tmp_path, files[2], name="fresh", encoder=tmp_path / "encoder"))[1] == []


def test_a_start_may_be_named_by_its_checkpoint_and_a_copy_of_that_is_not_known(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    first, last = (write_jsonl(tmp_path / name / "train.jsonl", [row(number, name)]) for number, name in enumerate(("first", "last")))
    run, copy = run_on(tmp_path, first, name="first-run"), tmp_path / "copy"
    for folder in (run / "checkpoint", copy):
        folder.mkdir()
        (folder / "stancekit.json").write_text("{}")
    seen, unknown = seen_by(run_on(tmp_path, last, encoder=run / "checkpoint"))
    assert (seen.count(read_examples(first))["statement"], unknown) == (1, [])
    assert seen_by(run_on(tmp_path, last, name="other", encoder=copy))[1] == [copy]
