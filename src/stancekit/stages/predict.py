"""`stancekit predict`: statements x proposals to stances, as a stream, or as a job that survives being killed."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stancekit.errors import StancekitError
from stancekit.inference import shards
from stancekit.inference.cache import Cache
from stancekit.inference.crews import Crew
from stancekit.inference.inputs import STDIN, TableLayout, input_files
from stancekit.inference.jobs import Rejects, join, make, rejects_of
from stancekit.inference.journal import STDIN_COPY, Journal, Part, claimed
from stancekit.inference.model import SHAPE, model_folder, tokenizer_of
from stancekit.inference.proposals import read_proposals
from stancekit.inference.questions import Asked, refuse
from stancekit.inference.shards import Shard
from stancekit.inference.workers import Task, crew_here
from stancekit.manifest import versions
from stancekit.modeling.spec import ModelSpec
from stancekit.progress import LOG, Advance, progress
from stancekit.tables import WRITABLE, BadRow, Values

# Another version of these may round otherwise, and parts of two would not be those of one run.
RUNTIME = ("numpy", "onnxruntime", "openvino", "tokenizers", "torch")
# How parts are laid out and cut.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a prediction.

    answers: rows written. rejected: rows of the input that could not be asked; they are in `rejects`. cached: questions that the
    cache answered. before: questions that an earlier start of this job had answered.
    """

    answers: int
    rejected: int = 0
    rejects: Path | None = None
    cached: int = 0
    before: int = 0

    def told(self, output: Path | str | None) -> str:
        """In a line."""
        place = f", see {self.rejects}" if self.rejects is not None else ""
        details = (
            (self.before, f"{self.before} pairs were there from before"),
            (self.cached, f"{self.cached} pairs from the cache"),
            (self.rejected, f"rows rejected: {self.rejected}{place}"),
        )
        wrote = f"wrote {self.answers} predictions to {output or 'standard output'}"
        return "; ".join([wrote, *(text for count, text in details if count)])


def predict(
    bundle: Path,
    inputs: Sequence[Path],
    proposals: Path | None,
    output: Path | Callable[[Iterable[Values]], int],
    layout: TableLayout | None = None,
    min_confidence: float = 0.0,
    device: str = "auto",
    strict: bool = False,
    workers: int = 1,
    cache: Path | None = None,
) -> Outcome:
    """Score every statement against every proposal (or its own one) and write the answers in the order of the input.

    output: a JSONL, CSV or Parquet file, whole or absent, worked on in parts: started again after it was killed, the job goes on
    where it was. Or a function that takes the rows as they come. Rows that cannot be asked go to OUTPUT.rejected.jsonl, or to the
    log. min_confidence: answers below it are left out. strict: the first bad row of a file ends the work before a model is loaded.
    workers: processes. cache: a file of answers that other runs gave.
    Raises StancekitError for files that cannot be read, before a model is loaded: standard input alone can be read but once.
    """
    files = input_files(inputs)
    asked = Asked(files, layout or TableLayout(), None if proposals is None else read_proposals(proposals))
    task = Task(bundle, device, min_confidence, cache)
    if files.count(STDIN) > 1:
        raise StancekitError("standard input is named twice", fix="name - once: it can be read but once")
    if isinstance(output, Path):
        _check_output(output, [*files, *filter(None, (proposals, cache))])
        return _job(asked, task, output, strict, workers)
    if workers > 1:
        raise StancekitError("several workers need a file to write", fix="name one with --output")
    return _stream(asked, task, output, strict)


def _stream(asked: Asked, task: Task, output: Callable[[Iterable[Values]], int], strict: bool) -> Outcome:
    total, fits = _checked(asked, task.bundle, strict)
    rejected = cached = 0

    def set_aside(row: BadRow) -> None:
        nonlocal rejected
        if strict:
            raise row.error()
        rejected += 1
        LOG.warning("rejected: %s (%s)", row.problem, row.fix)

    def rows(advance: Advance) -> Iterator[Values]:
        nonlocal cached
        for shard in shards.cut(asked.questions(set_aside, fits)):
            answers, known = answerer.answers(shard)
            cached += known
            advance(len(shard))
            yield from (answer.to_row() for answer in answers)

    with ExitStack() as closes:
        answerer = task.begin(closes)
        with progress("predicting", None if STDIN in asked.files else total) as advance:
            count = output(rows(advance))
    return Outcome(count, rejected, cached=cached)


def _job(asked: Asked, task: Task, output: Path, strict: bool, workers: int) -> Outcome:
    with claimed(output) as folder:
        asked = _with_stdin_kept(asked, folder)
        total, fits = _checked(asked, task.bundle, strict)
        with _crew(task, workers) as crew:
            journal = Journal(folder, _facts(asked, task, crew))
            if journal.changed:
                LOG.warning("%s was begun with another %s: starting anew", output, ", ".join(journal.changed))
            before = sum(part.pairs for part in journal.done.values())
            with Rejects(folder, strict) as rejects, progress("predicting", total) as advance:
                count = make(asked.questions(rejects, fits), journal, crew, advance)
        # In this order: once the output is there, nothing is missing.
        rejected = rejects.publish(output)
        parts = join(journal, count, output, like=SHAPE)
        journal.close()
    return Outcome(sum(part.answers for part in parts), rejects.count, rejected, sum(part.cached for part in parts), before)


def _checked(asked: Asked, bundle: Path, strict: bool) -> tuple[int, Callable[[str], None]]:
    """The number of questions, and what tells whether a proposal fits. A fault in the last row must not end the work of hours."""
    set_aside = refuse if strict else _passed_over
    total = asked.survey(set_aside)
    folder = model_folder(bundle)
    tokenizer = tokenizer_of(folder, ModelSpec.read(folder))
    tokenizer.check_proposals(proposal.text for proposal in asked.proposals or ())

    def fits(proposal: str) -> None:
        tokenizer.check_proposals([proposal])

    return asked.survey(set_aside, fits) if asked.proposals is None else total, fits


def _passed_over(_: BadRow) -> None:
    """It will come again."""


def _with_stdin_kept(asked: Asked, folder: Path) -> Asked:
    if STDIN not in asked.files:
        return asked
    copy = folder / STDIN_COPY
    with copy.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return replace(asked, stdin=copy)


def _facts(asked: Asked, task: Task, crew: Crew[Shard, Part]) -> dict[str, Any]:
    code = {"format": FORMAT, "shard": shards.SHARD, **versions(RUNTIME)}
    return {"version": code, "model": crew.identity, **asked.facts(), "min_confidence": task.min_confidence}


@contextmanager
def _crew(task: Task, workers: int) -> Iterator[Crew[Shard, Part]]:
    if workers > 1 and task.cache is not None:
        # Made once, so that they need not do it all at the same time.
        with Cache(task.cache):
            pass
    with crew_here(task, workers) as crew:
        yield crew


def _check_output(output: Path, used: Sequence[Path]) -> None:
    """used: inputs, proposals and cache, which the output would replace."""
    if output.suffix.lower() not in WRITABLE:
        raise StancekitError(f"cannot write {output}: unknown ending {output.suffix!r}", fix=f"use one of {', '.join(WRITABLE)}")
    if output.is_dir():
        raise StancekitError(f"cannot write {output}: it is a folder", fix="name a file")
    for written in (output, rejects_of(output)):
        if written.resolve() in {file.resolve() for file in used}:
            raise StancekitError(
                f"{written} is read by this command, and its output would replace it", fix="name another file with --output"
            )
