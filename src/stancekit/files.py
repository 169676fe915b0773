"""What a folder holds, text in, and outputs that are whole or absent."""

import errno
import gzip
import json
import os
import re
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stancekit.errors import StancekitError

GZIP = ".gz"


def ending_of(path: Path) -> str:
    """The ending that tells what a file holds, in lower case: `.csv`, and `.csv.gz` where it is compressed."""
    ending = path.suffix.lower()
    return Path(path.stem).suffix.lower() + ending if ending == GZIP else ending


def files_below(folder: Path, endings: Sequence[str], leave_out: Sequence[str] = ()) -> list[Path]:
    """All files below `folder` with one of these endings, in whatever case, in the order of their names.

    Hidden files and folders are passed over, and folders named in `leave_out`.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        # What is taken out of the list is not walked into.
        folders[:] = [name for name in folders if not name.startswith(".") and name not in leave_out]
        found.extend(Path(place, name) for name in names if not name.startswith(".") and ending_of(Path(name)) in endings)
    return sorted(file for file in found if file.is_file())


def read_json(path: Path, absent: str, damaged: str) -> Any:
    """The content of a JSON file. absent, damaged: what to do where it is not there, or is no JSON. Raises StancekitError."""
    if not path.is_file():
        raise StancekitError(f"{path} does not exist", fix=absent)
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as fault:
        raise StancekitError(f"{path}:{fault.lineno} is not JSON: {fault.msg}", fix=damaged) from fault


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
            # iconv knows no gzip.
            show = "gunzip -c" if path.suffix.lower() == GZIP else "cat"
            converted = f"converted{ending_of(path).removesuffix(GZIP)}"
            raise StancekitError(
                f"{path}:{number} is not UTF-8 (byte 0x{raw[fault.start]:02x})",
                fix=f"convert it, for instance: {show} {path.name} | iconv -f windows-1252 -t utf-8 > {converted}",
            ) from fault


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 text file, one at a time, with their line ends; unpacked where its name ends in .gz. Raises StancekitError."""
    # Line by line: a large file needs no memory.
    if path.suffix.lower() != GZIP:
        with path.open("rb") as file:
            yield from decoded_lines(path, file)
        return
    try:
        with gzip.open(path) as unpacked:
            yield from decoded_lines(path, unpacked)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise StancekitError(f"{path} is not a readable gzip file: {fault}", fix="compress it again; a copy may be cut short") from fault


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A scratch name beside `path`, renamed to it when the block ends well and removed when it does not.

    Raises StancekitError, before the block runs, when there can be no file at `path`.
    """
    if path.is_dir():
        raise StancekitError(f"cannot write {path}: it is a folder", fix="name a file")
    with parent_of(path) as parent:
        scratch = parent / _scratch_name(path)
        # The system takes the umask off, as it does for any new file; tempfile would make one that is private to its owner.
        scratch.touch(mode=0o666, exist_ok=False)
        try:
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
    with parent_of(path) as parent:
        scratch = parent / _scratch_name(path)
        scratch.mkdir(mode=0o777)
        try:
            yield scratch
            _put_in_place(scratch, path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def sweep(path: Path) -> None:
    """Remove what killed processes left half-written beside `path`. Only for whoever knows that no other process writes it now."""
    path = path.resolve()
    pattern = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{8}\.(partial|old)")
    for leaving in path.parent.iterdir():
        if pattern.fullmatch(leaving.name):
            if leaving.is_dir():
                shutil.rmtree(leaving)
            else:
                leaving.unlink()


def _scratch_name(path: Path) -> str:
    return f".{path.name}.{secrets.token_hex(4)}.partial"


def _put_in_place(scratch: Path, path: Path) -> None:
    old = scratch.with_suffix(".old")
    try:
        if path.exists():
            path.replace(old)
        scratch.replace(path)
    except BaseException:
        # An interrupt between the two renames, too, must not leave the place empty.
        if old.exists() and not path.exists():
            old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def parent_of(path: Path) -> Iterator[Path]:
    """The folder above an output. It is made for it, and goes again when there is no output and nothing else in it.

    Raises StancekitError, before the block runs, when nothing can be written there.
    """
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


def settle(scratch: Path, path: Path) -> None:
    """Give a finished file its name, so that not even a power cut leaves less than all of it there."""
    _sync(scratch)
    scratch.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with atomic_path(path) as scratch:
        # Names of files need not be UTF-8; in JSON this is the escape that reads as the same name.
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: Path, value: object) -> None:
    """Write indented JSON whole or not at all. Not-a-number is refused: JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
