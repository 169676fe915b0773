"""Which trials a search makes and gives up, over trainings that take no time, and what it refuses."""

import importlib.metadata
import importlib.util
import itertools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from searches import Searching
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.stages import search as stage
from stancekit.stages.search import search
from trainings import command_line, trained_by


@pytest.mark.usefixtures("made_up")
def test_a_start_outside_of_the_space_is_no_trial(searching: Searching, tmp_path: Path) -> None:
    result = search(searching(tmp_path / "search", trials=1, space={"optim.learning_rate": {"low": 0.02, "high": 0.05}}))
    assert result["trials"][0]["parameters"]["optim.learning_rate"] >= 0.02


@pytest.mark.usefixtures("made_up")
def test_the_pruner_says_when_trials_are_given_up(searching: Searching, tmp_path: Path) -> None:
    # The first trial is the start, and the better of the two.
    space = {"optim.learning_rate": {"choices": [0.001, 0.5]}}
    pruners: dict[str, dict[str, Any]] = {
        "first": {"after_trials": 1, "after_evaluations": 0},
        "second": {"after_trials": 1, "after_evaluations": 1},
        "late": {"after_trials": 4, "after_evaluations": 0},
        "none": {"kind": "none"},
    }
    given_up, worse = {}, {}
    for name, pruner in pruners.items():
        result = search(searching(tmp_path / name, space=space, trials=9, random_trials=9, pruner=pruner))
        worse[name] = {trial["number"] for trial in result["trials"] if trial["parameters"]["optim.learning_rate"] == 0.5}
        given_up[name] = {trial["number"]: len(trial["evaluations"]) for trial in result["trials"] if trial["state"] == "pruned"}
    assert len(worse["first"]) > 3
    assert worse["first"] == worse["none"]
    assert given_up["first"] == dict.fromkeys(sorted(worse["first"]), 1)
    assert given_up["second"] == dict.fromkeys(sorted(worse["first"]), 2)
    assert set(given_up["late"]) == {number for number in worse["late"] if number >= 4}
    assert given_up["none"] == {}


@pytest.mark.usefixtures("made_up")
def test_no_trial_begins_after_the_time_limit(searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock is asked at a trial's beginning, at three evaluations and at the end: 80 seconds a trial.
    ticks = itertools.count(0, 20)
    monkeypatch.setattr(stage, "monotonic", lambda: float(next(ticks)))
    pruner = {"kind": "none"}
    result = search(searching(tmp_path / "search", time_limit=4, pruner=pruner))
    assert [trial["seconds"] for trial in result["trials"]] == [80, 80, 80]
    assert len(search(searching(tmp_path / "longer", time_limit=4.1, pruner=pruner))["trials"]) == 4


@pytest.mark.usefixtures("made_up")
def test_where_the_start_is_the_best_it_is_trained_again_once(
    searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result: dict[str, Any] = {}
    names = trained_by(monkeypatch, stage, lambda: result.update(search(searching(tmp_path / "search", trials=1))))
    assert names == ["000", "start-101", "start-102"]
    assert result["importances"] == {}
    assert result["retrained"]["best"] == result["retrained"]["start"]
    assert result["verdict"].endswith("It is the starting config: the search found nothing better.")


def failing(monkeypatch: pytest.MonkeyPatch, fault: Exception, fails: Callable[[TrainConfig], bool]) -> None:
    original: Callable[..., dict[str, Any]] = vars(stage)["train"]

    def trained(run: TrainConfig, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if fails(run):
            raise fault
        return original(run, *args, **kwargs)

    monkeypatch.setattr(stage, "train", trained)


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(
    "fault", [torch.OutOfMemoryError("no memory left"), StancekitError("too long", fix="cut it")], ids=["memory", "user"]
)
def test_a_trial_that_cannot_be_trained_fails_alone(
    searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    failing(monkeypatch, fault, lambda run: run.model.head == "mean")
    result = search(searching(tmp_path / "search"))
    of_head = {(trial["parameters"]["model.head"], trial["state"] == "failed") for trial in result["trials"]}
    assert of_head == {("cls", False), ("mean", True)}
    assert {trial.get("fault") for trial in result["trials"]} == {None, str(fault)}
    assert str(fault).split("\n")[0] in (tmp_path / "search" / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("made_up")
def test_where_nothing_can_be_trained_the_search_says_why(searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, StancekitError("too long", fix="cut it"), lambda run: True)
    with pytest.raises(StancekitError, match="too long"):
        search(searching(tmp_path / "one"))
    failing(monkeypatch, torch.OutOfMemoryError("no memory left"), lambda run: True)
    with pytest.raises(StancekitError, match=r"no trial of .* came to its end"):
        search(searching(tmp_path / "two"))


def test_what_cannot_be_searched_is_refused_before_anything_is_written(
    searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "search"
    absent = {"train": str(tmp_path / "nothing.jsonl"), "validation": str(tmp_path / "nothing.jsonl")}
    with pytest.raises(StancekitError, match=r"nothing\.jsonl"):
        search(searching(folder, {"data": absent}))
    with pytest.raises(StancekitError, match=r"search\.space\.optim\.epochs  should be greater than 0"):
        search(searching(folder, space={"optim.epochs": {"low": -1, "high": 2}}))
    with monkeypatch.context() as patch:
        patch.setenv("WORLD_SIZE", "2")
        with pytest.raises(StancekitError, match="runs in one process"):
            search(searching(folder))
    with monkeypatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
        with pytest.raises(StancekitError, match="needs the package optuna") as caught:
            search(searching(folder))
    assert caught.value.fix == "pip install 'stancekit[search]'"
    assert not folder.exists()


@pytest.mark.usefixtures("made_up")
def test_the_command_searches(searching: Searching, tmp_path: Path, stancekit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    words, _ = command_line(searching(tmp_path / "search", trials=2), tmp_path)
    done = stancekit(*words, "--search", "--json", "--set", "search.trials=1")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["trials"]) == 1
    assert "report.html" in done.stderr
    refused = stancekit(*words)
    assert (refused.returncode, "search  unknown key" in refused.stderr) == (2, True)
