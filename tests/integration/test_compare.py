"""Compare: numbers as `evaluate` has them, families of seeds, files of answers, four files, and what is no model or no family."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from comparisons import answer_rows
from conftest import PARTS, WriteJsonl, made_rows
from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.evaluation.intervals import Bootstrap
from stancekit.manifest import sha256
from stancekit.stages.compare import compare, members
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.export import export
from stancekit.stages.seeds import train_seeds
from stancekit.stages.train import train
from stancekit.stance import Stance
from stancekit.tables import read_rows, write_rows

QUICK = Bootstrap(resamples=200)
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., Any]) -> Path:
    """A folder of two runs that differ in their seed, beside an evaluation and a note. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("family")
    for seed in (13, 14):
        train(tiny_config(folder / f"seed-{seed}", seed=seed, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.01}))
    (folder / "judged").mkdir()
    (folder / "judged" / "manifest.json").write_text('{"stage": "evaluate"}', encoding="utf-8")
    (folder / "note.txt").write_text("nothing", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory, write_jsonl: WriteJsonl) -> Path:
    """18 examples over the three proposals that the tiny runs did not learn from."""
    return write_jsonl(tmp_path_factory.mktemp("unseen") / "test.jsonl", made_rows([*PARTS["validation"], *PARTS["test"]]))


def test_the_numbers_are_those_of_two_evaluations(tiny_run: Path, family: Path, unseen: Path) -> None:
    models = (tiny_run, family / "seed-13")
    found = compare(*models, unseen, bootstrap=QUICK)
    alone = [evaluate(model, unseen, wanted=Wanted(QUICK)) for model in models]
    for metric in ("macro_f1", "accuracy", "mcc", "f_avg"):
        row = found["overall"][metric]
        assert (row["first"], row["second"]) == (alone[0][metric]["value"], alone[1][metric]["value"])
        assert row["change"]["value"] == pytest.approx(row["second"] - row["first"], abs=2e-6)
    assert [found["per_class"][stance]["second"] for stance in alone[1]["per_class"]] == [
        row["f1"]["value"] for row in alone[1]["per_class"].values()
    ]
    assert (found["n"], found["proposals"], found["interval"]) == (18, 3, alone[0]["interval"])
    assert found["first"]["models"] == [
        {"path": str(tiny_run), "scorer": "torch cpu fp32", "weights_sha256": sha256(tiny_run / "checkpoint" / "model.safetensors")}
    ]
    assert found["seen_in_training"] == {key: {"proposal": 0, "statement": 0} for key in ("first", "second")}
    assert "Careful" not in found["verdict"]


def test_a_run_and_its_bundle_are_not_shown_to_differ(tiny_run: Path, tiny_bundle: Path, unseen: Path) -> None:
    found = compare(tiny_run, tiny_bundle, unseen, bootstrap=QUICK)
    assert [found[side]["models"][0]["scorer"] for side in ("first", "second")] == ["torch cpu fp32", "onnxruntime cpu fp32"]
    assert found["verdict"].startswith(f"Not shown that {tiny_run} and {tiny_bundle} differ in macro-F1 (+0.0 points): too few units")
    assert (found["mcnemar"]["p"], found["changed"]["rows"]) == (1.0, 0)


def test_a_folder_of_runs_is_a_family(tiny_run: Path, family: Path, unseen: Path) -> None:
    found = compare(tiny_run, family, unseen, bootstrap=QUICK)
    assert [model["path"] for model in found["second"]["models"]] == [str(family / f"seed-{seed}") for seed in (13, 14)]
    values = [evaluate(family / f"seed-{seed}", unseen, wanted=Wanted(QUICK))["macro_f1"]["value"] for seed in (13, 14)]
    assert found["seeds"]["macro_f1"]["second"]["values"] == values
    assert found["overall"]["macro_f1"]["second"] == pytest.approx(sum(values) / 2, abs=1e-5)
    assert found["seeds"]["macro_f1"]["first"]["sd"] is None
    assert found["mcnemar"] is None
    assert "(no other seed)" in found["verdict"]
    assert "differ in more than their seed" not in found["verdict"]


