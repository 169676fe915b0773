"""What a model costs: load time, speed and memory, each side in a fresh process of its own and both by turns.

As a module it is run as such a process: it loads the model that the first line on standard input names, then times every batch of
pairs that a line brings. A machine that is busy for a while is busy for both sides.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import IO, Any

from stancekit.config import SpeedConfig
from stancekit.errors import StancekitError
from stancekit.machine import machine, peak_memory_mib

SRC = Path(__file__).parents[2]


def measure(models: Mapping[str, Path], pairs: Sequence[tuple[str, str]], speed: SpeedConfig) -> dict[str, Any]:
    """Load seconds, pairs a second (median of the turns), p50 and p95 of a single pair in ms, and peak MiB of each model on the CPU.

    models: runs or bundles by their names. pairs: what they are asked; at least one. Loading counts from an interpreter that has started,
    libraries included. Raises StancekitError where a process ends before its time.
    """
    # What is asked twice is scored once: there are no more pairs in a turn than there are different ones.
    different = list(dict.fromkeys(pairs))[: speed.pairs]
    turn, singles = [different], [[different[number % len(different)]] for number in range(speed.singles)]
    watched: dict[str, _Watched] = {}
    try:
        for name, path in models.items():
            watched[name] = _Watched(path)
        for one in watched.values():
            # The first turn pays for what is made once, such as memory.
            one.times(turn)
        seconds: dict[str, list[float]] = {name: [] for name in watched}
        alone: dict[str, list[float]] = {name: [] for name in watched}
        for number in range(speed.turns):
            for name, one in watched.items():
                seconds[name] += one.times(turn)
                alone[name] += one.times(singles[number :: speed.turns])
        found = {name: _found(one, len(different) / median(seconds[name]), sorted(alone[name])) for name, one in watched.items()}
    finally:
        for one in watched.values():
            one.end()
    return {**found, "pairs": len(different), "turns": speed.turns, "singles": speed.singles, "machine": machine()}


def _found(one: "_Watched", pairs_per_second: float, singles: Sequence[float]) -> dict[str, Any]:
    """singles: seconds, in order of size."""
    return {
        "scorer": one.scorer,
        "load_seconds": round(one.load_seconds, 3),
        "pairs_per_second": round(pairs_per_second, 1),
        "p50_ms": round(1000 * median(singles), 3),
        "p95_ms": round(1000 * singles[math.ceil(0.95 * len(singles)) - 1], 3),
        "peak_memory_mib": one.peak_memory_mib,
    }


class _Watched:
    """A process that holds one model."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Open as long as the process; a pipe would fill where nobody reads it.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        where = os.pathsep.join([str(SRC), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": where},
        )
        told = self._ask(str(path.resolve()))
        self.scorer, self.load_seconds = str(told["scorer"]), float(told["load_seconds"])
        self.peak_memory_mib = 0

    def times(self, batches: Sequence[Sequence[tuple[str, str]]]) -> list[float]:
        """Seconds for each batch."""
        told = self._ask(batches)
        self.peak_memory_mib = int(told["peak_memory_mib"])
        return [float(seconds) for seconds in told["seconds"]]

    def end(self) -> None:
        """Let the process go, and wait for it."""
        self._leave()
        self._errors.close()

    def _leave(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            # A process that is gone does not take what was still to be sent.
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()

    def _ask(self, what: object) -> dict[str, Any]:
        questions, answers = self._process.stdin, self._process.stdout
        try:
            if questions is None or answers is None:
                raise BrokenPipeError
            questions.write(json.dumps(what) + "\n")
            questions.flush()
            told: dict[str, Any] = json.loads(answers.readline())
        except (BrokenPipeError, ValueError) as fault:
            self._leave()
            self._errors.seek(0)
            # A trace is indented, and so is the advice under our own errors.
            told_last = [line for line in self._errors.read().splitlines() if line.strip() and not line.startswith(" ")]
            last = told_last[-1] if told_last else f"exit code {self._process.returncode}"
            self._errors.close()
            raise StancekitError(
                f"the process that was to time {self._path} ended: {last}", fix="export again; without speeds: --set speed.turns=0"
            ) from fault
        return told


def main(questions: IO[str], answers: IO[str]) -> None:
    """Load the model that the first line names, then answer every line of batches with their seconds."""
    path = json.loads(questions.readline())
    began = time.perf_counter()
    from stancekit.inference.model import load

    model = load(path, "cpu")
    _tell(answers, {"scorer": model.scorer.name, "load_seconds": time.perf_counter() - began})
    for line in questions:
        seconds = []
        for batch in json.loads(line):
            began = time.perf_counter()
            model.probabilities([(statement, proposal) for statement, proposal in batch])
            seconds.append(time.perf_counter() - began)
        _tell(answers, {"seconds": seconds, "peak_memory_mib": peak_memory_mib()})


def _tell(answers: IO[str], what: object) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    # Libraries may print: what they say must not stand among the answers.
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    main(sys.stdin, private)
