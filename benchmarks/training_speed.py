"""How fast a training step is, beside the stock Trainer with padding to the limit and with padding by batch, and what each part gives.

    python benchmarks/training_speed.py --raw FOLDER --json FILE [--parts speed,quality,ingredients,profile]

Run it in the project's folder, on a machine that does nothing else; where others use it too,
`--threads 1` counts seconds of CPU. FOLDER holds `perspectrum/`; without it the embedded newsroom
corpus is trained on. Every training is a process of its own. All arms of a round read the same pairs and seed in one epoch, and
their turns change from round to round. Parts that are not asked for stay as the file has them.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from paired_gains import config_of
from stancekit.data.examples import read_examples
from stancekit.files import write_json
from stancekit.stages.prepare import prepare
from stancekit.tables import write_rows
from training_arms import COMPILED, OURS, OURS_FP32, STOCK, WITHOUT, WITHOUT_GROUPS, Work
from turns import compared

PADDED, DYNAMIC = STOCK
MAIN = (PADDED, DYNAMIC, OURS_FP32, OURS)
INGREDIENTS = (OURS, OURS_FP32, WITHOUT_GROUPS, *WITHOUT)
TARGETS = {PADDED: 6.0, DYNAMIC: 1.7}


class Setting(NamedTuple):
    """What all arms share. folder: of prepared data; trainings go into a scratch folder beside it."""

    folder: Path
    encoder: str
    batch: int
    learning_rate: float
    max_length: int
    threads: int | None

    @property
    def clock(self) -> str:
        """What an arm is timed by. In one thread, seconds of CPU: they are much the same when others use the machine too."""
        return "cpu_seconds" if self.threads == 1 else "seconds"


def data(raw: Path | None, work: Path) -> tuple[str, Path]:
    """Name and folder of the prepared set: PERSPECTRUM where its raw files are, else the corpus of the kit."""
    there = raw is not None and (raw / "perspectrum").is_dir()
    name = "perspectrum" if there else "newsroom"
    folder = work / name
    if not folder.exists():
        source = [f"raw={raw / 'perspectrum'}"] if raw is not None and there else []
        prepare(config_of(name, f"output={folder}", *source))
    return name, folder


def sample(folder: Path, count: int) -> Path:
    """A file of `count` training rows, drawn by a fixed seed."""
    rows = read_examples(folder / "train.jsonl")
    drawn = np.random.default_rng(13).permutation(len(rows))[:count]
    path = folder / f"train-{len(drawn)}.jsonl"
    write_rows(path, (rows[index].to_row() for index in drawn))
    return path


def run(setting: Setting, arm: str, rows: Path, seed: int = 13, **asked: bool) -> dict[str, Any]:
    """One training in a process of its own. Raises CalledProcessError with its output shown when it fails."""
    with tempfile.TemporaryDirectory(dir=setting.folder) as scratch:
        paths = str(rows), str(setting.folder / "validation.jsonl"), str(Path(scratch) / "run")
        shared = setting.batch, setting.learning_rate, setting.max_length
        wanted = asked.get("scored", False), asked.get("profiled", False)
        work = Work(arm, setting.encoder, *paths, seed, *shared, *wanted)
        words = [sys.executable, str(Path(__file__).with_name("training_arms.py")), json.dumps(work._asdict())]
        threads = {} if setting.threads is None else {"OMP_NUM_THREADS": str(setting.threads)}
        done = subprocess.run(words, env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{arm}, seed {seed}: { ({key: value for key, value in result.items() if isinstance(value, float)}) }", flush=True)
    return result


def rounds_of(setting: Setting, arms: Sequence[str], rows: Path, rounds: int) -> list[dict[str, float]]:
    """Seconds of each arm's steps, by the setting's clock, a dictionary a round."""
    result = []
    for number in range(rounds):
        turns = [arms[(number + turn) % len(arms)] for turn in range(len(arms))]
        result.append({arm: run(setting, arm, rows)[setting.clock] for arm in turns})
    return result


def speed(setting: Setting, steps: int, rounds: int) -> dict[str, Any]:
    """The stock Trainer's two ways and ours, in turns, and whether the targets are met."""
    rows = sample(setting.folder, steps * setting.batch)
    examples = len(read_examples(rows))
    arms = compared(rounds_of(setting, MAIN, rows, rounds), examples, (PADDED, DYNAMIC))
    met = {arm: arms[OURS]["times_as_fast_as"][arm]["median"] >= target for arm, target in TARGETS.items()}
    return {"pairs": examples, "rounds": rounds, "arms": arms, "targets": TARGETS, "met": met}


def ingredients(setting: Setting, steps: int, rounds: int, compiled: bool) -> dict[str, Any]:
    """How many times as fast ours is with a part as without it."""
    rows = sample(setting.folder, steps * setting.batch)
    arms = (*INGREDIENTS, *([COMPILED] if compiled else []))
    measured = rounds_of(setting, arms, rows, rounds)
    return {"pairs": len(read_examples(rows)), "rounds": rounds, "arms": compared(measured, len(read_examples(rows)), (OURS,))}


