"""Several processes train one run, as one process would."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from stancekit import load
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.manifest import stage_of
from stancekit.stages.train import train
from stancekit.stance import Stance
from stancekit.training.arguments import steps_per_epoch
from stancekit.training.history import best
from trainings import command_line, finished, free_port, steps_of, weights

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).resolve().parents[2]
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


# Launching `stancekit` in two processes. The precision of a training is its config's, whatever the launcher is told.
TORCHRUN = ["torch.distributed.run", "--nproc_per_node=2", "--master_addr=127.0.0.1", "--master_port={port}"]
ACCELERATE = ["accelerate.commands.launch", "--num_processes=2", "--main_process_port={port}", "--mixed_precision=bf16"]
REPLICATED = [*ACCELERATE, "--multi_gpu", "--num_machines=1", "--dynamo_backend=no"]
SHARDED = [*ACCELERATE, f"--config_file={ROOT / 'configs' / 'cluster' / 'fsdp.yaml'}", "--fsdp_transformer_layer_cls_to_wrap=BertLayer"]
# Else torchrun keeps the addresses of the dead for those it starts anew, and they may call there in vain (pytorch issue 135712).
OWN_STORE = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
RESTARTED = [
    "torch.distributed.run", "--nproc_per_node=2", "--max_restarts=1", "--rdzv_backend=c10d", "--rdzv_endpoint=127.0.0.1:{port}",
    "--local_addr=127.0.0.1",
]  # fmt: skip
STANCEKIT, ON_CPU = ["-m", "stancekit"], [str(ROOT / "tests" / "sharded_on_cpu.py")]
LAUNCHERS = {"torchrun": [*TORCHRUN, *STANCEKIT], "accelerate": [*REPLICATED, *STANCEKIT], "sharded": [*SHARDED, *ON_CPU]}
# As accelerate puts configs/cluster/fsdp.yaml into the environment.
FSDP = {
    "ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2", "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_TRANSFORMER_CLS_TO_WRAP": "BertLayer", "FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT", "FSDP_RESHARD_AFTER_FORWARD": "true",
}  # fmt: skip


# A group that a ring of references holds, as a trainer's model does; none is freed by luck.
LEFT = """
import gc, pathlib, torch.distributed
from stancekit.training.processes import leave

torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
gc.disable()
ring = [torch.distributed.group.WORLD]
ring.append(ring)
del ring
leave()
print([name for task in pathlib.Path("/proc/self/task").iterdir() if "gloo" in (name := (task / "comm").read_text().strip())])
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads have no names here")
def test_no_thread_of_a_group_outlives_it() -> None:
    """Such a thread may abort the process when the interpreter ends."""
    done = finished([sys.executable, "-c", LEFT], {**os.environ, "PYTHONPATH": str(ROOT / "src")})
    assert done.stdout.strip() == "[]"


def launched(launcher: Sequence[str], words: Sequence[str]) -> list[str]:
    """The words of a process that launches two."""
    return [sys.executable, "-m", *(word.format(port=free_port()) for word in launcher), *words]


def in_one_step(tiny_config: Configured, output: Path, batch: int) -> TrainConfig:
    """Two epochs of a step each, over all rows at once."""
    optim = {"epochs": 2, "batch_size": batch, "learning_rate": 0.003, "dropout": 0.0, "layer_decay": 0.9}
    loss = {"class_weights": "balanced", "focal": 1.0}
    return tiny_config(output, optim=optim, logging={"every_steps": 1}, loss=loss)


