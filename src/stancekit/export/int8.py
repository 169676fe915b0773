"""A model's graph with its products in 8-bit integers, faster on processors, and how close a call of it must be for a second look."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.errors import Refusal, reason
from stancekit.export.outliers import balanced
from stancekit.export.rounding import moved
from stancekit.inference.scorers import SECOND_LOOK, OnnxScorer
from stancekit.modeling.libraries import silent_exporters
from stancekit.modeling.pairs import IntArray


def write_int8(path: Path, source: Path, batches: Sequence[Mapping[str, IntArray]]) -> None:
    """Write to `path` what 8 bits a weight leave of the float32 graph in `source`, with the same inputs and output.

    Weights of matrix products are rounded for each output channel, what they are multiplied with by the range that held pairs show (static
    quantization): an answer does not depend on its neighbours, as it does where every batch has a range of its own. batches: inputs
    of held pairs, named as in the graph and of shape (n, length), which also show the outliers to be scaled down before, and how far
    rounding moves answers: what is closer than that deserves a second look. Raises Refusal.
    """
    # What a range cuts off shows on pairs that it was not taken from.
    seen, unseen = batches[::2], batches[1::2] or batches
    try:
        with silent_exporters():
            quantize(balanced(source, seen), path, seen)
            _tell(path, {SECOND_LOOK: f"{moved(OnnxScorer(path), OnnxScorer(source), unseen):.6g}"})
    except Exception as fault:  # the library has no common error
        raise Refusal(f"this model cannot be written in int8: {reason(fault)}", fix="export with --format onnx") from fault


def quantize(graph: Any, path: Path, batches: Sequence[Mapping[str, Any]]) -> None:
    """Write an onnx ModelProto to `path` with its products by weights in int8. batches: inputs that show what ranges there are."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Batches(CalibrationDataReader):  # type: ignore[misc]
        """One batch after the other, then None."""

        def __init__(self) -> None:
            self._left = iter(batches)

        def get_next(self) -> Mapping[str, Any] | None:
            return next(self._left, None)

    weights = {tensor.name for tensor in graph.graph.initializer}
    quantize_static(
        graph,
        path,
        Batches(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        # In attention neither side is a weight, and rounding both costs more than it gains.
        nodes_to_exclude=[node.name for node in graph.graph.node if node.op_type == "MatMul" and node.input[1] not in weights],
        per_channel=True,
        # The pair of kinds that processors multiply fastest.
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        extra_options={"OpTypesToExcludeOutputQuantization": ["MatMul"]},
    )


def _tell(path: Path, facts: Mapping[str, str]) -> None:
    """Write facts into an ONNX file."""
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, dict(facts))
    onnx.save(model, str(path))
