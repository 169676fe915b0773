"""Doubtful labels of a toy set by tiny models: planted ones are found, no fold leaks, nothing is lost by a kill, faults are told."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import TOPICS, WriteJsonl
from doubting import PLANTED, toy_rows
from stancekit import load
from stancekit.config import DoubtsConfig, TrainConfig, load_doubts
from stancekit.data.examples import read_examples
from stancekit.data.ties import keys
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.manifest import stage_of
from stancekit.stages import doubts as stage
from stancekit.stages.doubts import doubts
from stancekit.stance import STANCES
from trainings import Killed, command_line, finished, killed_at, trained_by

pytestmark = pytest.mark.usefixtures("one_thread")

Run = Callable[..., subprocess.CompletedProcess[str]]
Toy = Callable[..., DoubtsConfig]
LEARNED = {"epochs": 8, "batch_size": 10, "learning_rate": 0.02}
SHORT = {"epochs": 2, "batch_size": 30, "learning_rate": 0.003}
FILES = ["answers.jsonl", "doubts.json", "doubts.jsonl", "report.html", "train.json"]


@pytest.fixture(scope="module")
def toy_data(tmp_path_factory: pytest.TempPathFactory, write_jsonl: WriteJsonl) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    write_jsonl(folder / "train.jsonl", toy_rows())
    write_jsonl(folder / "small.jsonl", toy_rows(TOPICS[:4], planted=()))
    write_jsonl(folder / "validation.jsonl", toy_rows(TOPICS[12:], planted=()))
    return folder


@pytest.fixture(scope="module")
def toy(toy_data: Path, tiny_config: Callable[..., TrainConfig]) -> Toy:
    """Makes the config of trainings over the toy set: `toy(output, train="small", folds=2)`."""

    def config(output: Path, train: str = "small", folds: int = 3, **changes: Any) -> DoubtsConfig:
        data = {"train": toy_data / f"{train}.jsonl", "validation": toy_data / "validation.jsonl"}
        base = tiny_config(output, **{"data": data, "optim": SHORT, "model": {"head": "mean"}, **changes})
        return DoubtsConfig.model_validate({**base.model_dump(exclude_unset=True), "folds": folds})

    return config


@pytest.fixture(scope="module")
def found(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of doubts about the toy set. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("found") / "doubts"
    doubts(toy(folder, "train", optim=LEARNED, stopping={"patience": 50}))
    return folder


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def result_of(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "doubts.json").read_text(encoding="utf-8"))
    return result


def test_planted_labels_are_found(found: Path, toy_data: Path) -> None:
    examples = read_examples(toy_data / "train.jsonl")
    planted = {examples[row].id for row in PLANTED}
    doubtful = [row["id"] for row in rows_of(found / "doubts.jsonl")]
    # Chance would find one of thirty. A model that small may have learned one of its folds badly.
    assert len(planted.intersection(doubtful)) >= 4
    assert len(planted.intersection(doubtful)) * 2 > len(doubtful)
    true = toy_rows(planted=())
    suggested = {row["id"]: row["suggested"] for row in rows_of(found / "doubts.jsonl")}
    right = [row["id"] for row in true if row["id"] in planted and suggested.get(row["id"]) == row["stance"]]
    assert len(right) >= 4


def test_every_row_is_answered_by_a_model_that_learned_nothing_like_it(found: Path, toy_data: Path) -> None:
    examples, answers = read_examples(toy_data / "train.jsonl"), rows_of(found / "answers.jsonl")
    assert [(row["statement_id"], row["gold"]) for row in answers] == [(one.id, one.stance.value) for one in examples]
    for fold in (1, 2, 3):
        learned = {key for one in read_examples(found / f"folds/fold-{fold}-rows/1.jsonl") for key in keys(one)}
        asked = [(example, row) for example, row in zip(examples, answers, strict=True) if row["fold"] == fold]
        assert asked
        assert learned.isdisjoint(key for example, _ in asked for key in keys(example))
        said = load(found / f"folds/fold-{fold}").probabilities([(example.statement, example.proposal) for example, _ in asked])
        assert np.array([[row["probabilities"][name] for name in STANCES] for _, row in asked]) == pytest.approx(said, abs=2e-6)


def test_what_is_left_behind_agrees(found: Path, toy_data: Path) -> None:
    result, rows = result_of(found), rows_of(found / "doubts.jsonl")
    assert sorted(path.name for path in found.iterdir()) == sorted([*FILES, "folds", "manifest.json"])
    assert result["doubted"] == len(rows) == sum(fold["doubted"] for fold in result["folds"])
    assert [fold["n"] for fold in result["folds"]] == [180 - fold["learned"] for fold in result["folds"]]
    margins = [row["given"] - row["confidence"] for row in rows]
    assert margins == sorted(margins)
    assert all(row["gold"] != row["suggested"] for row in rows)
    lines = (toy_data / "train.jsonl").read_text(encoding="utf-8").splitlines()
    for row in rows:
        file, line = row["where"].rsplit(":", 1)
        assert file == str(toy_data / "train.jsonl")
        assert json.loads(lines[int(line) - 1])["id"] == row["id"]
    manifest = json.loads((found / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stage"], manifest["settings"]["folds"]) == ("doubts", 3)
    assert sorted(manifest["outputs"]) == FILES
    assert set(manifest["inputs"]) == {str(toy_data / "train.jsonl"), str(toy_data / "validation.jsonl")}
    assert result["by"].startswith("cleanlab ")
    assert (result["seen"], result["warnings"]) == (0, [])


def test_answers_are_a_file_of_answers_to_the_training_rows(stancekit: Run, found: Path, toy_data: Path) -> None:
    done = stancekit("evaluate", found / "answers.jsonl", toy_data / "train.jsonl", "--resamples", 100, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["macro_f1"]["value"] == pytest.approx(result_of(found)["macro_f1"], abs=1e-4)


def test_what_is_trained_is_not_trained_again(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, cut = toy(tmp_path / "whole"), toy(tmp_path / "cut")
    assert trained_by(monkeypatch, stage, lambda: doubts(whole)) == ["fold-1", "fold-2", "fold-3"]

    def killed(run: TrainConfig, *args: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        # Between the second training and its answers.
        answers = vars(stage)["answers_of"]
        patch.setattr(stage, "answers_of", lambda *args: killed(cut) if "fold 2" in args[2] else answers(*args))
        with pytest.raises(Killed):
            doubts(cut)
    assert stage_of(cut.output) is None
    assert not (cut.output / "answers.jsonl").exists()
    with pytest.raises(StancekitError, match="go on with --resume"):
        doubts(cut)
    assert trained_by(monkeypatch, stage, lambda: doubts(cut, resume=True)) == ["fold-3"]
    assert rows_of(cut.output / "answers.jsonl") == rows_of(whole.output / "answers.jsonl")
    assert {**result_of(cut.output), "name": "whole"} == result_of(whole.output)


@pytest.mark.slow
def test_killed_in_a_training_it_ends_as_if_undisturbed(toy: Toy, tmp_path: Path) -> None:
    """kill -9 in the second fold: the first is left as it is, the second goes on from its checkpoint."""
    twice = {"optim": {**SHORT, "batch_size": 5}, "stopping": {"patience": 99, "evaluations_per_epoch": 2}}
    config = toy(tmp_path / "doubts", **twice)
    words, environment = as_command(config, tmp_path)
    killed_at(words, environment, 4, config.output / "folds/fold-2/training")
    assert [stage_of(config.output / f"folds/fold-{fold}") for fold in (1, 2)] == ["train", None]
    first = (config.output / "folds/fold-1/manifest.json").read_bytes()
    assert "fold 2 of 3: training on the others" in finished([sys.executable, "-m", "stancekit", *words, "--resume"], environment).stderr
    assert (config.output / "folds/fold-1/manifest.json").read_bytes() == first
    resumed = json.loads((config.output / "folds/fold-2/manifest.json").read_text(encoding="utf-8"))
    assert resumed["resumed"]
    doubts(toy(tmp_path / "whole", **twice))
    assert rows_of(config.output / "answers.jsonl") == rows_of(tmp_path / "whole/answers.jsonl")


def as_command(config: DoubtsConfig, tmp_path: Path, *options: str) -> tuple[list[str], dict[str, str]]:
    """Its words for `stancekit`, and the environment of a process of its own."""
    path, environment = written(config, tmp_path)
    return ["doubts", str(path), "--folds", str(config.folds), "--output", str(config.output), *options], environment


def written(config: DoubtsConfig, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """The training's own config as a file."""
    training = TrainConfig.model_validate(config.model_dump(exclude={"folds"}, exclude_unset=True))
    (_, path), environment = command_line(training, tmp_path)
    return Path(path), environment


