"""Learning rates by depth: the lower a layer of the encoder, the less it is changed."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from stancekit.errors import StancekitError

if TYPE_CHECKING:
    from torch.nn import Parameter
    from transformers import PreTrainedModel

LAYER = re.compile(r"\.layers?\.(\d+)\.")
# Parts of an encoder that read what its last layer gives.
ABOVE = re.compile(r"(?:^|\.)(?:pooler|final_norm)\.")


def parameter_groups(
    model: "PreTrainedModel", rate: float, layer_decay: float, weight_decay: float, decayed: Collection[str]
) -> list[dict[str, Any]]:
    """Parameters of one depth, with and without weight decay, as groups for an optimizer; what is frozen is in none.

    The head has the full rate, and each depth below it `layer_decay` times that of the one above: the discriminative
    fine-tuning of Howard & Ruder (2018, section 3.2), in the form of ELECTRA (Clark et al. 2020, appendix B).
    decayed: names that weight decay acts on. Raises StancekitError where `depths` does.
    """
    below = depths(model)
    groups: dict[tuple[int, bool], list[Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((below[name], name not in decayed), []).append(parameter)
    # The head comes first, as the first group's rate is the one that the training's log shows.
    return [
        {"params": groups[depth, spared], "lr": rate * layer_decay**depth, "weight_decay": 0.0 if spared else weight_decay}
        for depth, spared in sorted(groups)
    ]


def depths(model: "PreTrainedModel") -> dict[str, int]:
    """How far below the head every parameter is: 0 for the head, 1 for the top layer, most for the embeddings.

    Relative positions, which every layer reads, go with the embeddings. Adapters are as deep as the layer they are put on.
    Raises StancekitError for an encoder without numbered layers.
    """
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    encoder = {id(parameter) for parameter in whole.base_model.parameters()}
    layers = {
        name: int(found[1]) for name, parameter in model.named_parameters() if id(parameter) in encoder and (found := LAYER.search(name))
    }
    if not layers:
        raise StancekitError(
            f"optim.layer_decay needs numbered layers, and {type(whole.base_model).__name__} has none",
            fix="set optim.layer_decay=1, or use an encoder of the BERT, RoBERTa, DeBERTa, ModernBERT, MPNet or DistilBERT family",
        )
    count = max(layers.values()) + 1

    def depth(name: str, parameter: "Parameter") -> int:
        if id(parameter) not in encoder or ABOVE.search(name):
            return 0
        return count - layers.get(name, -1)

    return {name: depth(name, parameter) for name, parameter in model.named_parameters()}


def check_layers(model: "PreTrainedModel", layer_decay: float) -> None:
    """Raise StancekitError when rates should fall by layer and the encoder has no numbered ones."""
    if layer_decay < 1:
        depths(model)
