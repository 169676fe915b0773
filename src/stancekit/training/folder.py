"""The folder of a run: taken once, resumed on request, whole in the end."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.files import read_json, write_json
from stancekit.inference.model import model_folder
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import sha256
from stancekit.modeling.provenance import weights_file

# Not config.json: that is what transformers calls the description of a model.
CONFIG, WORK, CHECKPOINT, METRICS, LOGS = "train.json", "training", "checkpoint", "metrics.json", "logs"


def is_main_process() -> bool:
    """Whether this is the one process that writes, under torchrun and accelerate too."""
    return int(os.environ.get("RANK", "0")) == 0


def settings(config: TrainConfig) -> dict[str, Any]:
    """The resolved config as JSON values."""
    return config.model_dump(mode="json")


def inputs_of(config: TrainConfig) -> list[Path]:
    """Every file that shapes a run: data, teacher, and those of the stages before it."""
    files = config.data.files
    if config.teacher is not None:
        files += [weights_file(model_folder(config.teacher.model)), *config.teacher.unlabelled]
    return [*files, *(path for stage in config.stages for path in inputs_of(config.stage(stage)))]


def started_with(config: TrainConfig) -> dict[str, Any]:
    """What a run may only be resumed with: the same config over the same data."""
    return {**settings(config), "hashes": {str(path): sha256(path) for path in inputs_of(config)}}


def take(config: TrainConfig, resume: bool) -> Path | None:
    """Claim config.output, or pick up the work in it. Returns the Trainer checkpoint to go on from, if any.

    Raises StancekitError where `refuse_used` does.
    """
    refuse_used(config, resume)
    if is_main_process() and not (config.output / CONFIG).is_file():
        config.output.mkdir(parents=True, exist_ok=True)
        write_json(config.output / CONFIG, started_with(config))
    return newest_checkpoint(config.output / WORK) if resume else None


def refuse_used(config: TrainConfig, resume: bool) -> None:
    """Raise StancekitError for a folder that is in use and not resumed, a finished run, or one with another config."""
    folder = config.output
    if not is_main_process():
        return
    if folder.exists() and not folder.is_dir():
        raise StancekitError(f"{folder} is a file", fix="name another output (--set output=runs/NAME)")
    if (folder / MANIFEST).is_file():
        raise StancekitError(f"{folder} holds a finished run", fix="name another output (--set output=runs/NAME), or remove it")
    if not resume or not (folder / CONFIG).is_file():
        if folder.exists() and any(folder.iterdir()):
            fix = "go on with --resume, name another output (--set output=runs/NAME), or remove it"
            raise StancekitError(
                f"{folder} is in use", fix=fix if (folder / CONFIG).is_file() else "name another output (--set output=runs/NAME)"
            )
        return
    refuse_other_config(config)


def refuse_other_config(config: TrainConfig) -> None:
    """Raise StancekitError where the folder was begun with other settings or other data."""
    before, now = json.loads((config.output / CONFIG).read_text(encoding="utf-8")), started_with(config)
    changed = ["content of the data" if key == "hashes" else key for key in {**before, **now} if before.get(key) != now.get(key)]
    if changed:
        raise StancekitError(
            f"{config.output} was started with another {', '.join(changed)}",
            fix=f"resume with the settings in {config.output / CONFIG}, or train to another output",
        )


def metrics(folder: Path) -> dict[str, Any]:
    """The metrics of a finished run. Raises StancekitError."""
    again = "remove the folder and train it again"
    found: dict[str, Any] = read_json(folder / METRICS, absent=again, damaged=again)
    return found


def newest_checkpoint(work: Path) -> Path | None:
    """The last checkpoint that was written whole; the Trainer writes trainer_state.json last.

    Of several processes each writes its own random state, maybe after that: where a checkpoint has them all, the last such.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    found = []
    for folder in work.glob("checkpoint-*"):
        try:
            step = int(json.loads((folder / "trainer_state.json").read_text(encoding="utf-8"))["global_step"])
            whole = processes == 1 or all((folder / f"rng_state_{rank}.pth").is_file() for rank in range(processes))
            found.append((whole, step, folder))
        except (OSError, ValueError, KeyError):
            continue
    return max(found)[2] if found else None


def clear(folder: Path) -> None:
    """Remove the Trainer's own checkpoints, whose optimizer states are large and of no use to a finished run."""
    shutil.rmtree(folder / WORK, ignore_errors=True)
