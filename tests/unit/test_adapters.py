"""What a training moves: frozen embeddings get no gradient, adapters are few, act, and are merged without a trace."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from stancekit.config import LoraConfig, ModelConfig
from stancekit.errors import StancekitError
from stancekit.modeling.adapters import check_adapters, embeddings, merge_adapters, set_trainable
from stancekit.modeling.encoders import load_encoder

FamilyEncoder = Callable[..., Path]
FAMILIES = ["bert", "roberta", "distilbert", "deberta", "modernbert"]
LORA = ModelConfig(lora=LoraConfig(rank=2, alpha=8, dropout=0.0))
# All tokens are known, none is padding.
BATCH = {"input_ids": torch.arange(5, 35).reshape(3, 10), "attention_mask": torch.ones(3, 10, dtype=torch.long)}
LABELS = torch.tensor([0, 1, 2])


def trained(model: Any, steps: int = 3) -> Any:
    """A few steps of plain SGD over what may move."""
    optimizer = torch.optim.SGD([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.autograd.backward(torch.nn.functional.cross_entropy(model.train()(**BATCH).logits, LABELS))
        optimizer.step()
    return model


def values(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def moved(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


@pytest.mark.parametrize("head", ["cls", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_frozen_embeddings_stay_and_the_rest_moves(family: str, head: Any, tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    model, _ = load_encoder(str(family_encoder(family, tmp_path / family)), head)
    set_trainable(model, ModelConfig(frozen="embeddings"))
    before = values(model)
    after = values(trained(model))
    tables = {name for name in before if ".embeddings." in name}
    assert any("word_embeddings" in name or "tok_embeddings" in name for name in tables)
    assert not tables & moved(before, after)
    learned = {name for name, _ in model.named_parameters()} - tables
    # A key's bias shifts all scores of a row alike, so attention gives it no gradient.
    still = {name for name in learned - moved(before, after) if "key" not in name and "k_lin" not in name}
    assert not still


def test_a_family_without_an_embeddings_part_freezes_its_word_table() -> None:
    from transformers import XLNetConfig, XLNetForSequenceClassification

    model = XLNetForSequenceClassification(XLNetConfig(vocab_size=40, d_model=16, n_layer=1, n_head=2, d_inner=32, num_labels=3))
    assert embeddings(model) is model.transformer.word_embedding


@pytest.mark.parametrize("head", ["cls", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_adapters_change_the_encoder_by_low_rank_alone(family: str, head: Any, tmp_path: Path, family_encoder: FamilyEncoder) -> None:
    model, _ = load_encoder(str(family_encoder(family, tmp_path / family)), head)
    start, whole = values(model), sum(parameter.numel() for parameter in model.parameters())
    set_trainable(model, LORA)
    free = {name: parameter.numel() for name, parameter in model.named_parameters() if parameter.requires_grad}
    in_encoder = {name for name in free if name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name}
    assert in_encoder
    assert all("lora_" in name for name in in_encoder)
    assert any("classifier" in name for name in free)
    assert sum(free[name] for name in in_encoder) < whole / 4
    adapted = trained(model).eval()
    answer = adapted(**BATCH).logits
    merged = merge_adapters(adapted, LORA)
    # Merged, it is the plain model again: the same parts, the same answers, no trace of peft.
    end = values(merged)
    assert end.keys() == start.keys()
    assert torch.allclose(merged(**BATCH).logits, answer, atol=1e-4)
    assert not any("lora" in type(layer).__module__ for layer in merged.modules())
    changed = moved(start, end)
    assert not {name for name in changed if ".embeddings." in name}
    inside = {name for name in changed if name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name}
    assert inside
    for name in inside:
        assert name.endswith(".weight")
        strengths = torch.linalg.svdvals((end[name] - start[name]).double())
        # Of 16 directions two are used; what is left of the others is the rounding of float32.
        assert strengths[1] > 1e-4 > strengths[2]
    assert changed - inside


def test_rank_and_alpha_and_dropout_reach_the_adapters(tiny_encoder: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    set_trainable(model, ModelConfig(lora=LoraConfig(rank=3, alpha=12, dropout=0.25)))
    layer: Any = model.bert.encoder.layer[0].attention.self.query
    assert layer.lora_A["default"].weight.shape == (3, 16)
    assert layer.scaling["default"] == 4.0
    assert layer.lora_dropout["default"].p == 0.25


def test_fresh_adapters_change_no_answer(tiny_encoder: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    before = model.eval()(**BATCH).logits
    set_trainable(model, LORA)
    assert torch.allclose(model.eval()(**BATCH).logits, before, atol=1e-6)


def test_broken_adapters_are_not_merged(tiny_encoder: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    set_trainable(model, LORA)
    layer: Any = model.bert.encoder.layer[0].attention.self.query
    torch.nn.init.constant_(layer.lora_B["default"].weight, float("nan"))
    with pytest.raises(ValueError, match="NaN"):
        merge_adapters(model, LORA)


def test_without_settings_everything_moves_and_nothing_is_merged(tiny_encoder: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    set_trainable(model, ModelConfig())
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert merge_adapters(model, ModelConfig()) is model


def test_peft_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "peft" else found(name, *rest))
    check_adapters(ModelConfig())
    with pytest.raises(StancekitError, match=r"model\.lora needs the package peft") as fault:
        check_adapters(LORA)
    assert "pip install 'stancekit[lora]'" in fault.value.fix
