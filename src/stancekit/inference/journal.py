"""What a job has done so far: finished parts in a hidden folder beside the output, and a journal of what they were made from.

The folder `.FILE.parts` belongs to whoever holds its lock. Nothing in it counts that the journal does not name with its hash, so a process
may be killed at any moment: what it left half-written is not there for the next one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from stancekit.errors import StancekitError
from stancekit.files import parent_of, settle
from stancekit.manifest import sha256

NAME = "journal.jsonl"
LOCK = "lock"
STDIN_COPY = "stdin"


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part. pairs: questions in it. answers: rows written. cached: questions that a cache answered. sha256: of its file."""

    number: int
    pairs: int
    answers: int
    cached: int
    sha256: str


@contextmanager
def claimed(output: Path) -> Iterator[Path]:
    """The folder for the parts of `output`, for this process alone. It goes at the end when no journal is in it.

    Raises StancekitError where another process is writing this output.
    """
    with parent_of(output) as parent:
        folder = parent / f".{output.name}.parts"
        lock = _locked(folder, output)
        try:
            yield folder
        finally:
            if not (folder / NAME).exists():
                shutil.rmtree(folder, ignore_errors=True)
            lock.close()


def _locked(folder: Path, output: Path) -> IO[str]:
    while True:
        folder.mkdir(exist_ok=True)
        try:
            lock = (folder / LOCK).open("a+", encoding="utf-8")
        except FileNotFoundError:
            # Its owner has just finished and removed the folder.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            lock.seek(0)
            owner = lock.read().strip() or "another one"
            lock.close()
            raise StancekitError(
                f"{output} is being written by process {owner}", fix="wait until it has ended, or name another file with --output"
            ) from fault
        # A lock on a file that has been removed keeps nobody out.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), (folder / LOCK).stat()):
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
                return lock
        lock.close()


class Journal:
    """The finished parts of one job. facts: all that their bytes depend on, as JSON values.

    changed: the facts in which parts that were there differed; such parts are removed.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        self.folder = folder
        self.facts = json.loads(json.dumps(facts))
        before, parts = _read(folder / NAME)
        known = [] if before is None else [key for key in {**before, **self.facts} if before.get(key) != self.facts.get(key)]
        self.changed = known
        whole = [] if known else [part for part in parts if self._is_whole(part)]
        self.done = {part.number: part for part in whole}
        self._clear()
        if self.done:
            # Without the line that a kill may have cut off.
            self._rewrite()

    def path(self, number: int) -> Path:
        """Where the rows of a finished part are, as JSONL."""
        return self.folder / f"{number:08d}.jsonl"

    def scratch(self, number: int) -> Path:
        """Where a part is written. Of this process alone: one that outlives its killed parent must not write into it."""
        return self.folder / f"{number:08d}.{os.getpid()}.partial"

    def keep(self, part: Part) -> None:
        """Take the part that has been written to its scratch file. From here on it is there, whatever happens."""
        settle(self.scratch(part.number), self.path(part.number))
        self.done[part.number] = part
        if len(self.done) == 1:
            self._rewrite()
            return
        with (self.folder / NAME).open("a", encoding="utf-8") as file:
            file.write(_line(asdict(part)))
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """The output is there: the parts are no longer needed."""
        (self.folder / NAME).unlink(missing_ok=True)

    def _is_whole(self, part: Part) -> bool:
        path = self.path(part.number)
        return path.is_file() and sha256(path) == part.sha256

    def _clear(self) -> None:
        kept = {LOCK, STDIN_COPY, *(self.path(number).name for number in self.done), *([NAME] if self.done else [])}
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def _rewrite(self) -> None:
        scratch = self.folder / f"{NAME}.partial"
        lines = [self.facts, *(asdict(part) for part in self.done.values())]
        scratch.write_text("".join(map(_line, lines)), encoding="utf-8")
        settle(scratch, self.folder / NAME)


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values) + "\n"


def _read(path: Path) -> tuple[dict[str, Any] | None, list[Part]]:
    """The facts and the parts up to the first line that is cut off; None and none where there is no journal."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        facts = json.loads(lines[0])
    except (OSError, ValueError, IndexError):
        return None, []
    parts = []
    with suppress(ValueError, TypeError):
        for line in lines[1:]:
            parts.append(Part(**json.loads(line)))
    return facts, parts
