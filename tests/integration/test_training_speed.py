"""The benchmark of the speed of training: what it compares, and that it runs from end to end on a tiny encoder."""

import json
import math
import subprocess
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import trainer

import step_profile
import training_arms as arms
import training_speed as speed
from stancekit.data.examples import read_examples
from turns import compared

ROOT = Path(__file__).resolve().parents[2]


def work(arm: str, data: Path, encoder: Path, output: Path) -> arms.Work:
    files = str(data / "train.jsonl"), str(data / "validation.jsonl")
    return arms.Work(arm, str(encoder), *files, str(output), 3, 10, 0.01, 48, scored=True, profiled=False)


def test_ratios_are_of_one_round_and_their_median_counts() -> None:
    rounds = [{"slow": 8.0, "quick": 2.0}, {"slow": 9.0, "quick": 1.0}, {"slow": 5.0, "quick": 5.0}]
    found = compared(rounds, 10, ("slow",))
    assert found["quick"]["times_as_fast_as"]["slow"] == {"median": 4.0, "least": 1.0, "most": 9.0}
    assert found["slow"] == {"examples_per_second": {"median": 1.25, "least": 10 / 9, "most": 2.0}, "times_as_fast_as": {}}


def test_a_sample_is_drawn_once_for_all_arms(tiny_data: Path, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text((tiny_data / "train.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
    drawn = [[one.id for one in read_examples(speed.sample(tmp_path, 20))] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 20
    assert drawn[0] != [one.id for one in read_examples(tiny_data / "train.jsonl")][:20]


def test_operations_are_counted_in_one_part_each() -> None:
    names = {"aten::mm": "matrix products of the layers", "aten::bmm": "attention", "aten::_fused_adamw_": "optimizer", "aten::all": "rest"}
    assert {name: step_profile.part_of(name) for name in names} == names


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_peak_is_a_speed(precision: str) -> None:
    assert 0 < step_profile.peak(precision, seconds=0.01) < math.inf


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Only the first arm gets a process of its own; the next ones train in this. The list is of those that had one."""
    real = subprocess.run
    own: list[str] = []

    def run(words: list[str], **options: Any) -> Any:
        asked = arms.Work(**json.loads(words[-1]))
        if not own:
            own.append(asked.arm)
            return real(words, **options)
        with monkeypatch.context() as patch:
            # As in a fresh process: without the clocks of the arms before.
            patch.setattr(trainer, "DEFAULT_CALLBACKS", [])
            patch.setattr(step_profile, "DEFAULT_CALLBACKS", trainer.DEFAULT_CALLBACKS)
            return SimpleNamespace(stdout=json.dumps(arms.main(asked)))

    monkeypatch.setattr(speed, "subprocess", SimpleNamespace(run=run, PIPE=subprocess.PIPE))
    return own


@pytest.mark.slow
def test_every_arm_is_trained_and_measured(
    tiny_data: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_process: list[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setattr(speed, "data", lambda *_: ("tiny", tmp_path))
    monkeypatch.setattr(step_profile, "peak", partial(step_profile.peak, seconds=0.01))
    for name in ("train", "validation"):
        (tmp_path / f"{name}.jsonl").write_bytes((tiny_data / f"{name}.jsonl").read_bytes())
    file = tmp_path / "speed.json"
    file.write_text('{"quality": "of before"}', encoding="utf-8")
    sizes: dict[str, Any] = {"steps": 3, "rounds": 1, "seeds": 1, "quality_pairs": 20, "batch": 10, "max_length": 48}
    speed.main(None, tmp_path, "speed,profile", encoder=str(tiny_encoder), compiled=False, file=file, **sizes)
    assert one_process == [speed.PADDED]
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["quality"] == "of before"
    assert found["speed"]["pairs"] == 30
    assert list(found["speed"]["arms"]) == list(speed.MAIN)
    for arm in speed.MAIN:
        assert found["speed"]["arms"][arm]["examples_per_second"]["median"] > 0
    assert set(found["speed"]["met"]) == {speed.PADDED, speed.DYNAMIC}
    ours = found["profile"]["arms"][arms.OURS]
    assert ours["steps"] == 1
    assert ours["shares"]["matrix products of the layers"] > 0
    assert sum(ours["shares"].values()) == pytest.approx(1, abs=0.05)
    assert ours["gflop_per_step"] > 0


@pytest.mark.parametrize("arm", [speed.PADDED, arms.OURS_FP32])
def test_an_arm_says_how_long_it_took_and_what_it_reached(
    tiny_data: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arm: str
) -> None:
    monkeypatch.setattr("transformers.trainer.DEFAULT_CALLBACKS", [])
    found = arms.main(work(arm, tiny_data, tiny_encoder, tmp_path / "run"))
    assert found["seconds"] > 0
    assert 0 <= found["macro_f1"] <= 1


@pytest.mark.parametrize("arm", [*arms.WITHOUT, arms.WITHOUT_GROUPS])
def test_a_part_that_is_taken_away_is_not_used(arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stancekit.training import processor, sampling

    # Put back after the test.
    for name in arms.WITHOUT.values():
        monkeypatch.setattr(processor, name, getattr(processor, name))
    monkeypatch.setattr(sampling, "get_length_grouped_indices", vars(sampling)["get_length_grouped_indices"])
    lengths = list(range(64))
    before = list(sampling.EpochSampler(lengths, 4, 1, lambda: 0)), [vars(processor)[name] for name in arms.WITHOUT.values()]
    arms.take_away(arm)
    after = list(sampling.EpochSampler(lengths, 4, 1, lambda: 0)), [vars(processor)[name] for name in arms.WITHOUT.values()]
    assert sorted(after[0]) == lengths
    changed = [one is not other for one, other in zip(before[1], after[1], strict=True)]
    assert changed == [arm == name for name in arms.WITHOUT]
    assert (before[0] != after[0]) == (arm == arms.WITHOUT_GROUPS)
