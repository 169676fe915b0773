"""What tests of long jobs share: a small job in several shards, and processes that are killed at a moment of their own."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stancekit.inference import shards
from stancekit.stages.predict import Outcome, predict
from stancekit.tables import write_rows

# shard: pairs of a shard. sound: rows that can be asked.
JOB = SimpleNamespace(shard=10, rows=90, sound=88)
SOURCE = Path(__file__).parents[1] / "src"


def job_rows(path: Path) -> None:
    """Rows with proposals of their own; the 21st has no text, the 60th too long a proposal."""
    rows = [
        {"id": f"r{number}", "statement": f"Bakers in street {number} fear {'it ' * (number % 7)}.", "proposal": f"Keep toll {number % 4}."}
        for number in range(JOB.rows)
    ]
    rows[20]["statement"] = " "
    rows[59]["proposal"] = "many words " * 40
    write_rows(path, rows)


@pytest.fixture
def job_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with `rows.jsonl`: ninety rows with proposals of their own, two of them bad, in nine shards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "SHARD", JOB.shard)
    job_rows(tmp_path / "rows.jsonl")
    return tmp_path


def run_job(bundle: Path, output: str = "out.jsonl", **options: Any) -> Outcome:
    """`predict` on them."""
    return predict(bundle, [Path("rows.jsonl")], None, Path(output), **options)


def kill_at(place: str, name: str, call: int) -> str:
    """Code of the command line that kills itself as `name` in a module or class of `stancekit.inference` is called for this time."""
    module, _, inside = place.partition(".")
    holder = f"importlib.import_module('stancekit.inference.{module}'){'.' + inside if inside else ''}"
    return f"""
import importlib, itertools, os, signal
from stancekit.inference import shards
shards.SHARD = {JOB.shard}
holder = {holder}
real, calls = getattr(holder, {name!r}), itertools.count(1)
def mortal(*words, **named):
    if next(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*words, **named)
setattr(holder, {name!r}, mortal)
import sys
sys.argv[0] = 'stancekit'
from stancekit.cli import main
main()
"""


def started(place: Path, code: str, bundle: Path, *words: str) -> "subprocess.Popen[bytes]":
    """`stancekit predict BUNDLE WORDS` by this code, in an interpreter of its own."""
    command = [sys.executable, "-c", code, "predict", str(bundle), *words]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
