"""Where the time of an ONNX graph goes: the share that its products with weights take, and how fast they run, by onnxruntime's profiler."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.inference.scorers import LEFT_APART, session_options
from stancekit.modeling.pairs import IntArray

# As onnxruntime names them after fusing; those of int8 round what comes in, or turn what comes out into float32, in the same step.
PRODUCTS = ("MatMul", "FusedMatMul", "Gemm", "FusedGemm", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul")
PASSES = 3


def weight_products(graph: Path, batches: Sequence[Mapping[str, IntArray]], folder: Path) -> dict[str, float]:
    """Share of the time in one thread, and billions of operations a second while they run, padding included.

    The session is made as stancekit makes it. folder: for the profile.
    """
    import onnxruntime as ort

    options = session_options()
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / graph.stem)
    session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"], disabled_optimizers=LEFT_APART)
    for _ in range(PASSES):
        for batch in batches:
            session.run(None, dict(batch))
    events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return share_and_rate([one for one in events if one["cat"] == "Node" and one["name"].endswith("_kernel_time")])


def share_and_rate(events: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of the profiler's events of PASSES equal passes; the first pays for memory, so it is left out. Times are microseconds."""
    counted = events[len(events) // PASSES :]
    products = [one for one in counted if one["args"]["op_name"] in PRODUCTS and _by_weights(one)]
    spent = sum(one["dur"] for one in products)
    return {
        "share_of_time": spent / sum(one["dur"] for one in counted),
        "gop_per_second": sum(_operations(one) for one in products) / max(spent, 1) / 1e3,
    }


def _shapes(event: Mapping[str, Any], side: str) -> list[list[int]]:
    return [shape for one in event["args"][f"{side}_type_shape"] for shape in one.values()]


def _by_weights(event: Mapping[str, Any]) -> bool:
    # Attention multiplies one activation by another, of as many dimensions. Weights have two, or are not told once they are packed.
    one, *others = _shapes(event, "input")
    return not others or len(others[0]) <= 2 or len(others[0]) != len(one)


def _operations(event: Mapping[str, Any]) -> int:
    return 2 * math.prod(_shapes(event, "output")[0]) * _shapes(event, "input")[0][-1]
