"""Several processes: one that dies is named and costs nothing that was done, and none is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs import JOB, SOURCE, run_job
from stancekit.errors import StancekitError
from stancekit.inference.journal import Journal, Part
from stancekit.inference.shards import Shard
from stancekit.inference.workers import Task, Workers
from stancekit.stages.predict import predict

Several = Workers[Shard, Part]


@pytest.fixture
def crews(monkeypatch: pytest.MonkeyPatch) -> list[Several]:
    """Every crew of workers as it is made."""
    made: list[Several] = []
    real = Workers.__init__

    def noted(self: Several, task: Task, count: int) -> None:
        made.append(self)
        real(self, task, count)

    monkeypatch.setattr(Workers, "__init__", noted)
    return made


def at_part(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], None]) -> None:
    """Call `do` once this many parts have been kept."""
    real = Journal.keep

    def keep(self: Journal, part: Part) -> None:
        real(self, part)
        if len(self.done) == number:
            do()

    monkeypatch.setattr(Journal, "keep", keep)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_is_named_and_what_is_done_is_kept(
    job_place: Path, tiny_bundle: Path, crews: list[Several], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(tiny_bundle, "whole.jsonl")

    def kill() -> None:
        os.kill(crews[0].pids[1], signal.SIGKILL)

    with monkeypatch.context() as patch:
        at_part(patch, 3, kill)
        with pytest.raises(StancekitError, match=r"worker 2 \(process \d+\) was ended by SIGKILL") as caught:
            run_job(tiny_bundle, workers=2)
    assert "fewer --workers" in caught.value.fix
    assert not any(alive(pid) for pid in crews[0].pids)
    assert run_job(tiny_bundle).before >= 3 * JOB.shard
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def test_what_a_worker_finds_wrong_is_told_as_it_is(job_place: Path, tiny_bundle: Path) -> None:
    (job_place / "no-cache.txt").write_text("The toll row.\n" * 100)
    with pytest.raises(StancekitError, match="is no cache"):
        run_job(tiny_bundle, workers=2, cache=job_place / "no-cache.txt")
    with pytest.raises(StancekitError, match="is not on this machine"):
        run_job(tiny_bundle, workers=2, device="mps")


def test_workers_end_with_an_interruption(
    job_place: Path, tiny_bundle: Path, crews: list[Several], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    at_part(monkeypatch, 2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_job(tiny_bundle, workers=2)
    assert len(crews[0].pids) == 2
    assert not any(alive(pid) for pid in crews[0].pids)


def test_workers_end_with_the_process_that_started_them(job_place: Path, tiny_bundle: Path) -> None:
    # They tell each other by a pipe: it is at its end when the last of them is no more.
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    code = f"""
import os, signal
from pathlib import Path
from stancekit.inference import workers
from stancekit.inference.journal import Journal
from stancekit.stages.predict import predict
import multiprocessing.util as util
real = util.spawnv_passfds
util.spawnv_passfds = lambda path, words, fds: real(path, words, sorted([*fds, {writing}]))
Journal.keep = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
predict(Path({str(tiny_bundle)!r}), [Path('rows.jsonl')], None, Path('out.jsonl'), workers=2)
"""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen([sys.executable, "-c", code], pass_fds=[writing], env=environment) as running:
        os.close(writing)
        assert running.wait(timeout=100) == -signal.SIGKILL
    # Blocks until then; the time limit of the test is the failure.
    assert os.read(reading, 1) == b""
    os.close(reading)
    assert run_job(tiny_bundle).answers == JOB.sound


def test_workers_need_a_file(job_place: Path, tiny_bundle: Path) -> None:
    with pytest.raises(StancekitError, match="several workers need a file"):
        predict(tiny_bundle, [Path("rows.jsonl")], None, lambda rows: sum(1 for _ in rows), workers=2)
