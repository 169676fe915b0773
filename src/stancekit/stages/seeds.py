"""`stancekit train --seeds N`: the same training with several seeds, so that the luck of one is told from the recipe."""

from collections.abc import Mapping
from typing import Any

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import Receipt, stage_of
from stancekit.modeling.family import RESULT, SEEDS, member
from stancekit.stages.train import train
from stancekit.training import folder
from stancekit.training.outcome import again


def train_seeds(config: TrainConfig, count: int, resume: bool = False) -> dict[str, Any]:
    """Train with `count` seeds, from config.seed upwards, each into a run of its own in config.output; what they reached.

    `seeds.json` there has validation macro-F1 by seed, its mean and its spread. resume: finished runs are kept, the others go on.
    Raises StancekitError before the first training when a folder is in use or was begun with other settings.
    """
    configs = [_of(config, seed) for seed in range(config.seed, config.seed + count)]
    if (config.output / MANIFEST).is_file() and not resume:
        raise StancekitError(f"{config.output} is finished", fix="name another output (--set output=runs/NAME), or remove it")
    for one in configs:
        if not (resume and stage_of(one.output) == "train"):
            folder.refuse_used(one, resume)
        else:
            folder.refuse_other_config(one)
    receipt = Receipt(SEEDS, folder.settings(config), folder.inputs_of(config), config.seed)
    found = {one.seed: _finished(one, resume) for one in configs}
    result = {"seeds": count, "validation": again({seed: metrics["validation"]["macro_f1"] for seed, metrics in found.items()})}
    if folder.is_main_process():
        write_json(config.output / RESULT, result)
        receipt.write(config.output)
    return result


def _of(config: TrainConfig, seed: int) -> TrainConfig:
    changes: dict[str, Any] = {"seed": seed, "output": member(config.output, seed)}
    if config.teacher is not None and config.teacher.answers is None:
        # It answers the same whatever the seed.
        changes["teacher"] = config.teacher.model_copy(update={"answers": config.output / "answers"})
    return config.model_copy(update=changes)


def _finished(config: TrainConfig, resume: bool) -> Mapping[str, Any]:
    if stage_of(config.output) == "train":
        return folder.metrics(config.output)
    return train(config, resume)


def told(result: Mapping[str, Any]) -> str:
    """The result in a sentence."""
    validation = result["validation"]
    every = ", ".join(f"{value:.3f}" for value in validation["by_seed"].values())
    reached = f"validation macro-F1 {validation['mean']:.3f}, standard deviation {validation['spread']:.3f}"
    return f"{reached} over {result['seeds']} seeds ({every})"