def test_the_command_says_what_it_found(stancekit: Run, toy: Toy, tmp_path: Path) -> None:
    path, _ = written(toy(tmp_path / "run"), tmp_path)
    done = stancekit("doubts", path, "--folds", "2", "--json", "--set", "optim.epochs=1")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result == result_of(tmp_path / "run-doubts")
    assert len(result["folds"]) == 2
    assert f"open {tmp_path / 'run-doubts' / 'report.html'}" in done.stderr
    again = stancekit("doubts", path, "--folds", "2", "--set", "optim.epochs=1")
    assert (again.returncode, "run-doubts holds a finished run" in again.stderr) == (2, True)


def test_an_output_is_named_in_three_ways(toy: Toy, tmp_path: Path) -> None:
    path, _ = written(toy(tmp_path / "run"), tmp_path)
    assert load_doubts(path, None, 4, None).output == tmp_path / "run-doubts"
    assert load_doubts(path, None, 5, tmp_path / "a 'b' 7").output == tmp_path / "a 'b' 7"
    # As messages about a folder in use tell it.
    assert load_doubts(path, ["output=other"], 4, tmp_path / "mine").output == Path("other")
    assert load_doubts(path, ["seed=2"], 5, None).folds == 5
    with pytest.raises(StancekitError, match="folds  should be greater than or equal to 2"):
        load_doubts(path, None, 1, None)


