"""How fast answers are beside the ways that others have, how soon a process answers, and what memory it takes.

    python benchmarks/inference_speed.py --json FILE [--raw FOLDER] [--parts speed,cold,memory,peak]
    python benchmarks/inference_speed.py --json FILE --table

Run it in the project's folder, on a machine that does nothing else. The peers (see inference_arms.py) are measured in the same run on
the same pairs, in turns, with all cores: wall time, tokenizing included. The pairs are the newsroom's of int8_flips.py, and with
`--raw`, a FOLDER that holds `perspectrum/`, those of its test part too. `cold` is a process from its start to its end, with files
that the system has read before. `peak` is what this machine's matrix products reach at most; how near an arm comes to it is told in the
table, where `speed` is there as well. Parts that are not asked for stay as the file has them. `--table` measures nothing and prints
what the file has.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from batch_inputs import distinct_rows
from graph_products import weight_products
from inference_arms import CROSS_ENCODER, FORMS, PIPELINE, TRUTH, Arm, Bundles, made
from inference_tables import tables
from int8_flips import pairs_of
from predict_memory import measured, watched
from product_peaks import multiply_adds, peaks
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.export.forms import FILES, Form, tokenized
from stancekit.files import write_json
from stancekit.inference.model import model_folder, tokenizer_of
from stancekit.inference.scorers import FloatArray
from stancekit.machine import cores, machine
from stancekit.modeling.pairs import Pair
from stancekit.modeling.provenance import INT8
from stancekit.tables import write_rows
from training_speed import data as prepared
from turns import compared, spread

TARGETS = {PIPELINE: 5.0, CROSS_ENCODER: 3.3}
MOST_FLIPS, MOST_SECONDS, MOST_MB, MOST_GROWTH_MB = 0.005, 1.5, 400.0, 50.0
MB_OF_MIB = 1.048576
SHARED = "perspectrum"


class PairSet(NamedTuple):
    """Pairs of one source. timed: those of a round. answered: those whose answers are compared."""

    name: str
    timed: Sequence[Pair]
    answered: Sequence[Pair]


def sets_of(pairs: Sequence[Pair], raw: Path | None, work: Path, timed: int, answered: int | None) -> tuple[list[PairSet], dict[str, str]]:
    """The newsroom's pairs and, where its raw files are, PERSPECTRUM's; and why one is not there."""
    found = [PairSet("newsroom", pairs[:timed], pairs[:answered])]
    if raw is None or not (raw / SHARED).is_dir():
        return found, {SHARED: "no shared data"}
    _, folder = prepared(raw, work)
    rows = list(dict.fromkeys((row.statement, row.proposal) for row in read_examples(folder / "test.jsonl")))
    drawn = [rows[index] for index in np.random.default_rng(13).permutation(len(rows))[:timed]]
    return [*found, PairSet(SHARED, drawn, drawn[:answered])], {}


def rounds_of(arms: Mapping[str, Arm], pairs: Sequence[Pair], rounds: int) -> list[dict[str, float]]:
    """Seconds of each arm for all pairs, a dictionary a round, their turns changing from round to round."""
    names, result = list(arms), []
    for number in range(rounds + 1):
        first = number % len(names)
        seconds = {}
        for name in [*names[first:], *names[:first]]:
            began = time.perf_counter()
            arms[name].run(pairs)
            seconds[name] = time.perf_counter() - began
            print(f"round {number} of {rounds}: {name}, {len(pairs) / seconds[name]:.0f} pairs/s", flush=True)
        # The first round pays for what is made once.
        if number:
            result.append({name: seconds[name] for name in names})
    return result


def differences(arms: Mapping[str, Arm], pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Share of labels that are not those of float32 by torch, and the largest difference of a logit."""
    answers: dict[str, FloatArray] = {}
    for name, arm in arms.items():
        print(f"answers of {name} to {len(pairs)} pairs", flush=True)
        answers[name] = arm.logits(pairs)
    truth = answers[TRUTH]
    return {
        name: {
            "flips": float((logits.argmax(axis=1) != truth.argmax(axis=1)).mean()),
            "largest_difference": float(np.abs(logits - truth).max()),
        }
        for name, logits in answers.items()
    }


