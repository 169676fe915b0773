"""The graph of inference/embedding.py, made out of the embedded encoder. `python scripts/embedder.py` writes the one that ships."""

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from stancekit.export.int8 import quantize
from stancekit.export.outliers import balanced
from stancekit.inference.embedding import LONGEST, WIDTH
from stancekit.inference.filling import emptied
from stancekit.modeling.embedded import embedded_encoder
from stancekit.modeling.libraries import quiet_libraries, silent_exporters

if TYPE_CHECKING:
    import torch


def write_embedder(path: Path, texts: Sequence[str]) -> None:
    """Write all-MiniLM-L6-v2 with its products in int8, without its word embeddings and without the weights that `filled` makes again.

    Inputs: `words`, embeddings of shape (n, length, 384), and `attention_mask` (n, length). Output: `hidden`, the last hidden states, shape
    (n, length, 384): ONNX Runtime would sum them in an order that hangs on the batch. texts: sentences that show what ranges rounding
    must span.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = embedded_encoder()
    with quiet_libraries():
        encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True)
    encoder.set_attn_implementation("eager")

    class States(torch.nn.Module):
        """From embedded words to what the encoder makes of them."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, words: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.encoder(inputs_embeds=words, attention_mask=attention_mask).last_hidden_state
            return hidden

    words = encoder.get_input_embeddings().weight.detach().numpy()
    rows = sorted((ids for ids in tokenizer(list(texts), truncation=True, max_length=LONGEST)["input_ids"]), key=len)
    alike = [np.array(list(group)) for _, group in itertools.groupby(rows, key=len)]
    _write(States(), path, [{"words": words[ids], "attention_mask": np.ones_like(ids)} for ids in alike], folder / "model.safetensors")


def _write(states: "torch.nn.Module", path: Path, seen: Sequence[dict[str, Any]], weights: Path) -> None:
    import onnx
    from safetensors.numpy import load_file

    with tempfile.TemporaryDirectory() as scratch, silent_exporters():
        exact = Path(scratch) / "exact.onnx"
        _export(states, exact)
        scaled = balanced(exact, seen)
        # Quantization moves these into a file of its own.
        floats = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in scaled.graph.initializer}
        quantize(scaled, path, seen)
        emptied(path, floats, {name: weight for name, weight in load_file(weights).items() if weight.ndim == 2})


def _export(states: "torch.nn.Module", path: Path) -> None:
    import onnx
    import torch

    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    example = (torch.ones(2, 16, WIDTH), torch.ones(2, 16, dtype=torch.long))
    program = torch.onnx.export(
        states,
        example,
        dynamo=True,
        input_names=["words", "attention_mask"],
        output_names=["hidden"],
        dynamic_shapes={"words": free, "attention_mask": free},
        verbose=False,
    )
    onnx.save(cast("torch.onnx.ONNXProgram", program).model_proto, str(path))
