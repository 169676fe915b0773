"""Compare: numbers as `evaluate` has them, families of seeds, four files, and what is no model or no family."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from conftest import PARTS, WriteJsonl, made_rows
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.evaluation.intervals import Bootstrap
from stancekit.manifest import sha256
from stancekit.stages.compare import compare, members
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.export import export
from stancekit.stages.seeds import train_seeds
from stancekit.stages.train import train

QUICK = Bootstrap(resamples=200)
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., Any]) -> Path:
    """A folder of two runs that differ in their seed, beside an evaluation and a note. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("family")
    for seed in (13, 14):
        train(tiny_config(folder / f"seed-{seed}", seed=seed, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.01}))
    (folder / "judged").mkdir()
    (folder / "judged" / "manifest.json").write_text('{"stage": "evaluate"}', encoding="utf-8")
    (folder / "note.txt").write_text("nothing", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory, write_jsonl: WriteJsonl) -> Path:
    """18 examples over the three proposals that the tiny runs did not learn from."""
    return write_jsonl(tmp_path_factory.mktemp("unseen") / "test.jsonl", made_rows([*PARTS["validation"], *PARTS["test"]]))


def test_the_numbers_are_those_of_two_evaluations(tiny_run: Path, family: Path, unseen: Path) -> None:
    models = (tiny_run, family / "seed-13")
    found = compare(*models, unseen, bootstrap=QUICK)
    alone = [evaluate(model, unseen, wanted=Wanted(QUICK)) for model in models]
    for metric in ("macro_f1", "accuracy", "mcc", "f_avg"):
        row = found["overall"][metric]
        assert (row["first"], row["second"]) == (alone[0][metric]["value"], alone[1][metric]["value"])
        assert row["change"]["value"] == pytest.approx(row["second"] - row["first"], abs=2e-6)
    assert [found["per_class"][stance]["second"] for stance in alone[1]["per_class"]] == [
        row["f1"]["value"] for row in alone[1]["per_class"].values()
    ]
    assert (found["n"], found["proposals"], found["interval"]) == (18, 3, alone[0]["interval"])
    assert found["first"]["models"] == [
        {"path": str(tiny_run), "scorer": "torch cpu fp32", "weights_sha256": sha256(tiny_run / "checkpoint" / "model.safetensors")}
    ]
    assert found["seen_in_training"] == {key: {"proposal": 0, "statement": 0} for key in ("first", "second")}
    assert "Careful" not in found["verdict"]


def test_a_run_and_its_bundle_are_not_shown_to_differ(tiny_run: Path, tiny_bundle: Path, unseen: Path) -> None:
    found = compare(tiny_run, tiny_bundle, unseen, bootstrap=QUICK)
    assert [found[side]["models"][0]["scorer"] for side in ("first", "second")] == ["torch cpu fp32", "onnxruntime cpu fp32"]
    assert found["verdict"].startswith(f"Not shown that {tiny_run} and {tiny_bundle} differ in macro-F1 (change +0.0 points")
    assert (found["mcnemar"]["p"], found["changed"]["rows"]) == (1.0, 0)


def test_a_folder_of_runs_is_a_family(tiny_run: Path, family: Path, unseen: Path) -> None:
    found = compare(tiny_run, family, unseen, bootstrap=QUICK)
    assert [model["path"] for model in found["second"]["models"]] == [str(family / f"seed-{seed}") for seed in (13, 14)]
    values = [evaluate(family / f"seed-{seed}", unseen, wanted=Wanted(QUICK))["macro_f1"]["value"] for seed in (13, 14)]
    assert found["seeds"]["macro_f1"]["second"]["values"] == values
    assert found["overall"]["macro_f1"]["second"] == pytest.approx(sum(values) / 2, abs=1e-5)
    assert found["seeds"]["macro_f1"]["first"]["sd"] is None
    assert found["mcnemar"] is None
    assert "(one training)" in found["verdict"]
    assert "differ in more than their seed" not in found["verdict"]


