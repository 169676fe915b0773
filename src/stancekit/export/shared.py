"""Weights beside a graph, in a file that the system maps into memory, and that two graphs share."""

from pathlib import Path
from typing import Any

# Smaller tensors stay in the graph: bounds and shapes, which are looked at while it is loaded.
WORTH_BYTES = 1024


def share_weights(first: Path, second: Path, data: Path) -> None:
    """Move the weights of the ONNX file `first` into `data`, beside it; `second` reads there what both have, such as word embeddings.

    What is read from such a file takes memory only as far as it is used, and is not copied while a graph is loaded.
    """
    import onnx

    bigger = {"save_as_external_data": True, "all_tensors_to_one_file": True, "size_threshold": WORTH_BYTES}
    onnx.save(onnx.load(str(first)), str(first), location=data.name, **bigger)
    places = {tensor.name: tensor for tensor in onnx.load(str(first), load_external_data=False).graph.initializer if tensor.external_data}
    contents = {tensor.name: tensor for tensor in onnx.load(str(first)).graph.initializer if tensor.name in places}
    model = onnx.load(str(second))
    for tensor in model.graph.initializer:
        if tensor.name in places and _same(tensor, contents[tensor.name]):
            tensor.CopyFrom(places[tensor.name])
    onnx.save(model, str(second))


def _same(one: Any, other: Any) -> bool:
    return bool(one.data_type == other.data_type and one.dims == other.dims and one.raw_data == other.raw_data)
