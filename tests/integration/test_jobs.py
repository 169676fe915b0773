"""Jobs of `predict --output`: they survive being killed at any moment, and any way to the end gives the same bytes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import JOB, kill_at, run_job, started
from stancekit.errors import StancekitError
from stancekit.inference import shards
from stancekit.inference.jobs import make
from stancekit.inference.journal import Journal, Part, claimed
from stancekit.inference.questions import Question
from stancekit.inference.shards import Shard
from stancekit.records import Proposal, Statement

# Of a file without a byte.
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ENDINGS = ("jsonl", "csv", "parquet")


def left(job_place: Path) -> list[str]:
    return sorted(path.name for path in job_place.iterdir())


@pytest.fixture
def undisturbed(job_place: Path, tiny_bundle: Path) -> dict[str, bytes]:
    """The bytes of a run that nothing happens to, by ending."""
    found = {}
    for ending in ENDINGS:
        run_job(tiny_bundle, f"whole.{ending}")
        for path in (Path(f"whole.{ending}"), Path(f"whole.{ending}.rejected.jsonl")):
            found[path.name.replace("whole", "out")] = path.read_bytes()
            path.unlink()
    return found


@pytest.mark.parametrize(
    ("moment", "ending"),
    [
        (kill_at("jobs.Journal", "keep", call=4), "jsonl"),  # the fourth part is written, and not yet taken
        (kill_at("shards", "json_line", call=35), "csv"),  # in the middle of a part
        (kill_at("journal", "_line", call=6), "parquet"),  # a part is in its place, and not in the journal
        (kill_at("jobs", "write_rows", call=1), "parquet"),  # as the parts are joined
        (kill_at("jobs.Rejects", "publish", call=1), "jsonl"),
        (kill_at("jobs.Journal", "close", call=1), "csv"),  # all is in its place, and the parts are still there
    ],
    ids=lambda value: value if value in ENDINGS else None,
)
def test_a_killed_job_goes_on_and_ends_with_the_same_bytes(
    job_place: Path, tiny_bundle: Path, undisturbed: dict[str, bytes], moment: str, ending: str
) -> None:
    killed = started(job_place, moment, tiny_bundle, "rows.jsonl", "--output", f"out.{ending}")
    assert killed.wait(timeout=100) == -signal.SIGKILL
    again = run_job(tiny_bundle, f"out.{ending}")
    assert left(job_place) == sorted(["rows.jsonl", f"out.{ending}", f"out.{ending}.rejected.jsonl"])
    for name in (f"out.{ending}", f"out.{ending}.rejected.jsonl"):
        assert Path(name).read_bytes() == undisturbed[name]
    assert again.before >= 3 * JOB.shard


def test_a_kill_after_each_shard_costs_no_more_than_that_shard(job_place: Path, tiny_bundle: Path, undisturbed: dict[str, bytes]) -> None:
    for finished in range(3):
        killed = started(job_place, kill_at("jobs.Journal", "keep", call=2), tiny_bundle, "rows.jsonl", "--output", "out.jsonl")
        assert killed.wait(timeout=100) == -signal.SIGKILL
        assert len(list(Path(".out.jsonl.parts").glob("0*.jsonl"))) == finished + 1
    assert run_job(tiny_bundle).before == 3 * JOB.shard
    assert Path("out.jsonl").read_bytes() == undisturbed["out.jsonl"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_several_workers_give_the_same_bytes(job_place: Path, tiny_bundle: Path, undisturbed: dict[str, bytes], ending: str) -> None:
    # In processes of their own shards have their usual size, so the parts are cut here.
    outcome = run_job(tiny_bundle, f"out.{ending}", workers=2)
    assert outcome.answers == JOB.sound
    assert Path(f"out.{ending}").read_bytes() == undisturbed[f"out.{ending}"]
    assert Path(f"out.{ending}.rejected.jsonl").read_bytes() == undisturbed[f"out.{ending}.rejected.jsonl"]


def begun(job_place: Path, bundle: Path) -> None:
    """Leave a job of which three parts are done."""
    killed = started(job_place, kill_at("jobs.Journal", "keep", call=4), bundle, "rows.jsonl", "--output", "out.jsonl")
    assert killed.wait(timeout=100) == -signal.SIGKILL


def another_row(job_place: Path) -> dict[str, Any]:
    with (job_place / "rows.jsonl").open("a") as file:
        file.write(json.dumps({"statement": "Late news.", "proposal": "The toll should stay."}) + "\n")
    return {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (another_row, "inputs"),
        (lambda _: {"min_confidence": 0.5}, "min_confidence"),
    ],
)
def test_a_job_of_other_facts_starts_anew_and_says_so(
    job_place: Path, tiny_bundle: Path, caplog: pytest.LogCaptureFixture, change: Callable[[Path], dict[str, Any]], named: str
) -> None:
    begun(job_place, tiny_bundle)
    options = change(job_place)
    assert run_job(tiny_bundle, **options).before == 0
    assert f"was begun with another {named}: starting anew" in caplog.text
    resumed = Path("out.jsonl").read_bytes()
    run_job(tiny_bundle, "fresh.jsonl", **options)
    assert Path("fresh.jsonl").read_bytes() == resumed


def test_another_model_starts_anew(job_place: Path, tiny_bundle: Path, tiny_run: Path, caplog: pytest.LogCaptureFixture) -> None:
    begun(job_place, tiny_bundle)
    assert run_job(tiny_run).before == 0
    assert "another model: starting anew" in caplog.text


def test_a_part_that_was_changed_is_made_again(job_place: Path, tiny_bundle: Path, undisturbed: dict[str, bytes]) -> None:
    begun(job_place, tiny_bundle)
    part = Path(".out.jsonl.parts/00000001.jsonl")
    part.write_bytes(part.read_bytes()[:-5])
    assert run_job(tiny_bundle).before == 2 * JOB.shard
    assert Path("out.jsonl").read_bytes() == undisturbed["out.jsonl"]


def test_two_writers_to_one_output_are_refused(job_place: Path, tiny_bundle: Path) -> None:
    with claimed(Path("out.jsonl")):
        with pytest.raises(StancekitError, match=f"out.jsonl is being written by process {os.getpid()}"):
            run_job(tiny_bundle)
        # Of another output nobody is kept out.
        assert run_job(tiny_bundle, "other.jsonl").answers == JOB.sound
    assert run_job(tiny_bundle).answers == JOB.sound


def test_a_job_that_fails_before_its_first_part_leaves_nothing(job_place: Path) -> None:
    with pytest.raises(StancekitError, match="is not a folder"):
        run_job(job_place / "no-model", "new/deeper/out.jsonl")
    assert left(job_place) == ["rows.jsonl"]


def test_standard_input_is_kept_so_that_it_can_be_read_again(job_place: Path, tiny_bundle: Path, undisturbed: dict[str, bytes]) -> None:
    rows = (job_place / "rows.jsonl").read_bytes()
    words = [sys.executable, "-c", kill_at("jobs.Journal", "keep", call=4), "predict", str(tiny_bundle), "-", "--output", "out.jsonl"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(words, input=rows, env=environment, timeout=100, check=False).returncode == -signal.SIGKILL
    done = subprocess.run(
        [*words[:2], kill_at("jobs.Journal", "keep", call=99), *words[3:]],
        input=rows, env=environment, timeout=100, check=False, capture_output=True, text=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{3 * JOB.shard} pairs were there from before".encode() in done.stderr
    told = Path("out.jsonl").read_bytes().replace(b"<stdin>", b"rows.jsonl")
    assert told == undisturbed["out.jsonl"]
    assert b'"file": "<stdin>"' in Path("out.jsonl.rejected.jsonl").read_bytes()


def test_questions_are_taken_as_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # So memory does not grow with them.
    monkeypatch.setattr(shards, "SHARD", JOB.shard)
    taken = 0

    def questions() -> Iterator[Question]:
        nonlocal taken
        for taken in range(1, 101):
            yield Statement(str(taken), "s"), Proposal("p", "p")

    class Crew:
        identity = ""

        def parts(self, shards: Iterator[Shard]) -> Iterator[Part]:
            for shard in shards:
                assert taken == JOB.shard * (shard.number + 1)
                shard.part.write_bytes(b"")
                yield Part(shard.number, len(shard.questions), 0, 0, EMPTY)

    assert make(questions(), Journal(tmp_path, {}), Crew(), lambda done=1, note="": None) == 10
    assert len(Journal(tmp_path, {}).done) == 10


def test_a_journal_forgets_the_line_that_a_kill_cut_off(tmp_path: Path) -> None:
    facts = {"a": 1}
    journal = Journal(tmp_path, facts)
    for number in range(3):
        journal.scratch(number).write_bytes(b"")
        journal.keep(Part(number, 1, 0, 0, EMPTY))
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    assert sorted(Journal(tmp_path, facts).done) == [0, 1]
    assert sorted(path.name for path in tmp_path.glob("0*")) == ["00000000.jsonl", "00000001.jsonl"]
    other = Journal(tmp_path, {"a": 2, "b": 3})
    assert (other.done, other.changed) == ({}, ["a", "b"])
    assert list(tmp_path.iterdir()) == []
