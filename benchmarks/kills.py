"""Whether a killed prediction or reading ends with the bytes of one that was left alone: kill -9 at random moments of a real process.

    python benchmarks/kills.py --json FILE [--kills 50] [--statements 2000] [--seed 13] [--small]
    python benchmarks/kills.py --reading --json FILE [--kills 20] [--articles 128] [--seed 13] [--small]

Each way (a format, a number of workers, with a cache or without) is first run undisturbed, then killed over and over at moments drawn
evenly from the time that such a run takes, until it gets through; then its files are compared byte for byte, and it starts anew.
Some rows are bad, so that the file of rejected rows is compared too. Nothing else may be left, hidden files neither; a reading's manifest
is not compared, since it holds times. Articles are those of the newsroom corpus outside of its test part. The model is `base` as ONNX; with
--small one of a single tiny layer, so that more shards go by in the same time.
"""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from batch_inputs import CORPUS, base_as_onnx, distinct_rows, small_bundle
from stancekit.files import write_json, write_text
from stancekit.machine import machine
from stancekit.tables import Values, read_rows, write_rows

# Of predictions: ending, workers, with a cache.
WAYS = (("jsonl", 1, False), ("parquet", 2, False), ("csv", 1, True), ("jsonl", 2, True))
# Of readings: workers.
READING_WAYS = (1, 2)
# Pairs of the corpus whose proposals are asked about.
ASKED_OF = 200
# What is no output, or holds times.
PASSED_OVER = ("cache.sqlite", "manifest.json")
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


def articles(count: int) -> Iterator[Values]:
    """Articles of the corpus, as a table that `read` takes."""
    every = (row.values for file in sorted(CORPUS.glob("*.jsonl")) for row in read_rows(file))
    learned = (row for row in every if row["split"] != "test")
    for row in itertools.islice(learned, count):
        yield {"id": row["id"], "text": " ".join(sentence["text"] for sentence in row["sentences"])}


class Way:
    """One kind of run, again and again in one folder. words: of its command line."""

    def __init__(self, folder: Path, name: str, words: Sequence[str]) -> None:
        self.name, self.folder = name, folder
        self.command = [sys.executable, "-m", "stancekit", *words, "--quiet"]
        self.inputs = {path.name for path in folder.iterdir()}
        self.expected: dict[str, bytes] = {}
        self.tally = Tally()

    def undisturbed(self) -> float:
        """Run it once without harm. Returns its seconds."""
        began = time.monotonic()
        subprocess.run(self.command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        self.expected = self.files()
        self.clear()
        return seconds

    def files(self) -> dict[str, bytes]:
        """What a run has left, hidden files too, by name."""
        every = (path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith(PASSED_OVER))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in every if path.name not in self.inputs}

    def clear(self) -> None:
        """Begin anew, without what was there."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in self.inputs:
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
            self.tally.identical += self.files() == self.expected
            self.clear()
            starts = 0

    def _killed(self, after: float | None) -> bool:
        running = subprocess.Popen(self.command, cwd=self.folder, stdout=subprocess.DEVNULL)
        try:
            if running.wait(after) != 0:
                raise RuntimeError(f"{self.name} failed by itself")
            return False
        except subprocess.TimeoutExpired:
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
        self.tally.kills += 1
        self.tally.parts += len(list(self.folder.glob(".out*.parts/0*.jsonl")))
        return True


def predictions(folder: Path, bundle: Path, statements: int) -> Iterator[Way]:
    """Each way to predict, in a folder of its own."""
    for number, (ending, workers, cache) in enumerate(WAYS):
        place = folder / f"way-{number}"
        place.mkdir()
        write_rows(place / "rows.jsonl", rows(statements))
        name = f"{ending}, {workers} worker{'s' if workers > 1 else ''}{', cache' if cache else ''}"
        words = ["predict", str(bundle), "rows.jsonl", "--output", f"out.{ending}", "--workers", str(workers)]
        yield Way(place, name, [*words, *(["--cache", "cache.sqlite"] if cache else [])])


def readings(folder: Path, bundle: Path, count: int) -> Iterator[Way]:
    """Each way to read, in a folder of its own."""
    for workers in READING_WAYS:
        place = folder / f"way-{workers}"
        place.mkdir()
        write_rows(place / "articles.jsonl", articles(count))
        proposals = list(dict.fromkeys(str(row["proposal"]) for row in distinct_rows(ASKED_OF)))
        write_text(place / "proposals.txt", "\n".join([*proposals, ""]))
        words = ["read", str(bundle), "articles.jsonl", "--proposals", "proposals.txt", "--output", "out", "--workers", str(workers)]
        yield Way(place, f"read, {workers} worker{'s' if workers > 1 else ''}", words)


def main(
    kills: Annotated[int, typer.Option(min=len(WAYS), help="In all, shared among the ways.")] = 50,
    statements: Annotated[int, typer.Option(min=10)] = 2000,
    reading: Annotated[bool, typer.Option("--reading", help="Kill readings, in place of predictions.")] = False,
    count: Annotated[int, typer.Option("--articles", min=1, help="With --reading: so many.")] = 128,
    seed: Annotated[int, typer.Option()] = 13,
    small: Annotated[bool, typer.Option("--small", help="A tiny model in place of `base`.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Torment each way with its share of the kills. Exit code 1 where any file differs."""
    rng = random.Random(seed)
    results: dict[str, Any] = {
        "model": "small" if small else "base as ONNX",
        **({"articles": count} if reading else {"statements": statements}),
        "seed": seed,
        "machine": machine(),
        "ways": {},
    }
    with tempfile.TemporaryDirectory() as scratch:
        bundle = (small_bundle if small else base_as_onnx)(Path(scratch) / "bundle")
        every_way = list((readings if reading else predictions)(Path(scratch), bundle, count if reading else statements))
        for number, way in enumerate(every_way):
            seconds = way.undisturbed()
            way.torment(kills // len(every_way) + (number < kills % len(every_way)), seconds, rng)
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
