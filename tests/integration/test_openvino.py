"""The form for OpenVINO: float32 as the run answers, bfloat16 with a second look, one core to a batch, and nobody is told."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import onnx
import pytest

from conftest import made_rows
from gates import INTERVALS, assert_refused, turned_round
from stancekit import load
from stancekit.config import GateConfig, SpeedConfig
from stancekit.errors import StancekitError
from stancekit.export import forms
from stancekit.export.openvino import write_openvino
from stancekit.export.rounding import moved
from stancekit.inference.engine import score
from stancekit.inference.model import StanceModel, answering_hash
from stancekit.inference.openvino import has_bf16, library
from stancekit.inference.scorers import SecondLook, lead
from stancekit.machine import cores
from stancekit.manifest import sha256
from stancekit.modeling.provenance import weights_sha256
from stancekit.stages.export import export

Run = Callable[..., CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
KEPT = {
    "README.md",
    "calibration.json",
    "gate.html",
    "gate.json",
    "manifest.json",
    "model.bin",
    "model.xml",
    "stancekit.json",
    "tokenizer.json",
    "tokenizer_config.json",
}
ONE, TWO = "openvino cpu fp32", "openvino cpu bf16, second look openvino cpu fp32"
# Of the twelve rows of a tiny run one flip is a twelfth.
ANY = {"openvino": {"flips": 1.0, "macro_f1_loss": 1.0}}
LENIENT = GateConfig.model_validate({"intervals": INTERVALS, "speed": SpeedConfig(turns=0), "limits": ANY})
ROWS = made_rows(["the toll", "the dyke"])
PAIRS = [(f"{row['statement']}{' Indeed.' * (number % 5)}", row["proposal"]) for number, row in enumerate(ROWS)]


@pytest.fixture(scope="module")
def installed() -> None:
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("the extra stancekit[openvino] is not installed")


@pytest.fixture(scope="module")
def bf16(installed: None) -> None:
    if not has_bf16(library().Core()):
        pytest.skip("this processor does not multiply bfloat16")


@pytest.fixture(scope="module")
def bundle(installed: None, tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("openvino") / "bundle"
    export(tiny_run, folder, "openvino", gate=LENIENT)
    return folder


@pytest.fixture
def no_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are loaded as on a processor without bfloat16."""
    monkeypatch.setattr("stancekit.inference.openvino.has_bf16", lambda _: False)


@pytest.fixture
def two(bf16: None, bundle: Path) -> tuple[StanceModel, SecondLook]:
    model = load(bundle, threads=2)
    assert isinstance(model.scorer, SecondLook)
    return model, model.scorer


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def copied(bundle: Path, folder: Path) -> Path:
    folder.mkdir()
    for path in bundle.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def ruining(path: Path, source: Path, batches: Any) -> None:
    """A write_openvino whose graph answers the other way round."""
    graph = onnx.load(str(source))
    turned_round(graph)
    onnx.save(graph, str(source))
    write_openvino(path, source, batches)


def test_a_bundle_is_a_graph_and_its_weights(bundle: Path, tiny_bundle: Path) -> None:
    assert {path.name for path in bundle.iterdir()} == KEPT
    manifest = read(bundle / "manifest.json")
    assert manifest["outputs"] == {name: sha256(bundle / name) for name in KEPT - {"manifest.json"}}
    assert "openvino" in manifest["versions"]
    size = sum((bundle / name).stat().st_size for name in ("model.xml", "model.bin"))
    assert read(bundle / "gate.json")["size_mb"]["export"] == pytest.approx(size / 1e6, abs=1e-3)
    assert weights_sha256(bundle) == sha256(bundle / "model.bin")
    assert read(bundle / "calibration.json") == read(tiny_bundle / "calibration.json")
    card = (bundle / "README.md").read_text(encoding="utf-8")
    assert "stancekit[openvino]" in card
    assert "library_name: stancekit" in card
    page = (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in KEPT)


@pytest.mark.usefixtures("no_bf16")
def test_in_float32_it_answers_as_its_run(bundle: Path, tiny_run: Path) -> None:
    model = load(bundle)
    assert model.scorer.name == ONE
    assert np.abs(model.logits(PAIRS) - load(tiny_run, "cpu").logits(PAIRS)).max() < 1e-4


def test_close_calls_of_bfloat16_are_looked_at_again(two: tuple[StanceModel, SecondLook], tiny_run: Path) -> None:
    model, scorer = two
    assert scorer.name == TWO
    assert scorer.below > 0
    quick = score(scorer.quick, model.tokenizer, PAIRS, alike=True)
    exact = load(tiny_run, "cpu").logits(PAIRS)
    assert 1e-4 < np.abs(quick - exact).max() < 0.5
    # Half of these pairs are close calls.
    scorer.below = float(np.median(lead(quick)))
    close = lead(quick) < scorer.below
    answers = score(scorer, model.tokenizer, PAIRS, alike=True)
    assert 0 < close.sum() < len(PAIRS)
    assert np.abs(answers - exact)[close].max() < 1e-4
    assert answers[~close].tolist() == quick[~close].tolist()


def test_its_margin_is_how_far_rounding_moves_the_held_pairs(two: tuple[StanceModel, SecondLook], tiny_data: Path) -> None:
    model, scorer = two
    rows = [json.loads(line) for line in (tiny_data / "validation.jsonl").read_text(encoding="utf-8").splitlines()]
    batches = forms.tokenized(model.folder, model.spec, [(row["statement"], row["proposal"]) for row in rows])
    assert scorer.below == pytest.approx(moved(scorer.quick, scorer.exact, batches), rel=1e-5)