def speed_on(one: PairSet, arms: Mapping[str, Arm], bundles: Bundles, rounds: int) -> dict[str, Any]:
    """All arms on one set of pairs."""
    encodings = tokenizer_of(bundles.source, bundles.spec).encode(one.timed)
    lengths = [len(encoding.ids) for encoding in encodings]
    base = [name for name in TARGETS if name in arms]
    timings = compared(rounds_of(arms, one.timed, rounds), len(one.timed), base, "pairs")
    moved = differences(arms, one.answered)
    return {
        "timed": len(one.timed),
        "answered": len(one.answered),
        "tokens": float(np.mean(lengths)),
        "multiply_adds": multiply_adds(_config(bundles.source), lengths),
        "arms": {name: {**timings[name], **moved[name]} for name in arms},
    }


def speed(bundles: Bundles, sets: Sequence[PairSet], rounds: int, form: Form) -> dict[str, Any]:
    """All arms on all sets, and whether the targets are met by `form` on each."""
    arms, skipped = made(bundles)
    found = {one.name: speed_on(one, arms, bundles, rounds) for one in sets}
    met = {}
    for name, of in found.items():
        ours = of["arms"][f"stancekit {form}"]
        times = {peer: of_peer["median"] >= TARGETS[peer] for peer, of_peer in ours["times_as_fast_as"].items()}
        met[name] = {**times, "flips": ours["flips"] <= MOST_FLIPS}
    asked = {"rounds": rounds, "threads": cores()}
    return {**asked, "skipped_arms": skipped, "sets": found, "targets": {**TARGETS, "flips": MOST_FLIPS}, "met": met}


def cold(bundles: Bundles, rounds: int, form: Form) -> dict[str, Any]:
    """Whole processes that answer one sentence, in turns by form; whether they load torch, and their peaks."""
    write_rows(bundles.folder / "one.jsonl", distinct_rows(1))
    places: dict[Form, Path] = {}
    skipped: dict[str, str] = {}
    for one in FORMS:
        try:
            places[one] = bundles.of(one)
        except StancekitError as fault:
            skipped[one] = fault.problem
    words = {name: ["predict", str(place.resolve()), "one.jsonl", "--quiet"] for name, place in places.items()}
    seconds: dict[str, list[float]] = {name: [] for name in words}
    for number in range(rounds + 1):
        for name, said in words.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "stancekit", *said], cwd=bundles.folder, stdout=subprocess.DEVNULL, check=True)
            taken = time.perf_counter() - began
            print(f"round {number} of {rounds}: cold start of {name}, {taken:.2f} s", flush=True)
            # The first round reads files that the system has not in memory.
            if number:
                seconds[name].append(taken)
    found: dict[str, dict[str, Any]] = {}
    for name, said in words.items():
        torch, peak = watched(said, bundles.folder)
        found[name] = {"seconds": spread(seconds[name]), "torch": torch, "peak_mib": peak}
        print(f"cold start {name}: {found[name]}", flush=True)
    ours = found[form]
    met = {"seconds": ours["seconds"]["median"] < MOST_SECONDS, "no_torch": not ours["torch"], "mb": ours["peak_mib"] * MB_OF_MIB < MOST_MB}
    return {"rounds": rounds, "skipped_forms": skipped, "forms": found, "targets": {"seconds": MOST_SECONDS, "mb": MOST_MB}, "met": met}


def memory(bundles: Bundles, sizes: Sequence[int], form: Form) -> dict[str, Any]:
    """The peak of a process of `form` at each size; all pairs are distinct."""
    found = []
    for pairs in sizes:
        print(f"memory of {form} with {pairs} pairs", flush=True)
        found.append(measured(bundles.of(form).resolve(), bundles.folder, pairs))
    most = [one["peak_mib"] * MB_OF_MIB for one in found]
    met = {"mb": max(most) < MOST_MB, "growth_mb": max(most) - min(most) <= MOST_GROWTH_MB}
    return {"form": form, "sizes": found, "targets": {"mb": MOST_MB, "growth_mb": MOST_GROWTH_MB}, "met": met}


