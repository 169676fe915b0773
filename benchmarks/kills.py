"""Whether a killed prediction ends with the bytes of one that was left alone: kill -9 at random moments of a real process.

    python benchmarks/kills.py --json FILE [--kills 50] [--statements 2000] [--seed 13] [--small]

Each way (a format, a number of workers, with a cache or without) is first run undisturbed, then killed over and over at moments drawn
evenly from the time that such a run takes, until it gets through; then its files are compared byte for byte, and it starts anew.
Some rows are bad, so that the file of rejected rows is compared too. The model is `base` as ONNX; with
--small one of a single tiny layer, so that more shards go by in the same time.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from batch_inputs import base_as_onnx, distinct_rows, small_bundle
from stancekit.files import write_json
from stancekit.machine import machine
from stancekit.tables import Values, write_rows

# Ending, workers, with a cache.
WAYS = (("jsonl", 1, False), ("parquet", 2, False), ("csv", 1, True), ("jsonl", 2, True))
# Every so many rows one has no text.
BAD_EVERY = 97


@dataclass
class Tally:
    """What one way went through. parts: finished parts that were there when a process was killed, summed up."""

    kills: int = 0
    finished: int = 0
    identical: int = 0
    starts_to_the_end: list[int] = field(default_factory=list)
    parts: int = 0


def rows(count: int) -> Iterator[Values]:
    """Distinct pairs with bad rows among them."""
    for number, row in enumerate(distinct_rows(count), 1):
        yield {**row, "statement": " "} if number % BAD_EVERY == 0 else row


class Way:
    """One kind of run, again and again in one folder."""

    def __init__(self, folder: Path, bundle: Path, ending: str, workers: int, cache: bool) -> None:
        self.name = f"{ending}, {workers} worker{'s' if workers > 1 else ''}{', cache' if cache else ''}"
        self.folder = folder
        self.output = folder / f"out.{ending}"
        self.cache = folder / "cache.sqlite" if cache else None
        words = ["predict", str(bundle), "rows.jsonl", "--output", self.output.name, "--workers", str(workers), "--quiet"]
        self.command = [sys.executable, "-m", "stancekit", *words, *(["--cache", "cache.sqlite"] if cache else [])]
        self.expected: dict[str, bytes] = {}
        self.tally = Tally()

    def undisturbed(self) -> float:
        """Run it once without harm. Returns its seconds."""
        began = time.monotonic()
        subprocess.run(self.command, cwd=self.folder, check=True)
        self.expected = self.files()
        self.clear()
        return time.monotonic() - began

    def files(self) -> dict[str, bytes]:
        """What a run has left, by name."""
        return {path.name: path.read_bytes() for path in (self.output, Path(f"{self.output}.rejected.jsonl"))}

    def clear(self) -> None:
        """Begin anew, without what was there."""
        for path in (*self.folder.glob("out.*"), *self.folder.glob("cache.sqlite*")):
            path.unlink()

    def torment(self, kills: int, seconds: float, rng: random.Random) -> None:
        """Kill and start again until that many processes were killed, and the last job has got through."""
        starts = 0
        while self.tally.kills < kills or starts:
            starts += 1
            if self._killed(rng.uniform(0, seconds) if self.tally.kills < kills else None):
                continue
            self.tally.finished += 1
            self.tally.starts_to_the_end.append(starts)
            self.tally.identical += self.files() == self.expected and self.leavings() == []
            self.clear()
            starts = 0

    def leavings(self) -> list[str]:
        """What should not be there once a run is done."""
        known = {"rows.jsonl", *self.expected, *(["cache.sqlite"] if self.cache else [])}
        return sorted(path.name for path in self.folder.iterdir() if path.name not in known)

    def _killed(self, after: float | None) -> bool:
        running = subprocess.Popen(self.command, cwd=self.folder)
        try:
            if running.wait(after) != 0:
                raise RuntimeError(f"{self.name} failed by itself")
            return False
        except subprocess.TimeoutExpired:
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
        self.tally.kills += 1
        self.tally.parts += len(list(self.folder.glob(".out.*.parts/0*.jsonl")))
        return True


def main(
    kills: Annotated[int, typer.Option(min=len(WAYS))] = 50,
    statements: Annotated[int, typer.Option(min=10)] = 2000,
    seed: Annotated[int, typer.Option()] = 13,
    small: Annotated[bool, typer.Option("--small", help="A tiny model in place of `base`.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Torment each way with its share of the kills. Exit code 1 where any file differs."""
    rng = random.Random(seed)
    results: dict[str, Any] = {
        "model": "small" if small else "base as ONNX",
        "statements": statements,
        "seed": seed,
        "machine": machine(),
        "ways": {},
    }
    with tempfile.TemporaryDirectory() as scratch:
        bundle = (small_bundle if small else base_as_onnx)(Path(scratch) / "bundle")
        for number, (ending, workers, cache) in enumerate(WAYS):
            folder = Path(scratch) / f"way-{number}"
            folder.mkdir()
            write_rows(folder / "rows.jsonl", rows(statements))
            way = Way(folder, bundle, ending, workers, cache)
            seconds = way.undisturbed()
            way.torment(kills // len(WAYS) + (number < kills % len(WAYS)), seconds, rng)
            results["ways"][way.name] = {"seconds_undisturbed": round(seconds, 1), **vars(way.tally)}
            print(way.name, results["ways"][way.name], flush=True)
    every = results["ways"].values()
    results |= {key: sum(way[key] for way in every) for key in ("kills", "finished", "identical")}
    print({key: results[key] for key in ("kills", "finished", "identical")})
    if file is not None:
        write_json(file, results)
    raise typer.Exit(int(results["identical"] != results["finished"]))


if __name__ == "__main__":
    typer.run(main)
