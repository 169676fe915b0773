"""The benchmark of what the corpus adds: nested shares, no leaks, fair views, paired gains, judged again only when needed."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from stancekit.records import Example
from stancekit.stance import STANCES, Stance

PATH = Path(__file__).resolve().parents[2] / "benchmarks" / "corpus_adds.py"
SURE = {Stance.OPPOSE: [0.8, 0.1, 0.1], Stance.NEUTRAL: [0.1, 0.8, 0.1], Stance.SUPPORT: [0.1, 0.1, 0.8]}


@pytest.fixture(scope="module")
def adds() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_adds", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(number: int, stance: Stance = Stance.SUPPORT, group: str | None = None, tags: tuple[str, ...] = ()) -> Example:
    return Example(f"r:{number}", f"Statement {number}.", f"Proposal {number}.", stance, "r", group, tags=tags)


def sets(train: Sequence[Example], newsroom: Sequence[Example] = (), seesaw: Sequence[Example] = ()) -> dict[str, Any]:
    public = {"train": list(train), "validation": [row(90)], "test": [row(91)]}
    return {"public": public, "seesaw": {"train": list(seesaw)}, "newsroom": {"train": list(newsroom)}}


def test_smaller_shares_are_parts_of_larger_ones_and_keep_articles_whole(adds: ModuleType) -> None:
    newsroom = [row(number, group=f"a{number // 3}") for number in range(24)]
    drawn = [{one.id for one in adds.training_rows(sets([row(50)], newsroom), share, 13)} for share in (0, 0.25, 0.5, 1)]
    assert [len(ids) for ids in drawn] == [1, 7, 13, 25]
    assert drawn[0] < drawn[1] < drawn[2] < drawn[3]
    quarter = {one.group for one in newsroom if one.id in drawn[1]}
    assert drawn[1] - drawn[0] == {one.id for one in newsroom if one.group in quarter}
    assert drawn[1] != {one.id for one in adds.training_rows(sets([row(50)], newsroom), 0.25, 14)}


def test_rows_that_a_test_or_the_validation_holds_are_not_trained_on(adds: ModuleType) -> None:
    found = adds.training_rows(sets([row(1), row(2), row(90)], [row(91, group="a")], [row(2)]), 1, 13)
    assert [one.id for one in found] == ["r:1"]


def test_views_of_the_newsroom_are_rungs_beside_all_neutrals(adds: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adds, "kinds_of", lambda examples: ["first", "first", "rival"])
    examples = [row(0, tags=("explicit",)), row(1, Stance.NEUTRAL), row(2, Stance.OPPOSE, tags=("implicit",))]
    views = {name: (view.rows.tolist(), view.sides) for name, view in adds.views_on("newsroom", examples).items()}
    assert views == {
        "all": ([0, 1, 2], False),
        "sides": ([0, 2], True),
        "explicit": ([0, 1], False),
        "explicit, sides": ([0], True),
        "implicit": ([1, 2], False),
        "implicit, sides": ([2], True),
        "first proposals": ([0, 1], False),
        "first proposals, sides": ([0], True),
        "rival proposals": ([2], False),
        "rival proposals, sides": ([2], True),
    }
    assert set(adds.views_on("seesaw", examples)) == {"all", "sides"}


def test_the_side_is_the_likelier_one_even_where_neutral_is_likeliest(adds: ModuleType) -> None:
    views = adds.views_on("seesaw", [row(0, Stance.OPPOSE), row(1)])
    probabilities = np.array([[0.3, 0.6, 0.1], [0.3, 0.6, 0.1]])
    assert [STANCES[label] for label in views["all"].answers(probabilities)] == [Stance.NEUTRAL, Stance.NEUTRAL]
    assert [STANCES[label] for label in views["sides"].answers(probabilities)] == [Stance.OPPOSE, Stance.OPPOSE]
    assert adds.scores(views, probabilities)["sides"] == {"accuracy": 0.5}


def test_gains_are_means_over_seeds_on_the_same_draws(adds: ModuleType) -> None:
    examples = [row(number, STANCES[number % 3]) for number in range(30)]
    test = adds.Test(Path("x.jsonl"), examples, adds.views_on("seesaw", examples))
    right = np.array([SURE[example.stance] for example in examples])
    wrong = np.array([SURE[STANCES[0]]] * len(examples))
    answers = {(0.0, 13): {"t": wrong}, (0.0, 14): {"t": right}, (1.0, 13): {"t": right}, (1.0, 14): {"t": right}}
    results = adds.assembled({"t": test}, answers)
    assert results["over_seeds"]["0"]["t"]["all"]["accuracy"] == {"mean": pytest.approx(2 / 3), "sd": pytest.approx(0.4714, abs=1e-4)}
    gain = results["gains"]["1"]["t"]["all"]["accuracy"]
    # Half of the runs gain two thirds: a third on average, and seed 14 adds nothing to the width.
    assert gain["value"] == pytest.approx(1 / 3)
    assert 0 < gain["low"] < 1 / 3 < gain["high"] < 0.5
    same = adds.gain(test, [(wrong, wrong)])["all"]["macro_f1"]
    assert (same["value"], same["low"], same["high"]) == (0, 0, 0)


def test_a_test_is_judged_again_only_when_it_changed(adds: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[tuple[str, str]]] = []

    class Model:
        def probabilities(self, pairs: list[tuple[str, str]], advance: Any) -> Any:
            calls.append(pairs)
            return np.array([[0.2, 0.3, 0.5]])

    monkeypatch.setattr(adds, "load", lambda run: Model())
    test = adds.Test(adds.saved(tmp_path / "t.jsonl", [row(1)]), [row(1)], {})
    for _ in range(2):
        assert adds.probabilities_of(tmp_path / "run", test, tmp_path / "judged/t.json").tolist() == [[0.2, 0.3, 0.5]]
    assert len(calls) == 1
    adds.saved(test.path, [row(1, Stance.OPPOSE)])
    adds.probabilities_of(tmp_path / "run", test, tmp_path / "judged/t.json")
    assert len(calls) == 2


def test_a_run_is_named_after_what_shapes_it(adds: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PATH.parents[1])
    train, validation = (adds.saved(tmp_path / f"{name}.jsonl", [row(1)]) for name in ("train", "validation"))

    def name(seed: int = 13, epochs: float = 2, folder: str = "runs") -> str:
        config = adds.run_config(tmp_path / folder, (train, validation), seed, epochs, "f0")
        return str(config.output.name)

    first = name()
    assert first == name(folder="elsewhere")
    assert first.startswith("f0-")
    assert len({first, name(seed=14), name(epochs=3)}) == 3
    adds.saved(train, [row(2)])
    assert name() != first
