"""How often intervals hold the truth, and how often equal models are called different, by the number of units: a simulation.

    python benchmarks/interval_coverage.py --json FILE

Each unit (a proposal, an article) has ten rows and an ease of its own, drawn from a beta distribution, so that rows of one unit are
alike; six answers in ten are right. The truth is what endless units would give. The two models that are compared have the same ease.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from stancekit.evaluation.intervals import FEWEST_CLUSTERS, Bootstrap
from stancekit.evaluation.metrics import FloatArray, IntArray, macro_f1
from stancekit.files import write_json
from stancekit.progress import configure, progress

SHARES, EASE, ROWS = np.array([0.3, 0.45, 0.25]), (6.0, 4.0), 10
UNITS = (FEWEST_CLUSTERS, 10, 20, 60, 200)
# Draws of each bootstrap: its own scatter widens no interval by much.
RESAMPLES = 400


def truth() -> float:
    """Macro-F1 over endless rows."""
    right = EASE[0] / sum(EASE)
    everything = np.outer(SHARES, np.full(3, (1 - right) / 2))
    np.fill_diagonal(everything, SHARES * right)
    return float(macro_f1(everything))


def answers(gold: IntArray, ease: FloatArray, rng: np.random.Generator) -> IntArray:
    """Right with the ease of each row, else one of the other two by chance."""
    return np.where(rng.random(len(gold)) < ease, gold, (gold + rng.integers(1, 3, len(gold))) % 3)


def simulated(units: int, bca: bool, runs: int, rng: np.random.Generator) -> dict[str, float]:
    """Shares of the runs whose interval holds the truth, and of those that show a difference of two equal models."""
    held = shown = 0
    clusters = np.repeat(np.arange(units), ROWS).tolist()
    with progress(f"{units} units, {'BCa' if bca else 'percentiles'}", runs) as advance:
        for run in range(runs):
            resampling = Bootstrap(resamples=RESAMPLES, seed=run, bca=bca).over(clusters)
            gold = rng.choice(3, units * ROWS, p=SHARES).astype(np.int64)
            ease = np.repeat(rng.beta(*EASE, units), ROWS)
            one, other = (resampling.counted(gold, answers(gold, ease, rng)) for _ in range(2))
            _, low, high = one.interval(macro_f1)
            held += low is not None and high is not None and low <= truth() <= high
            _, low, high = one.lead(other, macro_f1)
            shown += low is not None and high is not None and not low <= 0 <= high
            advance(1)
    return {"held": held / runs, "shown": shown / runs}


def main(
    runs: Annotated[int, typer.Option(min=1)] = 1000,
    seed: int = 13,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Print a table: how often 95 % intervals hold the truth, and how often equal models are shown to differ."""
    configure(quiet=False)
    rng = np.random.default_rng(seed)
    table: dict[str, Any] = {
        str(units): {kind: simulated(units, kind == "bca", runs, rng) for kind in ("percentile", "bca")} for units in UNITS
    }
    print("| units | percentiles hold the truth | BCa | equal models shown to differ, percentiles | BCa |")
    print("| ---: |" + " ---: |" * 4)
    for units, kinds in table.items():
        print(f"| {units} | " + " | ".join(f"{kinds[kind][what]:.3f}" for what in ("held", "shown") for kind in kinds) + " |")
    if file is not None:
        write_json(file, {"runs": runs, "rows_a_unit": ROWS, "resamples": RESAMPLES, "seed": seed, "truth": truth(), "units": table})


if __name__ == "__main__":
    typer.run(main)
