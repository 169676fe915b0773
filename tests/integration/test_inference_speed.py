"""The benchmark of the speed of inference: what it counts, and that it runs from end to end on a tiny network."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import inference_arms as arms
import inference_speed as speed
from batch_inputs import narrow_model
from graph_products import PASSES, share_and_rate
from inference_tables import tables
from product_peaks import multiply_adds, peaks
from stancekit.errors import StancekitError
from stancekit.modeling.checkpoint import save_model
from stancekit.modeling.embedded import base_model
from stancekit.modeling.spec import ModelSpec

ROOT = Path(__file__).resolve().parents[2]
NARROW = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp("narrow") / "model"
    folder.mkdir()
    save_model(folder, narrow_model(), AutoTokenizer.from_pretrained(base_model(), use_fast=True), ModelSpec.read(base_model()))
    return folder


def test_multiply_adds_are_those_of_the_products_one_by_one() -> None:
    config = {"hidden_size": 4, "intermediate_size": 8, "num_hidden_layers": 2}
    layers = [2 * (4 * length * 4 * 4 + 2 * length * 4 * 8 + 2 * length * length * 4) for length in (3, 5)]
    assert multiply_adds(config, [3, 5]) == sum(layers) / 2 + 4 * 4 + 4 * 3


def event(name: str, microseconds: int, inputs: list[list[int]], output: list[int]) -> dict[str, Any]:
    shapes = {"input_type_shape": [{"float": shape} for shape in inputs], "output_type_shape": [{"float": output}]}
    return {"dur": microseconds, "args": {"op_name": name, **shapes}}


def test_of_a_profile_products_with_weights_count_and_the_first_pass_does_not() -> None:
    weights = [[2, 5, 10], [10, 20]], [2, 5, 20]
    packed = [[2, 5, 10]], [2, 5, 20]
    attention = [[2, 1, 5, 10], [2, 1, 10, 5]], [2, 1, 5, 5]
    first = [event("MatMul", 900, *weights), event("MatMul", 900, *attention), event("Softmax", 900, [[2, 5]], [2, 5])]
    later = [event("MatMul", 10, *packed), event("Gemm", 20, *weights), event("MatMul", 70, *attention)]
    found = share_and_rate([*first, *later * (PASSES - 1)])
    assert found == {"share_of_time": pytest.approx(0.3), "gop_per_second": pytest.approx(2 * 2 * 200 * 10 / 30e-6 / 1e9)}


def test_int8_is_the_best_of_all_that_was_tried() -> None:
    found = peaks(NARROW, 1, 0.01)
    assert found["int8"] == max(found["int8_tried"].values()) == found["int8_tried"][found["int8_by"]]
    assert all(0 < found[kind] < math.inf for kind in ("fp32", "bf16", "int8"))


def test_an_arm_that_cannot_be_is_skipped_and_the_reason_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def has_no_such_form(_: arms.Bundles) -> arms.Arm:
        raise StancekitError("this model has no such form", fix="take another")

    # What Python does for a package that is not there.
    monkeypatch.setitem(sys.modules, "openvino", None)
    there = arms.Arm(len, len)  # type: ignore[arg-type]
    monkeypatch.setattr(
        arms, "makers", lambda: {"one": lambda _: there, "two": lambda _: arms.by_openvino(_, "f32"), "three": has_no_such_form}
    )
    found, skipped = arms.made(arms.Bundles(base_model(), Path("nowhere"), []))
    assert found == {"one": there}
    assert "needs the package openvino" in skipped["two"]
    assert skipped == {"two": skipped["two"], "three": "this model has no such form"}


def test_without_raw_files_the_second_set_is_skipped(tmp_path: Path) -> None:
    pairs = [("a", "b"), ("c", "d"), ("e", "f")]
    assert speed.sets_of(pairs, tmp_path, tmp_path, 2, None) == (
        [speed.PairSet("newsroom", pairs[:2], pairs)],
        {"perspectrum": "no shared data"},
    )


def test_turns_change_and_the_first_round_does_not_count() -> None:
    asked: list[str] = []
    both = {name: arms.Arm(lambda pairs, name=name: asked.append(name), len) for name in "ab"}  # type: ignore[misc, arg-type]
    rounds = speed.rounds_of(both, [("a", "b")], 2)
    assert asked == ["a", "b", "b", "a", "a", "b"]
    assert [list(one) for one in rounds] == [["a", "b"], ["a", "b"]]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_part_runs_and_a_table_shows_it(
    one_thread: None, narrow: Path, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    # Two threads that wait for each other take minutes on a machine that is busy.
    monkeypatch.setattr(speed, "cores", lambda: 1)
    own = {name: make for name, make in arms.makers().items() if not name.startswith("OpenVINO")}
    monkeypatch.setattr(arms, "makers", lambda: own)
    file = tmp_path / "speed.json"
    file.write_text('{"other": "of before"}', encoding="utf-8")
    asked: dict[str, Any] = {"model": narrow, "data": tiny_data, "timed": 6, "rounds": 1, "sizes": [20, 40], "seconds": 0.01}
    speed.main(file, parts="speed,cold,memory,peak", form="onnx-int8", table=False, raw=None, answered=None, work=tmp_path, **asked)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["other"] == "of before"
    check_speed(found["speed"], own)
    assert {name: one["torch"] for name, one in found["cold"]["forms"].items()} == {
        "onnx": False,
        "onnx-int8": False,
        "openvino": False,
        "safetensors": True,
    }
    assert list(found["cold"]["skipped_forms"]) == ["compact"]
    assert [one["pairs"] for one in found["memory"]["sizes"]] == [20, 40]
    assert found["memory"]["met"]["growth_mb"]
    assert all(0 < one["share_of_time"] < 1 for one in found["peak"]["graphs"].values())
    lines = "\n".join(tables(found)).splitlines()
    (row,) = [line for line in lines if line.startswith("| stancekit onnx-int8 |")]
    assert row.count("%") == 3
    assert "Skipped: perspectrum (no shared data)." in lines


def check_speed(found: Mapping[str, Any], names: Mapping[str, object]) -> None:
    newsroom = found["sets"]["newsroom"]["arms"]
    # sentence-transformers may not be there.
    assert sorted([*newsroom, *found["skipped_arms"]]) == sorted(names)
    assert newsroom[arms.TRUTH]["largest_difference"] == 0
    # Ours in OpenVINO's form runs in bfloat16 where the processor has it.
    exact = [name for name in newsroom if "int8" not in name and "bf16" not in name and name != "stancekit openvino"]
    assert arms.PIPELINE in exact
    # Labels in another order, or pairs in another, would differ by far more.
    assert all(newsroom[name]["largest_difference"] < 1e-4 for name in exact)
    assert all(newsroom[name]["times_as_fast_as"][arms.PIPELINE]["median"] > 0 for name in newsroom if name != arms.PIPELINE)
