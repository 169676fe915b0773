"""From one Ray actor to two: pairs a second of `predict --engine ray` with `base` as ONNX, one thread an actor, in turns on one machine.

    python benchmarks/ray_scaling.py --json benchmarks/results/ray-scaling.json [--pairs 8000 --rounds 3]

`scoring` is between the end of the first quarter of the parts and the last moment when all actors have work, by the times the parts were
written; `whole` is from the call to the finished folder on a cluster that is up: with counting, the start of actors and loading. With
other work on the cores neither says anything of scaling, so the load before and after each round is told.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from batch_inputs import base_as_onnx, distinct_rows
from stancekit.files import write_json
from stancekit.inference.cluster import connected
from stancekit.machine import machine
from stancekit.stages.predict_ray import Means, predict_ray
from stancekit.tables import write_rows

PARTS = 40
ACTORS = (1, 2)


def scoring(folder: Path, pairs: int, actors: int) -> float:
    """Pairs a second in the middle of a job, of parts of equal size."""
    ends = sorted(part.stat().st_mtime for part in folder.glob("part-*"))
    first, last = len(ends) // 4, len(ends) - actors
    return pairs / len(ends) * (last - first) / (ends[last] - ends[first])


def measured(bundle: Path, rows: Path, pairs: int, actors: int, folder: Path) -> dict[str, Any]:
    """One job."""
    before, began = os.getloadavg()[0], time.perf_counter()
    means = Means(workers=actors, part_pairs=max(1, pairs // PARTS), part_format="jsonl")
    outcome = predict_ray(bundle, [str(rows)], None, str(folder), device="cpu", means=means)
    whole = pairs / (time.perf_counter() - began)
    assert outcome.answers == pairs
    found = {"scoring": round(scoring(folder, pairs, actors), 1), "whole": round(whole, 1)}
    return {"actors": actors, **found, "load_before": round(before, 2), "load_after": round(os.getloadavg()[0], 2)}


def main(
    pairs: Annotated[int, typer.Option(min=400)] = 8000,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Measure, and tell the medians."""
    # Ray's workers are nice to all else on a machine, so whatever else runs there would be measured.
    os.environ.setdefault("RAY_worker_niceness", "0")
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch, connected(None, max(ACTORS)):
        place = Path(scratch)
        bundle, rows = base_as_onnx(place / "bundle"), place / "rows.parquet"
        # Parquet is cut at rows, so that parts are of one size.
        write_rows(rows, distinct_rows(pairs))
        for turn in range(rounds):
            for actors in ACTORS:
                results.append({"round": turn + 1, **measured(bundle, rows, pairs, actors, place / f"out-{turn}-{actors}")})
                print(results[-1], flush=True)
    medians = {
        str(actors): {kind: statistics.median(one[kind] for one in results if one["actors"] == actors) for kind in ("scoring", "whole")}
        for actors in ACTORS
    }
    gain = {kind: round(medians["2"][kind] / medians["1"][kind], 2) for kind in ("scoring", "whole")}
    print(medians, gain)
    if file is not None:
        told = {"pairs": pairs, "pairs_a_second": medians, "two_against_one": gain, "rounds": results, "machine": machine()}
        write_json(file, told)


if __name__ == "__main__":
    typer.run(main)
