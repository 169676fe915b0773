"""Weights of a graph in a file beside it, and read from there by another."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from stancekit.export.shared import WORTH_BYTES, share_weights

RNG = np.random.default_rng(8)
TABLE, WEIGHTS, OTHERS = (RNG.normal(size=shape).astype(np.float32) for shape in ((500, 8), (8, 64), (8, 64)))
BIAS = RNG.normal(size=64).astype(np.float32)


def written(path: Path, weights: Any) -> Path:
    constants = {"table": TABLE, "weights": weights, "bias": BIAS}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 64])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), str(path))
    return path


def answers(path: Path) -> Any:
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"ids": np.arange(40)})[0]


def apart(path: Path) -> set[str]:
    return {tensor.name for tensor in onnx.load(str(path), load_external_data=False).graph.initializer if tensor.external_data}


def test_what_two_graphs_have_in_common_is_kept_once(tmp_path: Path) -> None:
    first, second, data = written(tmp_path / "a.onnx", WEIGHTS), written(tmp_path / "b.onnx", OTHERS), tmp_path / "a.data"
    before = answers(first), answers(second)
    share_weights(first, second, data)
    assert apart(first) == {"table", "weights"}
    assert apart(second) == {"table"}
    assert BIAS.nbytes < WORTH_BYTES
    assert data.stat().st_size < TABLE.nbytes + WEIGHTS.nbytes + 2 * 4096
    assert first.stat().st_size < WEIGHTS.nbytes < second.stat().st_size < TABLE.nbytes
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in (first, second, data):
        shutil.move(path, moved)
    assert np.array_equal(answers(moved / "a.onnx"), before[0])
    assert np.array_equal(answers(moved / "b.onnx"), before[1])


def test_a_graph_does_not_answer_without_its_weights(tmp_path: Path) -> None:
    first, second, data = written(tmp_path / "a.onnx", WEIGHTS), written(tmp_path / "b.onnx", OTHERS), tmp_path / "a.data"
    share_weights(first, second, data)
    data.unlink()
    for path in (first, second):
        with pytest.raises(Exception, match=r"a\.data"):
            answers(path)