def test_four_files_are_written_and_replaced(tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    output = tmp_path / "comparison"
    for _ in range(2):
        found = compare(tiny_run, family / "seed-14", unseen, output, QUICK, "cpu")
    assert {path.name for path in output.iterdir()} == {"comparison.json", "changed.jsonl", "report.html", "manifest.json"}
    assert json.loads((output / "comparison.json").read_text(encoding="utf-8")) == found
    rows = [json.loads(line) for line in (output / "changed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == found["changed"]["rows"] > 0
    assert {"id", "statement", "proposal", "gold", "became", "first", "second"} == set(rows[0])
    assert found["verdict"].split(" (")[0] in (output / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stage"], manifest["seed"]) == ("compare", 13)
    assert manifest["settings"] == {"first": str(tiny_run), "second": str(family / "seed-14"), "data": str(unseen), "device": "cpu"}
    assert set(manifest["inputs"]) == {str(unseen)}


def test_rows_that_either_was_trained_on_are_told(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run / "checkpoint", tmp_path / "stranger")
    found = compare(tmp_path / "stranger", tiny_run, tiny_data / "train.jsonl", bootstrap=QUICK)
    assert found["seen_in_training"] == {"first": None, "second": {"proposal": 60, "statement": 60}}
    assert found["first"]["training_not_known"] == [str(tmp_path / "stranger")]
    assert f"60 of the 60 pairs have a proposal, and 60 a statement, that {tiny_run} was trained on" in found["verdict"]


def test_runs_that_differ_in_more_than_their_seed_are_told(tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    shutil.copytree(family / "seed-14", tmp_path / "mixed" / "short")
    shutil.copytree(tiny_run, tmp_path / "mixed" / "long")
    found = compare(tmp_path / "mixed", tiny_run, unseen, bootstrap=QUICK)
    assert found["first"]["unlike"] == ["optim.epochs"]
    assert f"the trainings of {tmp_path / 'mixed'} differ in more than their seed (optim.epochs)" in found["verdict"]


def test_a_family_holds_no_training_twice_and_none_unfinished(tiny_run: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run, tmp_path / "runs" / "one")
    assert members(tmp_path / "runs") == [tmp_path / "runs" / "one"]
    export(tmp_path / "runs" / "one", tmp_path / "runs" / "bundle", form="safetensors")
    with pytest.raises(StancekitError, match="hold the same weights"):
        members(tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "bundle")
    (tmp_path / "runs" / "two" / "training").mkdir(parents=True)
    with pytest.raises(StancekitError, match="two is a run that has not finished"):
        members(tmp_path / "runs")


def test_a_device_that_is_not_there_is_refused(tiny_run: Path, unseen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(StancekitError, match="cuda"):
        compare(tiny_run, tiny_run, unseen, bootstrap=QUICK, device="cuda")


def test_the_command_prints_a_table_or_json(stancekit: Run, tiny_run: Path, family: Path, unseen: Path, tmp_path: Path) -> None:
    words = ["compare", tiny_run, family, unseen, "--resamples", 100, "--seed", 5, "--output", tmp_path / "out"]
    done = stancekit(*words)
    assert done.returncode == 0, done.stderr
    for wanted in ("macro-F1", "F1 of neutral", "second minus first", "sd over seeds", "answers changed"):
        assert wanted in " ".join(done.stdout.split())
    assert f"answers of {family / 'seed-14'}" in done.stderr
    assert "report.html" in done.stderr
    printed = json.loads(stancekit(*words, "--json").stdout)
    assert (printed["interval"]["resamples"], printed["interval"]["seed"]) == (100, 5)
    assert printed == json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answered(tiny_run: Path, unseen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the tiny run answers to the unseen examples, as `evaluate` writes it. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("answered") / "evaluation"
    evaluate(tiny_run, unseen, folder, wanted=Wanted(QUICK))
    return folder / "predictions.jsonl"


# All that a side is compared by, whatever gave its answers.
NUMBERS = ("overall", "per_class", "seeds", "mcnemar", "per_proposal", "changed", "graded")


@pytest.mark.parametrize("side", ["first", "second"])
@pytest.mark.parametrize("member", ["seed-13", "."], ids=["model", "family"])
def test_answers_are_compared_as_the_model_that_gave_them(
    member: str, side: str, answered: Path, tiny_run: Path, family: Path, unseen: Path, tmp_path: Path
) -> None:
    def against(one: Path, name: str) -> dict[str, Any]:
        sides = (one, family / member) if side == "first" else (family / member, one)
        return compare(*sides, unseen, tmp_path / name, QUICK)

    by_model, by_file = against(tiny_run, "model"), against(answered, "file")
    assert {key: by_file[key] for key in NUMBERS} == {key: by_model[key] for key in NUMBERS}
    assert (tmp_path / "file/changed.jsonl").read_bytes() == (tmp_path / "model/changed.jsonl").read_bytes()
    assert by_file[side] == {
        "name": str(answered),
        "models": [{"path": str(answered), "scorer": "a file of answers", "weights_sha256": None}],
        "unlike": [],
        "training_not_known": [str(answered)],
    }
    assert by_file["seen_in_training"][side] is None
    assert f"What {answered} learned from is not all here" in (tmp_path / "file/report.html").read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "file/manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {str(unseen), str(answered)}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_labels_alone_get_the_scores_and_tests(ending: str, unseen: Path, tmp_path: Path) -> None:
    examples = read_examples(unseen)
    right = [example.stance for example in examples]
    # The first errs once on each of the three proposals, the second once in all.
    some, one = [Stance.NEUTRAL if number % 6 == 0 else stance for number, stance in enumerate(right)], [Stance.OPPOSE, *right[1:]]
    labels, sure = tmp_path / f"labels.{ending}", tmp_path / f"sure.{ending}"
    write_rows(labels, answer_rows(examples, some))
    write_rows(sure, answer_rows(examples, one, 0.8))
    found = compare(labels, sure, unseen, tmp_path / "comparison", QUICK)
    assert [found["overall"]["accuracy"][key] for key in ("first", "second")] == pytest.approx([15 / 18, 17 / 18], abs=1e-6)
    assert (found["mcnemar"]["only_first"], found["mcnemar"]["only_second"], found["mcnemar"]["p"]) == (0, 2, 0.5)
    assert found["changed"] == {"rows": 3, "right": 2, "wrong": 0, "other": 1}
    assert found["graded"] == {"first": False, "second": True}
    rows = [row.values for row in read_rows(tmp_path / "comparison/changed.jsonl")]
    assert [(row["first"]["confidence"], row["second"]["confidence"]) for row in rows] == [(None, 0.8)] * 3
    assert "surest first: the other does not tell" in (tmp_path / "comparison/report.html").read_text(encoding="utf-8")


def test_equal_answers_are_told(answered: Path, tiny_run: Path, unseen: Path, tmp_path: Path) -> None:
    shutil.copy(answered, tmp_path / "copy.jsonl")
    for first, second in ((answered, answered), (answered, tmp_path / "copy.jsonl"), (tiny_run, answered)):
        found = compare(first, second, unseen, bootstrap=QUICK)
        assert found["verdict"].startswith(f"Not shown that {first} and {second} differ in macro-F1 (+0.0 points): too few units")
        assert "Both gave the same answers to every pair." in found["verdict"]
        assert (found["changed"]["rows"], found["mcnemar"]["p"]) == (0, 1.0)


def test_a_bad_file_of_answers_is_told_before_a_model_answers(
    answered: Path, tiny_run: Path, unseen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("stancekit.stages.compare.load", asked)
    write_rows(tmp_path / "short.jsonl", [row.values for row in read_rows(answered)][2:])
    with pytest.raises(StancekitError, match=r"short\.jsonl has no answer to 2 of 18 examples"):
        compare(tiny_run, tmp_path / "short.jsonl", unseen, bootstrap=QUICK)
    with pytest.raises(StancekitError, match=r"absent\.jsonl does not exist"):
        compare(tiny_run, tmp_path / "absent.jsonl", unseen, bootstrap=QUICK)
    with pytest.raises(StancekitError, match="nowhere is not a folder"):
        compare(answered, tmp_path / "nowhere", unseen, bootstrap=QUICK)


def test_the_command_takes_files_on_both_sides(stancekit: Run, unseen: Path, tmp_path: Path) -> None:
    examples = read_examples(unseen)
    for stance in (Stance.SUPPORT, Stance.OPPOSE):
        write_rows(tmp_path / f"{stance}.csv", answer_rows(examples, [stance] * len(examples)))
    done = stancekit("compare", tmp_path / "support.csv", tmp_path / "oppose.csv", unseen, "--resamples", 100, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "18 answers changed: 6 became right, 6 wrong." in " ".join(done.stdout.split())
    assert "the data: neither side tells how sure it is" in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_what_train_seeds_left_is_a_family(tiny_config: Callable[..., TrainConfig], tiny_run: Path, unseen: Path, tmp_path: Path) -> None:
    train_seeds(tiny_config(tmp_path / "runs", seed=3, optim={"epochs": 1, "batch_size": 10}), 2)
    found = compare(tiny_run, tmp_path / "runs", unseen, bootstrap=QUICK)
    assert [model["path"] for model in found["second"]["models"]] == [str(tmp_path / f"runs/seed-{seed}") for seed in (3, 4)]
