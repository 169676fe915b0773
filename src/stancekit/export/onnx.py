"""A model as an ONNX graph with free batch size and length."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from stancekit.errors import Refusal, reason
from stancekit.export.first_token import first_token_only
from stancekit.modeling.libraries import silent_exporters
from stancekit.modeling.spec import ModelSpec

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def write_onnx(path: Path, model: "PreTrainedModel", spec: ModelSpec) -> None:
    """Export to `path`: inputs of shape (batch, length) named as in the spec, one output `logits` of shape (batch, 3).

    The exporter is the one over torch.export: the older one, which traces, leaves the padding mask of transformers 5
    out of the graph, and its logits are off by 0.2. Raises Refusal when the model cannot be exported.
    """
    import onnx
    import torch

    class Logits(torch.nn.Module):
        """The bare logits, with inputs by position, as a graph has them."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            answer: torch.Tensor = self.model(**dict(zip(spec.inputs, tensors, strict=True))).logits
            return answer

    example = tuple(torch.ones(2, 16, dtype=torch.long) for _ in spec.inputs)
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    try:
        with silent_exporters(), _plain_attention(model):
            program = torch.onnx.export(
                Logits(),
                example,
                dynamo=True,
                input_names=list(spec.inputs),
                output_names=["logits"],
                dynamic_shapes={"tensors": tuple(free for _ in spec.inputs)},
                verbose=False,
            )
        # None is what the older exporter gives.
        graph = cast("torch.onnx.ONNXProgram", program).model_proto
        first_token_only(graph)
        onnx.save(graph, str(path))
    except Exception as fault:  # the exporter raises whatever its passes raise
        raise Refusal(f"this model cannot be exported to ONNX: {reason(fault)}", fix="export with --format safetensors") from fault


@contextlib.contextmanager
def _plain_attention(model: "PreTrainedModel") -> Iterator[None]:
    """Attention as products and a softmax: torch's own is exported with masks against NaN and transposes that no model here needs."""
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(before)
