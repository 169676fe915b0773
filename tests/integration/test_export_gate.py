"""The gate of an export: a ruined int8 is refused, force marks it, limits come from a config, and costs are measured."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import onnx
import pytest

from gates import COST, assert_refused, turned_round
from stancekit import load
from stancekit.config import GateConfig, SpeedConfig
from stancekit.errors import Refusal, StancekitError
from stancekit.export import forms, rows
from stancekit.export.int8 import write_int8
from stancekit.export.measuring import measure
from stancekit.export.rows import held_rows
from stancekit.inference.engine import score
from stancekit.inference.scorers import SECOND_LOOK, SecondLook, lead
from stancekit.manifest import sha256
from stancekit.stages import gate as stage
from stancekit.stages.export import export

Run = Callable[..., CompletedProcess[str]]
KEPT = {
    "README.md",
    "calibration.json",
    "gate.html",
    "gate.json",
    "manifest.json",
    "model.int8.onnx",
    "model.onnx",
    "model.onnx.data",
    "stancekit.json",
    "tokenizer.json",
    "tokenizer_config.json",
}
# Of the tiny model.
LAYERS = 1
TWO = "onnxruntime cpu int8, second look onnxruntime cpu fp32"
# Of the twelve rows of a tiny run one flip is a twelfth.
ANY = {"flips": 1.0, "macro_f1_loss": 1.0}


def a_gate(turns: int = 0, **limits: float) -> GateConfig:
    """A gate for int8 with these limits."""
    speed = {"turns": turns, "pairs": 4, "singles": 2}
    return GateConfig.model_validate({"intervals": {"resamples": 200}, "speed": speed, "limits": {"int8": {**ANY, **limits}}})


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def ruining(path: Path, *args: Any) -> None:
    """A write_int8 whose graph answers the other way round, and is so sure of it that nothing is looked at again."""
    write_int8(path, *args)
    graph = onnx.load(str(path))
    turned_round(graph)
    onnx.helper.set_model_props(graph, {SECOND_LOOK: "0"})
    onnx.save(graph, str(path))


@pytest.fixture(scope="module")
def int8_bundle(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("int8") / "bundle"
    export(tiny_run, folder, "onnx-int8", gate=a_gate())
    return folder


@pytest.fixture
def ruined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "write_int8", ruining)


def test_an_int8_bundle_is_two_graphs_that_share_their_weights(int8_bundle: Path, tiny_bundle: Path) -> None:
    assert {path.name for path in int8_bundle.iterdir()} == KEPT
    manifest = read(int8_bundle / "manifest.json")
    assert manifest["outputs"] == {name: sha256(int8_bundle / name) for name in KEPT - {"manifest.json"}}
    assert manifest["format"] == read(int8_bundle / "stancekit.json")["format"] == 1
    assert read(int8_bundle / "calibration.json") == read(tiny_bundle / "calibration.json")
    graph = onnx.load(str(int8_bundle / "model.int8.onnx"))
    made = {name: node for node in graph.graph.node for name in node.output}
    products = [node for node in graph.graph.node if node.op_type == "MatMul"]
    kinds = [{made[name].op_type for name in node.input if name in made} for node in products]
    # A product with weights is rounded on both sides, the two of each attention on none.
    assert kinds.count({"DequantizeLinear"}) == 6 * LAYERS
    assert sum("DequantizeLinear" in kind for kind in kinds) == 6 * LAYERS
    assert len(products) == 8 * LAYERS
    own = onnx.load(str(int8_bundle / "model.int8.onnx"), load_external_data=False).graph.initializer
    assert [tensor.name for tensor in own if tensor.external_data and "word_embeddings" in tensor.name]


def test_an_int8_answer_does_not_depend_on_its_neighbours(int8_bundle: Path) -> None:
    model = load(int8_bundle)
    pairs = [(f"The guild {'never ' * (number % 7)}welcomed toll {number}.", f"Keep toll {number % 3}.") for number in range(40)]
    together = model.logits(pairs)
    assert np.array_equal(together, np.concatenate([model.logits([pair]) for pair in pairs]))
    assert np.array_equal(together[::3], model.logits(pairs[::3]))


def test_it_answers_nearly_as_its_run(int8_bundle: Path, tiny_run: Path) -> None:
    pairs = [(f"The guild welcomed {topic}.", f"The council should keep {topic}.") for topic in ("the wool tax", "the ferry to Sael")]
    model = load(int8_bundle)
    assert isinstance(model.scorer, SecondLook)
    assert model.scorer.name == TWO
    assert model.scorer.below > 0
    quick = score(model.scorer.quick, model.tokenizer, pairs)
    exact = load(tiny_run, "cpu").logits(pairs)
    assert 0 < np.abs(quick - exact).max() < 0.5
    close = lead(quick) < model.scorer.below
    answers = model.logits(pairs)
    assert np.abs(answers - exact)[close].max(initial=0.0) < 1e-4
    assert answers[~close].tolist() == quick[~close].tolist()


def test_the_plain_lines_of_the_page_read_it(int8_bundle: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "bundle.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in KEPT)
    block = re.search(r"```python plain\n(.*?)```", text, flags=re.DOTALL)
    assert block is not None
    # One pair: what int8 makes of a pair hangs a little on those that stand in the same batch.
    pair = ("The guild will fight the wool tax.", "The council should keep the wool tax.")
    code = re.sub(r"^pairs = .*$", f"pairs = {[pair]!r}", block[1], flags=re.MULTILINE)
    names: dict[str, Any] = {}
    exec(code.replace('"runs/demo/bundle"', repr(str(int8_bundle))).replace("model.onnx", "model.int8.onnx"), names)
    model = load(int8_bundle)
    assert isinstance(model.scorer, SecondLook)
    assert names["logits"] == pytest.approx(score(model.scorer.quick, model.tokenizer, [pair]), abs=1e-5)
    assert names["answers"] == [model.predict_pairs([pair])[0].stance.value]


def test_its_weights_run_on_the_cpu_alone(int8_bundle: Path) -> None:
    for device, precision in (("cuda", None), ("auto", "bf16")):
        with pytest.raises(StancekitError, match="int8 weights, which run on the CPU alone"):
            load(int8_bundle, device, precision)


@pytest.mark.usefixtures("ruined")
def test_a_ruined_int8_is_refused_and_nothing_written(stancekit: Run, tiny_run: Path, tmp_path: Path) -> None:
    done = stancekit("export", tiny_run, tmp_path / "bundle", "--format", "onnx-int8", "--set", "speed.turns=0")
    assert_refused(done, "onnx-int8", "0.50", "int8")
    assert list(tmp_path.iterdir()) == []
    # The sentences themselves, with both answers.
    assert "” on “The council should keep " in done.stderr
    assert ": run " in done.stderr
    assert "export with --format onnx, allow more (--set limits.int8." in done.stderr


@pytest.mark.usefixtures("ruined")
def test_force_writes_it_and_marks_it(stancekit: Run, tiny_run: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    done = stancekit("export", tiny_run, bundle, "--format", "onnx-int8", "--set", "speed.turns=0", "--force")
    assert done.returncode == 0
    gate = read(bundle / "gate.json")
    assert (gate["passed"], gate["forced"]) == (False, True)
    assert gate["broken"][0].startswith("flipped labels ")
    assert read(bundle / "manifest.json")["gate"]["forced"]
    card = (bundle / "README.md").read_text(encoding="utf-8")
    head, _, rest = card.split("---\n", 2)[2].partition("# A stance model")
    assert rest
    assert "exported by force" in head
    assert gate["broken"][0] in head
    assert "Written by force" in (bundle / "gate.html").read_text(encoding="utf-8")
    (tmp_path / "p.txt").write_text("The council should keep the wool tax.\n", encoding="utf-8")
    (tmp_path / "s.txt").write_text("Farmers called the wool tax a disgrace.\n", encoding="utf-8")
    told = stancekit("predict", bundle, tmp_path / "s.txt", "--proposals", tmp_path / "p.txt", "--quiet")
    assert told.returncode == 0
    assert told.stderr.count("was exported by force, over the limits of its gate: flipped labels") == 1


def test_a_sound_bundle_is_marked_by_nothing(int8_bundle: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not read(int8_bundle / "gate.json")["forced"]
    assert "by force" not in (int8_bundle / "README.md").read_text(encoding="utf-8")
    load(int8_bundle)
    assert caplog.records == []


@pytest.mark.usefixtures("ruined")
def test_limits_come_from_a_config_and_set(stancekit: Run, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("[speed]\nturns = 0\n[limits.int8]\nflips = 1\nmacro_f1_loss = 1\n", encoding="utf-8")
    words = ["export", tiny_run, tmp_path / "bundle", "--format", "onnx-int8", "--gate", tmp_path / "gate.toml"]
    strict = stancekit(*words, "--set", "limits.int8.largest_logit_difference=1e-6")
    assert strict.returncode == 1
    assert "largest logit difference" in strict.stderr
    done = stancekit(*words, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["passed"]
    assert {check["name"]: check["limit"] for check in json.loads(done.stdout)["checks"]} == {"flips": 1, "macro_f1_loss": 1}
    # What it was held to is in the manifest.
    assert read(tmp_path / "bundle" / "manifest.json")["settings"]["gate"]["limits"]["int8"]["flips"] == 1


def test_all_faults_of_a_gate_are_told_at_once(stancekit: Run, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("rows = 0\n[limits.int8]\nflip = 0.1\nmacro_f1_loss = -1\n", encoding="utf-8")
    done = stancekit("export", tiny_run, tmp_path / "bundle", "--gate", tmp_path / "gate.toml", "--set", "speed.turns=-1")
    assert done.returncode == 2
    assert "has 4 problems" in done.stderr
    assert "limits.int8.flip  unknown key, did you mean flips?" in done.stderr
    timed = stancekit("export", tiny_run, tmp_path / "bundle", "--set", "speed.turns=0", "--set", "limits.onnx.p95_ms=9")
    assert timed.returncode == 2
    assert "speed.turns = 0 measures no speed" in timed.stderr
    assert not (tmp_path / "bundle").exists()


def test_speeds_and_memory_are_those_of_fresh_processes(tiny_run: Path, int8_bundle: Path) -> None:
    pairs = [(f"Mayor Ilse Varn praised toll {number}.", "The council should keep it.") for number in range(5)]
    found = measure({"run": tiny_run, "export": int8_bundle}, pairs, SpeedConfig(turns=2, pairs=100, singles=7))
    assert [found[side]["scorer"] for side in ("run", "export")] == ["torch cpu fp32", TWO]
    # No more pairs than there are different ones.
    assert (found["pairs"], found["turns"], found["singles"]) == (5, 2, 7)
    for side in ("run", "export"):
        one = found[side]
        assert 0 < one["p50_ms"] <= one["p95_ms"]
        assert one["pairs_per_second"] > 0
    # This process holds torch; one that runs ONNX alone must not, nor be counted with the memory of its parent.
    assert 20 < found["export"]["peak_memory_mib"] < found["run"]["peak_memory_mib"] - 50
    assert found["export"]["load_seconds"] < found["run"]["load_seconds"]


def test_a_process_that_ends_early_tells_why(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"was to time .* ended: .*is not a folder"):
        measure({"run": tmp_path / "nowhere"}, [("a", "b")], SpeedConfig())


def test_an_export_keeps_what_was_measured(tiny_run: Path, tmp_path: Path) -> None:
    report = export(tiny_run, tmp_path / "bundle", "onnx-int8", gate=a_gate(turns=1, flips=0.5))
    assert report == read(tmp_path / "bundle" / "gate.json")
    assert report["measured"]["export"]["scorer"] == TWO
    size = sum((tmp_path / "bundle" / name).stat().st_size for name in ("model.int8.onnx", "model.onnx", "model.onnx.data"))
    assert report["size_mb"]["export"] == pytest.approx(size / 1e6, abs=1e-3)
    # Twelve rows over two proposals.
    assert report["doubts"] == ["There are too few proposals for an interval of the loss of macro-F1."]


def test_a_slow_bundle_is_refused_where_a_limit_asks_for_speed(tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "measure", lambda *_: {"run": COST, "export": COST})
    with pytest.raises(Refusal, match=r"p95 of a single pair 8\.4 ms, limit 8\.0 ms"):
        export(tiny_run, tmp_path / "bundle", "onnx-int8", gate=a_gate(turns=1, p95_ms=8))
    assert not (tmp_path / "bundle").exists()


def test_calibration_rows_are_set_apart_where_there_are_enough(tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, validation = tiny_data / "train.jsonl", tiny_data / "validation.jsonl"
    monkeypatch.setattr(rows, "CALIBRATION", 10)
    found = held_rows(None, train, most=30, calibrate=True)
    assert (found.of, len(found.examples), len(found.calibration), found.apart) == (60, 30, 10, True)
    assert not set(found.calibration) & set(found.pairs)
    few = held_rows(None, validation, most=2000, calibrate=True)
    assert (len(few.examples), len(few.calibration), few.apart) == (12, 10, False)
    named = held_rows(tiny_data / "test.jsonl", validation, most=2000, calibrate=True)
    assert (len(named.examples), len(named.calibration), named.apart) == (6, 10, True)
    assert held_rows(tiny_data / "test.jsonl", tmp_path / "gone.jsonl", most=4, calibrate=True).calibration
    # The whole file is compared where nothing has to be spared.
    assert len(held_rows(None, train, most=2000, calibrate=False).examples) == 60


def test_a_later_format_is_refused_and_none_is_the_first(int8_bundle: Path, stancekit: Run, tmp_path: Path) -> None:
    spec = read(int8_bundle / "stancekit.json")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for path in int8_bundle.iterdir():
        (bundle / path.name).write_bytes(path.read_bytes())
    (bundle / "stancekit.json").write_text(json.dumps({**spec, "format": 2, "new": "key"}), encoding="utf-8")
    with pytest.raises(StancekitError, match=r"has format 2, and this stancekit \(.*\) reads formats up to 1") as fault:
        load(bundle)
    assert "upgrade" in fault.value.fix
    del spec["format"]
    (bundle / "stancekit.json").write_text(json.dumps(spec), encoding="utf-8")
    assert load(bundle).spec.format == 1
    for wrong in ("2", True, 0, None):
        (bundle / "stancekit.json").write_text(json.dumps({**spec, "format": wrong}), encoding="utf-8")
        with pytest.raises(StancekitError, match="missing or damaged"):
            load(bundle)


def test_no_torch_is_loaded_for_int8(int8_bundle: Path) -> None:
    code = (
        "import sys; from stancekit import load\n"
        f"load({str(int8_bundle)!r}).predict(['Farmers called it a disgrace.'], ['The council should keep it.'])\n"
        "print([name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    environment = {"PYTHONPATH": str(Path(forms.__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=120)
    assert done.stdout.strip() == "[]"
