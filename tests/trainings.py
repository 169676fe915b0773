"""What tests of trainings share: comparing runs, running them as commands, stopping them at a step."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from stancekit.config import TrainConfig
from stancekit.stages.train import train

# 60 pairs in 6 steps an epoch; an evaluation, and so a checkpoint, every 3.
TWICE = {"stopping": {"patience": 50, "evaluations_per_epoch": 2}}
# Dropout in the adapters draws numbers too, and those must come back as well.
LOW_RANK = {"head": "mean", "frozen": "embeddings", "lora": {"rank": 2, "alpha": 8, "dropout": 0.3}}


def weights(run: Path) -> dict[str, torch.Tensor]:
    return dict(load_file(run / "checkpoint" / "model.safetensors"))


def equal(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def toml(value: Any) -> str:
    """A value as TOML writes it: as JSON does but for its tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def command_line(config: TrainConfig, tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """The config as a TOML file for `stancekit train`, and the environment to run it in."""
    values = config.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    path = tmp_path / "train.toml"
    path.write_text("\n".join(f"{key} = {toml(value)}" for key, value in values.items()), encoding="utf-8")
    own = {"PYTHONPATH": str(Path(__file__).parents[1] / "src"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return ["train", str(path)], {**os.environ, **own}


def finished(words: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done


# The command line, ended by SIGKILL at a place of its own: whoever watches for that from outside may come too late.
MORTAL = """
import os, signal, sys
from pathlib import Path
from stancekit.cli import main
from stancekit.training.trainer import PairTrainer

original = PairTrainer._save_checkpoint

def save(self, *args):
    original(self, *args)
    if self.state.global_step == {step} and Path(self.args.output_dir) == Path({folder!r}):
        os.kill(os.getpid(), signal.SIGKILL)

PairTrainer._save_checkpoint = save
sys.argv[0] = "stancekit"
main()
"""


def killed_at(words: Sequence[str], environment: dict[str, str], step: int, folder: Path) -> None:
    """`stancekit WORDS` in a process that is killed once the checkpoint of `step` of the training in `folder` is written."""
    code = MORTAL.format(step=step, folder=str(folder))
    done = subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


class Killed(BaseException):
    """Stands for SIGKILL inside a test: nothing in the library catches it."""


def stopped_at(monkeypatch: pytest.MonkeyPatch, config: TrainConfig, step: int, inside: Path | None = None) -> None:
    """Train until the checkpoint of `step` is written. inside: the folder it is of, where several trainings write such."""
    from stancekit.training.trainer import PairTrainer

    original = PairTrainer._save_checkpoint

    def save(self: Any, *args: Any) -> None:
        original(self, *args)
        if self.state.global_step == step and Path(self.args.output_dir) == (inside or config.output / "training"):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(PairTrainer, "_save_checkpoint", save)
        with pytest.raises(Killed):
            train(config)


def trained_by(monkeypatch: pytest.MonkeyPatch, stage: ModuleType, work: Callable[[], Any]) -> list[str]:
    """The names of the runs that a stage trains while this is done. stage: the module that calls `train`."""
    names: list[str] = []
    original: Callable[..., dict[str, Any]] = vars(stage)["train"]

    def noting(run: TrainConfig, *args: Any, **kwargs: Any) -> dict[str, Any]:
        names.append(run.output.name)
        return original(run, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(stage, "train", noting)
        work()
    return names


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def steps_of(run: Path) -> list[int]:
    history = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["history"]
    return [entry["step"] for entry in history if "eval_macro_f1" in entry]


def evaluations(run: Path) -> list[tuple[int, float]]:
    """Step and loss of every evaluation: two trainings that agree in all of them went the same way to the end."""
    history = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["history"]
    return [(entry["step"], entry["eval_loss"]) for entry in history if "eval_macro_f1" in entry]


def scored(monkeypatch: pytest.MonkeyPatch, scores: Sequence[float], losses: Iterable[float] | None = None) -> None:
    """Let the evaluations of a training give these macro-F1 values and losses, in order; losses rise where none are given."""
    from transformers import Trainer

    from stancekit.training import loop
    from stancekit.training.trainer import PairTrainer

    left, left_losses = iter(scores), iter(losses or itertools.count(1.0))

    def evaluation_loop(self: Any, *args: Any, **kwargs: Any) -> Any:
        output = Trainer.evaluation_loop(self, *args, **kwargs)
        output.metrics["eval_loss"] = next(left_losses)
        return output

    monkeypatch.setattr(loop, "metrics_of", lambda _: {"macro_f1": next(left), "accuracy": 0.0})
    monkeypatch.setattr(PairTrainer, "evaluation_loop", evaluation_loop)
