"""What tests of bad input share: a working folder with sound files, and what holds for every refusal."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from stancekit.tables import read_rows, write_rows

Run = Callable[..., CompletedProcess[str]]
Words = list[str]
TOLL = "The council should keep the harbour toll."

PREPARE = """
name = "made"
output = "prepared"

[[sources]]
format = "table"
name = "made"
path = "data.csv"
columns = { statement = "statement", proposal = "proposal", stance = "stance" }
"""
TRAIN = """
encoder = "ENCODER"
output = "run"

[data]
train = "train.jsonl"
validation = "validation.jsonl"

[pairs]
max_length = 48

[hardware]
device = "cpu"
"""


def tree(folder: Path) -> dict[str, str | None]:
    """Every path below `folder` with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def place(tmp_path: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: sound data, configs, articles and proposals, of which each test breaks one."""
    monkeypatch.chdir(tmp_path)
    for name in ("train", "validation", "test"):
        shutil.copy(tiny_data / f"{name}.jsonl", tmp_path)
    rows = [row.values for name in ("train", "validation", "test") for row in read_rows(tiny_data / f"{name}.jsonl")]
    write_rows(tmp_path / "data.csv", rows)
    (tmp_path / "prepare.toml").write_text(PREPARE)
    (tmp_path / "train.toml").write_text(TRAIN)
    (tmp_path / "proposals.txt").write_text(f"{TOLL}\n")
    (tmp_path / "article.txt").write_text("Mayor Varn praised the toll. Bakers fear it.\n")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def refused(run: Run, place: Path, words: Words, complaint: str, stdin: bytes = b"") -> str:
    """Run, hold what every refusal has, and return the message."""
    before = tree(place)
    done = run(*words, stdin=stdin)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert done.stderr.count("error: ") == 1
    assert done.stderr.count("  fix: ") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert tree(place) == before
    return done.stderr


def output_in_use(place: Path) -> Words:
    (place / "prepared").mkdir()
    (place / "prepared" / "thesis.txt").write_text("years of work")
    return []


def unfinished_run(place: Path) -> Words:
    (place / "run" / "training").mkdir(parents=True)
    (place / "run" / "train.json").write_text("{}")
    return []


def cut_off(path: Path, rows: int = 3) -> Path:
    write_rows(path, [{"statement": f"s{number}", "proposal": "p", "stance": "pro"} for number in range(rows)])
    path.write_bytes(path.read_bytes()[:-30])
    return path
