"""Whether an answer depends on what else is asked: the last bits of logits of one pair in other batches and with other threads.

    python benchmarks/answer_bits.py --json FILE [--pairs 1000]

The pairs are scored all at once, then in another order and in parts. `usual` are batches sorted by length, `alike` those of one
length (with torch of one shape), which jobs with torch and OpenVINO take. What differs is counted in pairs, in last bits and in what
is written.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from batch_inputs import base_as_onnx, base_as_openvino, distinct_rows
from stancekit import load
from stancekit.files import write_json
from stancekit.inference.engine import score, softmax
from stancekit.inference.model import StanceModel
from stancekit.inference.scorers import FloatArray
from stancekit.machine import machine
from stancekit.modeling.pairs import Pair
from stancekit.records import DECIMALS

# As an export looks at.
LOOKED_AT = 256


def compared(model: StanceModel, one: FloatArray, other: FloatArray) -> dict[str, Any]:
    """How many pairs differ in any bit of a logit, by how much at most, and in how many that shows in the written probabilities."""
    written = [model.calibrated(softmax(logits)).round(DECIMALS) for logits in (one, other)]
    return {
        "pairs_that_differ": int((one != other).any(axis=1).sum()),
        "largest_difference": float(np.abs(one - other).max()),
        "written_differently": int((written[0] != written[1]).any(axis=1).sum()),
    }


def measured(model: StanceModel, pairs: list[Pair], alike: bool) -> dict[str, Any]:
    """All at once against shuffled parts of odd sizes."""
    began = time.perf_counter()
    whole = score(model.scorer, model.tokenizer, pairs, alike=alike)
    seconds = time.perf_counter() - began
    order = np.random.default_rng(13).permutation(len(pairs))
    parted = np.empty_like(whole)
    for part in np.array_split(order, 7):
        parted[part] = score(model.scorer, model.tokenizer, [pairs[index] for index in part], alike=alike)
    return {"pairs_a_second": round(len(pairs) / seconds, 1), **compared(model, whole, parted)}


def threads(one: StanceModel, other: StanceModel, pairs: list[Pair], alike: bool) -> dict[str, Any]:
    """The same batches by one thread and by two. one, other: the model with one and with two; for torch they are the same."""
    torch.set_num_threads(1)
    single = score(one.scorer, one.tokenizer, pairs, alike=alike)
    torch.set_num_threads(2)
    return compared(one, single, score(other.scorer, other.tokenizer, pairs, alike=alike))


def main(
    pairs: Annotated[int, typer.Option(min=50)] = 1000,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Measure `base` by torch, ONNX Runtime and OpenVINO, in either kind of batches."""
    asked = [(row["statement"], row["proposal"]) for row in distinct_rows(pairs)]
    results: dict[str, Any] = {"pairs": pairs, "machine": machine()}
    with tempfile.TemporaryDirectory() as scratch:
        graphs = {
            "onnxruntime": base_as_onnx(Path(scratch) / "onnx"),
            "openvino": base_as_openvino(Path(scratch) / "openvino", asked[:LOOKED_AT]),
        }
        by_torch = load("base", "cpu")
        runs = {"torch": (by_torch, by_torch)}
        runs |= {name: (load(bundle, "cpu", threads=1), load(bundle, "cpu", threads=2)) for name, bundle in graphs.items()}
        for name, (one, other) in runs.items():
            for kind, alike in (("usual", False), ("alike", True)):
                found = {"other_batches": measured(other, asked, alike), "other_threads": threads(one, other, asked, alike)}
                results.setdefault(name, {})[kind] = found
                print(name, kind, found)
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
