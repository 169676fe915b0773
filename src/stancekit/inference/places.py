"""Files wherever fsspec reaches: a local path, or a URL such as s3://bucket/folder. Found, opened, and written whole or not at all."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, TypeVar

from stancekit.errors import StancekitError, reason
from stancekit.files import ending_of
from stancekit.inference.inputs import STDIN, input_files

T = TypeVar("T")
# Also chained ones: dir::file:///data
URL = re.compile(r"[a-z][a-z0-9+.-]*(://|::)", re.IGNORECASE)
# What can be read in pieces wherever it is.
ANYWHERE = (".jsonl", ".ndjson", ".parquet")
# Here an upload appears whole or not at all, and a renaming is a copy.
OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "cos", "r2"}


def is_url(place: str) -> bool:
    """Whether it is for fsspec, and no local path."""
    return URL.match(place) is not None


def refuse_urls(places: Iterable[str]) -> None:
    """Raise StancekitError for a place that is no local path."""
    for place in places:
        if is_url(place):
            raise StancekitError(f"{place} is a URL", fix="read and write URLs with --engine ray, or copy the file here")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. name: as the user knows it. place: the URL or absolute path. version: changes with the content. size: bytes."""

    name: str
    place: str
    size: int
    version: str


def found(inputs: Iterable[str]) -> list[Found]:
    """The files behind paths and URLs, folders replaced by the readable files below them in the order of their names.

    Raises StancekitError for what is not there or cannot be read in this way, standard input too.
    """
    files: list[Found] = []
    for one in inputs:
        files.extend(_behind_url(one) if is_url(one) else _behind_path(Path(one)))
    return files


def _behind_path(path: Path) -> Iterator[Found]:
    if path == STDIN:
        raise StancekitError("standard input cannot be read by several machines", fix="write it to a file, or use --engine local")
    for file in input_files([path]):
        facts = file.stat()
        yield Found(str(file), str(file.resolve()), facts.st_size, str(facts.st_mtime_ns))


def _behind_url(url: str) -> list[Found]:
    files, root = _filesystem(url)
    try:
        info = files.info(root)
        every = files.find(root, detail=True) if info["type"] == "directory" else {root: info}
    except FileNotFoundError as fault:
        raise StancekitError(f"{url} does not exist", fix="check the URL") from fault
    except Exception as fault:  # each filesystem has exceptions of its own
        raise StancekitError(f"{url} cannot be read: {reason(fault)}", fix="check the URL, and the rights to read it") from fault
    if info["type"] != "directory":
        chosen = {url: info}
    else:
        below = {path.removeprefix(root).strip("/"): one for path, one in sorted(every.items())}
        chosen = {f"{url.rstrip('/')}/{path}": one for path, one in below.items() if _is_data(path)}
    for name in chosen:
        if ending_of(Path(name)) not in ANYWHERE:
            raise StancekitError(f"{name} has the ending {ending_of(Path(name))!r}", fix=f"at a URL use {', '.join(ANYWHERE)}")
    if not chosen:
        raise StancekitError(f"{url} holds no file to read", fix=f"put files with one of these endings there: {', '.join(ANYWHERE)}")
    return [Found(name, name, int(one["size"]), str(files.ukey(one["name"]))) for name, one in chosen.items()]


def _is_data(path: str) -> bool:
    return ending_of(Path(path)) in ANYWHERE and not any(part.startswith((".", "_")) for part in Path(path).parts)


def _filesystem(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        return url_to_fs(url)  # type: ignore[no-any-return]
    except (ImportError, ValueError) as fault:
        raise StancekitError(
            f"{url} cannot be reached: {reason(fault)}", fix="install what fsspec needs for it, such as s3fs or gcsfs"
        ) from fault


@contextmanager
def opened(place: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, at a position that can be chosen."""
    if is_url(place):
        files, path = _filesystem(place)
        with files.open(path, "rb") as file:
            yield file
    else:
        with Path(place).open("rb") as local:
            yield local


class Folder:
    """A folder for outputs, at a path or URL. Files in it are whole or absent."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._local = None if is_url(place) else Path(place)
        self._files: Any = None
        if self._local is None:
            self._files, self._root = _filesystem(place)

    def names(self) -> set[str]:
        """Of the files in it; none where the folder is absent."""
        if self._local is not None:
            return {path.name for path in self._local.iterdir()} if self._local.is_dir() else set()
        self._files.invalidate_cache()
        if not self._files.exists(self._root):
            return set()
        return {str(path).rstrip("/").rsplit("/", 1)[-1] for path in self._files.ls(self._root, detail=False)}

    def write(self, name: str, writer: Callable[[Path], T]) -> T:
        """Let `writer` write a local file, whole or not at all, bring it here, and return what the writer returned."""
        if self._local is not None:
            return writer(self._local / name)
        with tempfile.TemporaryDirectory() as folder:
            # Not straight to the store: a file that is closed by an error would be there, cut short.
            scratch = Path(folder) / name
            result = writer(scratch)
            self._put(scratch, name)
            return result

    def _put(self, scratch: Path, name: str) -> None:
        self._files.makedirs(self._root, exist_ok=True)
        protocols = self._files.protocol
        if OBJECT_STORES & set([protocols] if isinstance(protocols, str) else protocols):
            self._files.put_file(str(scratch), f"{self._root}/{name}")
            return
        partial = f"{self._root}/.{name}.{token_hex(4)}.partial"
        self._files.put_file(str(scratch), partial)
        self._files.mv(partial, f"{self._root}/{name}")

    def read(self, name: str) -> bytes:
        """All of a file."""
        if self._local is not None:
            return (self._local / name).read_bytes()
        return bytes(self._files.cat_file(f"{self._root}/{name}"))

    def remove(self, names: Sequence[str]) -> None:
        """Remove files that are there."""
        for name in names:
            if self._local is not None:
                (self._local / name).unlink()
            else:
                self._files.rm_file(f"{self._root}/{name}")
