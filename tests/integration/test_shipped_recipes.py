"""Every config in configs/train trains, on tiny models and data in place of its own: a few steps, killed, and resumed to the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancekit import load
from stancekit.config import TrainConfig, load_config, read_toml
from stancekit.manifest import stage_of
from stancekit.stages.train import train
from trainings import equal, stopped_at

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / "configs" / "train").glob("*.toml"))
LABELS = {0: "entailment", 1: "neutral", 2: "contradiction"}


@pytest.fixture(scope="module")
def entailment_encoder(family_encoder: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands for an encoder with a published entailment head."""
    from transformers import AutoModelForSequenceClassification

    names = {"id2label": LABELS, "label2id": {label: number for number, label in LABELS.items()}}
    return family_encoder("deberta", tmp_path_factory.mktemp("entailment") / "encoder", AutoModelForSequenceClassification, **names)


def shrunk(path: Path, encoder: Path, teacher: Path, data: Path, output: Path) -> TrainConfig:
    """The config with every recipe key as it is, on another encoder, teacher and data, in fp32 on the CPU, six steps an epoch."""
    files = {"train": str(data / "train.jsonl"), "validation": str(data / "validation.jsonl")}
    values: dict[str, Any] = read_toml(path) | {"encoder": str(encoder), "output": str(output), "data": files}
    values["pairs"] = {"max_length": 48}
    values["hardware"] = {"device": "cpu", "precision": "fp32"}
    values["optim"] |= {"epochs": 1, "batch_size": 10 // values["optim"].get("gradient_accumulation", 1)}
    # A checkpoint every second step.
    values["stopping"] = values.get("stopping", {}) | {"evaluations_per_epoch": 3}
    if "teacher" in values:
        asked = {"model": str(teacher), "unlabelled": [str(data / "test.jsonl")], "answers": str(output.parent / "answers")}
        values["teacher"] |= asked
    for stage in values.get("stages", []):
        mix = [{"path": files["train"], "cap": 30}] if "mix" in stage.get("data", {}) else []
        stage["data"] = {"validation": files["validation"], **({"mix": mix, "temperature": 2} if mix else {"train": files["train"]})}
        stage["optim"] = stage.get("optim", {}) | {"epochs": 1}
    return TrainConfig.model_validate(values)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_recipe_trains_and_resumes(
    path: Path,
    tiny_encoder: Path,
    entailment_encoder: Path,
    tiny_run: Path,
    tiny_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = entailment_encoder if load_config(path, TrainConfig).model.head == "nli" else tiny_encoder
    killed = shrunk(path, encoder, tiny_run, tiny_data, tmp_path / "killed")
    stopped_at(monkeypatch, killed, 2)
    train(killed, resume=True)
    train(shrunk(path, encoder, tiny_run, tiny_data, tmp_path / "undisturbed"))
    assert stage_of(killed.output) == "train"
    assert equal(killed.output, tmp_path / "undisturbed")
    assert load(killed.output).predict(["The guild praised it."], ["Keep it."])[0].confidence > 0
