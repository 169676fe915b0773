"""A graph that takes the first token alone is cut down to it, and answers as before."""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from stancekit.export.first_token import first_token_only

RNG = np.random.default_rng(5)
CONSTANTS = {
    "w": RNG.normal(size=(4, 6)).astype(np.float32),
    "v": RNG.normal(size=(6, 4)).astype(np.float32),
    "b": RNG.normal(size=6).astype(np.float32),
    "g": RNG.normal(size=4).astype(np.float32),
    "plane": RNG.normal(size=(3, 4)).astype(np.float32),
    "places": RNG.normal(size=(1, 3, 4)).astype(np.float32),
}
Nodes = list[tuple[str, list[str], str, dict[str, Any]]]
# A mixing of tokens, then what an encoder does behind it: a residual, a norm, and two products with another residual.
MIX: Nodes = [("MatMul", ["mixer", "x"], "mixed", {})]
BEHIND: Nodes = [
    ("Add", ["mixed", "x"], "sum", {}),
    ("LayerNormalization", ["sum", "g"], "norm", {"axis": -1}),
    ("MatMul", ["norm", "w"], "wide", {}),
    ("Add", ["wide", "b"], "biased", {}),
    ("Tanh", ["biased"], "bent", {}),
    ("MatMul", ["bent", "v"], "slim", {}),
    ("Add", ["slim", "norm"], "hidden", {}),
]
FIRST: Nodes = [("Gather", ["hidden", "zero"], "logits", {"axis": 1})]


def graph_of(nodes: Nodes, place: int = 0, outputs: tuple[str, ...] = ("logits",)) -> Any:
    """x: (2, 3, 4), mixer: (2, 3, 3)."""
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output], name=output, **how) for kind, inputs, output, how in nodes],
        "small",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, size]) for name, size in (("x", 4), ("mixer", 3))],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in {**CONSTANTS, "zero": np.array(place)}.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return onnx.shape_inference.infer_shapes(model)


def answers(model: Any) -> list[Any]:
    onnx.checker.check_model(model, full_check=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(6)
    return list(session.run(None, {"x": rng.normal(size=(2, 3, 4)).astype("f"), "mixer": rng.normal(size=(2, 3, 3)).astype("f")}))


def cut(model: Any) -> list[str]:
    """What is cut to its first token, after the answers have been found to be the same."""
    before = answers(model)
    first_token_only(model)
    for one, other in zip(before, answers(model), strict=True):
        assert np.allclose(one, other, atol=1e-6)
    return sorted(node.input[0] for node in model.graph.node if node.op_type == "Slice")


def test_all_behind_the_mixing_of_tokens_is_cut() -> None:
    assert cut(graph_of([*MIX, *BEHIND, *FIRST])) == ["mixed", "x"]


def test_a_second_reader_keeps_all_its_tokens() -> None:
    assert cut(graph_of([*MIX, *BEHIND, *FIRST, ("Identity", ["norm"], "whole", {})], outputs=("logits", "whole"))) == ["norm"]
    assert cut(graph_of([*MIX, *BEHIND, *FIRST], outputs=("logits", "bent"))) == ["bent", "norm"]


@pytest.mark.parametrize(
    "node",
    [
        ("Softmax", ["mixed"], "sum", {"axis": 1}),
        ("LayerNormalization", ["mixed", "plane"], "sum", {"axis": 1}),
        ("Add", ["mixed", "places"], "sum", {}),
        ("Add", ["mixed", "plane"], "sum", {}),
    ],
)
def test_what_does_not_go_token_by_token_stays_whole(node: tuple[str, list[str], str, dict[str, Any]]) -> None:
    assert cut(graph_of([*MIX, node, *BEHIND[1:], *FIRST])) == ["sum"]


@pytest.mark.parametrize("how", ["other place", "mean", "two"])
def test_a_graph_that_takes_something_else_stays_as_it_is(how: str) -> None:
    last: Nodes = {
        "other place": FIRST,
        "mean": [("ReduceMean", ["hidden"], "logits", {"keepdims": 0})],
        "two": [
            ("Gather", ["hidden", "zero"], "one", {"axis": 1}),
            ("Gather", ["norm", "zero"], "two", {"axis": 1}),
            ("Add", ["one", "two"], "logits", {}),
        ],
    }[how]
    model = graph_of([*MIX, *BEHIND, *last], place=1 if how == "other place" else 0)
    before = model.SerializeToString()
    assert cut(model) == []
    assert model.SerializeToString() == before
