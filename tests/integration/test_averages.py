"""The average of the weights is what is evaluated and kept, also where a training was resumed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from stancekit.config import TrainConfig
from stancekit.manifest import sha256
from stancekit.stages.train import train
from trainings import TWICE, equal, evaluations, scored, stopped_at, weights

pytestmark = pytest.mark.usefixtures("one_thread")

Configured = Callable[..., TrainConfig]
AVERAGED = {"epochs": 4, "batch_size": 10, "learning_rate": 0.003, "averaging": 0.6}


@pytest.fixture(scope="module")
def undisturbed_average(ever_better: None, tiny_config: Configured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The undisturbed training again, with an average of its weights."""
    folder = tmp_path_factory.mktemp("averaged") / "run"
    train(tiny_config(folder, **TWICE, optim=AVERAGED))
    return folder


def test_average_is_evaluated_while_the_weights_go_their_own_way(undisturbed: Path, undisturbed_average: Path) -> None:
    def losses(run: Path) -> list[tuple[float, float]]:
        history = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["history"]
        return [(entry["loss"], entry["grad_norm"]) for entry in history if "loss" in entry]

    assert losses(undisturbed_average) == losses(undisturbed)
    assert len(losses(undisturbed)) == 2
    pairs = zip(evaluations(undisturbed_average), evaluations(undisturbed), strict=True)
    assert all(averaged[1] != plain[1] for averaged, plain in pairs)
    assert not equal(undisturbed_average, undisturbed)


def test_kept_weights_are_the_average_over_the_steps(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed_average: Path
) -> None:
    from stancekit.training.averaging import WeightAverage

    passed: list[dict[str, torch.Tensor]] = []
    original = WeightAverage.update

    def update(self: WeightAverage, step: int) -> None:
        if not passed:
            passed.append({name: value.double() for name, value in self.averages.items()})
        passed.append({name: weight.detach().double() for name, weight in self.model.named_parameters()})
        original(self, step)

    monkeypatch.setattr(WeightAverage, "update", update)
    train(tiny_config(tmp_path / "again", **TWICE, optim=AVERAGED))
    assert len(passed) == 25
    expected = passed[0]
    for step, after in enumerate(passed[1:], 1):
        decay = min(0.6, (1 + step) / (10 + step))
        expected = {name: decay * value + (1 - decay) * after[name] for name, value in expected.items()}
    kept = weights(undisturbed_average)
    for name, value in expected.items():
        assert torch.allclose(kept[name].double(), value, atol=1e-6), name
        assert not torch.allclose(kept[name].double(), passed[-1][name], atol=1e-6), name


@pytest.mark.parametrize("step", [3, 15, 24])
def test_resumed_training_ends_with_the_same_average_wherever_it_stopped(
    tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed_average: Path, step: int
) -> None:
    config = tiny_config(tmp_path / "run", **TWICE, optim=AVERAGED)
    stopped_at(monkeypatch, config, step)
    assert (config.output / "training" / f"checkpoint-{step}" / "average.safetensors").is_file()
    train(config, resume=True)
    assert sha256(config.output / "checkpoint" / "model.safetensors") == sha256(undisturbed_average / "checkpoint" / "model.safetensors")
    assert evaluations(config.output) == evaluations(undisturbed_average)


def test_average_of_the_best_evaluation_is_kept(tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optim = {"epochs": 3, "batch_size": 10, "learning_rate": 0.01, "scheduler": "constant_with_warmup", "warmup": 0.0, "averaging": 0.8}
    scored(monkeypatch, [0.2, 0.6, 0.5])
    train(tiny_config(tmp_path / "three", optim=optim))
    scored(monkeypatch, [0.2, 0.6])
    train(tiny_config(tmp_path / "two", optim={**optim, "epochs": 2}))
    assert equal(tmp_path / "three", tmp_path / "two")
