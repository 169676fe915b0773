"""Encoders of other families go the whole way: loaded, trained, exported to ONNX, read by transformers' own pipeline."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModel,
    DebertaV2Config,
    DistilBertConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    pipeline,
)

from stancekit import load
from stancekit.stages.export import export
from stancekit.stages.train import train

# Drawn as wide as this, so small a model answers different pairs differently.
SMALL = {"initializer_range": 0.5, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "hidden_size": 16}
FAMILIES = {
    "roberta": RobertaConfig(**SMALL, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1),
    "distilbert": DistilBertConfig(
        initializer_range=0.5, dim=16, n_layers=1, n_heads=2, hidden_dim=32, max_position_embeddings=64, pad_token_id=1
    ),
    "deberta": DebertaV2Config(
        **SMALL, max_position_embeddings=64, type_vocab_size=0, relative_attention=True, pos_att_type=["p2c", "c2p"], pad_token_id=1
    ),
}


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    """Byte-level as RoBERTa's, with its pairs: two separators in between, no token types."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", **names)


@pytest.mark.parametrize("family", FAMILIES)
def test_family_goes_the_whole_way(family: str, tmp_path: Path, tiny_data: Path, tiny_config: Callable[..., Any]) -> None:
    lines = (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)[key] for line in lines for key in ("statement", "proposal")]
    tokenizer = tokenizer_of(texts)
    shape = FAMILIES[family]
    shape.vocab_size = len(tokenizer)
    torch.manual_seed(1)
    encoder, run, bundle = tmp_path / "encoder", tmp_path / "run", tmp_path / "bundle"
    AutoModel.from_config(shape).save_pretrained(encoder)
    tokenizer.save_pretrained(encoder)

    train(tiny_config(run, encoder=str(encoder), optim={"epochs": 1, "batch_size": 20, "learning_rate": 0.01}))
    gate = export(run, bundle)
    assert gate["passed"]
    assert gate["largest_logit_difference"] < 1e-5

    pairs = [("The guild of bakers welcomed the night tram. " * 9, "The council should keep the night tram."), ("Ok.", "Keep it.")]
    by_onnx = load(bundle).predict_pairs(pairs)
    by_torch = load(run).predict_pairs(pairs)
    judge = pipeline("text-classification", model=str(bundle), device="cpu")
    rows = [{"text": statement, "text_pair": proposal} for statement, proposal in pairs]
    assert by_onnx[0].probabilities != pytest.approx(by_onnx[1].probabilities, abs=1e-4)
    for ours, again, theirs in zip(by_onnx, by_torch, judge(rows, truncation="only_first"), strict=True):
        assert ours.probabilities == pytest.approx(again.probabilities, abs=1e-5)
        assert theirs["label"] == ours.stance.value
        assert theirs["score"] == pytest.approx(ours.confidence, abs=1e-5)
