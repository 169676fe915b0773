"""The forms that a bundle comes in, each made out of the safetensors that every one begins with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stancekit.export.int8 import write_int8
from stancekit.export.onnx import write_onnx
from stancekit.export.openvino import write_openvino
from stancekit.export.shared import share_weights
from stancekit.inference.engine import alike_batches
from stancekit.inference.openvino import library
from stancekit.inference.scorers import ONNX, ONNX_DATA
from stancekit.modeling.compact import write_compact
from stancekit.modeling.pairs import IntArray, Pair, PairTokenizer
from stancekit.modeling.provenance import COMPACT, INT8, OPENVINO, OPENVINO_WEIGHTS, WEIGHTS
from stancekit.modeling.spec import ModelSpec

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Form = Literal["onnx", "onnx-int8", "openvino", "safetensors", "compact"]
# What answers in a bundle of each form that is compared with its run.
FILES: dict[Form, tuple[str, ...]] = {
    "onnx": (ONNX,),
    "onnx-int8": (INT8, ONNX, ONNX_DATA),
    "openvino": (OPENVINO, OPENVINO_WEIGHTS),
    "compact": (COMPACT,),
}
# Those that look at held pairs while they are made: how close a call must be for a second look, and what ranges rounding must span.
CALIBRATED: tuple[Form, ...] = ("onnx-int8", "openvino")
# Transformers' own, which tells it how to build a network that is not there.
CONFIG = "config.json"


def write_form(form: Form, folder: Path, model: "PreTrainedModel", calibration: Sequence[Pair]) -> None:
    """Turn the safetensors bundle in `folder` into another form. calibration: held pairs that the forms in CALIBRATED may look at.

    `onnx` adds a graph, `onnx-int8` puts two in the place of the weights, `openvino` and `compact` one. Raises Refusal, or
    StancekitError, for a model that has no such form.
    """
    spec = ModelSpec.read(folder)
    if form == "onnx":
        write_onnx(folder / ONNX, model, spec)
    elif form == "onnx-int8":
        write_onnx(folder / ONNX, model, spec)
        write_int8(folder / INT8, folder / ONNX, tokenized(folder, spec, calibration))
        share_weights(folder / ONNX, folder / INT8, folder / ONNX_DATA)
        for name in (WEIGHTS, CONFIG):
            (folder / name).unlink()
    elif form == "openvino":
        write_onnx(folder / ONNX, model, spec)
        write_openvino(folder / OPENVINO, folder / ONNX, tokenized(folder, spec, calibration))
        for name in (ONNX, WEIGHTS, CONFIG):
            (folder / name).unlink()
    elif form == "compact":
        write_compact(folder, model)
        (folder / WEIGHTS).unlink()


def check_form(form: Form) -> None:
    """Raise StancekitError where a form needs what is not installed."""
    if form == "openvino":
        library()


def tokenized(folder: Path, spec: ModelSpec, pairs: Sequence[Pair]) -> list[dict[str, IntArray]]:
    """Pairs as batches for the model of `folder`, each of one length: padding would widen the ranges that a quantization sees."""
    tokenizer = PairTokenizer.of_folder(folder, spec.max_length, spec.pad_id, spec.inputs)
    encodings = sorted(tokenizer.encode(pairs), key=lambda encoding: len(encoding.ids))
    return [tokenizer.batch([encodings[row] for row in rows]) for rows in alike_batches([len(one.ids) for one in encodings])]