@pytest.fixture(scope="module")
def alone(tiny_config: Configured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    train(in_one_step(tiny_config, folder, 60))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_two_processes_take_the_step_of_one(tiny_config: Configured, tmp_path: Path, alone: Path, launcher: str) -> None:
    """All rows in one step, by one process and by two (gloo): the same loss, gradient and weights."""
    words, environment = command_line(in_one_step(tiny_config, tmp_path / "run", 30), tmp_path)
    finished(launched(LAUNCHERS[launcher], words), environment)
    one, two = (json.loads((run / "metrics.json").read_text(encoding="utf-8"))["history"] for run in (alone, tmp_path / "run"))
    steps = [[(entry["loss"], entry["grad_norm"]) for entry in history if "grad_norm" in entry] for history in (one, two)]
    assert len(steps[0]) == 2
    assert np.allclose(steps[0], steps[1], rtol=1e-4)
    first, second = weights(alone), weights(tmp_path / "run")
    assert first.keys() == second.keys()
    # A key's bias moves all scores of a row alike, so its true gradient is 0, and AdamW takes a full step along what rounding left of it.
    apart = {key for key, tensor in first.items() if not torch.allclose(tensor, second[key], atol=1e-4)}
    assert {key for key in apart if not key.endswith("key.bias")} == set()
    told = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert (told["processes"], told["sharded"], told["precision"]) == (2, launcher == "sharded", "fp32")
    assert told["training"]["pairs"] == 120
    assert load(tmp_path / "run").predict(["The guild praised it."], ["Keep it."])[0].confidence > 0


def worker_killed(words: Sequence[str], environment: dict[str, str], checkpoint: Path) -> None:
    """Run a launcher of two processes and end one of them with SIGKILL once `checkpoint` is whole; the launcher starts both anew."""
    process = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (checkpoint / "trainer_state.json").is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    workers = [child for child in psutil.Process(process.pid).children() if "train" in child.cmdline()]
    assert len(workers) == 2
    workers[1].kill()
    said = process.communicate(timeout=200)[1]
    assert process.returncode == 0, said


@pytest.mark.slow
def test_after_a_process_is_killed_the_launcher_resumes_to_the_same_weights(tiny_config: Configured, tmp_path: Path) -> None:
    """What configs/cluster/slurm.sh relies on."""
    stopping = {"patience": 50, "evaluations_per_epoch": 2}
    for name in ("undisturbed", "killed"):
        config = tiny_config(tmp_path / name, optim={"epochs": 8, "batch_size": 5, "learning_rate": 0.003}, stopping=stopping)
        words, environment = command_line(config, tmp_path)
        words = launched([*RESTARTED, *STANCEKIT], [*words, "--resume"])
        environment |= OWN_STORE
        if name == "killed":
            worker_killed(words, environment, config.output / "training" / "checkpoint-6")
        else:
            finished(words, environment)
    first, second = weights(tmp_path / "undisturbed"), weights(tmp_path / "killed")
    assert first.keys() == second.keys()
    assert all(torch.equal(tensor, second[key]) for key, tensor in first.items())
    told = [json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))["training"] for name in ("undisturbed", "killed")]
    assert [one["starts"] for one in told] == [1, 2]
    assert [one["pairs"] for one in told] == [480, 480]


AVERAGED = {"stages": [{"name": "a", "optim": {"averaging": 0.9}}]}
LAUNCHES: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({"ACCELERATE_USE_DEEPSPEED": "true"}, {}, "DeepSpeed is not supported"),
    (FSDP | {"FSDP_VERSION": "1"}, {}, "in its second version alone"),
    (FSDP, {"model": {"lora": {"rank": 2}}}, r"model\.lora needs the whole model"),
    (FSDP, AVERAGED, r"optim\.averaging needs the whole model"),
    # Of one process: accelerate would not shard, and say nothing.
    (FSDP, {}, "FSDP needs several processes with a GPU each"),
]


@pytest.mark.parametrize(("environment", "settings", "message"), LAUNCHES)
def test_a_launch_that_the_training_does_not_go_with_is_refused(
    tiny_config: Configured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    settings: dict[str, Any],
    message: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StancekitError, match=message):
        train(tiny_config(tmp_path / "run", **settings))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_processors_are_not_sharded_over_without_a_word(tiny_config: Configured, tmp_path: Path) -> None:
    words, environment = command_line(tiny_config(tmp_path / "run"), tmp_path)
    done = subprocess.run(
        launched([*SHARDED, *STANCEKIT], words),
        env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "FSDP needs several processes with a GPU each" in done.stderr
    assert not (tmp_path / "run").exists()
