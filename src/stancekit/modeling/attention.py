"""What computes the attention of an encoder."""

from typing import TYPE_CHECKING

from stancekit.errors import StancekitError
from stancekit.modeling.libraries import quiet_libraries

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def set_attention(model: "PreTrainedModel", choice: str) -> None:
    """Let `choice` (sdpa, eager, flash_attention_2) compute the attention; `auto` keeps what transformers takes for the encoder.

    Nothing of it is kept in a saved model. Raises StancekitError for an encoder that does not have it.
    """
    if choice == "auto":
        return
    encoder = model.base_model
    there = {"eager": True, "sdpa": encoder._supports_sdpa, "flash_attention_2": encoder._supports_flash_attn}
    if not there[choice]:
        has = ", ".join(name for name, is_there in there.items() if is_there)
        raise StancekitError(
            f"hardware.attention is {choice!r}, and {type(encoder).__name__} does not have it", fix=f"set it to auto, or to one of {has}"
        )
    with quiet_libraries():
        encoder.set_attn_implementation(choice)


def attention_of(model: "PreTrainedModel") -> str:
    """The name of what computes a model's attention, under adapters too."""
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    return str(whole.base_model.config._attn_implementation)
