"""The receipt of a stage is true, and guards its folder."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.machine import machine
from stancekit.manifest import NAME, Receipt, code_commit, commit_at, refuse_foreign, sha256, stage_of


def test_a_manifest_has_the_hashes_of_what_went_in_and_out(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out"
    source.write_bytes(b"raw")
    receipt = Receipt("prepare", {"name": "x"}, [source, source], seed=5)
    (out / "deep").mkdir(parents=True)
    (out / "a.txt").write_bytes(b"a")
    (out / "deep" / "b.txt").write_bytes(b"b")
    content = receipt.write(out, device="cpu")
    assert content == json.loads((out / NAME).read_text(encoding="utf-8"))
    assert content["inputs"] == {str(source): hashlib.sha256(b"raw").hexdigest()}
    assert content["outputs"] == {"a.txt": hashlib.sha256(b"a").hexdigest(), "deep/b.txt": hashlib.sha256(b"b").hexdigest()}
    assert (content["stage"], content["seed"], content["settings"], content["device"]) == ("prepare", 5, {"name": "x"}, "cpu")
    assert content["peak_memory_mib"] > 0
    assert content["wall_seconds"] >= 0
    assert "numpy" in content["versions"]


def test_a_manifest_written_again_does_not_list_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    for _ in range(2):
        content = Receipt("prepare", {}, []).write(tmp_path)
    assert list(content["outputs"]) == ["a.txt"]


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00" * 300_000)
    assert sha256(tmp_path / "x") == hashlib.sha256(b"\x00" * 300_000).hexdigest()


def test_a_folder_of_the_same_stage_an_empty_and_an_absent_one_may_be_taken(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "absent", "prepare")
    refuse_foreign(tmp_path, "prepare")
    Receipt("prepare", {}, []).write(tmp_path)
    refuse_foreign(tmp_path, "prepare")


def test_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(StancekitError, match="was not made by `stancekit prepare`"):
        refuse_foreign(tmp_path, "prepare")
    with pytest.raises(StancekitError, match="was not made by"):
        refuse_foreign(tmp_path / "thesis.txt", "prepare")
    Receipt("train", {}, []).write(tmp_path)
    with pytest.raises(StancekitError, match="was not made by"):
        refuse_foreign(tmp_path, "prepare")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"stage": 3}', "{}"])
def test_a_damaged_manifest_names_no_stage(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    assert stage_of(tmp_path) is None


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *own, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the package `src/stancekit` in it, and a copy that is installed inside of it and ignored by git."""
    for folder in ("src/stancekit", ".venv/stancekit"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / ".gitignore").write_text(".venv\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_the_commit_of_the_code_is_that_of_its_checkout(checkout: Path) -> None:
    package, commit = checkout / "src/stancekit", git(checkout, "rev-parse", "HEAD")
    assert code_commit(package) == commit_at(checkout) == commit
    (package / "__init__.py").write_text("changed = True\n", encoding="utf-8")
    assert code_commit(package) == commit + "+"


def test_installed_code_has_no_commit_where_it_stands_in_a_repository_of_others(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert code_commit(checkout / ".venv/stancekit") is None
    assert code_commit(tmp_path_factory.mktemp("nowhere")) is None


def test_a_manifest_tells_code_and_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.chdir(checkout)
    (tmp_path / "out").mkdir()
    content = Receipt("prepare", {}, []).write(tmp_path / "out")
    assert content["commit"] == git(checkout, "rev-parse", "HEAD")
    assert content["code_commit"] == code_commit()
    assert content["code_commit"] != content["commit"]
    assert content["machine"] == machine()