def quality(setting: Setting, pairs: int, seeds: int) -> dict[str, Any]:
    """Macro-F1 of the validation set after one epoch on the same pairs, by seed.

    The arm that pads to the limit is left out: what it adds is masked, so it learns what the arm padded by batch learns, only slower.
    """
    rows = sample(setting.folder, pairs)
    learners = (DYNAMIC, OURS_FP32, OURS)
    scores = {arm: [run(setting, arm, rows, seed, scored=True)["macro_f1"] for seed in range(13, 13 + seeds)] for arm in learners}
    summary = {
        arm: {"mean": statistics.mean(one), "sd": statistics.stdev(one) if seeds > 1 else None, "by_seed": one}
        for arm, one in scores.items()
    }
    paired = [mine - theirs for mine, theirs in zip(scores[OURS], scores[DYNAMIC], strict=True)]
    return {"pairs": len(read_examples(rows)), "arms": summary, "ours_minus": {DYNAMIC: paired}}


def profile_of(setting: Setting, steps: int) -> dict[str, Any]:
    """Where the time of our steps goes, and how near the products come to this machine's best."""
    from stancekit.modeling.devices import cpu_multiplies_bf16
    from step_profile import peak

    rows = sample(setting.folder, steps * setting.batch)
    best = {precision: peak(precision, setting.threads) for precision in ("fp32", "bf16")}
    found = {}
    for arm, precision in ((OURS, "bf16" if cpu_multiplies_bf16() else "fp32"), (OURS_FP32, "fp32")):
        seconds, traced = run(setting, arm, rows)[setting.clock], run(setting, arm, rows, profiled=True)
        # The profiler slows a step down, so the speed is that of a training without it.
        reached = traced["gflop_per_step"] * math.ceil(len(read_examples(rows)) / setting.batch) / seconds
        found[arm] = {**traced, "gflop_per_second": reached, "of_peak": reached / best[precision]}
    return {"peak_gflop_per_second": best, "arms": found}


def machine(threads: int | None) -> dict[str, Any]:
    """Cores, threads, load of the last minute, versions, and whether the processor multiplies bf16."""
    import torch
    import transformers

    from stancekit.modeling.devices import cpu_multiplies_bf16

    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"cores": os.cpu_count(), "threads": threads or torch.get_num_threads(), "load": load, "bf16": cpu_multiplies_bf16(), **versions}


def main(
    raw: Annotated[Path | None, typer.Option(help="Folder with perspectrum/; without it, the newsroom corpus.")] = None,
    work: Annotated[Path, typer.Option(help="Where prepared data go.")] = Path("runs/training-speed"),
    parts: Annotated[str, typer.Option(help="Of speed, ingredients, profile, quality.")] = "speed,ingredients,profile,quality",
    steps: Annotated[int, typer.Option(help="Steps of a timed training.")] = 16,
    rounds: Annotated[int, typer.Option(help="Rounds of timed trainings.")] = 5,
    seeds: Annotated[int, typer.Option(help="Seeds of the quality comparison.")] = 3,
    quality_pairs: Annotated[int, typer.Option(help="Pairs of the quality comparison; of few, none learns.")] = 7000,
    batch: Annotated[int, typer.Option(help="Pairs a step.")] = 32,
    encoder: Annotated[str, typer.Option(help="minilm, or a folder of the BERT family.")] = "minilm",
    max_length: Annotated[int, typer.Option(help="Tokens of a pair at most.")] = 128,
    threads: Annotated[int | None, typer.Option(help="Threads of every training; 1 counts seconds of CPU.")] = None,
    compiled: Annotated[bool, typer.Option(help="Time hardware.compile among the ingredients; it compiles at every start.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure, print, and write into the file."""
    name, folder = data(raw, work)
    print(f"training on {name}", flush=True)
    setting = Setting(folder, encoder, batch, 1e-4, max_length, threads)
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file is not None and file.exists() else {}
    measure = {
        "speed": lambda: speed(setting, steps, rounds),
        "ingredients": lambda: ingredients(setting, steps, rounds, compiled),
        "profile": lambda: profile_of(setting, steps),
        "quality": lambda: quality(setting, quality_pairs, seeds),
    }
    for part in parts.split(","):
        shared = {
            "data": name,
            "encoder": encoder,
            "batch": batch,
            "max_length": max_length,
            "machine": machine(threads),
            "clock": setting.clock,
        }
        results[part] = {**shared, **measure[part]()}
        if file is not None:
            write_json(file, results)
    print(json.dumps({part: results[part] for part in parts.split(",")}, indent=2))


if __name__ == "__main__":
    typer.run(main)
