"""Whether memory grows with the input: the largest resident memory of `stancekit predict` at two sizes.

    python benchmarks/predict_memory.py --json FILE [--model BUNDLE] [--sizes 10000 --sizes 100000]

All pairs are distinct, so each is really scored. Without --model it is `base` as ONNX, which takes its time for 100,000 pairs.
With --small the graph is a made one of a single tiny layer: what is measured is then all but the model.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from batch_inputs import base_as_onnx, distinct_rows, small_bundle
from stancekit.files import write_json
from stancekit.machine import machine
from stancekit.tables import write_rows

# A child that tells its own peak, and whether it loaded torch.
CHILD = """
import sys
from stancekit.cli import main
from stancekit.machine import peak_memory_mib
try:
    main()
finally:
    print("torch" in sys.modules, peak_memory_mib(), file=sys.stderr)
"""


def watched(words: Sequence[str], folder: Path) -> tuple[bool, int]:
    """Run stancekit with these words in a process of its own: whether it loaded torch, and its peak in MiB."""
    command = [sys.executable, "-c", CHILD, *words]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    torch, peak = done.stderr.split()[-2:]
    return torch == "True", int(peak)


def measured(bundle: Path, folder: Path, pairs: int) -> dict[str, Any]:
    """Predict so many pairs in a process of its own."""
    write_rows(folder / "rows.jsonl", distinct_rows(pairs))
    words = ["predict", str(bundle), "rows.jsonl", "--output", f"{pairs}.jsonl", "--quiet"]
    began = time.monotonic()
    _, peak = watched(words, folder)
    seconds = time.monotonic() - began
    return {"pairs": pairs, "peak_mib": peak, "seconds": round(seconds, 1), "pairs_a_second": round(pairs / seconds, 1)}


def main(
    sizes: Annotated[list[int] | None, typer.Option(help="Pairs; repeatable.")] = None,
    model: Annotated[Path | None, typer.Option(help="A bundle; `base` as ONNX if not given.")] = None,
    small: Annotated[bool, typer.Option("--small", help="Measure all but the model, by a tiny one.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Measure each size, and tell by how much the peaks differ."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        bundle = model or (small_bundle if small else base_as_onnx)(place / "bundle")
        kind = "small" if small else str(model or "base as ONNX")
        results: dict[str, Any] = {"model": kind, "machine": machine(), "sizes": []}
        for pairs in sizes or [10_000, 100_000]:
            results["sizes"].append(measured(bundle, place, pairs))
            print(results["sizes"][-1], flush=True)
    peaks = [size["peak_mib"] for size in results["sizes"]]
    results["peaks_differ_by_mib"] = max(peaks) - min(peaks)
    print(f"the peaks differ by {results['peaks_differ_by_mib']} MiB")
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
