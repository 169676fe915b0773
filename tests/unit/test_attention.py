"""What computes the attention is what was asked for, and leaves no trace in a saved model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel

from stancekit.config import Head
from stancekit.errors import StancekitError
from stancekit.modeling.adapters import set_trainable
from stancekit.modeling.attention import attention_of, set_attention
from stancekit.modeling.encoders import load_encoder

FamilyEncoder = Callable[..., Path]
HEADS: list[Head] = ["cls", "mean"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("family", ["bert", "modernbert"])
def test_named_attention_computes_the_same_by_other_means(
    family_encoder: FamilyEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str, head: Head
) -> None:
    model, tokenizer = load_encoder(str(family_encoder(family, tmp_path / "encoder")), head)
    model.eval()
    batch = tokenizer(["Keep the toll.", "Farmers called it a disgrace."], ["Yes.", "No."], padding=True, return_tensors="pt")
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask")}
    fused = torch.nn.functional.scaled_dot_product_attention
    calls: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> torch.Tensor:
        calls.append(1)
        return fused(*args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    answers = {}
    for choice, is_fused in (("auto", True), ("eager", False), ("sdpa", True)):
        set_attention(model, choice)
        calls.clear()
        with torch.no_grad():
            answers[choice] = model(**inputs).logits
        assert attention_of(model) == ("sdpa" if is_fused else "eager")
        assert bool(calls) == is_fused
    assert torch.equal(answers["auto"], answers["sdpa"])
    assert torch.allclose(answers["eager"], answers["sdpa"], atol=1e-5)


def test_an_encoder_without_it_says_what_it_has(family_encoder: FamilyEncoder, tmp_path: Path) -> None:
    model, _ = load_encoder(str(family_encoder("deberta", tmp_path / "encoder")))
    set_attention(model, "eager")
    assert attention_of(model) == "eager"
    for choice in ("sdpa", "flash_attention_2"):
        with pytest.raises(StancekitError, match=rf"attention is '{choice}', and DebertaV2Model does not have it") as fault:
            set_attention(model, choice)
        assert fault.value.fix == "set it to auto, or to one of eager"


def test_flash_attention_is_asked_of_the_encoder(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = load_encoder(str(tiny_encoder), "mean")
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(PreTrainedModel, "set_attn_implementation", lambda self, choice: asked.append((type(self).__name__, choice)))
    set_attention(model, "flash_attention_2")
    assert asked == [("BertModel", "flash_attention_2")]


def test_a_saved_model_does_not_tell_the_attention_it_was_trained_with(tiny_encoder: Path, tmp_path: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    set_attention(model, "eager")
    model.save_pretrained(tmp_path)
    assert "attn" not in json.dumps(json.loads((tmp_path / "config.json").read_text(encoding="utf-8")))


def test_adapters_leave_the_attention_as_it_is(tiny_config: Callable[..., Any], tiny_encoder: Path, tmp_path: Path) -> None:
    config = tiny_config(tmp_path, model={"lora": {"rank": 2}})
    model, _ = load_encoder(str(tiny_encoder))
    set_attention(model, "eager")
    set_trainable(model, config.model)
    assert attention_of(model) == "eager"
