"""Text and files: outputs are whole or absent, with the permissions of any other."""

import json
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, atomic_path, files_below, sweep, write_json, write_text
from stancekit.tables import write_rows


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_json_is_written_with_its_letters(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"name": "S\u00e6l"})
    assert "S\u00e6l" in (tmp_path / "x.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"name": "S\u00e6l"}


class Crash(Exception):
    pass


def crash_in(context: AbstractContextManager[Path], half_done: Callable[[Path], object]) -> None:
    with context as scratch:
        half_done(scratch)
        raise Crash


@pytest.mark.parametrize("name", ["x.txt", "new/deeper/x.txt"])
def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    with pytest.raises(Crash):
        crash_in(atomic_path(tmp_path / name), lambda scratch: scratch.write_text("half"))
    assert listing(tmp_path) == []


def test_a_failed_write_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_text(path, "old\n")

    def rows() -> Any:
        yield {"a": 1}
        raise Crash

    with pytest.raises(Crash):
        write_rows(path, rows())
    assert path.read_text() == "old\n"
    assert listing(tmp_path) == ["x.jsonl"]


def test_a_written_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "x")
    (tmp_path / "plain").write_text("x")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "plain")}
    assert len(modes) == 1


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_outputs_have_the_permissions_that_the_umask_leaves(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with atomic_folder(tmp_path / "out") as scratch:
            write_text(scratch / "file", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o777 & ~umask
    assert stat.S_IMODE((tmp_path / "out" / "file").stat().st_mode) == 0o666 & ~umask


def test_writing_never_changes_the_umask_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("another thread's files would be open to everybody"))
    write_text(tmp_path / "x", "x")
    assert listing(tmp_path) == ["x"]


@pytest.mark.parametrize("name", ["out", "new/deeper/out"])
def test_a_failed_folder_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    with pytest.raises(Crash):
        crash_in(atomic_folder(tmp_path / name), lambda scratch: (scratch / "half").touch())
    assert listing(tmp_path) == []


def test_a_folder_takes_the_place_of_the_old_one_only_when_done(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with atomic_folder(out) as scratch:
        (scratch / "old").touch()
    with pytest.raises(Crash):
        crash_in(atomic_folder(out), lambda scratch: (scratch / "new").touch())
    assert listing(tmp_path) == ["out", "out/old"]
    with atomic_folder(out) as scratch:
        (scratch / "new").touch()
        assert listing(out) == ["old"]
    assert listing(tmp_path) == ["out", "out/new"]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with atomic_folder(tmp_path / "out") as scratch:
        (scratch / "old").touch()
    rename = Path.replace

    def full_disk(self: Path, target: Path) -> Path:
        if self.suffix == ".partial":
            raise OSError("no space left")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space left"), atomic_folder(tmp_path / "out") as scratch:
        (scratch / "new").touch()
    assert listing(tmp_path) == ["out", "out/old"]


def test_files_of_a_folder_are_found_but_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.csv", "a.txt", "deep/c.CSV", ".venv/d.csv", "deep/.e.csv", "runs/f.csv", "g.csv/h.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert files_below(tmp_path, [".csv"]) == [tmp_path / "b.csv", tmp_path / "deep/c.CSV", tmp_path / "runs/f.csv"]
    assert files_below(tmp_path, [".csv", ".txt"], leave_out=["runs"])[0] == tmp_path / "a.txt"
    assert tmp_path / "runs/f.csv" not in files_below(tmp_path, [".csv"], leave_out=["runs"])
    assert files_below(tmp_path / "runs", [".csv"], leave_out=["runs"]) == [tmp_path / "runs/f.csv"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    with atomic_folder(tmp_path / "out") as scratch:
        (scratch / "new").touch()
    assert (tmp_path / "out").is_symlink()
    assert listing(tmp_path / "disk") == ["new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "out"]


def test_a_place_that_cannot_be_written_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "folder.csv", tmp_path / "file" / "x.csv"):
        with pytest.raises(StancekitError, match="cannot write"):
            write_rows(path, [{"a": 1}])
    for path in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(StancekitError, match="cannot write"), atomic_folder(path):
            pass
    assert listing(tmp_path) == ["file", "folder.csv"]
    assert (tmp_path / "file").read_text() == "x"


def test_what_killed_processes_left_of_an_output_goes_and_nothing_else(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # As after a kill, nobody tidies up.
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Crash):
            crash_in(atomic_folder(tmp_path / "out"), lambda scratch: (scratch / "half").touch())
    old = next(tmp_path.iterdir()).with_suffix(".old")
    old.mkdir()
    stays = {".out.parts", ".out2.0a1b2c3d.partial", ".out.notes.partial", "out"}
    for name in stays:
        (tmp_path / name).mkdir()
    assert len(list(tmp_path.iterdir())) == 2 + len(stays)
    sweep(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == stays
