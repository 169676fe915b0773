"""A search over tiny trainings: what it finds, keeps and gives up, and that nothing is lost when it is killed."""

import importlib.metadata
import importlib.util
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from optuna.pruners import NopPruner

from searches import OPTIM, SPACE, Configured, Searching
from stancekit import load
from stancekit.config import SearchConfig, TrainConfig, load_config, load_search
from stancekit.errors import StancekitError
from stancekit.manifest import stage_of
from stancekit.stages import search as stage
from stancekit.stages.search import search
from stancekit.stages.train import train
from stancekit.training import study
from trainings import Killed, command_line, equal, finished, killed_at, toml, trained_by

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def undisturbed(searching: Searching, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished search. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("searched") / "search"
    search(searching(folder))
    return folder


def result_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "search.json").read_text(encoding="utf-8"))
    return found


def tried(folder: Path) -> list[dict[str, Any]]:
    """Its trials without their times."""
    return [{key: value for key, value in trial.items() if key != "seconds"} for trial in result_of(folder)["trials"]]


def states(result: dict[str, Any]) -> list[str]:
    return [trial["state"] for trial in result["trials"]]


def test_the_result_tells_of_all_trials(undisturbed: Path) -> None:
    result = result_of(undisturbed)
    assert [trial["number"] for trial in result["trials"]] == list(range(6))
    assert sum(result["counts"].values()) == 6
    assert all(trial["seconds"] > 0 and set(trial["parameters"]) == set(SPACE) for trial in result["trials"])
    complete = [trial for trial in result["trials"] if trial["state"] == "complete"]
    assert result["best"]["macro_f1"] == max(trial["macro_f1"] for trial in complete)
    assert all(trial["macro_f1"] == max(trial["evaluations"]) for trial in complete)
    assert set(result["importances"]) == set(SPACE)
    assert sum(result["importances"].values()) == pytest.approx(1)
    assert result["verdict"].startswith(f"Trial {result['best']['number']} was the best")


def test_the_starting_config_is_the_first_trial(undisturbed: Path) -> None:
    assert result_of(undisturbed)["trials"][0]["parameters"] == {"optim.learning_rate": 0.001, "model.head": "cls"}


def test_the_best_config_trains_to_what_its_trial_reached(undisturbed: Path, tmp_path: Path) -> None:
    config = load_config(undisturbed / "best.toml", TrainConfig)
    assert config.output == undisturbed.with_name("search-best")
    best = result_of(undisturbed)["best"]
    metrics = train(config.model_copy(update={"output": tmp_path / "run"}))
    assert metrics["validation"]["macro_f1"] == best["macro_f1"]
    assert equal(tmp_path / "run", undisturbed / "trials" / f"{best['number']:03d}")


def test_the_best_and_the_start_are_trained_again_with_other_seeds(undisturbed: Path, tiny_config: Configured, tmp_path: Path) -> None:
    result = result_of(undisturbed)
    metrics = train(tiny_config(tmp_path / "run", optim=OPTIM, seed=102))
    start, best = result["retrained"]["start"], result["retrained"]["best"]
    assert start["by_seed"]["102"] == metrics["validation"]["macro_f1"]
    assert list(best["by_seed"]) == ["101", "102"]
    assert best["mean"] == pytest.approx(sum(best["by_seed"].values()) / 2)
    assert result["winners_curse"] == pytest.approx(result["best"]["macro_f1"] - best["mean"])
    gains = [best["by_seed"][seed] - start["by_seed"][seed] for seed in ("101", "102")]
    assert result["difference"]["mean"] == pytest.approx(sum(gains) / 2)


def test_of_losing_trials_only_metrics_stay(undisturbed: Path) -> None:
    best = f"{result_of(undisturbed)['best']['number']:03d}"
    assert load(undisturbed / "trials" / best).predict(["The guild praised it."], ["Keep it."])[0].confidence > 0
    assert stage_of(undisturbed / "trials" / best) == "train"
    complete = {f"{trial['number']:03d}" for trial in tried(undisturbed) if trial["state"] == "complete"}
    left = {run.name: [entry.name for entry in run.iterdir()] for run in (undisturbed / "trials").iterdir() if run.name != best}
    assert left == {name: ["metrics.json"] for name in complete - {best}}
    assert all([entry.name for entry in run.iterdir()] == ["metrics.json"] for run in (undisturbed / "retrained").iterdir())


