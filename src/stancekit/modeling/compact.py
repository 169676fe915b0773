"""Weights kept as what sets a model apart from the embedded encoder, in half precision: a quarter of their size."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancekit.errors import StancekitError
from stancekit.modeling.embedded import WEIGHTS_SHA256, embedded_encoder
from stancekit.modeling.provenance import COMPACT
from stancekit.modeling.spec import NAME

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

FULL = "encoder_sha256"


def write_compact(folder: Path, model: "PreTrainedModel") -> None:
    """Write the tensors of `model` that are not the embedded encoder's own, as float16, to `folder`.

    What was frozen in training is left out. Raises StancekitError for a model of another encoder, or one with weights
    beyond float16.
    """
    import torch
    from safetensors.torch import save_file

    known = _encoder_weights(model)
    if not known:
        raise StancekitError("the model is of another encoder than minilm", fix="export it with --format safetensors")
    state = model.state_dict()
    own = {name: tensor.half().contiguous() for name, tensor in state.items() if name not in known or not torch.equal(tensor, known[name])}
    if any(tensor.is_floating_point() and not torch.isfinite(tensor).all() for tensor in own.values()):
        raise StancekitError("the model has weights that float16 cannot hold", fix="export it with --format safetensors")
    # One key alone: the library writes several in any order, and the same weights must be the same bytes.
    save_file(own, folder / COMPACT, metadata={FULL: WEIGHTS_SHA256})
    # safetensors makes its files private to their owner.
    (folder / COMPACT).chmod((folder / NAME).stat().st_mode)


def read_compact(kind: Any, folder: Path) -> Any:
    """The model of the class `kind` that `write_compact` left in `folder` beside its config, in float32.

    Raises ValueError where the weights are of another encoder or do not fit the config, else what the libraries raise.
    """
    import torch
    from safetensors import safe_open
    from transformers import AutoConfig

    # A class of ours has a config of its own; one of the Auto classes finds it by the family's name.
    own_config = getattr(kind, "config_class", None)
    config = (own_config or AutoConfig).from_pretrained(folder, local_files_only=True)
    model = kind(config) if own_config else kind.from_config(config, dtype=torch.float32, trust_remote_code=False)
    with safe_open(folder / COMPACT, framework="pt") as stored:
        if (stored.metadata() or {}).get(FULL) != WEIGHTS_SHA256:
            raise ValueError(f"{COMPACT} goes with another encoder than the embedded one")
        own = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
    told = model.load_state_dict({**_encoder_weights(model), **own}, strict=False)
    if unfit := [*told.missing_keys, *told.unexpected_keys]:
        raise ValueError(f"its weights do not fit its config, such as {unfit[0]}")
    return model


def _encoder_weights(model: "PreTrainedModel") -> "dict[str, Tensor]":
    """The embedded encoder's tensors under the names and of the shapes that they have in `model`, float32."""
    from safetensors.torch import load_file

    wanted = model.state_dict()
    named = {f"{model.base_model_prefix}.{name}": tensor for name, tensor in load_file(embedded_encoder() / "model.safetensors").items()}
    return {name: tensor.float() for name, tensor in named.items() if name in wanted and wanted[name].shape == tensor.shape}
