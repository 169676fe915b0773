"""What a manifest says of a training's speed: each pair and token once, without padding, over every resumption."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stancekit.config import TrainConfig
from stancekit.modeling.pairs import PairTokenizer
from stancekit.stages.train import train
from stancekit.tables import read_rows
from trainings import TWICE, equal, stopped_at

pytestmark = pytest.mark.usefixtures("one_thread")

Configured = Callable[..., TrainConfig]
OPTIM = {"epochs": 2, "batch_size": 10, "learning_rate": 0.003}


def facts(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    return found


def tokens_of(run: Path, data: Path) -> list[int]:
    """Tokens of every training pair, as the run's own tokenizer counts them."""
    rows = [row.values for row in read_rows(data / "train.jsonl")]
    tokenizer = PairTokenizer.of_folder(run / "checkpoint", 48, 0, ("input_ids", "attention_mask"))
    return [len(one.ids) for one in tokenizer.encode([(row["statement"], row["proposal"]) for row in rows])]


@pytest.fixture(scope="module")
def whole(tiny_config: Configured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    train(tiny_config(folder, **TWICE, optim=OPTIM))
    return folder


def test_every_pair_and_token_is_counted_once_an_epoch(whole: Path, tiny_data: Path) -> None:
    told, lengths = facts(whole)["training"], tokens_of(whole, tiny_data)
    assert (told["pairs"], told["tokens"], told["starts"]) == (120, 2 * sum(lengths), 1)
    # Batches of ten, each as wide as its longest pair.
    assert 0 < told["padding"] < 1 - sum(lengths) / (60 * max(lengths))
    assert 0 < told["step_seconds"] <= told["seconds"] <= facts(whole)["wall_seconds"]
    # Both are rounded for the eye.
    for name in ("pairs", "tokens"):
        assert told[f"{name}_per_second"] == pytest.approx(told[name] / told["step_seconds"], rel=0.01 / told["step_seconds"])


def test_the_manifest_tells_where_a_training_ran(whole: Path) -> None:
    told = facts(whole)
    where = {"device": "cpu", "precision": "fp32", "tf32": False, "attention": "sdpa", "processes": 1, "sharded": False, "threads": 1}
    assert {key: told[key] for key in where} == where
    assert told["gpus"] == []
    assert told["peak_gpu_memory_mib"] is None
    assert {"accelerate", "safetensors", "peft"} <= told["versions"].keys()


@pytest.mark.parametrize("step", [3, 6, 12])
def test_a_resumed_training_adds_up_what_led_to_its_weights(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Path, step: int
) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, optim=OPTIM)
    stopped_at(monkeypatch, config, step)
    state = json.loads((tmp_path / "run" / "training" / f"checkpoint-{step}" / "trainer_state.json").read_text(encoding="utf-8"))
    before = state["stateful_callbacks"]["Throughput"]["attributes"]
    assert before["pairs"] == 10 * step
    train(config, resume=True)
    assert equal(tmp_path / "run", whole)
    told, undisturbed = facts(tmp_path / "run")["training"], facts(whole)["training"]
    assert {key: told[key] for key in ("pairs", "tokens", "padding")} == {key: undisturbed[key] for key in ("pairs", "tokens", "padding")}
    assert told["starts"] == 2
    assert told["seconds"] >= round(before["seconds"], 2) > 0
    assert told["step_seconds"] >= round(before["step_seconds"], 2) > 0


def test_a_checkpoint_without_counts_is_resumed_too(tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, optim=OPTIM)
    stopped_at(monkeypatch, config, 3)
    path = tmp_path / "run" / "training" / "checkpoint-3" / "trainer_state.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    del state["stateful_callbacks"]["Throughput"]
    path.write_text(json.dumps(state), encoding="utf-8")
    train(config, resume=True)
    assert facts(tmp_path / "run")["training"]["pairs"] == 90


def test_evaluations_and_checkpoints_are_no_time_of_steps(tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stancekit.training import throughput
    from stancekit.training.trainer import PairTrainer

    evaluate, save = PairTrainer.evaluate, PairTrainer._save_checkpoint
    late: list[float] = []

    def slow_evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
        late.append(500)
        return evaluate(self, *args, **kwargs)

    def slow_save(self: Any, *args: Any) -> None:
        late.append(500)
        save(self, *args)

    monkeypatch.setattr(throughput, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + sum(late)))
    monkeypatch.setattr(PairTrainer, "evaluate", slow_evaluate)
    monkeypatch.setattr(PairTrainer, "_save_checkpoint", slow_save)
    train(tiny_config(tmp_path / "run", optim=OPTIM | {"epochs": 1}))
    told = facts(tmp_path / "run")["training"]
    assert len(late) == 2
    assert told["seconds"] >= 1000
    assert told["step_seconds"] < told["seconds"] - 1000


def test_a_pair_that_is_read_twice_is_one_pair(tiny_config: Configured, tmp_path: Path, whole: Path) -> None:
    train(tiny_config(tmp_path / "run", **TWICE, optim=OPTIM, loss={"r_drop": 1.0}))
    told, plain = facts(tmp_path / "run")["training"], facts(whole)["training"]
    assert (told["pairs"], told["tokens"]) == (plain["pairs"], plain["tokens"])


def test_named_attention_is_what_a_run_trains_with(tiny_config: Configured, tmp_path: Path, whole: Path) -> None:
    hardware = {"device": "cpu", "precision": "fp32", "attention": "eager"}
    train(tiny_config(tmp_path / "run", **TWICE, optim=OPTIM, hardware=hardware))
    assert (facts(tmp_path / "run")["attention"], facts(whole)["attention"]) == ("eager", "sdpa")
