"""`--entailment`: a published entailment model answers with its own probabilities, under our names, whatever order it was published in."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from conftest import PARTS, WriteJsonl, made_rows
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import FloatArray
from stancekit.manifest import sha256
from stancekit.stages.compare import compare
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.subjects import subject
from stancekit.stance import STANCES
from stancekit.tables import read_rows

Run = Callable[..., CompletedProcess[str]]
QUICK = Wanted(Bootstrap(resamples=100), entailment=True)
# Oppose is contradiction, so that our order is 2, 0, 1 of this one, which is not its own inverse.
PUBLISHED = {"neutral": "neutral", "Entailment": "support", "CONTRADICTION": "oppose"}
LONG = "The guild of bakers welcomed the night tram with open arms, and farmers called the wool tax a disgrace. " * 9


def publish(folder: Path, encoder: Path, labels: list[str], types: bool = True) -> Path:
    """A BERT like the tiny one, saved by transformers under these labels. types: whether its tokenizer gives token types, as most do."""
    named = {"id2label": dict(enumerate(labels)), "label2id": {label: number for number, label in enumerate(labels)}}
    torch.manual_seed(5)
    AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(encoder, **named)).save_pretrained(folder)
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if types else [])]
    AutoTokenizer.from_pretrained(encoder, model_input_names=inputs).save_pretrained(folder)
    return folder


def its_own(folder: Path, pairs: list[tuple[str, str]]) -> FloatArray:
    """What transformers alone makes of the folder, columns in the order of STANCES."""
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    statements, proposals = zip(*pairs, strict=True)
    batch = tokenizer(list(statements), list(proposals), padding=True, truncation="only_first", max_length=64, return_tensors="pt")
    with torch.no_grad():
        given = model(**batch).logits.double().softmax(dim=-1).numpy()
    order = [next(row for row, label in model.config.id2label.items() if PUBLISHED[label] == stance) for stance in STANCES]
    return np.asarray(given[:, order])


@pytest.fixture(scope="module")
def published(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("published") / "nli", tiny_encoder, list(PUBLISHED))


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory, write_jsonl: WriteJsonl) -> Path:
    """24 examples, a long one among them, which no model reads whole."""
    rows = made_rows([*PARTS["validation"], *PARTS["test"], "the night tram"])
    return write_jsonl(tmp_path_factory.mktemp("unseen") / "test.jsonl", [{**rows[0], "statement": LONG}, *rows[1:]])


def test_the_command_gives_the_models_own_probabilities(stancekit: Run, published: Path, unseen: Path, tmp_path: Path) -> None:
    done = stancekit("evaluate", published, unseen, "--entailment", "--resamples", 100, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    examples = read_examples(unseen)
    expected = its_own(published, [(example.statement, example.proposal) for example in examples])
    # Where two stances got the same, or every pair the same, another order or another model would pass too.
    assert np.ptp(expected, axis=0).min() > 0.01
    assert np.abs(expected - np.roll(expected, 1, axis=1)).max(axis=0).min() > 0.01
    rows = [row.values for row in read_rows(tmp_path / "out/predictions.jsonl")]
    given = np.array([[row["probabilities"][stance] for stance in STANCES] for row in rows])
    assert given == pytest.approx(expected, abs=1e-5)
    assert [row["stance"] for row in rows] == [STANCES[best] for best in expected.argmax(axis=1)]
    metrics = json.loads((tmp_path / "out/metrics.json").read_text(encoding="utf-8"))
    right = np.mean([example.stance is STANCES[best] for example, best in zip(examples, expected.argmax(axis=1), strict=True)])
    assert metrics["accuracy"]["value"] == pytest.approx(right, abs=1e-6)


def test_what_was_judged_is_told(published: Path, unseen: Path, tmp_path: Path) -> None:
    metrics = evaluate(published, unseen, tmp_path / "out", wanted=QUICK)
    assert metrics == json.loads((tmp_path / "out/metrics.json").read_text(encoding="utf-8"))
    assert {key: metrics[key] for key in ("model", "scorer", "labels", "weights_sha256")} == {
        "model": str(published),
        "scorer": "torch cpu fp32",
        "labels": PUBLISHED,
        "weights_sha256": sha256(published / "model.safetensors"),
    }
    assert list(metrics["labels"]) == list(PUBLISHED)
    assert metrics["seen_in_training"] is None
    assert "does not say what it was trained on" in metrics["baselines_note"]
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "neutral as neutral, Entailment as support, CONTRADICTION as oppose." in page


@pytest.mark.parametrize(
    ("labels", "types"), [(["Entailment", "neutral", "CONTRADICTION"], True), (["CONTRADICTION", "neutral", "Entailment"], False)]
)
def test_any_order_is_put_into_ours(labels: list[str], types: bool, tiny_encoder: Path, unseen: Path, tmp_path: Path) -> None:
    folder = publish(tmp_path / "nli", tiny_encoder, labels, types)
    judged = subject(folder, read_examples(unseen), "cpu", entailment=True)
    pairs = [(example.statement, example.proposal) for example in read_examples(unseen)]
    assert judged.answers.probabilities == pytest.approx(its_own(folder, pairs), abs=1e-5)
    assert judged.about["labels"] == {label: PUBLISHED[label] for label in labels}
    # It can be asked anything else too, as probes and behaviour tests do.
    assert judged.ask is not None
    assert judged.ask(pairs[:3], None) == pytest.approx(judged.answers.probabilities[:3], abs=1e-5)
    assert (judged.fits(pairs[0][1]), judged.fits(LONG), judged.seeds) == (True, False, {})


def test_its_answers_are_compared_as_a_file(published: Path, tiny_run: Path, unseen: Path, tmp_path: Path) -> None:
    metrics = evaluate(published, unseen, tmp_path / "out", wanted=QUICK)
    found = compare(tmp_path / "out/predictions.jsonl", tiny_run, unseen, bootstrap=QUICK.bootstrap)
    assert found["overall"]["macro_f1"]["first"] == metrics["macro_f1"]["value"]
    assert found["graded"]["first"]


def test_labels_without_names_are_refused(tiny_encoder: Path, unseen: Path, tmp_path: Path) -> None:
    folder = publish(tmp_path / "nli", tiny_encoder, ["LABEL_0", "LABEL_1", "LABEL_2"])
    with pytest.raises(StancekitError, match="is no entailment model: its head has LABEL_0, LABEL_1, LABEL_2") as fault:
        evaluate(folder, unseen, tmp_path / "out", wanted=QUICK)
    assert "name them in id2label of its config.json" in fault.value.fix
    assert not (tmp_path / "out").exists()


def answers_file(place: Path, _: Path, unseen: Path) -> Path:
    return Path(shutil.copy(unseen, place / "answers.jsonl"))


def family(place: Path, run: Path, _: Path) -> Path:
    (place / "runs").mkdir()
    (place / "runs/manifest.json").write_text(json.dumps({"stage": "train --seeds"}), encoding="utf-8")
    shutil.copytree(run, place / "runs/seed-13")
    return place / "runs"


@pytest.mark.parametrize(
    "made", [answers_file, family, lambda place, run, unseen: run, lambda place, run, unseen: run / "checkpoint", lambda *_: Path("base")]
)
def test_what_is_judged_without_the_flag_is_told_so(
    made: Callable[[Path, Path, Path], Path], stancekit: Run, tiny_run: Path, unseen: Path, tmp_path: Path
) -> None:
    model = made(tmp_path, tiny_run, unseen)
    done = stancekit("evaluate", model, unseen, "--entailment")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{model} is no published entailment model" in " ".join(done.stderr.split())
    assert "without --entailment" in done.stderr


def test_what_is_not_there_is_told(stancekit: Run, unseen: Path, tmp_path: Path) -> None:
    for model, complaint in ((tmp_path / "nowhere", "is not a model folder"), (Path("organisation/model"), "not in the local cache")):
        done = stancekit("evaluate", model, unseen, "--entailment")
        assert (done.returncode, done.stdout) == (2, "")
        assert complaint in " ".join(done.stderr.split())


def test_a_model_is_not_judged_as_one_by_chance(published: Path, unseen: Path) -> None:
    wanted: dict[str, Any] = {"wanted": QUICK._replace(entailment=False)}
    with pytest.raises(StancekitError, match="is not a stancekit model"):
        evaluate(published, unseen, **wanted)
