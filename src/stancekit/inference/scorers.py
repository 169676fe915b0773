"""The ways to run a model: torch on any device, ONNX Runtime on the CPU, and of int8 with a second look. All give the same stances."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from stancekit.errors import StancekitError, reason
from stancekit.machine import cores, saturates
from stancekit.modeling.pairs import IntArray
from stancekit.modeling.provenance import INT8

if TYPE_CHECKING:
    import torch
    from onnxruntime import SessionOptions

FloatArray = npt.NDArray[np.float64]
ONNX = "model.onnx"
# The weights of an int8 bundle's float32 graph; the graph names this file, and so does the other for what both have.
ONNX_DATA = "model.onnx.data"
# In an int8 file: how close the best two stances must be for a second look, as a difference of logits.
SECOND_LOOK = "second_look_below"
# More are slower where each core has a batch: its second-level cache no longer holds what a layer writes, benchmarks/batch_split.py.
CPU_TOKENS = 512
# Torch shares a batch among all cores.
TORCH_TOKENS = 2048
# A GPU is not busy with less.
GPU_TOKENS = 16384
# Fused, an addition and its norm run element by element on the CPU; apart, each in vectors: a tenth faster in float32, a third in int8.
LEFT_APART = ["SkipLayerNormFusion", "BiasGeluFusion"]


class Scorer(Protocol):
    """Runs one padded batch.

    alike: the last bits of an answer hang on its batch, unless all pairs in it have one length. counted: and there are always as many.
    streams: batches that are best run at the same time, each from a thread of its own. batch_tokens: of a batch, padding included.
    """

    name: str
    alike: bool
    counted: bool
    streams: int
    batch_tokens: int

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        """Shape (n, 3) in the order of STANCES, from inputs of shape (n, length)."""


class TorchScorer:
    """A model folder on a torch device; half precision on a GPU where it has one."""

    # Every core, or the GPU, is at work on one batch.
    streams = 1
    counted = True

    def __init__(self, folder: Path, device: str = "cpu", precision: str | None = None) -> None:
        import torch

        from stancekit.modeling.checkpoint import load_model
        from stancekit.modeling.devices import resolve_device, resolve_precision

        self._torch = torch
        self._device = resolve_device(device)
        # On a CPU answers are those of the checkpoint to the last digit, as exports are compared with them.
        taken = resolve_precision(precision or ("fp32" if self._device == "cpu" else "auto"), self._device)
        kinds = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
        self._model = load_model(folder).to(device=self._device, dtype=kinds[taken])
        self.name = f"torch {self._device} {taken}"
        # On a GPU batches of one length would be too small to be worth it.
        self.alike = self._device == "cpu"
        self.batch_tokens = TORCH_TOKENS if self._device == "cpu" else GPU_TOKENS

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        """See Scorer."""
        with self._torch.inference_mode():
            inputs = {name: self._moved(array) for name, array in batch.items()}
            answer = self._model(**inputs).logits.float().cpu().numpy()
        return np.asarray(answer, dtype=np.float64)

    def _moved(self, array: IntArray) -> "torch.Tensor":
        tensor = self._torch.from_numpy(array)
        # From pinned memory a GPU fetches for itself, while the next array is made ready.
        return tensor.pin_memory().to(self._device, non_blocking=True) if self._device == "cuda" else tensor.to(self._device)


class OnnxScorer:
    """An ONNX file on the CPU; loads neither torch nor transformers.

    threads: batches at a time, each on one core; None for every core there is. A core to each is faster than all for one, which wait for
    one another in every layer: benchmarks/batch_split.py.
    """

    # A pair has the same answer in any batch: see benchmarks/answer_bits.py.
    alike = counted = False
    batch_tokens = CPU_TOKENS

    def __init__(self, path: Path, threads: int | None = None) -> None:
        import onnxruntime as ort

        try:
            self._session = ort.InferenceSession(
                str(path), session_options(), providers=["CPUExecutionProvider"], disabled_optimizers=LEFT_APART
            )
        except Exception as fault:  # onnxruntime has an exception class a cause, with no common base but this
            raise StancekitError(f"{path} cannot be loaded: {reason(fault)}", fix="export the bundle again") from fault
        self.streams = threads or cores()
        # Streams are those of one question; several may be asked at the same time.
        self._room = threading.BoundedSemaphore(self.streams)
        self.name = f"onnxruntime cpu {'int8' if path.name == INT8 else 'fp32'}"

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        """See Scorer."""
        with self._room:
            return np.asarray(self._session.run(["logits"], dict(batch))[0], dtype=np.float64)

    @property
    def told(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)


def session_options(threads: int = 1) -> "SessionOptions":
    """How ONNX Runtime is to run a graph. threads: at work on one batch."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # It would keep, for every stream, what the longest batch took: 17 MiB, and no time gained.
    options.enable_cpu_mem_arena = False
    if saturates():
        # Int8 weights are then multiplied exactly, and more slowly.
        options.add_session_config_entry("session.x64quantprecision", "1")
    options.log_severity_level = 3
    return options


class SecondLook:
    """Two scorers of one model: a quick one for all pairs, an exact one for those where the quick one's best two stances are close.

    below: how close, as a difference of logits; rounding moves them less than that.
    """

    def __init__(self, quick: Scorer, exact: Scorer, below: float) -> None:
        self.quick, self.exact, self.below = quick, exact, below
        self.name = f"{quick.name}, second look {exact.name}"
        self.alike, self.counted = quick.alike or exact.alike, quick.counted or exact.counted
        self.streams, self.batch_tokens = quick.streams, quick.batch_tokens

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        """See Scorer."""
        answer = self.quick.logits(batch)
        close = lead(answer) < self.below
        if close.any():
            answer[close] = self.exact.logits({name: array[close] for name, array in batch.items()})
        return answer


def lead(logits: FloatArray) -> FloatArray:
    """How far the best stance is before the next, shape (n,), of logits of shape (n, 3)."""
    ordered = np.sort(logits, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2])
