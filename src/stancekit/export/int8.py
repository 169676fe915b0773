"""A model's graph with its weights as 8-bit integers: smaller, and faster on processors."""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stancekit.errors import Refusal, reason
from stancekit.export.outliers import balanced
from stancekit.modeling.pairs import IntArray


def write_int8(path: Path, source: Path, batches: Sequence[Mapping[str, IntArray]]) -> None:
    """Write to `path` what 8 bits a weight leave of the float32 graph in `source`, with the same inputs and output.

    Weights of matrix products are rounded for each output channel; what they are multiplied with is rounded as it comes in (dynamic
    quantization). batches: inputs of held pairs, named as in the graph and of shape (n, length), which show the outliers to be scaled
    down before. Raises Refusal.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    try:
        with _silence():
            graph = balanced(source, batches)
            quantize_dynamic(graph, path, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
    except Exception as fault:  # the library has no common error
        raise Refusal(f"this model cannot be written in int8: {reason(fault)}", fix="export with --format onnx") from fault


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    # It advises, through the root logger, a step that changes nothing for graphs of this exporter.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
