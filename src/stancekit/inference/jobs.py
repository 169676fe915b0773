"""A job from its journal to its output: the parts that are missing are made, all are joined, bad rows go beside them."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from stancekit.files import settle
from stancekit.inference.crews import Crew
from stancekit.inference.journal import Journal, Part
from stancekit.inference.questions import Question
from stancekit.inference.shards import Shard, cut
from stancekit.progress import Advance
from stancekit.tables import BadRow, Values, json_line, read_rows, write_rows


def make(questions: Iterator[Question], journal: Journal, crew: Crew[Shard, Part], advance: Advance) -> int:
    """Make the parts that are not there yet, and keep each as it comes. Returns how many the job has in all."""
    count = 0

    def missing() -> Iterator[Shard]:
        nonlocal count
        for number, shard in enumerate(cut(questions)):
            count = number + 1
            if number in journal.done:
                advance(len(shard))
            else:
                yield Shard(number, shard, journal.scratch(number))

    for part in crew.parts(missing()):
        journal.keep(part)
        advance(part.pairs)
    return count


def join(journal: Journal, count: int, output: Path, like: Values) -> list[Part]:
    """Put the first `count` parts, in order, into the output: whole or absent. like: a row as `write_rows` takes it."""
    parts = [journal.done[number] for number in range(count)]
    joined([journal.path(part.number) for part in parts if part.answers], output, journal.folder, like)
    return parts


def joined(parts: Sequence[Path], output: Path, folder: Path, like: Values | None = None) -> None:
    """Put JSONL files, in order, into one file of any format: whole or absent. folder: on the same disk, for scratch."""
    scratch = folder / f"joined{output.suffix}"
    if output.suffix.lower() == ".jsonl":
        with scratch.open("wb") as whole:
            for path in parts:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, whole)
    else:
        # Once more through JSON, which keeps every number to its last digit: whatever the format, parts are of one kind.
        write_rows(scratch, (row.values for path in parts for row in read_rows(path)), like)
    settle(scratch, output)


class Rejects:
    """Takes bad rows in their order; `publish` puts them beside the output. strict: the first one is raised."""

    def __init__(self, folder: Path, strict: bool) -> None:
        self.count = 0
        self._strict = strict
        self._scratch = folder / "rejected.partial"
        self._file = self._scratch.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __call__(self, bad: BadRow) -> None:
        """Write one down, or raise it."""
        if self._strict:
            raise bad.error()
        self._file.write(json_line(bad._asdict()))
        self.count += 1

    def publish(self, output: Path) -> Path | None:
        """Move them to OUTPUT.rejected.jsonl; where there are none, that file goes. Returns the file."""
        path = rejects_of(output)
        self._file.close()
        if not self.count:
            path.unlink(missing_ok=True)
            return None
        settle(self._scratch, path)
        return path


def rejects_of(output: Path) -> Path:
    """Where the bad rows of an output go."""
    return output.with_name(f"{output.name}.rejected.jsonl")
