"""The files in configs/cluster are taken by the tools they are for; the Slurm script trains, with stand-ins for Slurm's commands."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stancekit.config import TrainConfig
from stancekit.manifest import stage_of
from trainings import command_line

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "cluster"
SCRIPT = FOLDER / "slurm.sh"
ACCELERATE = sorted(FOLDER.glob("*.yaml"))
# What Slurm's commands get to do here: srun starts what comes after its own options, once.
STAND_INS = {
    "scontrol": 'if [ "$1" = show ]; then echo 127.0.0.1; echo other; else echo "$@" >> "$ASKED"; fi',
    "srun": 'echo "$@" "store: $TORCH_DISABLE_SHARE_RDZV_TCP_STORE" >> "$ASKED"; while [[ $1 == --* ]]; do shift; done; exec "$@"',
    "torchrun": f'exec {shlex.quote(sys.executable)} -m torch.distributed.run --local_addr=127.0.0.1 "$@"',
}
JOB = {
    "SLURM_JOB_ID": "4711",
    "SLURM_JOB_NODELIST": "n[1-2]",
    "SLURM_JOB_NUM_NODES": "1",
    "SLURM_GPUS_ON_NODE": "2",
    "SLURM_CPUS_PER_TASK": "1",
}


def test_there_is_a_file_for_each_way() -> None:
    assert [path.name for path in ACCELERATE] == ["fsdp.yaml", "one-machine.yaml", "two-machines.yaml"]


@pytest.mark.parametrize("path", ACCELERATE, ids=lambda path: path.stem)
def test_accelerate_takes_its_file(path: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    # Unknown keys are refused.
    read = load_config_from_file(str(path))
    words = ["--config_file", str(path), "-m", "stancekit", "train", "configs/train/gpu.toml"]
    told, _, _ = _validate_launch_command(launch_command_parser().parse_args(words))
    sharded = path.stem == "fsdp"
    assert (told.use_fsdp, told.multi_gpu) == (sharded, not sharded)
    assert (told.num_machines, told.num_processes) == ((2, 8) if path.stem == "two-machines" else (1, 4))
    assert read.use_cpu is False
    if sharded:
        assert str(told.fsdp_version) == "2"
        assert told.fsdp_transformer_layer_cls_to_wrap == "DebertaV2Layer"


@pytest.mark.parametrize("path", [*ACCELERATE, SCRIPT], ids=lambda path: path.name)
def test_the_command_in_a_file_names_what_there_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = {word for word in text.replace("\n", " ").split() if word.startswith("configs/")}
    assert named
    assert {word for word in named if not (FOLDER.parents[1] / word).is_file()} == set()
    assert f"configs/cluster/{path.name}" in named


def test_the_script_is_bash_that_asks_slurm_before_its_first_command() -> None:
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/bin/bash"
    asked = [number for number, line in enumerate(lines) if line.startswith("#SBATCH")]
    first = next(number for number, line in enumerate(lines) if line and not line.startswith("#"))
    assert len(asked) >= 8
    # Slurm reads no further than the first command.
    assert max(asked) < first
    assert {"#SBATCH --requeue", "#SBATCH --signal=B:USR1@120", "#SBATCH --ntasks-per-node=1"} <= set(lines)


@pytest.fixture
def slurm(tmp_path: Path) -> dict[str, str]:
    """An environment with stand-ins for Slurm's commands; what they are asked is written to the file ASKED."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, body in STAND_INS.items():
        (commands / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    return {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "ASKED": str(tmp_path / "asked"), **JOB}


@pytest.mark.slow
def test_the_script_trains_over_the_devices(tiny_config: Callable[..., TrainConfig], tmp_path: Path, slurm: dict[str, str]) -> None:
    words, environment = command_line(tiny_config(tmp_path / "run", optim={"epochs": 1, "batch_size": 5}), tmp_path)
    done = subprocess.run(
        ["bash", str(SCRIPT), words[1], "--set", "seed=3"],
        env=environment | slurm, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert stage_of(tmp_path / "run") == "train"
    told = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert (told["processes"], told["seed"]) == (2, 3)
    asked = Path(slurm["ASKED"]).read_text(encoding="utf-8")
    assert "--nnodes=1 --nproc_per_node=2" in asked
    assert "--rdzv_endpoint=127.0.0.1:14711" in asked
    assert "--resume --set seed=3" in asked
    # What a restart by torchrun hangs on is tested with the launchers.
    assert "store: 1" in asked


def test_the_script_queues_again_when_its_time_is_nearly_up(tmp_path: Path, slurm: dict[str, str]) -> None:
    (tmp_path / "commands" / "srun").write_text('#!/bin/bash\necho running >> "$ASKED"\nexec sleep 30\n', encoding="utf-8")
    asked = Path(slurm["ASKED"])
    job = subprocess.Popen(["bash", str(SCRIPT), "x.toml"], env={**os.environ, **slurm}, start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while not asked.is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        job.send_signal(signal.SIGUSR1)
        job.wait(timeout=20)
    finally:
        # The training goes on until Slurm ends it.
        os.killpg(job.pid, signal.SIGKILL)
    assert asked.read_text(encoding="utf-8").splitlines() == ["running", "requeue 4711"]


def test_the_script_without_a_config_says_what_it_needs(slurm: dict[str, str]) -> None:
    done = subprocess.run(["bash", str(SCRIPT)], env={**os.environ, **slurm}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "give a training config" in done.stderr
