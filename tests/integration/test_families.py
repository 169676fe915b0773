"""Encoders of other families go the whole way: loaded, trained, exported to ONNX, read by transformers' own pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import pipeline

from gates import UNTIMED
from stancekit import load
from stancekit.stages.export import export
from stancekit.stages.train import train


@pytest.mark.parametrize("family", ["roberta", "distilbert", "deberta"])
def test_family_goes_the_whole_way(
    family: str, tmp_path: Path, family_encoder: Callable[..., Path], tiny_config: Callable[..., Any]
) -> None:
    encoder, run, bundle = family_encoder(family, tmp_path / "encoder"), tmp_path / "run", tmp_path / "bundle"
    train(tiny_config(run, encoder=str(encoder), optim={"epochs": 1, "batch_size": 20, "learning_rate": 0.01}))
    gate = export(run, bundle, gate=UNTIMED)
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
