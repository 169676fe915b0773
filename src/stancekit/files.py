"""Text in, and outputs that are whole or absent."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stancekit.errors import StancekitError


def read_text(path: Path) -> str:
    """The whole of a UTF-8 text file (a byte order mark is dropped), line ends as they are. Raises StancekitError."""
    try:
        return "".join(lines_of(path))
    except OSError as fault:
        raise StancekitError(f"{path} cannot be read: {fault.strerror}", fix="check the path and its permissions") from fault


def decoded_lines(path: Path, lines: Iterable[bytes]) -> Iterator[str]:
    """UTF-8 lines as text, with their line ends; `path` only names them. Raises StancekitError with the line of a wrong byte."""
    for number, raw in enumerate(lines, 1):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            raise StancekitError(
                f"{path}:{number} is not UTF-8 (byte 0x{raw[fault.start]:02x})",
                fix=f"convert it, for instance: iconv -f windows-1252 -t utf-8 {path.name} > converted{path.suffix}",
            ) from fault


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 text file, one at a time, with their line ends. Raises StancekitError."""
    # Line by line: a large file needs no memory.
    with path.open("rb") as file:
        yield from decoded_lines(path, file)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A scratch name beside `path`, renamed to it when the block ends well and removed when it does not.

    Raises StancekitError, before the block runs, when there can be no file at `path`.
    """
    if path.is_dir():
        raise StancekitError(f"cannot write {path}: it is a folder", fix="name a file")
    with _parent_of(path) as parent:
        handle, name = tempfile.mkstemp(dir=parent, prefix=f".{path.name}.", suffix=".partial")
        os.close(handle)
        scratch = Path(name)
        try:
            # mkstemp is private to its owner; the final file gets what a plain open() would have given it.
            umask = os.umask(0)
            os.umask(umask)
            scratch.chmod(0o666 & ~umask)
            yield scratch
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A scratch folder beside `path` that takes its place, old content included, when the block ends well.

    Raises StancekitError, before the block runs, when there can be no folder at `path`.
    """
    # A link stays a link: the folder that it leads to is replaced.
    path = path.resolve()
    if path.exists() and not path.is_dir():
        raise StancekitError(f"cannot write {path}: it is a file", fix="name a folder")
    with _parent_of(path) as parent:
        scratch = Path(tempfile.mkdtemp(dir=parent, prefix=f".{path.name}.", suffix=".partial"))
        scratch.chmod(0o755)
        try:
            yield scratch
            old = scratch.with_suffix(".old")
            if path.exists():
                path.replace(old)
            scratch.replace(path)
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _parent_of(path: Path) -> Iterator[Path]:
    # The folders above an output are made for it, and go again when there is no output.
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as fault:
        raise StancekitError(f"cannot write {path}: {fault.strerror}", fix="name another place, or mend its permissions") from fault
    try:
        yield path.parent
    finally:
        if not path.exists():
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with atomic_path(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: object) -> None:
    """Write indented JSON whole or not at all. Not-a-number is refused: JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