def peak(bundles: Bundles, pairs: Sequence[Pair], seconds: float) -> dict[str, Any]:
    """By one thread, and by as many as an arm has; and how near to one thread's the products in our graphs come."""
    config = _config(bundles.source)
    most = {str(threads): peaks(config, threads, seconds) for threads in sorted({1, cores()})}
    batches = tokenized(bundles.source, bundles.spec, pairs)
    graphs = {}
    for form, (file, *_) in FILES.items():
        if file.endswith(".onnx"):
            kind = "int8" if file == INT8 else "fp32"
            found = weight_products(bundles.of(form) / file, batches, bundles.folder)
            graphs[form] = {"products": kind, **found, "of_peak": found["gop_per_second"] / most["1"][kind]}
            print(f"weight products of {form}: {graphs[form]}", flush=True)
    return {"threads": most, "graphs": graphs}


def versions() -> dict[str, str]:
    """Of the libraries that are timed, where they are installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "transformers", "sentence-transformers", "onnxruntime", "openvino", "nncf"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _config(source: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((source / "config.json").read_text(encoding="utf-8"))
    return content


def main(
    file: Annotated[Path, typer.Option("--json", help="The measurements go here.")],
    raw: Annotated[Path | None, typer.Option(help="Folder with perspectrum/, for a second set of pairs.")] = None,
    data: Annotated[Path, typer.Option(help="Where the prepared corpus is, or goes.")] = Path("runs/int8/newsroom"),
    work: Annotated[Path, typer.Option(help="Where other prepared data go.")] = Path("runs/training-speed"),
    model: Annotated[Path, typer.Option(help="A run or bundle of the BERT family with its weights, or base.")] = Path("base"),
    parts: Annotated[str, typer.Option(help="Of speed, cold, memory, peak.")] = "speed,cold,memory,peak",
    timed: Annotated[int, typer.Option(min=1, help="Pairs of a timed round.")] = 1200,
    answered: Annotated[int | None, typer.Option(help="Pairs whose answers are compared; all if not given.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of speed and of cold starts, after one that does not count.")] = 5,
    sizes: Annotated[list[int] | None, typer.Option(help="Pairs of the memory part; repeatable.")] = None,
    seconds: Annotated[float, typer.Option(help="Tried on each matrix product.")] = 1.0,
    form: Annotated[Form, typer.Option(help="The form that has to meet the targets.")] = "onnx-int8",
    table: Annotated[bool, typer.Option("--table", help="Measure nothing: print what the file has, in Markdown.")] = False,
) -> None:
    """Measure, print, and write into the file."""
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not table:
        looked_at, pairs = pairs_of(data)
        with TemporaryDirectory() as scratch:
            bundles = Bundles(model_folder(model), Path(scratch), looked_at)
            sets, skipped = sets_of(pairs, raw, work, timed, answered) if "speed" in parts.split(",") else ([], {})
            measure: dict[str, Callable[[], dict[str, Any]]] = {
                "speed": lambda: {**speed(bundles, sets, rounds, form), "skipped_sets": skipped},
                "cold": lambda: cold(bundles, rounds, form),
                "memory": lambda: memory(bundles, sizes or [10_000, 100_000], form),
                "peak": lambda: peak(bundles, pairs[:timed], seconds),
            }
            for part in parts.split(","):
                results[part] = {
                    "model": str(model),
                    "form": form,
                    "machine": machine(),
                    "load": os.getloadavg()[0],
                    "versions": versions(),
                    **measure[part](),
                }
                write_json(file, results)
    print("\n".join(tables(results)))


if __name__ == "__main__":
    typer.run(main)
