"""Models in OpenVINO's form on the CPU: in bfloat16 where the processor has it, with a second look in float32, else in float32."""

import sys
from collections.abc import Mapping
from pathlib import Path
from queue import LifoQueue
from typing import Any, Literal, cast

import numpy as np

from stancekit.errors import StancekitError
from stancekit.inference.scorers import CPU_TOKENS, SECOND_LOOK, FloatArray, Scorer, SecondLook
from stancekit.machine import cores
from stancekit.modeling.pairs import IntArray

# Where it stands in a graph: how close a call in bfloat16 must be for a second look, as a difference of logits.
MARGIN = ["stancekit", SECOND_LOOK]
TELEMETRY = "openvino_telemetry"
HINTS = {"fp32": "f32", "bf16": "bf16"}


class OpenVinoScorer:
    """A graph that was read by `library().Core()`, compiled for one precision.

    threads: batches at a time, each on one core; None for every core there is, as for ONNX Runtime.
    """

    # In batches of one length a pair has the same answer whatever is beside it, and however much; padding moves last bits.
    alike, counted = True, False
    batch_tokens = CPU_TOKENS

    def __init__(self, core: Any, graph: Any, precision: Literal["fp32", "bf16"], threads: int | None = None) -> None:
        self.name = f"openvino cpu {precision}"
        self.streams = threads or cores()
        settings = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "NUM_STREAMS": self.streams,
            "INFERENCE_NUM_THREADS": self.streams,
            # Each process would hold its threads to the first cores, several of them to the same ones.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = core.compile_model(graph, "CPU", settings)
        # A request is at one batch at a time. Its memory serves the next one, so the last used comes first.
        self._requests: LifoQueue[Any] = LifoQueue()
        for _ in range(self.streams):
            self._requests.put(compiled.create_infer_request())

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        """See Scorer."""
        request = self._requests.get()
        try:
            request.infer(dict(batch), share_inputs=True, share_outputs=True)
            # A copy: the next batch overwrites what the request holds.
            return np.array(request.get_output_tensor(0).data, dtype=np.float64)
        finally:
            self._requests.put(request)


def openvino_scorer(path: Path, threads: int | None = None) -> Scorer:
    """What answers by the graph in `path`. Raises StancekitError where it cannot be read, or openvino is not installed."""
    core = library().Core()
    try:
        # Read once: what is compiled from it twice shares its weights.
        graph = core.read_model(path)
        exact = OpenVinoScorer(core, graph, "fp32", threads)
        if not (graph.has_rt_info(MARGIN) and has_bf16(core)):
            return exact
        return SecondLook(OpenVinoScorer(core, graph, "bf16", threads), exact, float(graph.get_rt_info(MARGIN).value))
    except (RuntimeError, ValueError) as fault:
        raise StancekitError(f"{path} cannot be loaded: {told_last(fault)}", fix="export the bundle again") from fault


def has_bf16(core: Any) -> bool:
    """Whether the processor multiplies bfloat16 by itself."""
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def told_last(fault: Exception) -> str:
    """The last line of one of its messages, which begin with a place in its own code."""
    return next((line for line in reversed(str(fault).splitlines()) if line.strip()), type(fault).__name__)


def library() -> Any:
    """The package openvino, which tells nobody that it is used. Raises StancekitError where it is not installed."""
    modules = cast(dict[str, Any], sys.modules)
    # Imported, it would tell its makers; where its part for that is missing, it has a stand-in that does nothing.
    hide = "openvino" not in modules and TELEMETRY not in modules
    if hide:
        modules[TELEMETRY] = None
    try:
        import openvino
    except ImportError as fault:
        raise StancekitError(f"the form openvino needs the package openvino: {fault}", fix="pip install 'stancekit[openvino]'") from fault
    finally:
        if hide:
            del modules[TELEMETRY]
    return openvino