def test_four_files_are_written_and_replaced(tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    output = tmp_path / "comparison"
    for _ in range(2):
        found = compare(tiny_run, family / "seed-14", unseen, output, QUICK, "cpu")
    assert {path.name for path in output.iterdir()} == {"comparison.json", "changed.jsonl", "report.html", "manifest.json"}
    assert json.loads((output / "comparison.json").read_text(encoding="utf-8")) == found
    rows = [json.loads(line) for line in (output / "changed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == found["changed"]["rows"] > 0
    assert {"id", "statement", "proposal", "gold", "became", "first", "second"} == set(rows[0])
    assert found["verdict"].split(" (")[0] in (output / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stage"], manifest["seed"]) == ("compare", 13)
    assert manifest["settings"] == {"first": str(tiny_run), "second": str(family / "seed-14"), "data": str(unseen), "device": "cpu"}
    assert set(manifest["inputs"]) == {str(unseen)}


def test_rows_that_either_was_trained_on_are_told(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run / "checkpoint", tmp_path / "stranger")
    found = compare(tmp_path / "stranger", tiny_run, tiny_data / "train.jsonl", bootstrap=QUICK)
    assert found["seen_in_training"] == {"first": None, "second": {"proposal": 60, "statement": 60}}
    assert found["first"]["training_not_known"] == [str(tmp_path / "stranger")]
    assert f"60 of the 60 pairs have a proposal, and 60 a statement, that {tiny_run} was trained on" in found["verdict"]


def test_runs_that_differ_in_more_than_their_seed_are_told(tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    shutil.copytree(family / "seed-14", tmp_path / "mixed" / "short")
    shutil.copytree(tiny_run, tmp_path / "mixed" / "long")
    found = compare(tmp_path / "mixed", tiny_run, unseen, bootstrap=QUICK)
    assert found["first"]["unlike"] == ["optim.epochs"]
    assert f"the trainings of {tmp_path / 'mixed'} differ in more than their seed (optim.epochs)" in found["verdict"]


def test_a_family_holds_no_training_twice_and_none_unfinished(tiny_run: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run, tmp_path / "runs" / "one")
    assert members(tmp_path / "runs") == [tmp_path / "runs" / "one"]
    export(tmp_path / "runs" / "one", tmp_path / "runs" / "bundle", form="safetensors")
    with pytest.raises(StancekitError, match="hold the same weights"):
        members(tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "bundle")
    (tmp_path / "runs" / "two" / "training").mkdir(parents=True)
    with pytest.raises(StancekitError, match="two is a run that has not finished"):
        members(tmp_path / "runs")


def test_a_device_that_is_not_there_is_refused(tiny_run: Path, unseen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(StancekitError, match="cuda"):
        compare(tiny_run, tiny_run, unseen, bootstrap=QUICK, device="cuda")


def test_the_command_prints_a_table_or_json(stancekit: Run, tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    words = ["compare", tiny_run, family, unseen, "--resamples", 100, "--seed", 5, "--output", tmp_path / "out"]
    done = stancekit(*words)
    assert done.returncode == 0, done.stderr
    for wanted in ("macro-F1", "F1 of neutral", "second minus first", "sd over seeds", "answers changed"):
        assert wanted in " ".join(done.stdout.split())
    assert f"answers of {family / 'seed-14'}" in done.stderr
    assert "report.html" in done.stderr
    printed = json.loads(stancekit(*words, "--json").stdout)
    assert (printed["interval"]["resamples"], printed["interval"]["seed"]) == (100, 5)
    assert printed == json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))


def test_what_train_seeds_left_is_a_family(tiny_config: Callable[..., TrainConfig], tiny_run: Path, unseen: Path, tmp_path: Path) -> None:
    train_seeds(tiny_config(tmp_path / "runs", seed=3, optim={"epochs": 1, "batch_size": 10}), 2)
    found = compare(tiny_run, tmp_path / "runs", unseen, bootstrap=QUICK)
    assert [model["path"] for model in found["second"]["models"]] == [str(tmp_path / f"runs/seed-{seed}") for seed in (3, 4)]
