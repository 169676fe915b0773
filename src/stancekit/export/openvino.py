"""A model's graph in OpenVINO's form: `model.xml`, the network, beside `model.bin`, its weights in float32."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from stancekit.errors import Refusal
from stancekit.export.rounding import moved
from stancekit.inference.openvino import MARGIN, OpenVinoScorer, has_bf16, library, told_last
from stancekit.modeling.pairs import IntArray


def write_openvino(path: Path, source: Path, batches: Sequence[Mapping[str, IntArray]]) -> None:
    """Write the float32 ONNX graph in `source` to `path`, an .xml, and its weights to the .bin beside it.

    batches: inputs of held pairs, named as in the graph and of shape (n, length), which show how far bfloat16 moves answers: what is closer
    than that deserves a second look. On a processor without bfloat16 that cannot be known, and the graph is only ever run in float32.
    Raises Refusal, and StancekitError where openvino is not installed.
    """
    openvino = library()
    core = openvino.Core()
    try:
        graph = core.read_model(source)
        if has_bf16(core):
            below = moved(OpenVinoScorer(core, graph, "bf16"), OpenVinoScorer(core, graph, "fp32"), batches)
            graph.set_rt_info(f"{below:.6g}", MARGIN)
        openvino.save_model(graph, path, compress_to_fp16=False)
    except (RuntimeError, ValueError) as fault:
        raise Refusal(f"OpenVINO cannot take this model: {told_last(fault)}", fix="export with --format onnx") from fault