def refused(config: DoubtsConfig, said: str, resume: bool = False) -> StancekitError:
    with pytest.raises(StancekitError, match=said) as fault:
        doubts(config, resume)
    return fault.value


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be trained."""

    def train(*args: Any, **kwargs: Any) -> Any:
        pytest.fail("a training has begun")

    monkeypatch.setattr(stage, "train", train)


@pytest.mark.usefixtures("untrained")
def test_without_cleanlab_it_says_what_to_install(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stancekit.evaluation.doubts.PACKAGE", "no-such-package")
    fault = refused(toy(tmp_path / "doubts"), "need the package")
    assert fault.fix == "pip install 'stancekit[doubts]'"
    assert not (tmp_path / "doubts").exists()


@pytest.mark.usefixtures("untrained")
def test_faults_are_told_before_anything_is_trained(
    toy: Toy, toy_data: Path, tmp_path: Path, write_jsonl: WriteJsonl, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(toy(tmp_path / "doubts", folds=5), "tie the 60 pairs together, too much for 5 folds")
    refused(toy(tmp_path / "doubts", "absent"), "absent.jsonl does not exist")
    gone = {"train": toy_data / "small.jsonl", "validation": tmp_path / "gone.jsonl"}
    refused(toy(tmp_path / "doubts", data=gone), "gone.jsonl does not exist")
    refused(toy(tmp_path / "doubts", encoder=str(tmp_path / "nowhere")), "there is no folder")
    few = write_jsonl(
        tmp_path / "few.jsonl", [*toy_rows(TOPICS[:1], ()), *(row for row in toy_rows(TOPICS[1:5], ()) if row["stance"] != "support")]
    )
    data = {"train": few, "validation": few}
    refused(toy(tmp_path / "doubts", data=data, folds=2), r"without fold \d no row to learn from is support")
    monkeypatch.setenv("WORLD_SIZE", "2")
    refused(toy(tmp_path / "doubts"), "runs in one process")
    assert not (tmp_path / "doubts").exists()


@pytest.mark.usefixtures("untrained")
def test_a_finished_folder_and_other_folds_are_refused(toy: Toy, tmp_path: Path, found: Path) -> None:
    for resume in (False, True):
        refused(toy(found, "train", optim=LEARNED), "holds a finished run", resume)
    begun = toy(tmp_path / "doubts")
    write_json(tmp_path / "doubts/train.json", {**json.loads((found / "train.json").read_text(encoding="utf-8")), "folds": 4})
    refused(begun, "is in use")
    assert "folds" in refused(begun, "was started with another", resume=True).problem


def test_a_finished_fold_that_was_dealt_otherwise_is_refused(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = toy(tmp_path / "doubts", folds=2, optim={**SHORT, "epochs": 1})
    doubts(config)
    (config.output / "manifest.json").unlink()
    dealt = vars(stage)["folds_of"]
    monkeypatch.setattr(stage, "folds_of", lambda examples, count, seed: 1 - dealt(examples, count, seed))
    refused(config, "fold-1 was started with another content of the data", resume=True)


def model_on(folder: Path, data: Mapping[str, Any], encoder: str = "minilm") -> Path:
    """The manifest of a run that learned from these files."""
    from stancekit.manifest import sha256

    folder.mkdir()
    settings = {"encoder": encoder, "data": {"train": str(data["train"])}}
    write_json(folder / "manifest.json", {"stage": "train", "settings": settings, "inputs": {str(data["train"]): sha256(data["train"])}})
    return folder


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("of_stage", [False, True])
def test_a_teacher_that_learned_the_labels_is_refused(toy: Toy, toy_data: Path, tmp_path: Path, of_stage: bool) -> None:
    teacher = {"model": model_on(tmp_path / "teacher", {"train": toy_data / "small.jsonl"})}
    changes: dict[str, Any] = {"stages": [{"name": "first", "teacher": teacher}]} if of_stage else {"teacher": teacher}
    fault = refused(toy(tmp_path / "doubts", **changes), "has learned 60 of the 60 statements with their labels")
    assert "teacher" in fault.fix


def test_a_start_that_learned_the_labels_is_told_of(
    toy: Toy, toy_data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy(tmp_path / "first", folds=2, optim={**SHORT, "epochs": 1})
    doubts(config)
    # The run of a fold learned the rows of the other.
    start = config.output / "folds/fold-1"
    caplog.set_level("WARNING", "stancekit")
    result = doubts(toy(tmp_path / "second", folds=2, optim={**SHORT, "epochs": 1}, encoder=str(start)))
    learned = result_of(config.output)["folds"][0]["learned"]
    assert (result["encoder"], result["seen"]) == (str(start), learned)
    assert result["warnings"][0] in [record.message for record in caplog.records]
    assert f"has learned {learned} of the 60 statements with their labels" in result["warnings"][0]
    assert f"has learned {learned} of the 60" in (tmp_path / "second/report.html").read_text(encoding="utf-8")


def test_a_mix_and_stages_are_trained_without_the_fold(toy: Toy, toy_data: Path, tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    other = write_jsonl(tmp_path / "other.jsonl", [{**row, "id": f"o {row['id']}"} for row in toy_rows(TOPICS[4:10], ())])
    mix = [{"path": toy_data / "small.jsonl"}, {"path": other, "cap": 60}]
    data = {"mix": mix, "temperature": 2, "validation": toy_data / "validation.jsonl"}
    own = {"train": toy_data / "small.jsonl", "validation": toy_data / "validation.jsonl"}
    stages = [{"name": "before", "data": own}]
    result = doubts(toy(tmp_path / "doubts", data=data, stages=stages, folds=2, optim={**SHORT, "epochs": 1}))
    assert result["n"] == 120
    for fold in (1, 2):
        run = tmp_path / f"doubts/folds/fold-{fold}"
        asked = {(row["statement"], row["proposal"]) for row in rows_of(tmp_path / "doubts/answers.jsonl") if row["fold"] == fold}
        for files in ("1.jsonl", "2.jsonl", "before/1.jsonl"):
            learned = {(one.statement, one.proposal) for one in read_examples(run.with_name(f"fold-{fold}-rows") / files)}
            assert learned.isdisjoint(asked)
        before = json.loads((run / "stages/before/manifest.json").read_text(encoding="utf-8"))
        assert str(run.with_name(f"fold-{fold}-rows") / "before/1.jsonl") in before["inputs"]
        assert str(toy_data / "small.jsonl") not in before["inputs"]
