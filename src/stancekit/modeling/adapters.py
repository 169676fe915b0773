"""Which weights a training moves: all, all but the embeddings, or low-rank adapters that are merged when it is done."""

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stancekit.config import LoraConfig, ModelConfig
from stancekit.errors import StancekitError
from stancekit.modeling.libraries import quiet_libraries

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import PreTrainedModel


def check_adapters(config: ModelConfig) -> None:
    """Raise StancekitError when adapters are wanted and peft is not installed. Loads no torch."""
    if config.lora is not None and importlib.util.find_spec("peft") is None:
        raise StancekitError("model.lora needs the package peft", fix="pip install 'stancekit[lora]', or leave [model.lora] out")


def set_trainable(model: "PreTrainedModel", config: ModelConfig) -> None:
    """Put the adapters in, and take the gradient from what stays as it is."""
    if config.lora is not None:
        _insert_adapters(model, config.lora)
    if config.frozen == "embeddings":
        for parameter in embeddings(model).parameters():
            parameter.requires_grad_(False)


def embeddings(model: "PreTrainedModel") -> "Module":
    """The tables of words, positions and token types with their norm; the word table alone in families without such a part.

    Relative positions (DeBERTa) belong to the layers, and are not among them.
    """
    part: Module | None = getattr(model.base_model, "embeddings", None)
    words: Module = model.get_input_embeddings() if part is None else part
    return words


def merge_adapters(model: "PreTrainedModel", config: ModelConfig) -> "PreTrainedModel":
    """The same model, its adapters added into the weights and gone. Raises ValueError where the sum is not finite."""
    if config.lora is None:
        return model
    from peft.tuners.lora import LoraLayer

    for name, layer in list(model.named_modules()):
        if isinstance(layer, LoraLayer):
            layer.merge(safe_merge=True)
            model.set_submodule(name, layer.get_base_layer())
    return model


def _insert_adapters(model: "PreTrainedModel", config: LoraConfig) -> None:
    # Not wrapped into peft's own model: the Trainer then keeps and finds adapters, base and head in one checkpoint, as
    # of any model, and asks no hub for the base.
    with quiet_libraries():
        import peft

        settings = peft.LoraConfig(
            r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules=list(_encoder_layers(model))
        )
        peft.inject_adapter_in_model(settings, model)
    for name, parameter in model.named_parameters():
        if not _in_encoder(model, name):
            parameter.requires_grad_(True)


def _encoder_layers(model: "PreTrainedModel") -> Iterator[str]:
    from torch.nn import Linear

    return (name for name, layer in model.named_modules() if isinstance(layer, Linear) and _in_encoder(model, name))


def _in_encoder(model: "PreTrainedModel", name: str) -> bool:
    # BERT has its pooler inside the encoder, but it is the first layer of the head, and often drawn anew.
    return name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name
