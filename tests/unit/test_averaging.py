"""The moving average of the weights, by hand and beside torch's own."""

from pathlib import Path

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from stancekit.training.averaging import AVERAGE, WeightAverage


def line(value: float = 0.0) -> torch.nn.Linear:
    """One weight of this value; its bias is frozen."""
    model = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(model.weight, value)
    torch.nn.init.constant_(model.bias, 5.0)
    model.bias.requires_grad = False
    return model


def moved(model: torch.nn.Linear, value: float) -> None:
    torch.nn.init.constant_(model.weight, value)


def test_first_steps_count_more_than_the_decay_lets_them() -> None:
    model = line(0.0)
    average = WeightAverage(model, 0.3)
    expected = 0.0
    for step, value, decay in ((1, 1.0, 2 / 11), (2, 3.0, 3 / 12), (3, -2.0, 0.3), (4, 8.0, 0.3)):
        moved(model, value)
        average.update(step)
        expected = decay * expected + (1 - decay) * value
        assert average.averages["weight"].item() == pytest.approx(expected)
    assert model.weight.item() == 8.0


def test_behind_its_warm_up_it_is_the_average_of_torch() -> None:
    model = line(1.0)
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))  # type: ignore[no-untyped-call]
    theirs.update_parameters(model)
    average = WeightAverage(model, 0.9)
    for step in range(100, 120):
        moved(model, step / 7)
        average.update(step)
        theirs.update_parameters(model)
    assert torch.equal(average.averages["weight"], next(theirs.parameters()))


def test_what_is_frozen_has_no_average() -> None:
    assert set(WeightAverage(line(), 0.9).averages) == {"weight"}


def test_the_model_gets_its_own_weights_back_to_the_bit() -> None:
    model = line(0.1)
    average = WeightAverage(model, 0.9)
    moved(model, 1 / 3)
    own = model.weight.detach().clone()
    average.update(1)

    def evaluated() -> None:
        with average.in_place():
            assert torch.equal(model.weight, average.averages["weight"])
            assert model.bias.item() == 5.0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluated()
    assert torch.equal(model.weight, own)
    assert not torch.equal(average.averages["weight"], own)


def test_a_stored_average_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    model = line(0.2)
    average = WeightAverage(model, 0.5)
    moved(model, 1 / 7)
    average.update(1)
    average.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [AVERAGE]
    other = line(99.0)
    again = WeightAverage(other, 0.5)
    again.load(tmp_path)
    for one, weights in ((average, model), (again, other)):
        moved(weights, 1 / 9)
        one.update(2)
    assert torch.equal(average.averages["weight"], again.averages["weight"])
    assert again.averages["weight"].item() != pytest.approx(1 / 9)
