"""A model's graph with its products in 8-bit integers, faster on processors, and how close a call of it must be for a second look."""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stancekit.errors import Refusal, reason
from stancekit.export.outliers import balanced
from stancekit.export.rounding import moved
from stancekit.inference.scorers import SECOND_LOOK, OnnxScorer
from stancekit.modeling.pairs import IntArray


def write_int8(path: Path, source: Path, batches: Sequence[Mapping[str, IntArray]]) -> None:
    """Write to `path` what 8 bits a weight leave of the float32 graph in `source`, with the same inputs and output.

    Weights of matrix products are rounded for each output channel; what they are multiplied with is rounded as it comes in (dynamic
    quantization). batches: inputs of held pairs, named as in the graph and of shape (n, length), which show the outliers to be scaled
    down before, and how far rounding moves answers: what is closer than that deserves a second look. Raises Refusal.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    try:
        with _silence():
            graph = balanced(source, batches)
            quantize_dynamic(graph, path, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
            _tell(path, {SECOND_LOOK: f"{moved(OnnxScorer(path), OnnxScorer(source), batches):.6g}"})
    except Exception as fault:  # the library has no common error
        raise Refusal(f"this model cannot be written in int8: {reason(fault)}", fix="export with --format onnx") from fault


def _tell(path: Path, facts: Mapping[str, str]) -> None:
    """Write facts into an ONNX file."""
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, dict(facts))
    onnx.save(model, str(path))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    # It advises, through the root logger, a step that changes nothing for graphs of this exporter.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
