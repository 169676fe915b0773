"""Training: repeatable bit for bit; one folder a run; nothing pickled left."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.manifest import sha256
from stancekit.stages.train import train
from stancekit.training.folder import started_with
from stancekit.training.loop import history_of
from stancekit.training.sampling import EpochSampler
from trainings import LOW_RANK, command_line, equal, evaluations, finished, scored, steps_of, weights

pytestmark = pytest.mark.usefixtures("one_thread")

PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".joblib"}
Configured = Callable[..., TrainConfig]


def test_one_seed_gives_one_model_and_another_seed_another(tiny_config: Configured, tmp_path: Path) -> None:
    short = {"optim": {"epochs": 2, "batch_size": 10, "learning_rate": 0.01}}
    for name, seed in (("one", 4), ("again", 4), ("other", 5)):
        train(tiny_config(tmp_path / name, seed=seed, **short))
    assert equal(tmp_path / "one", tmp_path / "again")
    assert evaluations(tmp_path / "one") == evaluations(tmp_path / "again")
    assert not equal(tmp_path / "one", tmp_path / "other")


def test_run_folder_is_complete_and_holds_no_pickle(tiny_run: Path) -> None:
    files = {path.relative_to(tiny_run).as_posix() for path in tiny_run.rglob("*") if path.is_file()}
    model = {"calibration.json", "config.json", "model.safetensors", "stancekit.json", "tokenizer.json", "tokenizer_config.json"}
    assert files == {"train.json", "manifest.json", "metrics.json", *(f"checkpoint/{name}" for name in model)}
    assert not {path.suffix for path in tiny_run.rglob("*")} & PICKLES
    manifest = json.loads((tiny_run / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stage"], manifest["seed"], manifest["device"], manifest["precision"]) == ("train", 13, "cpu", "fp32")
    assert manifest["outputs"]["checkpoint/model.safetensors"] == sha256(tiny_run / "checkpoint" / "model.safetensors")
    assert len(manifest["inputs"]) == 2
    started = json.loads((tiny_run / "train.json").read_text(encoding="utf-8"))
    assert {key: value for key, value in started.items() if key != "hashes"} == manifest["settings"]
    assert sorted(started["hashes"].values()) == sorted(manifest["inputs"].values())


def test_validation_macro_f1_is_that_of_the_kept_model(tiny_run: Path, tiny_data: Path) -> None:
    from stancekit.stages.evaluate import evaluate

    metrics = json.loads((tiny_run / "metrics.json").read_text(encoding="utf-8"))
    measured = evaluate(tiny_run, tiny_data / "validation.jsonl")
    assert measured["macro_f1"]["value"] == pytest.approx(metrics["validation"]["macro_f1"], abs=1e-6)
    assert metrics["validation"]["n"] == 12
    assert metrics["train"]["n"] == 60


@pytest.mark.parametrize("resume", [False, True])
def test_finished_run_is_not_written_over(tiny_config: Configured, tiny_run: Path, resume: bool) -> None:
    before = sha256(tiny_run / "checkpoint" / "model.safetensors")
    with pytest.raises(StancekitError, match="holds a finished run"):
        train(tiny_config(tiny_run), resume=resume)
    assert sha256(tiny_run / "checkpoint" / "model.safetensors") == before


def test_used_folder_is_refused(tiny_config: Configured, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    for resume in (False, True):
        with pytest.raises(StancekitError, match="is in use"):
            train(tiny_config(tmp_path / "mine"), resume=resume)
    with pytest.raises(StancekitError, match="is a file"):
        train(tiny_config(tmp_path / "mine" / "notes.txt"))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_begun_run_needs_resume_and_its_own_settings(tiny_config: Configured, tmp_path: Path) -> None:
    config = tiny_config(tmp_path / "run")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "train.json").write_text(json.dumps(started_with(config)), encoding="utf-8")
    with pytest.raises(StancekitError, match="is in use") as fault:
        train(config)
    assert "--resume" in fault.value.fix
    with pytest.raises(StancekitError, match="was started with another seed, optim"):
        train(tiny_config(tmp_path / "run", seed=99, optim={"epochs": 9}), resume=True)
    # The same paths with other content would be other data from the middle of the training on.
    begun = started_with(config)
    begun["hashes"][str(config.data.train)] = "0" * 64
    (tmp_path / "run" / "train.json").write_text(json.dumps(begun), encoding="utf-8")
    with pytest.raises(StancekitError, match="another content of the data"):
        train(config, resume=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logging": {"report_to": ["tensorbored"]}}, "report_to names tensorbored"),
        ({"logging": {"report_to": ["neptune"]}}, "neptune, not installed here"),
        ({"hardware": {"device": "cpu", "precision": "fp16"}}, "fp16 needs a CUDA device"),
        ({"hardware": {"device": "mps"}}, "device 'mps' is not on this machine"),
        ({"pairs": {"max_length": 65}}, "reads 64 tokens"),
        ({"pairs": {"max_length": 16}}, "fit beside a statement"),
        ({"encoder": "nobody/no-such-encoder"}, "not in the local cache"),
        ({"model": {"head": "nli"}}, "is no entailment model: its head has no labels"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_written(
    tiny_config: Configured, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(StancekitError, match=message):
        train(tiny_config(tmp_path / "run", **changes))
    assert list(tmp_path.iterdir()) == []


def test_one_stance_cannot_be_trained_on(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    rows = [line for line in (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines() if '"support"' in line]
    (tmp_path / "one.jsonl").write_text("\n".join(rows), encoding="utf-8")
    data = {"train": str(tmp_path / "one.jsonl"), "validation": str(tiny_data / "validation.jsonl")}
    with pytest.raises(StancekitError, match="every example is support"):
        train(tiny_config(tmp_path / "run", data=data))
    assert not (tmp_path / "run").exists()


def halves(tiny_data: Path, folder: Path) -> list[Path]:
    """The training examples in two files: 24, and the other 36."""
    lines = (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:24]), ("b", lines[24:])):
        (folder / f"{name}.jsonl").write_text("".join(part), encoding="utf-8")
    return [folder / "a.jsonl", folder / "b.jsonl"]


def on_mix(tiny_data: Path, files: Sequence[Path], caps: Sequence[int | None] = (None, None), temperature: float = 1) -> dict[str, Any]:
    mix = [{"path": str(file), "cap": cap} for file, cap in zip(files, caps, strict=True)]
    return {"data": {"mix": mix, "temperature": temperature, "validation": str(tiny_data / "validation.jsonl")}}


def test_a_mix_of_two_halves_is_the_whole(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    files = halves(tiny_data, tmp_path)
    metrics = train(tiny_config(tmp_path / "run", **on_mix(tiny_data, files)))
    assert metrics["train"] == {"n": 60, "unlabelled": 0, "sets": {str(files[0]): 24, str(files[1]): 36}}
    train(tiny_config(tmp_path / "whole"))
    assert equal(tmp_path / "run", tmp_path / "whole")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["inputs"] == {str(file): sha256(file) for file in [*files, tiny_data / "validation.jsonl"]}
    assert json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))["train"] == metrics["train"]


def test_cap_and_temperature_decide_what_is_trained_on(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    files = halves(tiny_data, tmp_path)
    settings = {**on_mix(tiny_data, files, (6, None), temperature=1e6), "optim": {"epochs": 1, "batch_size": 10}}
    metrics = train(tiny_config(tmp_path / "run", **settings))
    # 6 and 36 rows, evened out: the 6 three times over and a half, of the 36 a draw.
    assert metrics["train"] == {"n": 42, "unlabelled": 0, "sets": {str(files[0]): 21, str(files[1]): 21}}
    assert json.loads((tmp_path / "run" / "train.json").read_text(encoding="utf-8"))["data"]["temperature"] == 1e6
    train(tiny_config(tmp_path / "again", **settings))
    assert equal(tmp_path / "run", tmp_path / "again")


def test_a_mix_is_resumed_over_the_same_files_alone(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    files = halves(tiny_data, tmp_path)
    config = tiny_config(tmp_path / "run", **on_mix(tiny_data, files))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "train.json").write_text(json.dumps(started_with(config)), encoding="utf-8")
    files[1].write_text(files[0].read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(StancekitError, match="another content of the data"):
        train(config, resume=True)


def test_one_stance_over_a_whole_mix_is_refused(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    rows = [line for line in (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True) if '"support"' in line]
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text("".join(rows), encoding="utf-8")
    with pytest.raises(StancekitError, match=r"a\.jsonl, .*b\.jsonl: every example is support"):
        train(tiny_config(tmp_path / "run", **on_mix(tiny_data, [tmp_path / "a.jsonl", tmp_path / "b.jsonl"])))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch compiles with it")
def test_compiled_training_learns_as_a_plain_one(tiny_config: Configured, tmp_path: Path) -> None:
    # Without dropout, whose numbers a compiled encoder draws in another order.
    optim = {"epochs": 1, "batch_size": 10, "learning_rate": 0.003, "dropout": 0}
    for name, wanted in (("plain", False), ("compiled", True)):
        train(tiny_config(tmp_path / name, optim=optim, hardware={"device": "cpu", "precision": "fp32", "compile": wanted}))
    plain, compiled = evaluations(tmp_path / "plain"), evaluations(tmp_path / "compiled")
    assert [step for step, _ in plain] == [step for step, _ in compiled]
    # Not weight by weight: a bias of keys has a gradient of rounding alone, which Adam makes a full step of.
    assert [loss for _, loss in compiled] == pytest.approx([loss for _, loss in plain], rel=1e-3)
    assert weights(tmp_path / "plain").keys() == weights(tmp_path / "compiled").keys()


@pytest.mark.parametrize("model", [{}, LOW_RANK], ids=["all weights", "adapters"])
def test_training_stops_early_and_keeps_the_best_checkpoint(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any]
) -> None:
    optim = {"epochs": 9, "batch_size": 10, "learning_rate": 0.01, "scheduler": "constant_with_warmup", "warmup": 0.0}
    scored(monkeypatch, [0.2, 0.6, 0.5, 0.6, 0.9])
    metrics = train(tiny_config(tmp_path / "stopped", model=model, stopping={"patience": 2}, optim=optim))
    assert steps_of(tmp_path / "stopped") == [6, 12, 18, 24]
    assert metrics["validation"]["macro_f1"] == 0.6
    # The rate is constant, so two epochs alone end where the second evaluation was.
    scored(monkeypatch, [0.2, 0.6])
    train(tiny_config(tmp_path / "two", model=model, optim={**optim, "epochs": 2}))
    assert equal(tmp_path / "stopped", tmp_path / "two")


def test_of_two_equal_evaluations_the_one_with_the_lower_loss_is_kept(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    optim = {"epochs": 9, "batch_size": 10, "learning_rate": 0.01, "scheduler": "constant_with_warmup", "warmup": 0.0}
    scored(monkeypatch, [0.6, 0.6, 0.6, 0.5, 0.9], [1.0, 0.8, 0.9, 0.1, 0.1])
    metrics = train(tiny_config(tmp_path / "stopped", stopping={"patience": 2}, optim=optim))
    assert evaluations(tmp_path / "stopped") == [(6, 1.0), (12, 0.8), (18, 0.9), (24, 0.1)]
    assert metrics["validation"]["macro_f1"] == 0.6
    scored(monkeypatch, [0.2, 0.6])
    train(tiny_config(tmp_path / "two", optim={**optim, "epochs": 2}))
    assert equal(tmp_path / "stopped", tmp_path / "two")


def test_low_layers_move_less_where_rates_fall(tiny_config: Configured, tmp_path: Path, tiny_encoder: Path) -> None:
    optim = {"epochs": 1, "batch_size": 10, "learning_rate": 0.003, "weight_decay": 0.0}
    before = load_file(tiny_encoder / "model.safetensors")
    moved = []
    for name, layer_decay in (("even", 1.0), ("falling", 0.25)):
        train(tiny_config(tmp_path / name, optim={**optim, "layer_decay": layer_decay}))
        after = weights(tmp_path / name)
        parts = ("embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.weight", "pooler.dense.weight")
        moved.append([float((after[f"bert.{part}"] - before[part]).norm()) for part in parts])
    embeddings, layer, head = (falling / even for even, falling in zip(*moved, strict=True))
    # A step of Adam is about as long as the rate, whatever the gradient.
    assert embeddings == pytest.approx(0.25**2, rel=0.3)
    assert layer == pytest.approx(0.25, rel=0.3)
    assert head == pytest.approx(1, rel=0.3)


def test_rates_by_layer_are_refused_before_anything_is_written(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stancekit.training import optimizer

    monkeypatch.setattr(optimizer, "LAYER", re.compile("no such layer"))
    with pytest.raises(StancekitError, match="layer_decay needs numbered layers, and BertModel has none"):
        train(tiny_config(tmp_path / "run", optim={"layer_decay": 0.9}))
    assert list(tmp_path.iterdir()) == []


def test_dropout_is_that_of_the_recipe_and_the_config_keeps_the_encoders_own(tiny_config: Configured, tmp_path: Path) -> None:
    for name, dropout in (("own", None), ("named", 0.1), ("none", 0.0)):
        train(tiny_config(tmp_path / name, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.01, "dropout": dropout}))
    # 0.1 is what this encoder's config says.
    assert equal(tmp_path / "own", tmp_path / "named")
    assert not equal(tmp_path / "own", tmp_path / "none")
    kept = json.loads((tmp_path / "none" / "checkpoint" / "config.json").read_text(encoding="utf-8"))
    assert (kept["hidden_dropout_prob"], kept["attention_probs_dropout_prob"]) == (0.1, 0.1)


def test_part_of_an_epoch_is_evaluated_too(tiny_config: Configured, tmp_path: Path) -> None:
    train(tiny_config(tmp_path / "run", optim={"epochs": 0.5, "batch_size": 10}))
    assert steps_of(tmp_path / "run") == [3]


@pytest.mark.parametrize("head", ["cls", "mean"])
def test_accumulated_gradients_are_those_of_one_large_batch(tiny_config: Configured, tmp_path: Path, head: str) -> None:
    norms = []
    for batch, accumulated in ((60, 1), (20, 3)):
        # One step sees every pair, and at a rate of next to nothing, without dropout, nothing else can differ.
        optim = {"epochs": 1, "batch_size": batch, "gradient_accumulation": accumulated, "learning_rate": 1e-9, "dropout": 0}
        config = tiny_config(tmp_path / f"{batch}", model={"head": head}, logging={"every_steps": 1}, optim=optim)
        norms.append([entry["grad_norm"] for entry in train(config)["history"] if "grad_norm" in entry])
    assert len(norms[0]) == len(norms[1]) == 1
    # Summed rather than averaged, three batches had a gradient three times as large.
    assert norms[1] == pytest.approx(norms[0], rel=0.01)


def test_gradients_are_accumulated(tiny_config: Configured, tmp_path: Path) -> None:
    train(tiny_config(tmp_path / "run", optim={"epochs": 1, "batch_size": 10, "gradient_accumulation": 3}))
    assert steps_of(tmp_path / "run") == [2]


def test_tensorboard_writes_into_the_logs_of_its_own_run(tiny_config: Configured, tmp_path: Path) -> None:
    for name in ("one", "two"):
        logging = {"report_to": ["tensorboard"], "every_steps": 1}
        train(tiny_config(tmp_path / name, logging=logging, optim={"epochs": 1, "batch_size": 30}))
    for name in ("one", "two"):
        assert len(list((tmp_path / name / "logs").glob("events.out.tfevents.*"))) == 1


def test_order_of_pairs_depends_on_seed_and_epoch_alone() -> None:
    lengths = [5 + number % 40 for number in range(200)]
    epoch = 0
    sampler = EpochSampler(lengths, 10, 13, lambda: epoch)
    first = list(sampler)
    torch.rand(100)
    assert list(sampler) == first
    assert sorted(first) == list(range(200))
    assert list(EpochSampler(lengths, 10, 14, lambda: 0)) != first
    epoch = 1
    assert list(sampler) != first
    assert len(sampler) == 200
    epoch = 0
    padded = sum(10 * max(lengths[row] for row in first[start : start + 10]) for start in range(0, 200, 10))
    assert padded < 1.15 * sum(lengths)


def test_history_holds_no_number_that_json_cannot() -> None:
    log = [{"loss": 1.5, "grad_norm": float("inf"), "step": 1}, {"loss": 1.2, "grad_norm": float("nan"), "step": 2}, {"train_runtime": 3.0}]
    assert history_of(log) == [{"loss": 1.5, "grad_norm": None, "step": 1}, {"loss": 1.2, "grad_norm": None, "step": 2}]


def test_a_process_says_how_far_it_is_and_its_loss(tiny_config: Configured, tmp_path: Path) -> None:
    words, environment = command_line(tiny_config(tmp_path / "run", logging={"every_steps": 2}), tmp_path)
    done = finished([sys.executable, "-m", "stancekit", *words, "--json"], environment)
    assert "training: 18 of 18 done" in done.stderr
    assert re.search(r"\(loss \d\.\d{3}, best macro-F1 [01]\.\d{3}\)", done.stderr)
    assert "Warning" not in done.stderr
    assert json.loads(done.stdout)["train"]["n"] == 60