@pytest.mark.usefixtures("installed")
def test_what_was_exported_without_bfloat16_runs_in_float32_alone(tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("stancekit.export.openvino.has_bf16", lambda _: False)
        export(tiny_run, tmp_path / "bundle", "openvino", gate=LENIENT)
    assert load(tmp_path / "bundle").scorer.name == ONE


def test_neighbours_and_threads_change_no_bit_in_batches_of_one_length(bundle: Path) -> None:
    model, single = load(bundle, threads=2), load(bundle, threads=1)
    assert (model.scorer.alike, model.scorer.counted) == (True, False)
    together = score(model.scorer, model.tokenizer, PAIRS, alike=True)
    for rows in (range(0, len(PAIRS), 3), range(len(PAIRS) - 1, -1, -1), [5]):
        for one in (model, single):
            apart = score(one.scorer, one.tokenizer, [PAIRS[row] for row in rows], alike=True)
            assert (apart == together[list(rows)]).all()


def test_more_callers_than_cores_do_not_mix(bundle: Path) -> None:
    model = load(bundle, threads=2)
    alone = [model.logits([pair]).tolist() for pair in PAIRS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda pair: model.logits([pair]).tolist(), PAIRS * 5)) == alone * 5


# In float32: a made model of a dozen pairs has calls that fall either way in bfloat16.
@pytest.mark.usefixtures("no_bf16")
def test_predictions_are_those_of_the_run(stancekit: Run, bundle: Path, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("The council should keep the wool tax.\n", encoding="utf-8")
    (tmp_path / "s.jsonl").write_text("".join(json.dumps({"statement": text}) + "\n" for text, _ in PAIRS), encoding="utf-8")
    answers = []
    for number, model in enumerate((bundle, tiny_run)):
        output = tmp_path / f"{number}.jsonl"
        done = stancekit("predict", model, tmp_path / "s.jsonl", "--proposals", tmp_path / "p.txt", "--output", output, "--device", "cpu")
        assert done.returncode == 0, done.stderr
        answers.append([json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()])
    assert len(answers[0]) == len(PAIRS)
    for ours, theirs in zip(*answers, strict=True):
        assert ours["stance"] == theirs["stance"]
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=1e-4)


def test_a_cache_goes_by_the_graph_and_its_weights(bundle: Path, tmp_path: Path) -> None:
    other = copied(bundle, tmp_path / "bundle")
    assert answering_hash(other) == answering_hash(bundle)
    for name in ("model.xml", "model.bin"):
        before = answering_hash(other)
        (other / name).write_bytes((other / name).read_bytes() + b"\n")
        assert answering_hash(other) != before


def test_it_runs_on_the_cpu_alone(bundle: Path) -> None:
    for device, precision in (("cuda", None), ("auto", "bf16")):
        with pytest.raises(StancekitError, match="weights for OpenVINO, which run on the CPU alone"):
            load(bundle, device, precision)


@pytest.mark.parametrize("name", ["model.xml", "model.bin"])
def test_a_damaged_file_is_told(bundle: Path, tmp_path: Path, name: str) -> None:
    other = copied(bundle, tmp_path / "bundle")
    (other / name).write_bytes((other / name).read_bytes()[:1000])
    with pytest.raises(StancekitError, match=r"model\.xml cannot be loaded: (?!Exception from)") as fault:
        load(other)
    assert "export the bundle again" in fault.value.fix


@pytest.mark.usefixtures("installed")
def test_a_ruined_one_is_refused(stancekit: Run, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "write_openvino", ruining)
    done = stancekit("export", tiny_run, tmp_path / "bundle", "--format", "openvino", "--set", "speed.turns=0")
    assert_refused(done, "openvino", "0.20", "openvino")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_told(stancekit: Run, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    done = stancekit("export", tiny_run, tmp_path / "bundle", "--format", "openvino")
    assert done.returncode == 2
    assert "the form openvino needs the package openvino" in done.stderr
    assert "pip install 'stancekit[openvino]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_tells_of_the_missing_extra(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(StancekitError, match="needs the package openvino") as fault:
        load(bundle)
    assert fault.value.fix == "pip install 'stancekit[openvino]'"


def fresh(code: str, home: Path) -> str:
    """What a fresh interpreter prints."""
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=120)
    return done.stdout


def test_it_loads_no_torch_and_tells_nobody(bundle: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from stancekit import load
load({str(bundle)!r}).predict(["Farmers called it a disgrace."], ["The council should keep it."])
print([name for name in ("torch", "transformers", "sklearn", "openvino_telemetry") if name in sys.modules])
"""
    assert fresh(code, tmp_path) == "[]\n"
    # What it tells it counts, in a folder of the user's.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not tell where a thread may run")
@pytest.mark.skipif(cores() < 2, reason="there is one core")
def test_no_thread_is_held_to_one_core(bundle: Path, tmp_path: Path) -> None:
    # OpenVINO pins threads while they are at work, and lets them go afterwards.
    code = f"""
import os, threading
from contextlib import suppress
from stancekit import load
model = load({str(bundle)!r}, threads=1)
asked = [f"Farmers called toll {{n}} a disgrace." for n in range(4000)], ["The council should keep it."]
work = threading.Thread(target=model.predict, args=asked)
own, seen = os.sched_getaffinity(0), set()
work.start()
while work.is_alive():
    for task in os.listdir("/proc/self/task"):
        with suppress(ProcessLookupError):
            seen.add(frozenset(os.sched_getaffinity(int(task))))
print(seen == {{frozenset(own)}})
"""
    assert fresh(code, tmp_path) == "True\n"
