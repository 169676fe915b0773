"""Progress of long work: a bar on a terminal, a log line now and then elsewhere, nothing when logging is quiet."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

LOG = logging.getLogger("stancekit")
LOG_SECONDS = 15.0


class Advance(Protocol):
    """What long work calls as it goes on."""

    def __call__(self, done: int = 1, note: str = "") -> None:
        """Tell that `done` more units are finished; `note` stands beside the bar."""


def configure(quiet: bool) -> None:
    """Let the log of this package go to stderr: progress and notes, or only warnings when quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """Show how far `what` is. total: units in all, None where it is not known (streams)."""
    if not LOG.isEnabledFor(logging.INFO):
        yield lambda done=1, note="": None
    elif sys.stderr.isatty():
        with _bar(what, total) as advance:
            yield advance
    else:
        yield _log_lines(what, total)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, note="")

        def advance(done: int = 1, note: str = "") -> None:
            bar.advance(task, done)
            if note:
                bar.update(task, note=note)

        yield advance


def _log_lines(what: str, total: int | None) -> Advance:
    began = last = time.monotonic()
    count = 0

    def advance(done: int = 1, note: str = "") -> None:
        nonlocal count, last
        if done == 0:
            return
        count += done
        now = time.monotonic()
        finished = total is not None and count >= total
        if now - last < LOG_SECONDS and not finished:
            return
        last = now
        rate = count / max(now - began, 1e-9)
        left = f", about {(total - count) / rate:.0f} s left" if total is not None and not finished and rate > 0 else ""
        LOG.info(
            "%s: %d%s done in %.0f s%s%s",
            what,
            count,
            f" of {total}" if total is not None else "",
            now - began,
            left,
            f" ({note})" if note else "",
        )

    return advance
