"""What a card is told of the other seeds: found beside a run and in its evaluation, complete or said to be unknown."""

import json
from pathlib import Path
from typing import Any

import pytest

from stancekit.errors import StancekitError
from stancekit.export.seeds import all_seeds, judged_seeds
from stancekit.modeling.family import family_of, members

REACHED = {"9": 0.5, "10": 0.6, "11": 0.4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What three seeds leave, but for the models."""
    for seed in REACHED:
        (tmp_path / f"seed-{seed}").mkdir()
    (tmp_path / "seeds.json").write_text(json.dumps({"seeds": 3, "validation": {"by_seed": REACHED}}), encoding="utf-8")
    (tmp_path / "manifest.json").write_text(json.dumps({"stage": "train --seeds"}), encoding="utf-8")
    return tmp_path


def evaluation(**by_seed: float) -> dict[str, Any]:
    """Of the seeds `s9` and so on, or of a single run where there is one."""
    scores = {seed.removeprefix("s"): {"macro_f1": value, "accuracy": value + 0.1} for seed, value in by_seed.items()}
    shown = {name: {"value": value} for name, value in next(iter(scores.values())).items()}
    return {**shown, "seeds": {"by_seed": scores} if len(scores) > 1 else None}


def test_seeds_beside_a_run_are_all_there_in_the_order_of_numbers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {
        "own": "10",
        "by_seed": {"9": {"validation": 0.5}, "10": {"validation": 0.6}, "11": {"validation": 0.4}},
        "mean": {"validation": pytest.approx(0.5)},
        "sd": {"validation": pytest.approx(0.1)},
    }
    found = all_seeds(folder / "seed-10", 10, 0.6, None)
    assert found == expected
    assert list(found["by_seed"]) == ["9", "10", "11"]
    # However the folder is named.
    monkeypatch.chdir(folder / "seed-10")
    assert all_seeds(Path(), 10, 0.6, None) == expected


def test_an_evaluation_of_all_seeds_has_its_own_column(folder: Path) -> None:
    found = all_seeds(folder / "seed-11", 11, 0.4, evaluation(s9=0.3, s10=0.2, s11=0.7))
    assert found is not None
    assert found["by_seed"]["11"] == {"validation": 0.4, "test": 0.7}
    assert (found["mean"]["test"], found["sd"]["test"]) == (pytest.approx(0.4), pytest.approx(0.07**0.5))


def test_what_is_known_of_one_seed_alone_has_no_mean(folder: Path, tmp_path: Path) -> None:
    found = all_seeds(folder / "seed-9", 9, 0.5, evaluation(s9=0.3))
    assert found is not None
    assert [one["test"] for one in found["by_seed"].values()] == [0.3, None, None]
    assert (found["mean"]["test"], found["sd"]["test"]) == (None, None)
    # A run that was moved away from the others.
    (tmp_path / "moved").mkdir()
    found = all_seeds(tmp_path / "moved", 9, 0.5, evaluation(s9=0.3, s10=0.2, s11=0.7))
    assert found is not None
    assert [one["validation"] for one in found["by_seed"].values()] == [0.5, None, None]
    assert (found["mean"], found["sd"]["validation"]) == ({"validation": None, "test": pytest.approx(0.4)}, None)


def test_a_run_by_itself_has_no_other_seeds(tmp_path: Path) -> None:
    (tmp_path / "seed-9").mkdir()
    assert all_seeds(tmp_path / "seed-9", 9, 0.5, None) is None
    assert all_seeds(tmp_path / "seed-9", 9, 0.5, evaluation(s9=0.3)) is None
    assert judged_seeds(evaluation(s9=0.3), 9) == {"9": {"macro_f1": 0.3, "accuracy": 0.4}}


def test_a_result_of_other_runs_is_told(folder: Path) -> None:
    for seed, reached in ((9, 0.51), (12, 0.5)):
        (folder / f"seed-{seed}").mkdir(exist_ok=True)
        with pytest.raises(StancekitError, match=r"seeds\.json does not hold what .* reached") as fault:
            all_seeds(folder / f"seed-{seed}", seed, reached, None)
        assert "--resume" in fault.value.fix
    (folder / "seeds.json").unlink()
    with pytest.raises(StancekitError, match=r"seeds\.json does not exist"):
        all_seeds(folder / "seed-9", 9, 0.5, None)


def test_what_stands_beside_the_seeds_is_none_of_them(folder: Path) -> None:
    for name in ("seed-9-old", "seed-", "seed-bundle", "evaluation"):
        (folder / name).mkdir()
    assert [run.name for run in members(folder)] == ["seed-9", "seed-10", "seed-11"]
    assert family_of(folder / "seed-9") == folder.resolve()
    assert family_of(folder / "seed-9-old") is None
    assert family_of(folder) is None
