"""Channels that are far larger than the rest are scaled down before a product, and its weights up: 8 bits then suffice for both.

A few channels of a BERT's hidden states are ten times as large as all others (Bondarenko et al. 2021). What is rounded to 8 bits by the
largest value loses all others in the rounding. Scaling part of that into the weights is the idea of SmoothQuant (Xiao et al. 2023), here
for those channels alone: the weights of the others need no wider range.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
# A channel is an outlier above this quantile of the channels' largest values.
COMMON = 0.98
# How much of an outlier goes into the weights, as an exponent: all of it would make the weights what the activations were.
MOVED = 0.7
# A product whose outliers are no larger is left alone: a multiplication more takes time.
WORTH = 1.5


def balanced(source: Path, batches: Sequence[Mapping[str, Any]]) -> Any:
    """The graph in `source`, with outliers of the inputs of its products scaled down: the same logits but for rounding.

    batches: inputs of shape (n, length), without padding, which show what is large. Returns an onnx ModelProto.
    """
    import onnx

    model = onnx.load(str(source))
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    products: dict[str, list[Any]] = {}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            products.setdefault(node.input[0], []).append(node)
    for name, largest in _largest(model, list(products), batches).items():
        factors = _factors(largest)
        if factors.max() >= WORTH:
            _scale(model, name, products[name], factors)
    _drop_unused(model.graph)
    return model


def _factors(largest: Floats) -> Floats:
    common = max(float(np.quantile(largest, COMMON)), 1e-6)
    factors: Floats = np.maximum(largest / np.float32(common), np.float32(1)) ** np.float32(MOVED)
    return factors


def _largest(model: Any, names: Sequence[str], batches: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """The largest absolute value of every channel of these tensors, over all tokens."""
    import onnx
    import onnxruntime as ort

    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    probed.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(probed.SerializeToString(), options, providers=["CPUExecutionProvider"])
    largest: dict[str, Floats] = {}
    for batch in batches:
        for name, values in zip(names, session.run(list(names), dict(batch)), strict=True):
            found = np.abs(values.reshape(-1, values.shape[-1])).max(axis=0)
            largest[name] = np.maximum(largest[name], found) if name in largest else found
    return largest


def _scale(model: Any, name: str, products: Sequence[Any], factors: Floats) -> None:
    """Put a multiplication by 1 / factors before the products that `name` goes into, and the factors into their weights."""
    from onnx import helper, numpy_helper

    graph = model.graph
    scaled, by = f"{name}_scaled", f"{name}_scale"
    graph.initializer.append(numpy_helper.from_array(1 / factors, by))
    first = next(place for place, node in enumerate(graph.node) if node.name == products[0].name)
    graph.node.insert(first, helper.make_node("Mul", [name, by], [scaled], name=scaled))
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in products:
        # Under a name of its own: another product may share the weights, and not the input.
        own = f"{node.name}_scaled_weight"
        graph.initializer.append(numpy_helper.from_array(numpy_helper.to_array(weights[node.input[1]]) * factors[:, None], own))
        node.input[0], node.input[1] = scaled, own


def _drop_unused(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
