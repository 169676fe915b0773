"""What a recipe asks for acts in a training: soft labels, focus, R-Drop, a teacher, stages; and all of it resumes."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from stancekit import load
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.inference.model import StanceModel
from stancekit.manifest import stage_of
from stancekit.stages.train import train
from stancekit.tables import read_rows, write_rows
from stancekit.training import teacher as teaching
from stancekit.training.teacher import answers, taught, unlabelled_pairs
from trainings import command_line, equal, finished, free_port, stopped_at

pytestmark = pytest.mark.usefixtures("one_thread")

Configured = Callable[..., TrainConfig]
Run = Callable[..., CompletedProcess[str]]
ONE_EPOCH = {"epochs": 1, "batch_size": 10, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def uneven(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Data with fewer rows of support than of the others."""
    rows = [row.values for row in read_rows(tiny_data / "train.jsonl")]
    path = tmp_path_factory.mktemp("uneven") / "train.jsonl"
    write_rows(path, [row for number, row in enumerate(rows) if row["stance"] != "support" or number % 2])
    return {"train": str(path), "validation": str(tiny_data / "validation.jsonl")}


@pytest.fixture(scope="module")
def plain(tiny_config: Configured, uneven: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "run"
    train(tiny_config(folder, optim=ONE_EPOCH, data=uneven))
    return folder


@pytest.mark.parametrize("loss", [{"class_weights": "balanced"}, {"focal": 2.0}, {"label_smoothing": 0.2}, {"r_drop": 1.0}], ids=str)
def test_each_loss_trains_another_model(
    tiny_config: Configured, tmp_path: Path, plain: Path, uneven: dict[str, str], loss: dict[str, Any]
) -> None:
    train(tiny_config(tmp_path / "run", optim=ONE_EPOCH, data=uneven, loss=loss))
    assert not equal(tmp_path / "run", plain)


def test_votes_are_learned_only_where_soft_labels_are_asked_for(
    tiny_config: Configured, tmp_path: Path, plain: Path, uneven: dict[str, str]
) -> None:
    rows = [row.values | {"votes": {row.values["stance"]: 2, "neutral": 3}} for row in read_rows(Path(uneven["train"]))]
    write_rows(tmp_path / "voted.jsonl", rows)
    data = uneven | {"train": str(tmp_path / "voted.jsonl")}
    train(tiny_config(tmp_path / "hard", optim=ONE_EPOCH, data=data))
    train(tiny_config(tmp_path / "soft", optim=ONE_EPOCH, data=data, loss={"soft_labels": True}))
    assert equal(tmp_path / "hard", plain)
    assert not equal(tmp_path / "soft", plain)


def test_a_teacher_alone_is_imitated(tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    """With all the weight on the teacher the labels do not matter, and the student comes nearer to its answers."""
    settings = {
        "optim": {"epochs": 40, "batch_size": 10, "learning_rate": 0.01, "dropout": 0.0},
        "teacher": {"model": str(tiny_run), "weight": 1.0},
    }
    config = tiny_config(tmp_path / "student", seed=2, **settings)
    train(config)
    pairs = [(row.values["statement"], row.values["proposal"]) for row in read_rows(config.data.training[0].path)]
    train(tiny_config(tmp_path / "untaught", seed=2, optim={"epochs": 1, "batch_size": 10, "learning_rate": 1e-9}))
    given, before, after = (load(run).probabilities(pairs) for run in (tiny_run, tmp_path / "untaught", tmp_path / "student"))
    # How sure this teacher is, and so how far there is to go, varies with the machine.
    assert np.abs(after - given).mean() < 0.75 * np.abs(before - given).mean()


@pytest.fixture
def unlabelled(tmp_path: Path, tiny_data: Path) -> Path:
    """Statements of the test part beside proposals of the training part: 30 pairs that nobody labelled."""
    test, train = ([row.values for row in read_rows(tiny_data / f"{part}.jsonl")] for part in ("test", "train"))
    proposals = list(dict.fromkeys(row["proposal"] for row in train))[:5]
    write_rows(tmp_path / "unlabelled.jsonl", [{"statement": row["statement"], "proposal": one} for row in test for one in proposals])
    return tmp_path / "unlabelled.jsonl"


def test_unlabelled_pairs_join_as_far_as_the_teacher_is_sure(
    tiny_config: Configured, tiny_run: Path, tmp_path: Path, unlabelled: Path
) -> None:
    pairs = unlabelled_pairs([unlabelled])
    surest = np.sort(load(tiny_run, "cpu", "auto").probabilities(pairs).max(axis=1))
    # At the widest gap the last digit of an answer decides nothing.
    below = int(np.argmax(np.diff(surest))) + 1
    for name, least, joined in (("all", 0.0, 30), ("sure", (surest[below - 1] + surest[below]) / 2, 30 - below)):
        teacher = {"model": str(tiny_run), "unlabelled": [str(unlabelled)], "min_confidence": float(least)}
        metrics = train(tiny_config(tmp_path / name, optim=ONE_EPOCH, teacher=teacher))
        assert {key: metrics["train"][key] for key in ("n", "unlabelled")} == {"n": 60, "unlabelled": joined}
        manifest = json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
        assert {str(unlabelled), str(tiny_run / "checkpoint" / "model.safetensors")} <= set(manifest["inputs"])


def test_a_teacher_must_be_as_sure_as_its_answers_on_validation_ask(
    tiny_config: Configured, tiny_run: Path, tmp_path: Path, unlabelled: Path
) -> None:
    # No stance of twenty-odd validation rows has the answers that a limit rests on.
    teacher = {"model": str(tiny_run), "unlabelled": [str(unlabelled)], "precision": 0.5}
    assert train(tiny_config(tmp_path / "run", optim=ONE_EPOCH, teacher=teacher))["train"]["unlabelled"] == 0


def test_answers_are_mixed_with_labels_by_weight_and_temperature(tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    config = tiny_config(tmp_path / "run", teacher={"model": str(tiny_run), "weight": 0.25, "temperature": 2.0})
    assert config.teacher is not None
    pairs = [("The guild praised it.", "Keep it."), ("The guild rejected it.", "Keep it.")]
    labels = np.eye(3)[[2, 0]]
    _, targets = taught(config.teacher, (pairs, labels), [], np.zeros(3), tmp_path, "cpu")
    logits = load(tiny_run).logits(pairs) / 2
    soft = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(targets, 0.75 * labels + 0.25 * soft, atol=0.02)


def test_a_teacher_is_asked_once_for_what_is_kept(
    tiny_config: Configured, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "CHUNK", 4)
    config = tiny_config(tmp_path / "run", teacher={"model": str(tiny_run)})
    assert config.teacher is not None
    pairs = [(f"Statement {number}.", "Keep it.") for number in range(10)]
    first = answers(config.teacher, pairs, tmp_path / "kept", "cpu")
    parts = {len(np.load(path)): path for path in (tmp_path / "kept").iterdir()}
    assert sorted(parts) == [2, 4]
    assert len([*(tmp_path / "kept").iterdir()]) == 3
    parts[2].unlink()
    asked: list[int] = []
    original = StanceModel.uncalibrated

    def counted(self: StanceModel, pairs: Sequence[tuple[str, str]], *args: Any) -> Any:
        asked.append(len(pairs))
        return original(self, pairs, *args)

    monkeypatch.setattr(StanceModel, "uncalibrated", counted)
    assert np.array_equal(answers(config.teacher, pairs, tmp_path / "kept", "cpu"), first)
    assert asked == [2]
    # What was kept answers these pairs in this order alone.
    turned = answers(config.teacher, pairs[::-1], tmp_path / "kept", "cpu")
    assert asked == [2, 4, 4, 2]
    assert np.allclose(turned, first[::-1], atol=0.02)


def test_trainings_share_the_answers_that_a_folder_keeps(
    tiny_config: Configured, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = {"model": str(tiny_run), "answers": str(tmp_path / "kept")}
    train(tiny_config(tmp_path / "first", optim=ONE_EPOCH, teacher=teacher))
    assert [*(tmp_path / "kept").glob("*.npy")]
    monkeypatch.setattr(teaching, "load", lambda *_: pytest.fail("the teacher was asked again"))
    train(tiny_config(tmp_path / "second", optim=ONE_EPOCH, seed=5, teacher=teacher))


def test_another_teacher_is_not_answered_from_what_one_left(tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    pairs = [("The guild praised it.", "Keep it."), ("The guild rejected it.", "Keep it.")]
    found = []
    for model in (tiny_run, Path("base")):
        config = tiny_config(tmp_path / "run", teacher={"model": str(model)})
        assert config.teacher is not None
        found.append(answers(config.teacher, pairs, tmp_path / "kept", "cpu"))
    assert not np.allclose(found[0], found[1], atol=0.02)


def test_rows_without_a_proposal_are_refused(tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "bare.jsonl", [{"statement": "The guild praised it."}])
    with pytest.raises(StancekitError, match="has no proposal"):
        train(tiny_config(tmp_path / "run", teacher={"model": str(tiny_run), "unlabelled": [str(tmp_path / "bare.jsonl")]}))
    with pytest.raises(StancekitError, match="is not a folder"):
        train(tiny_config(tmp_path / "run", teacher={"model": str(tmp_path / "nobody")}))
    assert not (tmp_path / "run").exists()


STAGES: list[dict[str, Any]] = [
    {"name": "warm-up", "optim": {"learning_rate": 0.02}},
    {"name": "mix", "loss": {"focal": 1.0}},
]


def staged(tiny_config: Configured, folder: Path) -> TrainConfig:
    return tiny_config(folder, optim=ONE_EPOCH, stages=STAGES)


@pytest.fixture(scope="module")
def three_stages(tiny_config: Configured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staged") / "run"
    train(staged(tiny_config, folder))
    return folder


def test_each_stage_goes_on_from_the_one_before(tiny_config: Configured, tmp_path: Path, three_stages: Path) -> None:
    first, second, last = three_stages / "stages/warm-up", three_stages / "stages/mix", three_stages
    assert [stage_of(run) for run in (first, second, last)] == ["train"] * 3
    train(tiny_config(tmp_path / "one", optim=ONE_EPOCH | {"learning_rate": 0.02}))
    train(tiny_config(tmp_path / "two", encoder=str(tmp_path / "one"), optim=ONE_EPOCH, loss={"focal": 1.0}))
    train(tiny_config(tmp_path / "three", encoder=str(tmp_path / "two"), optim=ONE_EPOCH))
    assert [equal(*runs) for runs in ((first, tmp_path / "one"), (second, tmp_path / "two"), (last, tmp_path / "three"))] == [True] * 3


def test_the_manifest_tells_of_all_stages(three_stages: Path, tiny_encoder: Path) -> None:
    manifest = json.loads((three_stages / "manifest.json").read_text(encoding="utf-8"))
    assert [stage["name"] for stage in manifest["settings"]["stages"]] == ["warm-up", "mix"]
    assert {"stages/warm-up/metrics.json", "stages/mix/checkpoint/model.safetensors"} <= set(manifest["outputs"])
    metrics = json.loads((three_stages / "metrics.json").read_text(encoding="utf-8"))
    assert {name: one["n"] for name, one in metrics["stages"].items()} == {"warm-up": 12, "mix": 12}
    spec = json.loads((three_stages / "checkpoint" / "stancekit.json").read_text(encoding="utf-8"))
    assert spec["encoder"] == str(tiny_encoder)


@pytest.mark.parametrize("stage", ["warm-up", "mix", None])
def test_a_run_stopped_in_any_stage_resumes_to_the_same_weights(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, three_stages: Path, stage: str | None
) -> None:
    config = staged(tiny_config, tmp_path / "run")
    inside = config.output / (f"stages/{stage}/training" if stage else "training")
    stopped_at(monkeypatch, config, 6, inside)
    assert stage_of(config.output) is None
    with pytest.raises(StancekitError, match="is in use"):
        train(config)
    train(config, resume=True)
    assert equal(config.output, three_stages)


def test_two_stages_of_one_name_are_refused(tiny_config: Configured, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two are the same"):
        tiny_config(tmp_path / "run", stages=[{"name": "a"}, {"name": "a"}])


def test_two_passes_without_dropout_are_refused_in_any_stage(tiny_config: Configured, tmp_path: Path) -> None:
    for place in ({"loss": {"r_drop": 1.0}}, {"stages": [{"name": "a", "loss": {"r_drop": 1.0}}]}):
        with pytest.raises(ValueError, match="compares two passes under dropout"):
            tiny_config(tmp_path / "run", optim=ONE_EPOCH | {"dropout": 0.0}, **place)


def test_a_stage_changes_the_keys_it_names(tiny_config: Configured, tmp_path: Path) -> None:
    config = tiny_config(tmp_path / "run", optim={"epochs": 4, "batch_size": 10}, stages=[{"name": "a", "optim": {"epochs": 1}}])
    first = config.stage(config.stages[0])
    assert (first.optim.epochs, first.optim.batch_size, first.output) == (1, 10, tmp_path / "run" / "stages" / "a")
    assert config.optim.epochs == 4


def test_a_stage_has_the_teacher_that_it_names_alone(tiny_config: Configured, tmp_path: Path) -> None:
    own, other = {"model": "large"}, {"model": "larger"}
    config = tiny_config(tmp_path / "run", teacher=own, stages=[{"name": "a"}, {"name": "b", "teacher": other}])
    first, second = (config.stage(stage).teacher for stage in config.stages)
    assert first is None
    assert second is not None
    assert (second.model, config.teacher and config.teacher.model) == (Path("larger"), Path("large"))


@pytest.mark.slow
def test_two_processes_train_stages_and_ask_a_teacher(tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    config = tiny_config(
        tmp_path / "run", optim={"epochs": 1, "batch_size": 5, "learning_rate": 0.01}, stages=STAGES[:1], teacher={"model": str(tiny_run)}
    )
    words, environment = command_line(config, tmp_path)
    launcher = ["torch.distributed.run", "--nproc_per_node=2", "--master_addr=127.0.0.1", f"--master_port={free_port()}"]
    done = finished([sys.executable, "-m", *launcher, "-m", "stancekit", *words, "--json"], environment)
    assert json.loads(done.stdout)["train"]["n"] == 60
    assert [stage_of(run) for run in (tmp_path / "run/stages/warm-up", tmp_path / "run")] == ["train", "train"]


def test_the_command_takes_a_teacher(stancekit: Run, tiny_config: Configured, tiny_run: Path, tmp_path: Path) -> None:
    words, _ = command_line(tiny_config(tmp_path / "run", optim=ONE_EPOCH), tmp_path)
    done = stancekit(*words, "--teacher", tiny_run)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["teacher"]["model"] == str(tiny_run)
