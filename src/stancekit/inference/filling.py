"""A quantized graph without its weights, filled from the float32 file that they were made of: what ships is then 2 MB in place of 12."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
# "weight_of:<initializer>" in a graph names the tensor of the float32 file. What its input channels are multiplied by stands beside it.
WEIGHT_OF = "weight_of:"
FACTORS = ".factors.safetensors"


def filled(graph: Path, weights: Path) -> bytes:
    """The whole graph as bytes. weights: the safetensors that it was made of."""
    import onnx
    from safetensors import safe_open

    model = onnx.load(str(graph))
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    scales = {node.input[0]: node.input[1] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    sources = {one.key.removeprefix(WEIGHT_OF): one.value for one in model.metadata_props if one.key.startswith(WEIGHT_OF)}
    with safe_open(weights, "np") as floats, safe_open(factors_of(graph), "np") as factors:
        for name, source in sources.items():
            scale = onnx.numpy_helper.to_array(tensors[scales[name]])
            tensors[name].raw_data = rounded(floats.get_tensor(source), factors.get_tensor(name), scale).tobytes()
    content: bytes = model.SerializeToString()
    return content


def rounded(weight: Floats, factors: Floats, scale: Floats) -> npt.NDArray[np.int8]:
    """A layer's weight in int8, shape (inputs, outputs). weight: (outputs, inputs); factors: (inputs,); scale: (outputs,)."""
    whole: npt.NDArray[np.int8] = np.clip(np.rint(weight.T * factors[:, None] / scale), -128, 127).astype(np.int8)
    return whole


def factors_of(graph: Path) -> Path:
    """Where the factors of a graph's input channels are."""
    return graph.with_suffix(FACTORS)


def emptied(graph: Path, floats: Mapping[str, Floats], weights: Mapping[str, Floats]) -> None:
    """Take out of the quantized `graph` the weights that `filled` can make again. floats: the weights that were quantized, by name."""
    import onnx
    from safetensors.numpy import save_file

    model = onnx.load(str(graph))
    kept: dict[str, Floats] = {}
    for tensor in model.graph.initializer:
        whole = floats.get(tensor.name.removesuffix("_quantized"))
        if tensor.data_type != onnx.TensorProto.INT8 or len(tensor.dims) != 2 or whole is None:
            continue
        alike = [name for name, weight in weights.items() if weight.T.shape == whole.shape]
        source = max(alike, key=lambda name: float(np.corrcoef(weights[name].T.ravel(), whole.ravel())[0, 1]))
        kept[tensor.name] = (np.abs(whole).sum(axis=1) / np.abs(weights[source].T).sum(axis=1)).astype(np.float32)
        onnx.helper.set_model_props(model, {**{one.key: one.value for one in model.metadata_props}, WEIGHT_OF + tensor.name: source})
        tensor.raw_data = b""
    onnx.save(model, str(graph))
    save_file(kept, factors_of(graph))
