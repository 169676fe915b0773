"""Heads: the mean of all tokens whatever the padding, and a published entailment head whose rows are put into our order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from stancekit.errors import StancekitError
from stancekit.modeling import heads
from stancekit.modeling.checkpoint import describe, load_model, save_model
from stancekit.modeling.encoders import load_encoder
from stancekit.modeling.heads import PROBE, entailment_rows
from stancekit.modeling.pairs import PairTokenizer
from stancekit.modeling.spec import ModelSpec
from stancekit.training.loop import seed_everything

FamilyEncoder = Callable[..., Path]
# Oppose is contradiction, so our order is 2, 0, 1 in this one, which is not its own inverse.
PUBLISHED = {0: "neutral", 1: "Entailment", 2: "CONTRADICTION"}
OURS = [2, 0, 1]


def entailment_model(save: FamilyEncoder, family: str, folder: Path, labels: dict[int, str]) -> Path:
    by_name = {label: number for number, label in labels.items()}
    return save(family, folder, AutoModelForSequenceClassification, id2label=labels, label2id=by_name)


def batch_of(folder: Path, width: int = 0) -> dict[str, torch.Tensor]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    statements, proposals = zip(*PROBE, strict=True)
    padding: dict[str, Any] = {"padding": "max_length", "max_length": width} if width else {"padding": True}
    batch = tokenizer(list(statements), list(proposals), return_tensors="pt", **padding)
    return {name: batch[name] for name in ("input_ids", "attention_mask")}


def logits(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    with torch.no_grad():
        answer: torch.Tensor = model.eval()(**batch).logits
    return answer


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "deberta", "modernbert"])
def test_a_kept_entailment_head_answers_as_published_in_our_order(family: str, tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    folder = entailment_model(family_encoder, family, tmp_path / family, PUBLISHED)
    published = logits(AutoModelForSequenceClassification.from_pretrained(folder), batch_of(folder))
    model, tokenizer = load_encoder(str(folder), "nli")
    ours = logits(model, batch_of(folder))
    assert torch.allclose(ours, published[:, OURS], atol=1e-6)
    # The three must differ, or any order would do.
    assert (published[:, [0, 1, 2]] - published[:, [1, 2, 0]]).abs().max(dim=0).values.min() > 0.01
    assert model.config.id2label == {0: "oppose", 1: "neutral", 2: "support"}
    assert model.config.label2id == {"oppose": 0, "neutral": 1, "support": 2}
    # Written and read, it is a model like any other.
    spec = describe(model, tokenizer, family, 32)
    (tmp_path / "ours").mkdir()
    save_model(tmp_path / "ours", model, tokenizer, spec)
    assert ModelSpec.read(tmp_path / "ours").head == "cls"
    assert torch.equal(logits(load_model(tmp_path / "ours"), batch_of(folder)), ours)


def test_a_kept_head_draws_nothing(tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    folder = entailment_model(family_encoder, "roberta", tmp_path / "nli", PUBLISHED)
    kept = []
    for seed in (1, 2):
        seed_everything(seed)
        kept.append(load_encoder(str(folder), "nli")[0].state_dict())
    assert all(torch.equal(tensor, kept[1][name]) for name, tensor in kept[0].items())


def test_a_wrong_order_cannot_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family_encoder: FamilyEncoder) -> None:
    folder = entailment_model(family_encoder, "roberta", tmp_path / "nli", PUBLISHED)
    # Another layer of three outputs beside the encoder: permuting it changes no logit.
    with monkeypatch.context() as patch:
        patch.setattr(heads, "_last_layers", lambda model: [torch.nn.Linear(16, 3)])
        with pytest.raises(StancekitError, match="cannot be put into our order"):
            load_encoder(str(folder), "nli")
    with monkeypatch.context() as patch:
        patch.setattr(heads, "_last_layers", lambda model: [])
        with pytest.raises(StancekitError, match="0 layers might give its logits"):
            load_encoder(str(folder), "nli")


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["entailment", "neutral", "contradiction"], [2, 1, 0]),
        (["contradiction", "neutral", "entailment"], [0, 1, 2]),
        (["CONTRADICTION", "ENTAILMENT", "NEUTRAL"], [0, 2, 1]),
        (["entail", " Neutral", "contradict"], [2, 1, 0]),
    ],
)
def test_the_rows_of_an_entailment_head_are_found_by_name(labels: list[str], rows: list[int], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}), encoding="utf-8")
    assert entailment_rows("x", tmp_path) == rows


@pytest.mark.parametrize(
    ("labels", "fix"),
    [
        (["entailment", "not_entailment"], "use an encoder trained to tell entailment, neutral and contradiction apart"),
        (["entailment", "neutral", "contradiction", "other"], "use an encoder trained"),
        (["entailment", "neutral", "not_entailment"], "use an encoder trained"),
        (["entailment", "entail", "neutral"], "use an encoder trained"),
        (["LABEL_0", "LABEL_1", "LABEL_2"], "name them in id2label"),
        (["negative", "neutral", "positive"], "use an encoder trained"),
        ([], "use an encoder trained"),
    ],
)
def test_other_heads_are_no_entailment_head(labels: list[str], fix: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}), encoding="utf-8")
    with pytest.raises(StancekitError, match="is no entailment model") as fault:
        entailment_rows("x", tmp_path)
    assert fix in fault.value.fix
    assert ", ".join(labels) in fault.value.problem


def test_a_bare_encoder_has_no_entailment_head_to_keep(tiny_encoder: Path) -> None:
    with pytest.raises(StancekitError, match="has no labels"):
        load_encoder(str(tiny_encoder), "nli")


def test_a_head_that_is_named_but_not_there_is_refused(tmp_path: Path, tiny_encoder: Path, family_encoder: FamilyEncoder) -> None:
    folder = family_encoder("bert", tmp_path / "bare")
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**settings, "id2label": PUBLISHED}), encoding="utf-8")
    with pytest.raises(StancekitError, match="its weights lack"):
        load_encoder(str(folder), "nli")


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "deberta", "modernbert"])
def test_padding_does_not_change_the_mean(family: str, tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    folder = family_encoder(family, tmp_path / family)
    model, _ = load_encoder(str(folder), "mean")
    narrow, wide = batch_of(folder), batch_of(folder, width=60)
    assert wide["input_ids"].shape[1] > narrow["input_ids"].shape[1]
    answer = logits(model, narrow)
    assert torch.allclose(answer, logits(model, wide), atol=1e-5)
    # A mean over the padding too would have been another.
    everything = {**wide, "attention_mask": torch.ones_like(wide["attention_mask"])}
    assert not torch.allclose(answer, logits(model, everything), atol=1e-2)


def test_the_mean_is_that_of_the_attended_tokens(tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    folder = family_encoder("roberta", tmp_path / "encoder")
    model, _ = load_encoder(str(folder), "mean")
    batch = batch_of(folder)
    with torch.no_grad():
        states = model.eval().encoder(**batch).last_hidden_state
        means = [row[mask.bool()].mean(dim=0) for row, mask in zip(states, batch["attention_mask"], strict=True)]
        expected = model.classifier(torch.stack(means))
    assert torch.allclose(logits(model, batch), expected, atol=1e-5)


def test_the_mean_head_has_weights_of_the_encoder_and_no_idle_part(tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    folder = family_encoder("bert", tmp_path / "encoder")
    model, _ = load_encoder(str(folder), "mean")
    labels = torch.tensor([0, 1, 2])
    answer = model.train()(**batch_of(folder), labels=labels)
    assert answer.loss.item() == pytest.approx(torch.nn.functional.cross_entropy(answer.logits, labels).item())
    answer.loss.backward()
    idle = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    # No pair has token types or positions beyond what is here, but the tables are used.
    assert idle == []
    assert model.dropout.p == 0.1


def test_transformers_alone_refuses_a_mean_head_rather_than_draw_one(tmp_path: Path, tiny_encoder: Path) -> None:
    model, tokenizer = load_encoder(str(tiny_encoder), "mean")
    save_model(tmp_path, model, tokenizer, describe(model, tokenizer, "tiny", 64))
    with pytest.raises(ValueError, match="stancekit-mean"):
        AutoModelForSequenceClassification.from_pretrained(tmp_path)


def test_a_mean_head_is_written_and_read(tmp_path: Path, tiny_encoder: Path) -> None:
    model, tokenizer = load_encoder(str(tiny_encoder), "mean")
    spec = describe(model, tokenizer, "tiny", 64)
    assert (spec.head, spec.inputs) == ("mean", ("input_ids", "attention_mask", "token_type_ids"))
    with pytest.raises(StancekitError, match="tiny reads 64 tokens"):
        describe(model, tokenizer, "tiny", 65)
    save_model(tmp_path, model, tokenizer, spec)
    assert ModelSpec.read(tmp_path) == spec
    again, same = load_encoder(str(tmp_path), "mean")
    batch = batch_of(tiny_encoder)
    assert torch.equal(logits(again, batch), logits(model, batch))
    assert torch.equal(logits(load_model(tmp_path), batch), logits(model, batch))
    pairs = [PairTokenizer(one.backend_tokenizer, 64, 0, spec.inputs).encode(PROBE) for one in (tokenizer, same)]
    assert [row.ids for row in pairs[0]] == [row.ids for row in pairs[1]]


def test_a_checkpoint_keeps_its_head_and_the_config_must_name_it(tmp_path: Path, tiny_encoder: Path, tiny_run: Path) -> None:
    model, tokenizer = load_encoder(str(tiny_encoder), "mean")
    save_model(tmp_path, model, tokenizer, describe(model, tokenizer, "tiny", 64))
    with pytest.raises(StancekitError, match=r"is a stance model with head 'mean', and model\.head is 'cls'") as fault:
        load_encoder(str(tmp_path))
    assert "set model.head to 'mean'" in fault.value.fix
    for head in ("mean", "nli"):
        with pytest.raises(StancekitError, match="head 'cls'"):
            load_encoder(str(tiny_run), head)


def test_a_spec_of_an_older_version_has_the_familys_head(tmp_path: Path) -> None:
    ModelSpec("tiny", 64, 0, ("input_ids", "attention_mask"), head="mean").write(tmp_path)
    values = json.loads((tmp_path / "stancekit.json").read_text(encoding="utf-8"))
    assert values.pop("head") == "mean"
    (tmp_path / "stancekit.json").write_text(json.dumps(values), encoding="utf-8")
    assert ModelSpec.read(tmp_path).head == "cls"
    (tmp_path / "stancekit.json").write_text(json.dumps({**values, "head": "sum"}), encoding="utf-8")
    with pytest.raises(StancekitError, match="head 'sum'"):
        ModelSpec.read(tmp_path)
