"""Progress: log lines where there is no terminal, a bar where there is one, nothing when quiet."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from stancekit.progress import LOG, configure, progress


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    before = LOG.handlers, LOG.propagate, LOG.level
    yield
    LOG.handlers, LOG.propagate = before[:2]
    LOG.setLevel(before[2])


def test_log_lines_come_now_and_then_and_at_the_end(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 20.0, 21.0, 40.0])
    monkeypatch.setattr("stancekit.progress.time.monotonic", lambda: next(clock))
    configure(quiet=False)
    with progress("reading", 40) as advance:
        for _ in range(4):
            advance(10, "loss 0.5")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["reading: 20 of 40 done in 20 s, about 20 s left (loss 0.5)", "reading: 40 of 40 done in 40 s (loss 0.5)"]


def test_a_stream_has_no_total(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 16.0])
    monkeypatch.setattr("stancekit.progress.time.monotonic", lambda: next(clock))
    configure(quiet=False)
    with progress("predicting", None) as advance:
        advance(0)
        advance(100)
    assert capsys.readouterr().err == "predicting: 100 done in 16 s\n"


def test_quiet_shows_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    configure(quiet=True)
    with progress("reading", 1) as advance:
        advance()
    LOG.info("a note")
    LOG.warning("a warning")
    assert capsys.readouterr().err == "a warning\n"


def test_nothing_is_shown_to_who_did_not_ask(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.setLevel(logging.NOTSET)
    with progress("reading", 1) as advance:
        advance()
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    configure(quiet=False)
    with progress("reading", 2) as advance:
        advance(2, "loss 0.5")
    assert "reading" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()
    assert "loss 0.5" in terminal.getvalue()
