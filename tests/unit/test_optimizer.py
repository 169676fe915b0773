"""Rates by layer and dropout, in every family that we name: who has which rate, and what a training pass drops."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AutoModelForSequenceClassification,
    BertConfig,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    MPNetConfig,
    RobertaConfig,
    Trainer,
    TrainingArguments,
)

from stancekit.config import OptimConfig
from stancekit.errors import StancekitError
from stancekit.training.dropout import set_dropout
from stancekit.training.optimizer import check_layers, depths, parameter_groups
from stancekit.training.trainer import PairTrainer

SIZE = {"num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32, "hidden_size": 16, "vocab_size": 50}
HALF = {"hidden_dropout_prob": 0.5, "attention_probs_dropout_prob": 0.5}
MODERN = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
DEBERTA = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "norm_rel_ebd": "layer_norm", "type_vocab_size": 0}
FAMILIES = {
    "bert": BertConfig(**SIZE, **HALF),
    "roberta": RobertaConfig(**SIZE, **HALF),
    "deberta": DebertaV2Config(**SIZE, **HALF, **DEBERTA),
    "modernbert": ModernBertConfig(**SIZE, **MODERN, attention_dropout=0.5, mlp_dropout=0.5, embedding_dropout=0.5),
    "mpnet": MPNetConfig(**SIZE, **HALF),
    "distilbert": DistilBertConfig(vocab_size=50, dim=16, n_layers=3, n_heads=2, hidden_dim=32, dropout=0.5, attention_dropout=0.5),
    "electra": ElectraConfig(**SIZE, **HALF, embedding_size=16),
}
# Of each family: a part that goes with the head, one of the lowest layer, and one that lies below all layers.
PARTS = {
    "bert": ("bert.pooler.dense.weight", "bert.encoder.layer.0.output.dense.weight", "bert.embeddings.LayerNorm.bias"),
    "roberta": ("classifier.dense.weight", "roberta.encoder.layer.0.output.dense.bias", "roberta.embeddings.word_embeddings.weight"),
    "deberta": ("pooler.dense.weight", "deberta.encoder.layer.0.output.dense.weight", "deberta.encoder.rel_embeddings.weight"),
    "modernbert": ("model.final_norm.weight", "model.layers.0.mlp.Wi.weight", "model.embeddings.tok_embeddings.weight"),
    "mpnet": ("classifier.out_proj.bias", "mpnet.encoder.layer.0.output.dense.weight", "mpnet.encoder.relative_attention_bias.weight"),
    "distilbert": ("pre_classifier.weight", "distilbert.transformer.layer.0.ffn.lin1.weight", "distilbert.embeddings.LayerNorm.weight"),
    "electra": ("classifier.dense.weight", "electra.encoder.layer.0.output.dense.weight", "electra.embeddings.position_embeddings.weight"),
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The Trainer makes its output folder where it stands.
    monkeypatch.chdir(tmp_path)


def network(family: str = "bert") -> Any:
    torch.manual_seed(1)
    return AutoModelForSequenceClassification.from_config(FAMILIES[family])


def names_of(model: Any, group: dict[str, Any]) -> set[str]:
    held = {id(parameter) for parameter in group["params"]}
    return {name for name, parameter in model.named_parameters() if id(parameter) in held}


def stock(model: Any, **options: Any) -> Trainer:
    return Trainer(model=model, args=TrainingArguments(report_to="none", use_cpu=True, learning_rate=0.1, weight_decay=0.3, **options))


def ours(model: Any, layer_decay: float) -> PairTrainer:
    arguments = TrainingArguments(report_to="none", use_cpu=True, learning_rate=0.1, weight_decay=0.3)
    return PairTrainer(recipe=OptimConfig(layer_decay=layer_decay), model=model, args=arguments)


@pytest.mark.parametrize("family", FAMILIES)
def test_rates_fall_from_the_head_to_the_embeddings(family: str) -> None:
    model = network(family)
    groups = parameter_groups(model, 0.1, 0.5, 0.3, stock(model).get_decay_parameter_names(model))
    rates = {name: group["lr"] for group in groups for name in names_of(model, group)}
    above, lowest, below = PARTS[family]
    assert [rates[name] for name in (above, lowest, below)] == pytest.approx([0.1, 0.1 / 2**3, 0.1 / 2**4])
    assert rates[lowest.replace(".0.", ".2.")] == pytest.approx(0.05)
    assert rates[lowest.replace(".0.", ".1.")] == pytest.approx(0.025)
    assert sorted({*rates.values()}, reverse=True) == pytest.approx([0.1 / 2**depth for depth in range(5)])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_trained_parameter_is_in_one_group_with_the_weight_decay_of_the_stock_trainer(family: str) -> None:
    model = network(family)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = ".0." not in name
    optimizer = ours(model, 0.9).create_optimizer()
    held = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    assert sorted(held) == sorted(id(parameter) for parameter in model.parameters() if parameter.requires_grad)

    def decays(of: torch.optim.Optimizer) -> dict[str, float]:
        return {name: group["weight_decay"] for group in of.param_groups for name in names_of(model, group)}

    assert decays(optimizer) == decays(stock(model).create_optimizer())
    assert set(decays(optimizer).values()) == {0.0, 0.3}


def test_the_log_shows_the_rate_of_the_head() -> None:
    first = ours(network(), 0.5).create_optimizer().param_groups[0]
    assert first["lr"] == 0.1
    assert first["weight_decay"] == 0.3


def test_full_decay_leaves_the_optimizer_as_it_was() -> None:
    model = network()
    plain, untouched = ours(model, 1).create_optimizer(), stock(model).create_optimizer()
    assert type(plain) is type(untouched)
    assert [len(group["params"]) for group in plain.param_groups] == [len(group["params"]) for group in untouched.param_groups]


@pytest.mark.parametrize("layer_decay", [1, 0.5])
def test_adam_is_fused_on_a_cpu(layer_decay: float) -> None:
    optimizer = ours(network(), layer_decay).create_optimizer()
    assert isinstance(optimizer, torch.optim.AdamW)
    assert all(group["fused"] is True for group in optimizer.param_groups)


def test_adapters_have_the_rate_of_their_layer() -> None:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(network(), LoraConfig(task_type="SEQ_CLS", target_modules=["query"]))
    groups = parameter_groups(model, 0.1, 0.5, 0.3, stock(model).get_decay_parameter_names(model))
    rates = {name: group["lr"] for group in groups for name in names_of(model, group)}
    assert {rate for name, rate in rates.items() if ".layer.2." in name and "lora" in name} == {0.05}
    assert {rate for name, rate in rates.items() if ".layer.0." in name and "lora" in name} == {0.0125}
    assert {rate for name, rate in rates.items() if "classifier" in name} == {0.1}


def test_layers_that_are_one_have_no_rates_of_their_own() -> None:
    shared = AutoModelForSequenceClassification.from_config(AlbertConfig(**SIZE, embedding_size=16))
    check_layers(shared, 1)
    with pytest.raises(StancekitError, match="AlbertModel has none"):
        check_layers(shared, 0.9)


def test_depth_is_counted_over_frozen_layers_too() -> None:
    model = network()
    before = depths(model)
    model.bert.encoder.layer[0].requires_grad_(False)
    assert depths(model) == before


def passes(model: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits of two training passes over the same ids."""
    inputs = torch.arange(3, 33).view(2, 15)
    model.train()
    return model(input_ids=inputs).logits, model(input_ids=inputs).logits


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dropout_gives_the_same_answer_twice_in_training(family: str) -> None:
    model = network(family)
    assert not torch.equal(*passes(model))
    set_dropout(model, None)
    assert not torch.equal(*passes(model))
    set_dropout(model, 0.0)
    assert torch.equal(*passes(model))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_share_is_that_of_every_dropout(family: str) -> None:
    model = network(family)
    set_dropout(model, 0.0)
    set_dropout(model, 0.4)
    assert {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {0.4}
    # Beside its modules, ModernBERT holds a number.
    numbers = {vars(module)["attention_dropout"] for module in model.modules() if "attention_dropout" in vars(module)}
    assert numbers == ({0.4} if family == "modernbert" else set())
    assert not torch.equal(*passes(model))


def test_the_config_keeps_the_values_of_the_encoder() -> None:
    model = network()
    set_dropout(model, 0.0)
    assert (model.config.hidden_dropout_prob, model.config.attention_probs_dropout_prob) == (0.5, 0.5)


def test_a_model_without_dropout_is_refused() -> None:
    set_dropout(torch.nn.Linear(2, 3), None)
    with pytest.raises(StancekitError, match="Linear has no dropout to set"):
        set_dropout(torch.nn.Linear(2, 3), 0.1)
