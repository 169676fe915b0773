"""A fold's training learns nothing that hangs together with the fold, whatever files and stages it has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import WriteJsonl
from stancekit.config import DoubtsConfig
from stancekit.data.examples import read_examples
from stancekit.data.folds import folds_of
from stancekit.data.ties import keys
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import STANCES
from stancekit.training.leaving_out import Fold, fold_config, leave_out, read_rows


def rows(name: str, count: int = 24, **more: Any) -> list[dict[str, Any]]:
    """Two pairs a proposal."""
    return [
        {
            "id": f"{name}{row}",
            "statement": f"{name} says {row}",
            "proposal": f"{name} {row // 2}",
            "stance": STANCES[row % 3].value,
            **more,
        }
        for row in range(count)
    ]


@pytest.fixture
def config(tmp_path: Path, write_jsonl: WriteJsonl) -> Callable[..., DoubtsConfig]:
    """Makes a config over files of these rows: `config({"a": rows("a")}, folds=2)`. No model is there."""

    def made(sets: dict[str, list[dict[str, Any]]], caps: dict[str, int] | None = None, **changes: Any) -> DoubtsConfig:
        paths = {name: write_jsonl(tmp_path / f"{name}.jsonl", found) for name, found in sets.items()}
        mix = [{"path": path, "cap": (caps or {}).get(name)} for name, path in paths.items()]
        data = {"mix": mix, "validation": "validation.jsonl", **changes.pop("data", {})}
        return DoubtsConfig.model_validate({"encoder": "minilm", "output": tmp_path / "out", "data": data, **changes})

    return made


Made = Callable[..., DoubtsConfig]


def folds(config: DoubtsConfig) -> list[Fold]:
    found = read_rows(config)
    of_rows = folds_of(found.labelled, config.folds, config.seed)
    return [
        leave_out(found.sets, [one for one, fold in zip(found.labelled, of_rows, strict=True) if fold == number], number + 1)
        for number in range(config.folds)
    ]


def apart(learned: list[Example], held_out: Any) -> bool:
    return {key for one in learned for key in keys(one)}.isdisjoint(key for one in held_out for key in keys(one))


def test_a_fold_learns_all_that_shares_nothing_with_it(config: Made) -> None:
    plan = folds(config({"a": rows("a"), "b": rows("b", 12)}, folds=3))
    assert [len(fold.learned) + len(fold.held_out) for fold in plan] == [36, 36, 36]
    assert sorted(one.id for fold in plan for one in fold.held_out) == sorted(one["id"] for one in [*rows("a"), *rows("b", 12)])
    assert all(apart(fold.learned, fold.held_out) for fold in plan)


def test_rows_made_by_rule_are_not_doubted_and_tie_nothing_together(config: Made) -> None:
    # Beside the proposal of each other row, a statement would tie all rows into one.
    made = [
        {"id": f"m{row}", "statement": f"a says {row}", "proposal": f"a {(row // 2 + 1) % 12}", "stance": "neutral", "made": True}
        for row in range(24)
    ]
    plan = folds(config({"a": [*rows("a"), *made]}))
    assert sum(len(fold.held_out) for fold in plan) == 24
    assert all(apart(fold.learned, fold.held_out) for fold in plan)
    # Between two proposals of other folds a made row is still learned from.
    assert any(one.made for fold in plan for one in fold.learned)


def test_rows_are_those_that_the_training_draws(config: Made) -> None:
    settings = config({"a": rows("a", 60), "b": rows("b", 60)}, caps={"a": 20, "b": 10})
    found = read_rows(settings)
    from stancekit.stages.train import _read

    (settings.output.parent / "v.jsonl").write_bytes((settings.output.parent / "a.jsonl").read_bytes())
    data = settings.data.model_copy(update={"validation": settings.output.parent / "v.jsonl"})
    assert found.labelled == _read(settings.model_copy(update={"data": data})).train
    assert len(found.labelled) == 30
    file, line = found.places[7].rsplit(":", 1)
    assert read_examples(Path(file))[int(line) - 1] == found.labelled[7]


def test_a_fold_has_the_same_training_over_files_of_its_own(config: Made) -> None:
    settings = config({"a": rows("a"), "b": rows("b", 12)}, caps={"a": 24}, data={"temperature": 2}, optim={"epochs": 1}, seed=3)
    for fold in folds(settings):
        run = fold_config(settings, fold)
        assert run.output == settings.output / "folds" / f"fold-{fold.number}"
        assert [example for one in run.data.mix for example in read_examples(one.path)] == fold.learned
        assert [one.cap for one in run.data.mix] == [24, None]
        assert (run.data.temperature, run.data.validation) == (2, Path("validation.jsonl"))
        assert (run.seed, run.optim, run.encoder) == (3, settings.optim, "minilm")
        assert "folds" not in type(run).model_fields


def test_one_training_file_stays_one(config: Made, tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    data = {"mix": [], "train": write_jsonl(tmp_path / "alone.jsonl", rows("a"))}
    settings = config({}, data=data)
    run = fold_config(settings, folds(settings)[0])
    assert (run.data.train, run.data.mix) == (settings.output / "folds/fold-1-rows/1.jsonl", [])


def test_a_set_that_is_in_one_fold_as_a_whole_is_not_learned_there(config: Made) -> None:
    together = [{**row, "proposal": "b"} for row in rows("b", 6)]
    settings = config({"a": rows("a"), "b": together})
    sizes = [[path.path.name for path in fold_config(settings, fold).data.mix] for fold in folds(settings)]
    assert sorted(sizes) == [["1.jsonl"], *[["1.jsonl", "2.jsonl"]] * 3]


def test_a_stage_with_data_of_its_own_learns_nothing_of_a_fold(config: Made, tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    # Two rows of the training again under other ids and labels, and others that only this stage has.
    again = [{**row, "id": f"again {row['id']}", "stance": "neutral"} for row in rows("a", 4)]
    own = {"train": write_jsonl(tmp_path / "stage.jsonl", [*again, *rows("c")]), "validation": "other.jsonl"}
    stages = [{"name": "first", "data": own, "optim": {"epochs": 9}}, {"name": "second"}]
    settings = config({"a": rows("a")}, optim={"epochs": 2, "batch_size": 7}, stages=stages)
    kept = []
    for fold in folds(settings):
        run = fold_config(settings, fold)
        first, second = map(run.stage, run.stages)
        assert first.data.train is not None
        learned = read_examples(first.data.train)
        assert apart(learned, fold.held_out)
        assert {one.id for one in learned} >= {row["id"] for row in rows("c")}
        kept.append(len(learned) - 24)
        # What a stage does not say it takes from the run, here as there.
        assert (first.optim.epochs, first.optim.batch_size, second.optim.epochs) == (9, 7, 2)
        assert second.data == run.data
        assert (first.data.validation, second.data.validation) == (Path("other.jsonl"), Path("validation.jsonl"))
    assert sum(kept) == 3 * len(again)


def test_a_stage_of_which_nothing_is_left_is_refused(config: Made, tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    own = {"train": write_jsonl(tmp_path / "stage.jsonl", [{**row, "id": f"again {row['id']}"} for row in rows("a", 2)])}
    stages = [{"name": "first", "data": own | {"validation": "other.jsonl"}}]
    with pytest.raises(StancekitError, match="every row of the stage first shares a text or group with fold"):
        folds(config({"a": rows("a")}, stages=stages))


def test_a_stance_that_one_fold_has_alone_is_refused(config: Made) -> None:
    few = [{**row, "stance": "support" if number < 2 else "neutral"} for number, row in enumerate(rows("a"))]
    with pytest.raises(StancekitError, match=r"without fold \d no row to learn from is support"):
        folds(config({"a": few}))


@pytest.mark.parametrize(("more", "said"), [({"stance": "support"}, "labelled support"), ({"made": True}, "made by rule")])
def test_labels_of_one_stance_or_of_nobody_are_refused(config: Made, more: dict[str, Any], said: str) -> None:
    with pytest.raises(StancekitError, match=f"every row is {said}"):
        read_rows(config({"a": rows("a", **more) if "made" in more else [{**row, **more} for row in rows("a")]}))
