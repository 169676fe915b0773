"""The [model] section acts in a training: each head goes the whole way, the frozen stay, adapters end as a plain model."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from gates import UNTIMED
from stancekit import load
from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.inference.scorers import OnnxScorer, TorchScorer
from stancekit.stages.check import check
from stancekit.stages.export import export
from stancekit.stages.train import train

Configured = Callable[..., TrainConfig]
FamilyEncoder = Callable[..., Path]
SHORT = {"epochs": 1, "batch_size": 10, "learning_rate": 0.01}
PAIRS = [
    ("The guild of bakers welcomed the night tram. " * 9, "The council should keep the night tram."),
    ("Ok.", "Keep it."),
    ("Farmers called the wool tax a disgrace.", "The council should keep the wool tax."),
]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_file(folder / "model.safetensors"))


@pytest.mark.parametrize("family", ["bert", "modernbert"])
def test_a_mean_head_goes_the_whole_way(
    family: str, tmp_path: Path, tiny_encoder: Path, family_encoder: FamilyEncoder, tiny_config: Configured
) -> None:
    # The BERT that all tests share has token types, the others have none.
    encoder = tiny_encoder if family == "bert" else family_encoder(family, tmp_path / "encoder")
    run, bundle = tmp_path / "run", tmp_path / "bundle"
    train(tiny_config(run, encoder=str(encoder), model={"head": "mean"}, optim=SHORT))
    assert json.loads((run / "checkpoint" / "stancekit.json").read_text(encoding="utf-8"))["head"] == "mean"
    gate = export(run, bundle, gate=UNTIMED)
    assert gate["passed"]
    assert gate["largest_logit_difference"] < 1e-5
    model = load(bundle)
    assert model.scorer.name == "onnxruntime cpu fp32"
    by_onnx, by_torch = OnnxScorer(bundle / "model.onnx"), TorchScorer(bundle)
    encodings = model.tokenizer.encode(PAIRS)
    alone = [by_torch.logits(model.tokenizer.batch([encoding]))[0] for encoding in encodings]
    assert np.abs(alone[0] - alone[1]).max() > 1e-3
    for rows in ([0], [1, 2], [2, 0, 1], [0, 1, 2] * 6):
        answers = by_onnx.logits(model.tokenizer.batch([encodings[row] for row in rows]))
        # Beside a long pair a short one is padded, and must answer as it does alone.
        assert np.abs(answers - np.stack([alone[row] for row in rows])).max() < 1e-4
    card = (bundle / "README.md").read_text(encoding="utf-8")
    assert "from transformers import" not in card
    assert "library_name: stancekit" in card


def test_a_training_goes_on_from_a_mean_head(tmp_path: Path, tiny_config: Configured) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    train(tiny_config(first, model={"head": "mean"}, optim=SHORT))
    # At a rate of next to nothing, the second training ends where the first did.
    train(tiny_config(second, encoder=str(first), model={"head": "mean"}, optim={**SHORT, "learning_rate": 1e-12}))
    before, after = weights(first / "checkpoint"), weights(second / "checkpoint")
    assert before.keys() == after.keys()
    assert all(torch.allclose(tensor, after[name], atol=1e-8) for name, tensor in before.items())
    assert load(first).predict_pairs(PAIRS) == load(second).predict_pairs(PAIRS)
    with pytest.raises(StancekitError, match="is a stance model with head 'mean'"):
        train(tiny_config(tmp_path / "third", encoder=str(first), optim=SHORT))
    assert not (tmp_path / "third").exists()


def test_a_kept_entailment_head_answers_through_training_and_export(
    tmp_path: Path, family_encoder: FamilyEncoder, tiny_config: Configured
) -> None:
    labels = {0: "neutral", 1: "entailment", 2: "contradiction"}
    names = {"id2label": labels, "label2id": {label: number for number, label in labels.items()}}
    encoder = family_encoder("roberta", tmp_path / "nli", AutoModelForSequenceClassification, **names)
    config = tiny_config(tmp_path / "run", encoder=str(encoder), model={"head": "nli"}, optim={**SHORT, "learning_rate": 1e-12})
    train(config)
    export(config.output, tmp_path / "bundle", gate=UNTIMED)
    model = load(tmp_path / "bundle")
    published = AutoModelForSequenceClassification.from_pretrained(encoder).eval()
    batch = {name: torch.from_numpy(array) for name, array in model.tokenizer.batch(model.tokenizer.encode(PAIRS)).items()}
    with torch.no_grad():
        expected = published(**batch).logits[:, [2, 0, 1]].numpy()
    assert np.abs(model.logits(PAIRS) - expected).max() < 1e-4
    # The same encoder with a head drawn anew answers otherwise.
    train(tiny_config(tmp_path / "fresh", encoder=str(encoder), optim={**SHORT, "learning_rate": 1e-12}))
    assert np.abs(load(tmp_path / "fresh").logits(PAIRS) - expected).max() > 0.1


def test_frozen_embeddings_are_those_of_the_encoder_to_the_bit(tmp_path: Path, tiny_encoder: Path, tiny_config: Configured) -> None:
    start = weights(tiny_encoder)
    train(tiny_config(tmp_path / "frozen", model={"frozen": "embeddings"}, optim=SHORT))
    train(tiny_config(tmp_path / "free", optim=SHORT))
    frozen, free = weights(tmp_path / "frozen" / "checkpoint"), weights(tmp_path / "free" / "checkpoint")
    tables = [name for name in start if name.startswith("embeddings.")]
    assert len(tables) == 5
    assert all(torch.equal(start[name], frozen[f"bert.{name}"]) for name in tables)
    assert not any(torch.equal(start[name], free[f"bert.{name}"]) for name in tables)
    others = [name for name in start if name not in tables and "key.bias" not in name]
    assert not any(torch.equal(start[name], frozen[f"bert.{name}"]) for name in others)


def test_adapters_end_as_a_plain_model_that_differs_by_low_rank(tmp_path: Path, tiny_encoder: Path, tiny_config: Configured) -> None:
    config = tiny_config(tmp_path / "run", model={"lora": {"rank": 2, "alpha": 8}}, optim={**SHORT, "epochs": 3})
    metrics = train(config)
    start, end = weights(tiny_encoder), weights(config.output / "checkpoint")
    assert end.keys() == {*(f"bert.{name}" for name in start), "classifier.weight", "classifier.bias"}
    for name, tensor in start.items():
        change = end[f"bert.{name}"] - tensor
        if name.startswith("encoder.") and name.endswith(".weight") and "LayerNorm" not in name:
            strengths = torch.linalg.svdvals(change.double())
            assert strengths[1] > 1e-4 > strengths[2], name
        else:
            # The pooler is the first layer of BERT's head, and trained in full.
            assert change.any() == name.startswith("pooler."), name
    # The best macro-F1 was measured with the adapters beside the weights; merged, the model is the same.
    from stancekit.stages.evaluate import evaluate

    measured = evaluate(config.output, config.data.validation)
    assert measured["macro_f1"]["value"] == pytest.approx(metrics["validation"]["macro_f1"], abs=1e-6)
    assert export(config.output, tmp_path / "bundle", gate=UNTIMED)["passed"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("model.head = 'sum'", "model.head  should be 'cls', 'mean' or 'nli', got 'sum'"),
        ("model.frozen = 'all'", "model.frozen  should be 'none' or 'embeddings', got 'all'"),
        ("model.lora.rank = 0", "model.lora.rank  should be greater than 0, got 0"),
        ("model.lora.alpha = 0", "model.lora.alpha  should be greater than 0, got 0"),
        ("model.lora.dropout = 1.0", "model.lora.dropout  should be less than 1, got 1.0"),
        ("model.lora.rnk = 4", "model.lora.rnk  unknown key, did you mean rank?"),
        ("model.head = 'nli'", "is no entailment model: its head has no labels"),
    ],
)
def test_check_finds_the_faults_of_a_recipe(changes: str, told: str, tmp_path: Path, tiny_encoder: Path, tiny_data: Path) -> None:
    lines = [
        f"encoder = {json.dumps(str(tiny_encoder))}",
        "output = 'x'",
        f"data.train = {json.dumps(str(tiny_data / 'train.jsonl'))}",
        f"data.validation = {json.dumps(str(tiny_data / 'validation.jsonl'))}",
    ]
    (tmp_path / "train.toml").write_text("\n".join(lines), encoding="utf-8")
    assert check(tmp_path / "train.toml")[0].summary == "sound"
    (tmp_path / "train.toml").write_text("\n".join([*lines, changes]), encoding="utf-8")
    with pytest.raises(StancekitError) as fault:
        check(tmp_path / "train.toml")
    assert told in str(fault.value)


def test_check_wants_peft_for_adapters(tmp_path: Path, tiny_config: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "peft" else found(name, *rest))
    text = 'encoder = "minilm"\noutput = "x"\ndata.train = "t.jsonl"\ndata.validation = "v.jsonl"\n[model.lora]\n'
    (tmp_path / "train.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StancekitError, match="needs the package peft"):
        check(tmp_path / "train.toml")
    with pytest.raises(StancekitError, match="needs the package peft"):
        train(tiny_config(tmp_path / "run", model={"lora": {}}))
    assert not (tmp_path / "run").exists()