def test_the_manifest_has_all_files_and_the_test_part_is_not_read(undisturbed: Path, tiny_data: Path) -> None:
    manifest = json.loads((undisturbed / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stage"], manifest["seed"]) == ("search", 1)
    assert set(manifest["inputs"]) == {str(tiny_data / "train.jsonl"), str(tiny_data / "validation.jsonl")}
    assert {"search.json", "best.toml", "report.html", "trials.sqlite"} <= set(manifest["outputs"])
    assert manifest["optuna"] == importlib.metadata.version("optuna")
    assert manifest["settings"]["search"]["space"]["model.head"]["choices"] == ["cls", "mean"]


class Strict(NopPruner):
    """Would give up the second trial at once, and the third at its last evaluation."""

    def prune(self, study: Any, trial: Any) -> bool:
        return (trial.number, trial.last_step) in {(1, 1), (2, 3)}


def test_a_trial_is_given_up_while_there_is_something_to_save(
    searching: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "_pruner", lambda _: Strict())
    search(searching(tmp_path / "search", trials=3))
    trials = tried(tmp_path / "search")
    assert [trial["state"] for trial in trials] == ["complete", "pruned", "complete"]
    assert [len(trial["evaluations"]) for trial in trials] == [3, 1, 3]
    assert [trial["macro_f1"] is None for trial in trials] == [False, True, False]
    assert not (tmp_path / "search" / "trials" / "001").exists()


def drawn(folder: Path) -> list[Any]:
    return [trial["parameters"] for trial in tried(folder)]


@pytest.mark.usefixtures("made_up")
def test_the_seed_and_the_random_trials_decide_on_the_draws(searching: Searching, tmp_path: Path, undisturbed: Path) -> None:
    found = {}
    changes: dict[str, dict[str, Any]] = {"one": {}, "same": {}, "other": {"seed": 2}, "random": {"random_trials": 6}}
    for name, change in changes.items():
        search(searching(tmp_path / name, **change))
        found[name] = drawn(tmp_path / name)
    assert found["one"] == found["same"]
    assert found["one"][1] != found["other"][1]
    assert found["one"][:3] == found["random"][:3] == drawn(undisturbed)[:3]
    assert found["one"][3:] != found["random"][3:]
    assert len({json.dumps(one) for one in found["one"]}) == 6


def test_a_watch_sees_the_evaluations_of_the_last_stage(tiny_config: Configured, tmp_path: Path) -> None:
    seen: list[tuple[int, float, bool]] = []
    config = tiny_config(tmp_path / "run", optim=OPTIM | {"epochs": 2}, stages=[{"name": "first", "optim": {"epochs": 1}}])
    metrics = train(config, watch=lambda *what: seen.append(what))
    found = [entry["eval_macro_f1"] for entry in metrics["history"] if "eval_macro_f1" in entry]
    assert seen == [(1, found[0], False), (2, found[1], True)]


def test_the_last_evaluation_before_patience_ends_it_is_told_as_the_last(tiny_config: Configured, tmp_path: Path) -> None:
    seen: list[bool] = []
    # Nothing is learned, so no evaluation after the first is better.
    config = tiny_config(tmp_path / "run", optim=OPTIM | {"epochs": 5, "learning_rate": 1e-12}, stopping={"patience": 2})
    train(config, watch=lambda number, macro_f1, is_last: seen.append(is_last))
    assert seen == [False, False, True]


def stopped_in(monkeypatch: pytest.MonkeyPatch, config: SearchConfig, method: str, name: str, of: type = study.Study) -> None:
    """Search until this method is called for a trial (its number) or training again (its name), which is not done any more."""
    original = getattr(of, method)

    def killed(self: Any, subject: Any, *args: Any, **kwargs: Any) -> Any:
        if name == str(getattr(subject, "number", subject)):
            raise Killed
        return original(self, subject, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(of, method, killed)
        with pytest.raises(Killed):
            search(config)


AGAIN = ["start-101", "start-102", "best-101", "best-102"]


@pytest.mark.parametrize(
    ("method", "name", "left"),
    [("end", "1", ["002", "003", "004", "005", *AGAIN]), ("note", "start-102", AGAIN[2:])],
    ids=["between a trial's end and its result", "in what is trained again"],
)
def test_what_is_done_is_not_done_again(
    searching: Searching, tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch, method: str, name: str, left: list[str]
) -> None:
    config = searching(tmp_path / "search")
    stopped_in(monkeypatch, config, method, name)
    # Where the start is the best trial, it is not trained twice; which one wins varies with the machine.
    start_won = result_of(undisturbed)["best"]["number"] == 0
    assert trained_by(monkeypatch, stage, lambda: search(config, resume=True)) == [one for one in left if not (start_won and "best" in one)]
    assert tried(config.output) == tried(undisturbed)
    assert result_of(config.output)["retrained"] == result_of(undisturbed)["retrained"]


def begun(folder: Path) -> dict[int, tuple[str, str]]:
    """State and beginning of each trial, as SQLite holds them."""
    with sqlite3.connect(folder / "trials.sqlite") as database:
        rows = database.execute("select number, state, datetime_start from trials").fetchall()
    database.close()
    return {number: (state, start) for number, state, start in rows}


@pytest.mark.slow
def test_killed_and_resumed_it_ends_as_if_undisturbed(searching: Searching, tmp_path: Path, undisturbed: Path) -> None:
    """kill -9 in the second trial; the first is left as it is, the second goes on from its checkpoint."""
    config = searching(tmp_path / "search")
    words, environment = command_line(config, tmp_path)
    words.append("--search")
    killed_at(words, environment, 6, config.output / "trials" / "001" / "training")
    before = begun(config.output)
    assert [state for state, _ in before.values()] == ["COMPLETE", "RUNNING"]
    assert stage_of(config.output) is None
    with pytest.raises(StancekitError, match="is in use") as refused:
        search(config)
    assert "go on with --resume" in refused.value.fix
    done = finished([sys.executable, "-m", "stancekit", *words, "--resume"], environment)
    assert "trial 1 (2 of 6)" in done.stderr
    assert "trial 0 (1 of 6)" not in done.stderr
    after = begun(config.output)
    assert after[0] == before[0]
    assert after[1] == ("COMPLETE", before[1][1])
    assert tried(config.output) == tried(undisturbed)
    assert result_of(config.output)["retrained"] == result_of(undisturbed)["retrained"]


def test_a_finished_search_and_another_config_are_refused(searching: Searching, tmp_path: Path, undisturbed: Path) -> None:
    for resume in (False, True):
        with pytest.raises(StancekitError, match="holds a finished run"):
            search(searching(undisturbed), resume)
    config = searching(tmp_path / "search")
    with pytest.MonkeyPatch.context() as patch:
        stopped_in(patch, config, "end", "0")
    with pytest.raises(StancekitError, match="was started with another search"):
        search(searching(tmp_path / "search", trials=7), resume=True)


def test_the_shipped_search_runs_on_stand_ins(tiny_encoder: Path, tiny_data: Path, tmp_path: Path) -> None:
    data = {"mix": [{"path": str(tiny_data / "train.jsonl"), "cap": 40}], "validation": str(tiny_data / "validation.jsonl")}
    changes = {
        "encoder": str(tiny_encoder),
        "output": str(tmp_path / "search"),
        "data": data,
        "pairs.max_length": 48,
        "hardware": {"device": "cpu", "precision": "fp32"},
        "search.trials": 2,
        "search.seeds": [101, 102],
    }
    config = load_search(ROOT / "configs" / "search" / "small.toml", [f"{key}={toml(value)}" for key, value in changes.items()])
    result = search(config)
    assert states(result) == ["complete", "complete"]
    assert len(result["trials"][0]["evaluations"]) == 4
    assert json.loads((tmp_path / "search" / "retrained" / "start-101" / "metrics.json").read_text(encoding="utf-8"))["train"]["n"] == 40
