"""Resumed training: the same weights as an undisturbed one, wherever it was killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from stancekit import load
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.manifest import stage_of
from stancekit.stages.train import train
from stancekit.training import processor
from stancekit.training.folder import newest_checkpoint
from trainings import LOW_RANK, TWICE, command_line, equal, evaluations, scored, steps_of, stopped_at, weights

pytestmark = pytest.mark.usefixtures("one_thread")

Configured = Callable[..., TrainConfig]


def interrupted(config: TrainConfig, tmp_path: Path, at_step: int) -> None:
    """Train in a process of its own and end it with SIGKILL once the checkpoint of `at_step` is there."""
    words, environment = command_line(config, tmp_path)
    process = subprocess.Popen([sys.executable, "-m", "stancekit", *words], env=environment, stderr=subprocess.PIPE, text=True)
    checkpoint = config.output / "training" / f"checkpoint-{at_step}" / "trainer_state.json"
    deadline = time.monotonic() + 120
    while not checkpoint.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    said = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed: {said}"
    assert stage_of(config.output) is None


@pytest.mark.slow
def test_killed_training_ends_with_the_weights_of_an_undisturbed_one(tiny_config: Configured, tmp_path: Path) -> None:
    # Enough epochs that the kill comes in the middle; step 15 is in the middle of the third.
    settings = {**TWICE, "optim": {"epochs": 12, "batch_size": 10, "learning_rate": 0.003}}
    killed = tiny_config(tmp_path / "killed", **settings)
    interrupted(killed, tmp_path, at_step=15)
    with pytest.raises(StancekitError, match="is a run that has not finished"):
        load(killed.output)
    train(killed, resume=True)
    train(tiny_config(tmp_path / "undisturbed", **settings))
    assert equal(killed.output, tmp_path / "undisturbed")
    assert evaluations(killed.output) == evaluations(tmp_path / "undisturbed")
    assert stage_of(killed.output) == "train"
    assert not (killed.output / "training").exists()


@pytest.mark.parametrize("step", [3, 12, 15, 24])
def test_resumed_training_ends_with_the_same_weights_wherever_it_stopped(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: Path, step: int
) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, optim={"epochs": 4, "batch_size": 10, "learning_rate": 0.003})
    stopped_at(monkeypatch, config, step)
    train(config, resume=True)
    assert equal(tmp_path / "run", undisturbed)
    assert evaluations(tmp_path / "run") == evaluations(undisturbed)


@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "compiled"])
def test_resumed_training_in_bf16_or_compiled_ends_with_the_same_weights(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_run: Path, compiled: bool
) -> None:
    taken: list[int] = []

    def backend(graph: torch.fx.GraphModule, _: Sequence[torch.Tensor]) -> Callable[..., Any]:
        taken.append(len(graph.graph.nodes))
        return graph.forward

    # Torch's own would take a minute in a C++ compiler.
    monkeypatch.setattr(processor, "BACKEND", backend)
    hardware = {"device": "cpu", "precision": "bf16", "compile": compiled}
    short = {"optim": {"epochs": 2, "batch_size": 10, "learning_rate": 0.003}, "hardware": hardware}
    train(tiny_config(tmp_path / "whole", **TWICE, **short))
    config = tiny_config(tmp_path / "run", **TWICE, **short)
    stopped_at(monkeypatch, config, 3)
    train(config, resume=True)
    assert equal(tmp_path / "run", tmp_path / "whole")
    assert evaluations(tmp_path / "run") == evaluations(tmp_path / "whole")
    assert weights(tmp_path / "run").keys() == weights(tiny_run).keys()
    assert bool(taken) == compiled


@pytest.fixture(scope="module")
def undisturbed_adapters(ever_better: None, tiny_config: Configured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same four epochs with adapters and a mean head."""
    folder = tmp_path_factory.mktemp("adapters") / "run"
    train(tiny_config(folder, **TWICE, model=LOW_RANK, optim={"epochs": 4, "batch_size": 10, "learning_rate": 0.003}))
    return folder


@pytest.mark.parametrize("step", [3, 24])
def test_resumed_adapters_end_with_the_same_weights(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed_adapters: Path, step: int
) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, model=LOW_RANK, optim={"epochs": 4, "batch_size": 10, "learning_rate": 0.003})
    stopped_at(monkeypatch, config, step)
    train(config, resume=True)
    assert equal(tmp_path / "run", undisturbed_adapters)
    assert evaluations(tmp_path / "run") == evaluations(undisturbed_adapters)
    # What was merged did move, or the same start would be as good as the same end.
    train(tiny_config(tmp_path / "short", model=LOW_RANK, optim={"epochs": 1, "batch_size": 30, "learning_rate": 0.003}))
    assert not equal(tmp_path / "run", tmp_path / "short")


def test_half_written_checkpoint_is_skipped(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: Path
) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, optim={"epochs": 4, "batch_size": 10, "learning_rate": 0.003})
    stopped_at(monkeypatch, config, 15)
    work = config.output / "training"
    assert newest_checkpoint(work) == work / "checkpoint-15"
    (work / "checkpoint-15" / "trainer_state.json").unlink()
    before = newest_checkpoint(work)
    assert before is not None
    assert before.name != "checkpoint-15"
    train(config, resume=True)
    assert equal(tmp_path / "run", undisturbed)


def test_of_several_processes_a_checkpoint_has_the_random_state_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step, ranks in ((3, (0, 1)), (6, (0,))):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}), encoding="utf-8")
        for rank in ranks:
            (folder / f"rng_state_{rank}.pth").touch()
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-6"
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-3"
    # Of more processes than before, no checkpoint has the states of all.
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-6"


def test_checkpoint_whose_state_is_cut_short_is_skipped(tmp_path: Path) -> None:
    for step, content in ((3, '{"global_step": 3}'), (6, '{"global_st'), (9, "{}")):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(content, encoding="utf-8")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-3"
    assert newest_checkpoint(tmp_path / "nothing") is None


def test_resume_begins_where_there_is_nothing_yet(tiny_config: Configured, tmp_path: Path) -> None:
    train(tiny_config(tmp_path / "run", optim={"epochs": 1, "batch_size": 30}), resume=True)
    assert stage_of(tmp_path / "run") == "train"


def test_patience_is_kept_over_a_resume(tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config(tmp_path / "run", stopping={"patience": 2}, optim={"epochs": 9, "batch_size": 10})
    scored(monkeypatch, [0.6, 0.5])
    stopped_at(monkeypatch, config, 12)
    scored(monkeypatch, [0.4, 0.9])
    assert train(config, resume=True)["validation"]["macro_f1"] == 0.6
    assert steps_of(tmp_path / "run") == [6, 12, 18]
