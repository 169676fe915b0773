"""The answers a model keeps of its validation rows: what is read is what was written, and a damaged file is told."""

import json
from pathlib import Path

import numpy as np
import pytest

from stancekit.errors import StancekitError
from stancekit.inference.calibration import METHODS, Method
from stancekit.inference.engine import softmax
from stancekit.inference.held import LEAST_ROWS, NAME, Held
from stancekit.records import DECIMALS
from stancekit.stance import STANCES


def answers(rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(rows, 3)) * 2
    gold = (softmax(logits).cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1)
    # Three times as sure as they ought to be.
    return softmax(3 * logits), gold


@pytest.mark.parametrize("method", [*METHODS, None])
def test_what_is_read_is_what_was_written(method: Method | None, tmp_path: Path) -> None:
    held = Held.of(*answers(), method)
    held.write(tmp_path)
    again = Held.read(tmp_path)
    assert again is not None
    assert np.array_equal(again.probabilities, held.probabilities)
    assert np.array_equal(again.gold, held.gold)
    assert np.array_equal(again.calibrated, held.calibrated)
    assert np.array_equal(held.calibrated, held.probabilities.round(DECIMALS)) == (method is None)


def test_the_map_is_fitted_on_the_answers() -> None:
    held = Held.of(*answers(), "temperature")
    assert held.calibrator is not None
    assert held.calibrator.to_row()["temperature"] == pytest.approx(3, rel=0.2)


def test_few_rows_calibrate_nothing() -> None:
    assert Held.of(*answers(LEAST_ROWS - 1), "temperature").calibrator is None
    assert Held.of(*answers(LEAST_ROWS), "temperature").calibrator is not None


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert Held.read(tmp_path) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("validation", None),
        ("validation", {"labels": ["a", "b", "c"], "gold": [0], "probabilities": [[1, 0, 0]]}),
        ("validation", {"labels": list(STANCES), "gold": [0, 1], "probabilities": [[1, 0, 0]]}),
        ("calibration", {"method": "magic"}),
    ],
)
def test_a_damaged_file_is_told(key: str, value: object, tmp_path: Path) -> None:
    Held.of(*answers(20), "temperature").write(tmp_path)
    content = json.loads((tmp_path / NAME).read_text(encoding="utf-8"))
    (tmp_path / NAME).write_text(json.dumps({**content, key: value}), encoding="utf-8")
    with pytest.raises(StancekitError, match=r"calibration\.json is damaged"):
        Held.read(tmp_path)
