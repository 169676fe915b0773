"""A run calibrates itself on its validation rows; bundles, evaluations and answers have it from there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gates import UNTIMED
from stancekit import load
from stancekit.config import TeacherConfig, TrainConfig
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.evaluation.abstention import Limits
from stancekit.evaluation.confidence import Promises
from stancekit.evaluation.conformal import ConformalSets
from stancekit.evaluation.intervals import Bootstrap
from stancekit.inference.calibration import METHODS, fit
from stancekit.inference.engine import softmax
from stancekit.inference.held import NAME, Held
from stancekit.records import DECIMALS
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.export import export
from stancekit.stages.train import train
from stancekit.stance import STANCES
from stancekit.tables import write_rows
from stancekit.training.teacher import answers

Configured = Callable[..., TrainConfig]
QUICK = Bootstrap(resamples=100)
PAIRS = [("The mayor praised the toll.", "Lorries should pay."), ("Nobody wants it.", "The park should close.")]


@pytest.fixture(scope="module")
def validation(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 rows, enough to calibrate on, of which some have another label than their words tell."""
    path = tmp_path_factory.mktemp("doubtful") / "validation.jsonl"
    rows = [one.to_row() for one in read_examples(tiny_data / "validation.jsonl")] * 10
    doubtful = [
        {**row, "id": f"{row['id']}-{number}", "stance": STANCES[number // 3 % 3] if number % 3 == 0 else row["stance"]}
        for number, row in enumerate(rows)
    ]
    write_rows(path, doubtful)
    return path


@pytest.fixture(scope="module")
def doubtful_run(tiny_config: Configured, tiny_data: Path, validation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doubtful") / "run"
    train(tiny_config(folder, data={"train": str(tiny_data / "train.jsonl"), "validation": str(validation)}))
    return folder


def kept(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return content


def test_a_run_is_as_sure_as_its_validation_rows_allow(doubtful_run: Path, validation: Path) -> None:
    model, examples = load(doubtful_run), read_examples(validation)
    uncalibrated = model.uncalibrated([(one.statement, one.proposal) for one in examples])
    assert np.allclose(kept(doubtful_run / "checkpoint")["validation"]["probabilities"], uncalibrated, atol=2e-6)
    fitted = kept(doubtful_run / "checkpoint")["calibration"]
    expected = fit("temperature", uncalibrated, np.array([one.stance.label_id for one in examples]))
    assert fitted["temperature"] == pytest.approx(expected.to_row()["temperature"], rel=1e-3)
    assert np.allclose(model.probabilities(PAIRS), softmax(model.logits(PAIRS) / fitted["temperature"]))
    assert model.predict_pairs(PAIRS)[0].confidence == pytest.approx(model.probabilities(PAIRS)[0].max(), abs=1e-6)
    metrics = json.loads((doubtful_run / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["calibration"] == fitted


def test_a_bundle_is_as_sure_as_its_run(doubtful_run: Path, tmp_path: Path) -> None:
    export(doubtful_run, tmp_path / "bundle", gate=UNTIMED)
    assert kept(tmp_path / "bundle") == kept(doubtful_run / "checkpoint")
    assert np.allclose(load(tmp_path / "bundle").probabilities(PAIRS), load(doubtful_run).probabilities(PAIRS), atol=1e-4)


@pytest.mark.parametrize("method", [*METHODS, "none"])
def test_the_config_names_the_map(method: str, tiny_config: Configured, tiny_data: Path, validation: Path, tmp_path: Path) -> None:
    data = {"train": str(tiny_data / "train.jsonl"), "validation": str(validation)}
    train(tiny_config(tmp_path / "run", data=data, calibration=method, optim={"epochs": 1, "batch_size": 10}))
    fitted, model = kept(tmp_path / "run/checkpoint")["calibration"], load(tmp_path / "run")
    assert (fitted or {"method": "none"})["method"] == method
    assert np.array_equal(model.probabilities(PAIRS), model.uncalibrated(PAIRS)) == (method == "none")


def test_a_teacher_answers_uncalibrated(doubtful_run: Path, tmp_path: Path) -> None:
    given = answers(TeacherConfig(model=doubtful_run), PAIRS, tmp_path, "cpu")
    assert np.allclose(given, load(doubtful_run, "cpu", "auto").uncalibrated(PAIRS), atol=1e-6)


def test_an_evaluation_tells_what_calibration_did(doubtful_run: Path, validation: Path) -> None:
    metrics = evaluate(doubtful_run, validation, wanted=Wanted(QUICK))
    calibration = metrics["calibration"]
    assert calibration["fit"] == kept(doubtful_run / "checkpoint")["calibration"]
    assert calibration["labels_changed"] == 0
    assert calibration["measures"]["log_loss"]["value"] < calibration["before"]["log_loss"]["value"]
    assert sum(one["count"] for one in calibration["bins"]) == metrics["n"]


def test_promises_are_fitted_on_the_kept_answers_alone(doubtful_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    shutil.copytree(doubtful_run, tmp_path / "run")
    # 300 answers, the surer the more often right.
    confidence = np.linspace(0.4, 0.99, 300)
    gold = np.where(np.random.default_rng(1).random(300) < confidence, 0, 1)
    held = Held.of(np.stack([confidence, 1 - confidence, np.zeros(300)], axis=1), gold, None)
    held.write(tmp_path / "run/checkpoint")
    for promises in (Promises(0.6, 0.7), Promises(0.9, 0.95)):
        metrics = evaluate(tmp_path / "run", tiny_data / "test.jsonl", wanted=Wanted(QUICK, promises))
        limits = Limits.fit(held.calibrated, held.gold, promises.precision)
        sets = ConformalSets.fit(held.probabilities.round(DECIMALS), held.gold, promises.coverage, by_class=True)
        assert limits.lowest[0] is not None
        assert metrics["abstention"]["target"]["limits"] == limits.to_row()
        assert metrics["conformal"]["sets"] == sets.to_row()


def test_a_model_of_an_earlier_version_promises_nothing(doubtful_run: Path, validation: Path, tmp_path: Path) -> None:
    shutil.copytree(doubtful_run, tmp_path / "run")
    (tmp_path / "run/checkpoint" / NAME).unlink()
    metrics = evaluate(tmp_path / "run", validation, wanted=Wanted(QUICK))
    assert metrics["calibration"]["fit"] is None
    assert metrics["calibration"]["before"] is None
    assert metrics["abstention"]["target"] is None
    assert metrics["conformal"] is None


def test_a_damaged_calibration_is_told(doubtful_run: Path, tmp_path: Path) -> None:
    shutil.copytree(doubtful_run, tmp_path / "run")
    (tmp_path / "run/checkpoint" / NAME).write_text("{", encoding="utf-8")
    with pytest.raises(StancekitError, match=r"calibration\.json is damaged"):
        load(tmp_path / "run")
