"""Several processes train one run, as one process would."""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from stancekit import load
from stancekit.config import TrainConfig
from stancekit.manifest import stage_of
from stancekit.stance import Stance
from stancekit.training.arguments import steps_per_epoch
from stancekit.training.history import best
from trainings import command_line, finished, free_port, steps_of, weights

pytestmark = pytest.mark.usefixtures("one_thread")

Configured = Callable[..., TrainConfig]


def loss_of(run: Path, data: Path) -> float:
    """Mean cross-entropy of a run's kept model over an examples file."""
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    answers = load(run).predict_pairs([(row["statement"], row["proposal"]) for row in rows])
    return -sum(math.log(answer.probabilities[Stance(row["stance"])]) for row, answer in zip(rows, answers, strict=True)) / len(rows)


def test_steps_are_counted_over_all_processes(tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config(tmp_path, optim={"batch_size": 8, "gradient_accumulation": 2})
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert steps_per_epoch(config, 100, "cpu") == 7
    assert steps_per_epoch(config, 100, "cuda") == 2
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert steps_per_epoch(config, 100, "cuda") == 4


@pytest.mark.slow
def test_two_processes_train_one_run(tiny_config: Configured, tmp_path: Path) -> None:
    config = tiny_config(tmp_path / "run", optim={"epochs": 2, "batch_size": 5, "learning_rate": 0.01})
    words, environment = command_line(config, tmp_path)
    launcher = ["torch.distributed.run", "--nproc_per_node=2", "--master_addr=127.0.0.1", f"--master_port={free_port()}"]
    done = finished([sys.executable, "-m", *launcher, "-m", "stancekit", *words, "--json"], environment)
    # Twice five pairs a step make six steps an epoch; one process alone speaks.
    assert json.loads(done.stdout)["train"]["n"] == 60
    assert steps_of(tmp_path / "run") == [6, 12]
    assert done.stderr.count("training: 12 of 12 done") == 1
    assert stage_of(tmp_path / "run") == "train"
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"train.json", "manifest.json", "metrics.json", "checkpoint"}
    assert load(tmp_path / "run").predict(["The guild praised it."], ["Keep it."])[0].confidence > 0


@pytest.mark.slow
def test_two_processes_keep_one_average(tiny_config: Configured, tmp_path: Path, tiny_data: Path) -> None:
    # Each process judges one of two batches of the validation set, so that its loss is of both averages.
    optim = {"epochs": 2, "batch_size": 3, "learning_rate": 0.01, "averaging": 0.9}
    # Weights of 1: our own loss, as the Trainer doubles that of the model where there are two processes.
    config = tiny_config(tmp_path / "run", optim=optim, loss={"class_weights": "balanced"})
    words, environment = command_line(config, tmp_path)
    launcher = ["torch.distributed.run", "--nproc_per_node=2", "--master_addr=127.0.0.1", f"--master_port={free_port()}"]
    finished([sys.executable, "-m", *launcher, "-m", "stancekit", *words, "--json"], environment)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    kept = best(metrics["history"])
    assert kept is not None
    assert kept["eval_macro_f1"] == metrics["validation"]["macro_f1"]
    assert loss_of(tmp_path / "run", tiny_data / "validation.jsonl") == pytest.approx(kept["eval_loss"], abs=1e-5)


@pytest.mark.slow
def test_two_processes_take_the_step_of_one(tiny_config: Configured, tmp_path: Path) -> None:
    """All rows in one step, by one process and by two (gloo): the same loss, gradient and weights."""
    shared = {"logging": {"every_steps": 1}, "loss": {"class_weights": "balanced", "focal": 1.0}}
    for name, batch in (("one", 60), ("two", 30)):
        optim = {"epochs": 2, "batch_size": batch, "learning_rate": 0.003, "dropout": 0.0}
        config = tiny_config(tmp_path / name, optim=optim, **shared)
        words, environment = command_line(config, tmp_path)
        torchrun = ["torch.distributed.run", "--nproc_per_node=2", "--master_addr=127.0.0.1", f"--master_port={free_port()}", "-m"]
        launcher = torchrun if name == "two" else []
        finished([sys.executable, "-m", *launcher, "stancekit", *words], environment)
    one, two = (json.loads((tmp_path / name / "metrics.json").read_text(encoding="utf-8"))["history"] for name in ("one", "two"))
    steps = [[(entry["loss"], entry["grad_norm"]) for entry in history if "grad_norm" in entry] for history in (one, two)]
    assert len(steps[0]) == 2
    assert np.allclose(steps[0], steps[1], rtol=1e-4)
    first, second = weights(tmp_path / "one"), weights(tmp_path / "two")
    # A key's bias moves all scores of a row alike, so its true gradient is 0, and AdamW takes a full step along what rounding left of it.
    apart = {key for key, tensor in first.items() if not torch.allclose(tensor, second[key], atol=1e-4)}
    assert {key for key in apart if not key.endswith("key.bias")} == set()
