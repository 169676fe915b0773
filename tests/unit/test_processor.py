"""What a CPU is spared in a step: dropout that meets its share, attention by precision and length, memory that is kept."""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from stancekit.errors import StancekitError
from stancekit.training.processor import BitDropout, check_compiler, choose_attention, quicken


def dropped(share: float, seed: int, kind: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """What is left of ones, and their gradient."""
    torch.manual_seed(seed)
    ones = torch.ones(999, 101, dtype=kind, requires_grad=True)
    left = BitDropout(share)(ones)
    left.sum().backward()
    assert ones.grad is not None
    return left.detach(), ones.grad


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_meets_its_share_and_keeps_the_mean(share: float) -> None:
    left, gradient = dropped(share, 1)
    # Five standard errors of 100,899 draws.
    assert (left == 0).double().mean().item() == pytest.approx(share, abs=5 * (share * (1 - share) / left.numel()) ** 0.5)
    assert sorted(set(left[left > 0].tolist())) == pytest.approx([1 / (1 - share)], rel=1e-4)
    assert torch.equal(left, gradient)
    # Neighbours share a word of random bits, and yet are dropped apart.
    flat = (left == 0).double().flatten()
    for distance in (1, 2, 3, 4):
        assert (flat[:-distance] * flat[distance:]).mean().item() == pytest.approx(share**2, abs=0.01)


def test_dropout_goes_by_the_seed_and_keeps_the_precision() -> None:
    one, again, other = (dropped(0.3, seed, torch.bfloat16)[0] for seed in (1, 1, 2))
    assert one.dtype == torch.bfloat16
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_dropout_of_nothing_of_all_and_in_evaluation_is_torchs_own() -> None:
    ones = torch.ones(7, 3)
    assert torch.equal(BitDropout(0)(ones), ones)
    assert torch.equal(BitDropout(1)(ones), torch.zeros(7, 3))
    assert torch.equal(BitDropout(0.5).eval()(ones), ones)


def bert(**changes: Any) -> Any:
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}
    return BertForSequenceClassification(BertConfig(**sizes, num_labels=3, **changes))


@pytest.mark.parametrize(("precision", "longest", "attention"), [("bf16", 128, "eager"), ("bf16", 512, "sdpa"), ("fp32", 128, "sdpa")])
def test_attention_is_chosen_by_precision_and_length(precision: Any, longest: int, attention: str) -> None:
    model = bert()
    choose_attention(model, precision, longest)
    assert model.config._attn_implementation == attention
    assert "attn" not in model.config.to_json_string()


def test_what_a_model_computes_stays_the_same() -> None:
    plain, quick = bert().eval(), bert().eval()
    quicken(quick, compiled=False)
    choose_attention(quick, "bf16", 128)
    tokens, mask = torch.randint(0, 50, (4, 9)), torch.ones(4, 9, dtype=torch.long)
    mask[0, 5:] = 0
    gradients = []
    for model in (plain, quick):
        logits = model(input_ids=tokens, attention_mask=mask).logits
        logits.pow(2).sum().backward()
        gradients.append([logits.detach(), *(weight.grad for weight in model.parameters())])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_every_dropout_of_a_model_is_cheapened_unless_it_is_compiled() -> None:
    for compiled, kind in ((False, BitDropout), (True, torch.nn.Dropout)):
        model = bert()
        quicken(model, compiled)
        assert {type(module) for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {kind}


FAULTS = """
import resource, sys, torch
from stancekit.training.processor import keep_memory
if sys.argv[1] == "kept":
    keep_memory()
def step():
    torch.zeros(16_000_000)
# The heap takes some steps to grow to a block that fits.
for _ in range(30):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_pages_of_freed_memory_are_not_asked_for_again() -> None:
    faults = {}
    for kept in ("kept", "given back"):
        done = subprocess.run([sys.executable, "-c", FAULTS, kept], capture_output=True, text=True, timeout=120, check=True)
        faults[kept] = int(done.stdout)
    # 61 MiB five times over.
    assert faults["given back"] > 5 * 61 * 2**20 / resource.getpagesize() / 2
    assert faults["kept"] < faults["given back"] / 20


def test_compiling_is_refused_without_a_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    check_compiler(False, "cpu")
    check_compiler(True, "cuda")
    with pytest.raises(StancekitError, match="C\\+\\+ compiler") as fault:
        check_compiler(True, "cpu")
    assert "hardware.compile=false" in str(fault.value.fix)
