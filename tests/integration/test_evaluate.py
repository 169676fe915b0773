"""Evaluate: the same numbers from run and bundle, baselines found by the manifest or named, four files written."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import WriteJsonl
from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.evaluation.baselines import BASELINES
from stancekit.evaluation.intervals import Bootstrap
from stancekit.manifest import sha256
from stancekit.modeling.provenance import sources_of
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.export import export
from stancekit.stages.train import train

QUICK = Bootstrap(resamples=200)
OVERALL = ("macro_f1", "accuracy", "mcc", "f_avg")


@pytest.fixture
def elsewhere(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The bundle on a machine that has not its training file."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(tiny_bundle, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["trained_on"][0]["path"] = "data/not/here.jsonl"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_run_and_bundle_get_the_same_numbers(tiny_run: Path, tiny_bundle: Path, tiny_data: Path) -> None:
    data = tiny_data / "validation.jsonl"
    by_run, by_bundle = (evaluate(model, data, wanted=Wanted(QUICK)) for model in (tiny_run, tiny_bundle))
    assert by_run["scorer"] == "torch cpu fp32"
    assert by_bundle["scorer"] == "onnxruntime cpu fp32"
    own = ("model", "scorer", "errors", "calibration")
    assert {key: value for key, value in by_run.items() if key not in own} == {
        key: value for key, value in by_bundle.items() if key not in own
    }
    first, second = (metrics["calibration"]["measures"]["log_loss"]["value"] for metrics in (by_run, by_bundle))
    assert first == pytest.approx(second, abs=1e-5)
    # Both say that the model was chosen on these rows; of others neither does.
    assert by_run["is_validation"]
    assert "calibrated on these rows" in by_run["verdict"]
    assert not any(evaluate(model, tiny_data / "test.jsonl", wanted=Wanted(QUICK))["is_validation"] for model in (tiny_run, tiny_bundle))


def test_baselines_are_found_by_the_manifest(tiny_bundle: Path, tiny_data: Path) -> None:
    metrics = evaluate(tiny_bundle, tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert metrics["train"] == [str(tiny_data / "train.jsonl")]
    assert metrics["baselines"].keys() == BASELINES.keys()
    assert metrics["baselines"]["majority"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    # The made statements tell their stance by their words alone.
    assert metrics["baselines"]["tfidf_lr"]["macro_f1"]["value"] == 1.0
    assert metrics["seen_in_training"] == {"proposal": 0, "statement": 0}
    assert "baselines_note" not in metrics


def test_model_without_its_training_file_is_judged_with_a_note(elsewhere: Path, tiny_data: Path) -> None:
    metrics = evaluate(elsewhere, tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert metrics["baselines"] == {}
    assert metrics["train"] == []
    assert metrics["seen_in_training"] is None
    assert "data/not/here.jsonl is not here" in metrics["baselines_note"]
    assert "--train" in metrics["baselines_note"]
    assert metrics["macro_f1"]["value"] >= 0


def test_training_file_that_has_changed_is_not_taken(elsewhere: Path, tiny_data: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.jsonl"
    shutil.copy(tiny_data / "validation.jsonl", changed)
    manifest = json.loads((elsewhere / "manifest.json").read_text(encoding="utf-8"))
    manifest["trained_on"][0]["path"] = str(changed)
    (elsewhere / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    metrics = evaluate(elsewhere, tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert "has changed since" in metrics["baselines_note"]
    assert metrics["baselines"] == {}


def test_model_without_a_manifest_is_judged_with_a_note(tiny_run: Path, tiny_data: Path) -> None:
    metrics = evaluate(tiny_run / "checkpoint", tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert "does not say what it was trained on" in metrics["baselines_note"]


def test_training_file_can_be_named(elsewhere: Path, tiny_data: Path) -> None:
    metrics = evaluate(elsewhere, tiny_data / "test.jsonl", train=[tiny_data / "train.jsonl"], wanted=Wanted(QUICK))
    assert metrics["baselines"].keys() == BASELINES.keys()
    assert "baselines_note" not in metrics
    with pytest.raises(StancekitError, match="does not exist"):
        evaluate(elsewhere, tiny_data / "test.jsonl", train=[tiny_data / "nothing.jsonl"])


def test_rows_that_were_trained_on_are_told(tiny_bundle: Path, tiny_data: Path) -> None:
    metrics = evaluate(tiny_bundle, tiny_data / "train.jsonl", wanted=Wanted(QUICK))
    assert metrics["seen_in_training"] == {"proposal": 60, "statement": 60}
    assert "this is no test on unseen proposals" in metrics["verdict"]


@pytest.fixture(scope="module")
def mixed_run(tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., Any], tiny_data: Path) -> Path:
    """A run on two files: the first half of the made examples, and the second."""
    folder = tmp_path_factory.mktemp("mixed")
    lines = (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:30]), ("b", lines[30:])):
        (folder / f"{name}.jsonl").write_text("".join(part), encoding="utf-8")
    mix = [{"path": str(folder / "a.jsonl"), "cap": 6}, {"path": str(folder / "b.jsonl")}]
    train(tiny_config(folder / "run", data={"mix": mix, "validation": str(tiny_data / "validation.jsonl")}))
    return folder / "run"


def test_all_files_of_a_mix_are_learned_from_and_compared_with(mixed_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    export(mixed_run, tmp_path / "bundle", form="safetensors")
    files = [str(mixed_run.parent / name) for name in ("a.jsonl", "b.jsonl")]
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["trained_on"] == [{"path": file, "sha256": sha256(Path(file))} for file in files]
    card = (tmp_path / "bundle" / "README.md").read_text(encoding="utf-8")
    assert "on 36 pairs" in card
    home = mixed_run.parent.name
    assert f"`{home}/a.jsonl` 6, `{home}/b.jsonl` 30.\n" in card
    assert "| made | 60 | 0 | not stated |" in card
    for model in (mixed_run, tmp_path / "bundle"):
        metrics = evaluate(model, tiny_data / "train.jsonl", tmp_path / "evaluation", wanted=Wanted(QUICK))
        assert metrics["train"] == files
        # The cap leaves rows out of the training; which of them were seen is not asked, so all count as seen.
        assert metrics["seen_in_training"] == {"proposal": 60, "statement": 60}
        # Learned from both halves, words tell all of the stances.
        assert metrics["baselines"]["tfidf_lr"]["macro_f1"]["value"] == 1.0
        inputs = json.loads((tmp_path / "evaluation" / "manifest.json").read_text(encoding="utf-8"))["inputs"]
        assert set(inputs) == {*files, str(tiny_data / "train.jsonl")}


def test_a_mix_of_which_a_file_has_changed_gives_no_baselines(mixed_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    export(mixed_run, tmp_path / "bundle", form="safetensors")
    path = tmp_path / "bundle" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["trained_on"][1]["sha256"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    metrics = evaluate(tmp_path / "bundle", tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert f"{mixed_run.parent / 'b.jsonl'} has changed since" in metrics["baselines_note"]
    assert (metrics["train"], metrics["baselines"], metrics["seen_in_training"]) == ([], {}, None)
    named = [mixed_run.parent / "a.jsonl", mixed_run.parent / "b.jsonl"]
    assert evaluate(tmp_path / "bundle", tiny_data / "train.jsonl", train=named, wanted=Wanted(QUICK))["seen_in_training"]["proposal"] == 60


def test_manifests_from_before_there_were_mixes_are_read(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    source = {"path": str(tiny_data / "train.jsonl"), "sha256": sha256(tiny_data / "train.jsonl")}
    bundle = {"stage": "export", "trained_on": source}
    run = {
        "stage": "train",
        "settings": {"data": {"train": source["path"], "validation": "v"}},
        "inputs": {source["path"]: source["sha256"]},
    }
    for content in (bundle, run):
        (tmp_path / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
        assert sources_of(tmp_path) == [source]
    (tmp_path / "manifest.json").write_text(json.dumps({"stage": "export", "trained_on": None}), encoding="utf-8")
    assert sources_of(tmp_path) == []


def test_overlap_looks_past_case_and_spaces() -> None:
    from stancekit.records import Example
    from stancekit.stance import Stance

    train = [Example("1", "It is good.", "Keep  the Mill.", Stance.SUPPORT)]
    test = [Example("2", "it is GOOD.", "Close it.", Stance.SUPPORT), Example("3", "No.", "keep the mill.", Stance.OPPOSE)]
    assert Seen.of(train).count(test) == {"proposal": 1, "statement": 1}


def test_four_files_are_written(tiny_bundle: Path, tiny_data: Path, tmp_path: Path) -> None:
    output = tmp_path / "evaluation"
    metrics = evaluate(tiny_bundle, tiny_data / "test.jsonl", output, wanted=Wanted(QUICK))
    assert {path.name for path in output.iterdir()} == {"metrics.json", "predictions.jsonl", "report.html", "manifest.json"}
    assert json.loads((output / "metrics.json").read_text(encoding="utf-8")) == metrics
    assert all(metrics[name].keys() == {"value", "low", "high"} for name in OVERALL)
    rows: list[dict[str, Any]] = [json.loads(line) for line in (output / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    gold = [json.loads(line) for line in (tiny_data / "test.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["statement_id"], row["statement"], row["gold"]) for row in rows] == [
        (one["id"], one["statement"], one["stance"]) for one in gold
    ]
    assert sum(row["stance"] == row["gold"] for row in rows) / len(rows) == pytest.approx(metrics["accuracy"]["value"], abs=1e-6)
    assert metrics["verdict"].split(" (")[0] in (output / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["stage"] == "evaluate"
    assert manifest["inputs"] == {str(tiny_data / f"{name}.jsonl"): sha256(tiny_data / f"{name}.jsonl") for name in ("test", "train")}


def test_the_bootstrap_is_as_asked_and_written_down(tiny_bundle: Path, tiny_data: Path) -> None:
    asked = Bootstrap(resamples=150, level=0.9, seed=4)
    once, again = (evaluate(tiny_bundle, tiny_data / "validation.jsonl", wanted=Wanted(asked)) for _ in range(2))
    assert once == again
    assert once["interval"] == {"level": 0.9, "resamples": 150, "seed": 4, "unit": "proposals", "apart": 0, "bca": False}


def test_evaluation_replaces_its_own_output_alone(tiny_bundle: Path, tiny_data: Path, tmp_path: Path) -> None:
    for _ in range(2):
        evaluate(tiny_bundle, tiny_data / "test.jsonl", tmp_path / "evaluation", wanted=Wanted(QUICK))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(StancekitError, match="was not made by `stancekit evaluate`"):
        evaluate(tiny_bundle, tiny_data / "test.jsonl", tmp_path / "mine")


def test_bad_examples_leave_nothing_behind(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": "1", "statement": "Ok.", "proposal": "Keep it.", "stance": "maybe"}\n', encoding="utf-8")
    with pytest.raises(StancekitError, match=r"bad\.jsonl:1 has stance 'maybe'"):
        evaluate(tiny_bundle, tmp_path / "bad.jsonl", tmp_path / "evaluation")
    assert not (tmp_path / "evaluation").exists()


def test_an_evaluation_stands_beside_a_bundle_of_safetensors(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    export(tiny_run, tmp_path / "bundle", "safetensors")
    metrics = evaluate(tmp_path / "bundle", tiny_data / "test.jsonl", wanted=Wanted(QUICK))
    assert metrics["scorer"] == "torch cpu fp32"
    assert metrics["baselines"].keys() == BASELINES.keys()


def test_a_bundle_with_hashes_knows_what_it_saw_where_the_files_are_not(mixed_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    export(mixed_run, tmp_path / "bundle", form="safetensors", seen=True)
    path = tmp_path / "bundle" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"trained_on": []}), encoding="utf-8")
    metrics = evaluate(tmp_path / "bundle", tiny_data / "train.jsonl", wanted=Wanted(QUICK))
    assert (metrics["seen_in_training"], metrics["baselines"]) == ({"proposal": 60, "statement": 60}, {})
    assert "60 a statement" in metrics["verdict"]
    assert evaluate(tmp_path / "bundle", tiny_data / "test.jsonl", wanted=Wanted(QUICK))["seen_in_training"]["proposal"] == 0
    texts = [json.loads(line)["statement"] for line in (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    content = (tmp_path / "bundle" / "seen.safetensors").read_bytes()
    assert not any(text.encode() in content for text in texts)
    (tmp_path / "bundle" / "seen.safetensors").write_bytes(content[:20])
    with pytest.raises(StancekitError, match=r"seen.safetensors cannot be read"):
        evaluate(tmp_path / "bundle", tiny_data / "test.jsonl", wanted=Wanted(QUICK))


def test_a_run_knows_what_the_bundle_saw_that_it_started_from(
    mixed_run: Path, tiny_config: Callable[..., Any], tiny_data: Path, write_jsonl: WriteJsonl, tmp_path: Path
) -> None:
    export(mixed_run, tmp_path / "bundle", form="safetensors", seen=True)
    foreign = {"statement": "The choir sang.", "proposal": "The choir should sing."}
    rows = [foreign | {"id": str(number), "stance": stance} for number, stance in enumerate(("support", "oppose"))]
    own = write_jsonl(tmp_path / "own.jsonl", rows)
    config = tiny_config(output=tmp_path / "run", encoder=str(tmp_path / "bundle"), data={"train": str(own), "validation": str(own)})
    train(config)
    assert evaluate(tmp_path / "run", tiny_data / "train.jsonl", wanted=Wanted(QUICK))["seen_in_training"] == {
        "proposal": 60,
        "statement": 60,
    }
    export(tmp_path / "run", tmp_path / "again", form="safetensors", seen=True)
    assert Seen.read(tmp_path / "again").count(read_examples(tiny_data / "train.jsonl")) == {"proposal": 60, "statement": 60}
    own.unlink()
    with pytest.raises(StancekitError, match="are not all here, or changed since"):
        export(tmp_path / "run", tmp_path / "other", form="safetensors", seen=True)
    assert not (tmp_path / "other").exists()


def test_what_a_teacher_saw_counts_as_seen(
    mixed_run: Path, tiny_config: Callable[..., Any], tiny_data: Path, write_jsonl: WriteJsonl, tmp_path: Path
) -> None:
    foreign = {"statement": "The choir sang.", "proposal": "The choir should sing."}
    rows = [foreign | {"id": str(number), "stance": stance} for number, stance in enumerate(("support", "oppose"))]
    own = write_jsonl(tmp_path / "own.jsonl", rows)
    train(tiny_config(output=tmp_path / "run", data={"train": str(own), "validation": str(own)}, teacher={"model": str(mixed_run)}))
    assert evaluate(tmp_path / "run", tiny_data / "train.jsonl", wanted=Wanted(QUICK))["seen_in_training"] == {
        "proposal": 60,
        "statement": 60,
    }
    export(tmp_path / "run", tmp_path / "bundle", form="safetensors", seen=True)
    assert Seen.read(tmp_path / "bundle").count(read_examples(tiny_data / "train.jsonl")) == {"proposal": 60, "statement": 60}
    about = json.loads((tmp_path / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    assert [one["trained_on"] for one in about["teachers"]] == [sources_of(mixed_run)]
    assert "the answers of another model" in (tmp_path / "bundle" / "README.md").read_text(encoding="utf-8")


def test_probes_and_behaviours_are_asked_where_they_are_wanted(
    tiny_config: Callable[..., TrainConfig], tiny_data: Path, tmp_path: Path
) -> None:
    # The texts that hide a proposal are long for a vocabulary this small.
    train(tiny_config(tmp_path / "run", pairs={"max_length": 64}, optim={"epochs": 1, "batch_size": 10}))
    own, case = tmp_path / "plain.toml", '[[written]]\nproposal = "The toll should go."\nsupport = ["They want it gone."]'
    own.write_text(f'title = "Plain words"\nkind = "minimum"\n{case}\n', encoding="utf-8")
    data, training = tiny_data / "validation.jsonl", [tiny_data / "train.jsonl"]
    metrics = evaluate(tmp_path / "run", data, tmp_path / "evaluation", training, Wanted(QUICK, probes=True, behaviours=[own]))
    assert metrics["probes"]["hidden"]["n"] == metrics["probes"]["replaced"]["n"] == metrics["n"]
    assert metrics["probes"]["sensitivity"]["blind"].keys() == {"hidden", "replaced", "majority", "tfidf_statement"}
    assert metrics["probes"]["sensitivity"]["sentence"] in metrics["verdict"]
    # The draws are those of the score itself.
    assert metrics["probes"]["hidden"]["true"] == metrics["macro_f1"]
    assert (metrics["behaviours"]["capabilities"], metrics["behaviours"]["cases"]) == (1, 1)
    page = (tmp_path / "evaluation/report.html").read_text(encoding="utf-8")
    assert 'id="probes"' in page
    assert "Plain words" in page
    plain = evaluate(tmp_path / "run", data, wanted=Wanted(QUICK))
    assert plain["probes"] is plain["behaviours"] is None


def test_a_file_of_answers_cannot_be_asked(tiny_bundle: Path, tiny_data: Path, tmp_path: Path) -> None:
    evaluate(tiny_bundle, tiny_data / "test.jsonl", tmp_path / "evaluation", wanted=Wanted(QUICK))
    with pytest.raises(StancekitError, match="is a file of answers"):
        evaluate(tmp_path / "evaluation/predictions.jsonl", tiny_data / "test.jsonl", wanted=Wanted(QUICK, probes=True))


@pytest.mark.parametrize("wrong", ["behaviours", "train"])
def test_faults_are_told_before_a_model_answers(
    wrong: str, tiny_bundle: Path, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancekit.stages.evaluate.subject", lambda *_: pytest.fail("the model was asked"))
    wanted = Wanted(QUICK, behaviours=[tmp_path / "absent.toml"] if wrong == "behaviours" else [])
    named = [tmp_path / "absent.jsonl"] if wrong == "train" else []
    with pytest.raises(StancekitError, match="absent"):
        evaluate(tiny_bundle, tiny_data / "test.jsonl", train=named, wanted=wanted)


def test_probes_have_the_intervals_of_the_score_itself_by_bca_too(tiny_bundle: Path, tiny_data: Path) -> None:
    metrics = evaluate(tiny_bundle, tiny_data / "validation.jsonl", wanted=Wanted(replace(QUICK, bca=True), probes=True))
    assert metrics["probes"]["replaced"]["true"] == metrics["macro_f1"]
