"""Compact weights: small where embeddings were frozen, the same model when read again, refused where they do not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from stancekit.config import Head, ModelConfig
from stancekit.errors import StancekitError
from stancekit.inference.model import load
from stancekit.manifest import sha256
from stancekit.modeling.adapters import set_trainable
from stancekit.modeling.checkpoint import describe, save_model
from stancekit.modeling.compact import FULL, write_compact
from stancekit.modeling.embedded import WEIGHTS_SHA256
from stancekit.modeling.encoders import load_encoder
from stancekit.modeling.provenance import COMPACT, WEIGHTS, weights_sha256

PAIRS = [
    ("The mayor called the toll a mistake.", "Lorries should pay the toll."),
    ("The hearing begins at noon.", "The ferry should be free."),
]
LIMIT = 25_000_000


def moved(head: Head, frozen: Any = "embeddings") -> Any:
    """The embedded encoder after something like a training, and its tokenizer."""
    model, tokenizer = load_encoder("minilm", head)
    set_trainable(model, ModelConfig(frozen=frozen))
    generator = torch.Generator().manual_seed(13)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return model, tokenizer


def kept(folder: Path, model: Any, tokenizer: Any) -> Path:
    """Written in full beside in compact form."""
    for part in ("full", "compact"):
        (folder / part).mkdir(parents=True)
        save_model(folder / part, model, tokenizer, describe(model, tokenizer, "minilm", 64))
    write_compact(folder / "compact", model)
    (folder / "compact" / WEIGHTS).unlink()
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("compact"), *moved("cls"))


@pytest.mark.parametrize("head", ["cls", "mean"])
def test_what_is_read_again_is_the_same_model(head: Head, tmp_path: Path) -> None:
    both = kept(tmp_path, *moved(head))
    full, compact = (load(both / part, "cpu").logits(PAIRS) for part in ("full", "compact"))
    assert 0 < np.abs(full - compact).max() < 0.02
    (again, _), whole = load_encoder(str(both / "compact"), head), load_file(both / "full" / WEIGHTS)
    state = again.state_dict()
    assert set(whole) <= set(state)
    for name, tensor in whole.items():
        kept_as_was = ".embeddings." in name
        assert torch.equal(state[name], tensor if kept_as_was else tensor.half().float()), name


def test_it_fits_into_a_package_and_is_readable_by_all(both: Path) -> None:
    compact = both / "compact"
    assert (compact / COMPACT).stat().st_size < 22_000_000
    assert sum(path.stat().st_size for path in compact.iterdir()) < LIMIT
    assert not any("embeddings" in name for name in load_file(compact / COMPACT))
    assert len({path.stat().st_mode for path in compact.iterdir()}) == 1
    assert weights_sha256(compact) == sha256(compact / COMPACT)


def test_a_part_that_moved_is_kept_whichever_it_is(tmp_path: Path) -> None:
    model, tokenizer = moved("cls")
    with torch.no_grad():
        model.bert.embeddings.position_embeddings.weight[3] += 1
    both = kept(tmp_path, model, tokenizer)
    assert [name for name in load_file(both / "compact" / COMPACT) if "embeddings" in name] == [
        "bert.embeddings.position_embeddings.weight"
    ]


def test_another_encoder_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    model, _ = load_encoder(str(tiny_encoder))
    with pytest.raises(StancekitError, match="of another encoder than minilm") as refused:
        write_compact(tmp_path, model)
    assert refused.value.fix == "export it with --format safetensors"
    assert not any(tmp_path.iterdir())


def test_a_weight_beyond_float16_is_refused(tmp_path: Path) -> None:
    model, _ = moved("cls")
    with torch.no_grad():
        model.classifier.weight[0, 0] = 1e6
    with pytest.raises(StancekitError, match="float16 cannot hold"):
        write_compact(tmp_path, model)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("lost", "told", "message"),
    [
        ("classifier.bias", WEIGHTS_SHA256, "do not fit its config, such as classifier.bias"),
        ("", "0" * 64, "goes with another encoder than the embedded one"),
    ],
)
def test_weights_that_do_not_fit_are_refused(lost: str, told: str, message: str, both: Path, tmp_path: Path) -> None:
    for path in (both / "compact").iterdir():
        if path.name != COMPACT:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    state = load_file(both / "compact" / COMPACT)
    state.pop(lost, None)
    save_file(state, tmp_path / COMPACT, metadata={FULL: told})
    with pytest.raises(StancekitError, match=message):
        load(tmp_path, "cpu")
