"""Files at URLs: found, read, and written whole."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from stancekit.errors import StancekitError
from stancekit.files import write_text
from stancekit.inference import places
from stancekit.inference.places import Folder, found, is_url, opened


@pytest.fixture
def memory() -> Iterator[str]:
    url = f"memory://{uuid.uuid4().hex}"
    yield url
    files, root = fsspec.core.url_to_fs(url)
    if files.exists(root):
        files.rm(root, recursive=True)


def put(url: str, content: bytes = b"{}\n") -> None:
    with fsspec.open(url, "wb") as file:
        file.write(content)


@pytest.mark.parametrize("url", ["s3://bucket/x", "memory://x", "file:///x", "dir::file:///x", "hdfs://host:9000/x"])
def test_urls(url: str) -> None:
    assert is_url(url)


@pytest.mark.parametrize("path", ["x.jsonl", "/data/x", "./a:b", "C:/data", "a/b://c"])
def test_paths(path: str) -> None:
    assert not is_url(path)


def test_a_folder_at_a_url_gives_its_data_in_the_order_of_names(memory: str) -> None:
    for name in ("b.jsonl", "a.parquet", "deep/c.ndjson", "read.me", ".hidden.jsonl", "_done-00000.json", "_temporary/d.jsonl"):
        put(f"{memory}/{name}", b"12345")
    files = found([memory])
    assert [file.name for file in files] == [f"{memory}/{name}" for name in ("a.parquet", "b.jsonl", "deep/c.ndjson")]
    assert {file.size for file in files} == {5}
    for file in files:
        with opened(file.place) as source:
            source.seek(3)
            assert source.read() == b"45"


def test_the_version_of_a_file_changes_with_it(memory: str, tmp_path: Path) -> None:
    for place in (f"{memory}/x.jsonl", str(tmp_path / "x.jsonl")):
        put(place)
        first = found([place])
        assert found([place]) == first
        put(place, b"{ }")
        assert found([place])[0].version != first[0].version


def test_local_files_keep_the_name_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("statement\na\n")
    (file,) = found(["x.csv"])
    assert (file.name, file.place) == ("x.csv", str(tmp_path / "x.csv"))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("memory://nowhere/x.jsonl", "does not exist"),
        ("nobody://x.jsonl", "cannot be reached"),
        ("-", "standard input"),
    ],
)
def test_what_is_not_there_is_told(url: str, problem: str) -> None:
    with pytest.raises(StancekitError, match=problem):
        found([url])


def test_other_endings_at_a_url_are_refused(memory: str) -> None:
    put(f"{memory}/x.csv")
    with pytest.raises(StancekitError, match=r"\.csv"):
        found([f"{memory}/x.csv"])
    with pytest.raises(StancekitError, match="holds no file"):
        found([memory])


@pytest.fixture(params=["path", "memory", "store"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, memory: str, monkeypatch: pytest.MonkeyPatch) -> Folder:
    if request.param == "store":
        monkeypatch.setattr(places, "OBJECT_STORES", {"memory"})
    return Folder(str(tmp_path / "out") if request.param == "path" else memory)


def test_files_in_a_folder_are_whole_or_absent(folder: Folder) -> None:
    assert folder.names() == set()
    folder.write("a.txt", lambda path: write_text(path, "one"))
    folder.write("a.txt", lambda path: write_text(path, "two"))

    def broken(path: Path) -> None:
        write_text(path.with_name("b.partial"), "half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        folder.write("b.txt", broken)
    assert folder.read("a.txt") == b"two"
    assert "b.txt" not in folder.names()
    assert not [name for name in folder.names() if name.startswith(".")]
    folder.remove(["a.txt"])
    assert "a.txt" not in folder.names()
