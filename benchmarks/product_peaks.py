"""What this machine's matrix products reach at most, in float32, bf16 and int8, and how many operations an answer takes.

A pair of L tokens takes `layers * (4 L H^2 + 2 L H I + 2 L^2 H) + H^2 + 3 H` multiply-adds: in every layer four products for queries,
keys, values and their output, two with the inner width I, and two of attention over all heads; then the pooler and the three stances.
An operation is a multiplication or an addition, so a multiply-add counts as two. All arms are credited with the whole network, also a
graph that leaves out what no answer needs, such as the last layer of all tokens but the first; padding and second looks are no work.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from stancekit.stance import STANCES
from step_profile import fastest, peak

# Rows of an encoder's products: tokens of a full batch.
ROWS = 2048
SQUARE = 1024


def multiply_adds(config: Mapping[str, Any], lengths: Sequence[int]) -> float:
    """Of a pair, the mean over pairs of so many tokens without padding. config: of a BERT, as config.json has it."""
    hidden, inner, layers = (config[key] for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    tokens = np.asarray(lengths, dtype=np.float64)
    layer = tokens * (4 * hidden**2 + 2 * hidden * inner) + 2 * tokens**2 * hidden
    return float(layers * layer.mean() + hidden**2 + len(STANCES) * hidden)


def peaks(config: Mapping[str, Any], threads: int, seconds: float) -> dict[str, Any]:
    """Billions of operations a second: the best of float32, bf16 and int8, by whom, and of int8 every product tried.

    Float32 by torch's library is slow on some processors, so ONNX Runtime's is tried too. seconds: tried on each product.
    """
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    shapes = ((ROWS, hidden, hidden), (ROWS, hidden, inner), (ROWS, inner, hidden), (SQUARE, SQUARE, SQUARE))
    tried = {
        f"{name}, {' x '.join(map(str, shape))}": make(shape, threads, seconds)
        for name, make in (("onnxruntime MatMulInteger", partial(_by_onnxruntime, np.uint8, np.int8)), ("torch._int_mm", _by_torch))
        for shape in shapes
    }
    floats = {precision: peak(precision, threads, seconds) for precision in ("fp32", "bf16")}
    floats["fp32"] = max(floats["fp32"], *(_by_onnxruntime(np.float32, np.float32, shape, threads, seconds) for shape in shapes))
    best = max(tried, key=lambda name: tried[name])
    return {"threads": threads, **floats, "int8": tried[best], "int8_by": best, "int8_tried": tried}


Shape = tuple[int, int, int]


def _by_onnxruntime(given: type[np.generic], weights: type[np.generic], shape: Shape, threads: int, seconds: float) -> float:
    """A product with weights that are known beforehand, as in a graph. given, weights: the kinds of numbers, all of them small."""
    import onnxruntime as ort
    from onnx import helper, numpy_helper

    rows, inner, columns = shape
    rng = np.random.default_rng(13)
    left = rng.integers(0, 128, (rows, inner)).astype(given)
    right = numpy_helper.from_array(rng.integers(-64, 64, (inner, columns)).astype(weights), "weights")
    kind, result = ("MatMul", np.float32) if given is np.float32 else ("MatMulInteger", np.int32)
    values = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(of)), size)
        for name, of, size in (("given", given, [rows, inner]), ("result", result, [rows, columns]))
    ]
    graph = helper.make_graph([helper.make_node(kind, ["given", "weights"], ["result"])], "product", values[:1], values[1:], [right])
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # ir_version: that of opset 17, which older runtimes read too.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return _rate(lambda: session.run(None, {"given": left}), shape, threads, seconds)


def _by_torch(shape: Shape, threads: int, seconds: float) -> float:
    """Signed by signed, by oneDNN."""
    import torch

    rows, inner, columns = shape
    one, other = (torch.randint(-64, 64, size, dtype=torch.int8) for size in ((rows, inner), (inner, columns)))
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return _rate(lambda: torch._int_mm(one, other), shape, threads, seconds)
    finally:
        torch.set_num_threads(before)


def _rate(multiply: Callable[[], object], shape: Shape, threads: int, seconds: float) -> float:
    rows, inner, columns = shape
    return fastest(multiply, 2 * rows * inner * columns, seconds, threads == 1)
