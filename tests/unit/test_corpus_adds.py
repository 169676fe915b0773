"""The benchmark of what the corpus adds: nested shares, no leaks, fair views, paired gains, judged again only when needed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import corpus_adds as adds
import paired_gains as gains
from stancekit.records import Example
from stancekit.stance import STANCES, Stance

ROOT = Path(__file__).resolve().parents[2]
SURE = {Stance.OPPOSE: [0.8, 0.1, 0.1], Stance.NEUTRAL: [0.1, 0.8, 0.1], Stance.SUPPORT: [0.1, 0.1, 0.8]}


def row(number: int, stance: Stance = Stance.SUPPORT, group: str | None = None, tags: tuple[str, ...] = ()) -> Example:
    return Example(f"r:{number}", f"Statement {number}.", f"Proposal {number}.", stance, "r", group, tags=tags)


def sets(train: Sequence[Example], newsroom: Sequence[Example] = (), seesaw: Sequence[Example] = ()) -> dict[str, Any]:
    public = {"train": list(train), "validation": [row(90)], "test": [row(91)]}
    return {"public": public, "seesaw": {"train": list(seesaw)}, "newsroom": {"train": list(newsroom)}}


def test_smaller_shares_are_parts_of_larger_ones_and_keep_articles_whole() -> None:
    newsroom = [row(number, group=f"a{number // 3}") for number in range(24)]
    drawn = [{one.id for one in adds.training_rows(sets([row(50)], newsroom), share, 13)} for share in (0, 0.25, 0.5, 1)]
    assert [len(ids) for ids in drawn] == [1, 7, 13, 25]
    assert drawn[0] < drawn[1] < drawn[2] < drawn[3]
    quarter = {one.group for one in newsroom if one.id in drawn[1]}
    assert drawn[1] - drawn[0] == {one.id for one in newsroom if one.group in quarter}
    assert drawn[1] != {one.id for one in adds.training_rows(sets([row(50)], newsroom), 0.25, 14)}


def test_rows_that_a_test_or_the_validation_holds_are_not_trained_on() -> None:
    found = adds.training_rows(sets([row(1), row(2), row(90)], [row(91, group="a")], [row(2)]), 1, 13)
    assert [one.id for one in found] == ["r:1"]


def test_views_of_the_newsroom_are_rungs_beside_all_neutrals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gains, "kinds_of", lambda examples: ["first", "first", "rival"])
    examples = [row(0, tags=("explicit",)), row(1, Stance.NEUTRAL), row(2, Stance.OPPOSE, tags=("implicit",))]
    views = {name: (view.rows.tolist(), view.sides) for name, view in gains.views_on("newsroom", examples).items()}
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
    assert set(gains.views_on("seesaw", examples)) == {"all", "sides"}


def test_the_side_is_the_likelier_one_even_where_neutral_is_likeliest() -> None:
    views = gains.views_on("seesaw", [row(0, Stance.OPPOSE), row(1)])
    probabilities = np.array([[0.3, 0.6, 0.1], [0.3, 0.6, 0.1]])
    assert [STANCES[label] for label in views["all"].answers(probabilities)] == [Stance.NEUTRAL, Stance.NEUTRAL]
    assert [STANCES[label] for label in views["sides"].answers(probabilities)] == [Stance.OPPOSE, Stance.OPPOSE]
    assert gains.scores(views, probabilities)["sides"] == {"f_avg": pytest.approx(1 / 3), "accuracy": 0.5}


def test_gains_are_means_over_seeds_on_the_same_draws() -> None:
    examples = [row(number, STANCES[number % 3]) for number in range(30)]
    test = gains.Test(Path("x.jsonl"), examples, gains.views_on("seesaw", examples))
    right = np.array([SURE[example.stance] for example in examples])
    wrong = np.array([SURE[STANCES[0]]] * len(examples))
    answers = {("0", 13): {"t": wrong}, ("0", 14): {"t": right}, ("1", 13): {"t": right}, ("1", 14): {"t": right}}
    results = gains.assembled({"t": test}, answers, against="0")
    assert results["over_seeds"]["0"]["t"]["all"]["accuracy"] == {"mean": pytest.approx(2 / 3), "sd": pytest.approx(0.4714, abs=1e-4)}
    gain = results["gains"]["1"]["t"]["all"]["accuracy"]
    # Half of the runs gain two thirds: a third on average, and seed 14 adds nothing to the width.
    assert gain["value"] == pytest.approx(1 / 3)
    assert gain["by_seed"] == pytest.approx([2 / 3, 0])
    assert 0 < gain["low"] < 1 / 3 < gain["high"] < 0.5
    same = gains.gain(test, [(wrong, wrong)])["all"]["macro_f1"]
    assert (same["value"], same["low"], same["high"]) == (0, 0, 0)


def test_a_test_is_judged_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[tuple[str, str]]] = []

    class Model:
        def probabilities(self, pairs: list[tuple[str, str]], advance: Any) -> Any:
            calls.append(pairs)
            return np.array([[0.2, 0.3, 0.5]])

    monkeypatch.setattr(adds, "load", lambda run: Model())
    test = gains.Test(adds.saved(tmp_path / "t.jsonl", [row(1)]), [row(1)], {})
    for _ in range(2):
        assert adds.probabilities_of(tmp_path / "run", test, tmp_path / "judged/t.json").tolist() == [[0.2, 0.3, 0.5]]
    assert len(calls) == 1
    adds.saved(test.path, [row(1, Stance.OPPOSE)])
    adds.probabilities_of(tmp_path / "run", test, tmp_path / "judged/t.json")
    assert len(calls) == 2


def test_a_run_is_named_after_what_shapes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    train, validation = (adds.saved(tmp_path / f"{name}.jsonl", [row(1)]) for name in ("train", "validation"))

    def name(seed: int = 13, epochs: float = 2, folder: str = "runs", base: str | None = None) -> str:
        settings = {"seed": seed, "optim.epochs": epochs}
        start = None if base is None else tmp_path / folder / base
        return str(adds.run_config("f0", (train, validation), settings, tmp_path / folder, start).output.name)

    first = name()
    assert first == name(folder="elsewhere")
    assert name(base="base-1") == name(base="base-1", folder="elsewhere")
    assert first.startswith("f0-")
    assert len({first, name(seed=14), name(epochs=3), name(base="base-1"), name(base="base-2")}) == 5
    adds.saved(train, [row(2)])
    assert name() != first


def test_every_branch_of_a_seed_goes_on_from_one_run_of_the_public_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, int, int, tuple[int, float], str | None]] = []

    def trained(label: str, rows: Sequence[Example], seed: int, plan: tuple[int, float], work: Path, base: Path | None = None) -> Path:
        begun.append((label, len(rows), seed, plan, None if base is None else base.name))
        return work / label

    monkeypatch.setattr(adds, "trained", trained)
    monkeypatch.setattr(adds, "validated", lambda run: 0.7)
    both = sets([row(1), row(2)], [row(3, group="a"), row(4, group="b")])
    found = [(share, seed, len(rows), run.name) for share, seed, rows, run in adds.branches(both, 2, [0, 1], adds.Length(20, 10), tmp_path)]
    assert found == [(0, 13, 2, "f0-s13"), (1, 13, 4, "f1-s13"), (0, 14, 2, "f0-s14"), (1, 14, 4, "f1-s14")]
    base, branch = (20, adds.BASE_RATE), (10, adds.BRANCH_RATE)
    assert begun[:3] == [("base-s13", 2, 13, base, None), ("f0-s13", 2, 13, branch, "base-s13"), ("f1-s13", 4, 13, branch, "base-s13")]
    assert [one[4] for one in begun[3:]] == [None, "base-s14", "base-s14"]


def test_a_base_that_has_not_learned_goes_on_until_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[Path | None] = []
    scores = iter([0.5, 0.7, 0.5, 0.5, 0.5])

    def trained(label: str, rows: Sequence[Example], seed: int, plan: tuple[int, float], work: Path, base: Path | None = None) -> Path:
        starts.append(base)
        return work / str(len(starts))

    monkeypatch.setattr(adds, "trained", trained)
    monkeypatch.setattr(adds, "validated", lambda run: next(scores))
    assert adds.base_of([row(1)], 13, 900, tmp_path) == tmp_path / "2"
    assert starts == [None, tmp_path / "1"]
    with pytest.raises(SystemExit, match="seed 14 has not learned"):
        adds.base_of([row(1)], 14, 900, tmp_path)


@pytest.mark.parametrize("text", ["0,half", "-1", "0,2", ""])
def test_shares_that_are_none_are_refused_before_anything_is_trained(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        adds.shares_of(text)


def test_unknown_tests_are_refused_by_name() -> None:
    assert adds.names_of("newsroom,seesaw") == ["newsroom", "seesaw"]
    with pytest.raises(typer.BadParameter, match="no test gwsd"):
        adds.names_of("newsroom,gwsd")
