"""Writing and reading a model folder: safetensors, tokenizer and our spec, nothing pickled."""

from pathlib import Path
from typing import TYPE_CHECKING

from stancekit.errors import StancekitError
from stancekit.modeling.libraries import quiet_libraries
from stancekit.modeling.pairs import PairTokenizer, model_inputs
from stancekit.modeling.spec import NAME, ModelSpec

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def describe(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", encoder: str, max_length: int) -> ModelSpec:
    """The spec of a model about to be trained. Raises StancekitError when max_length is beyond what it can read."""
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions is not None and max_length > positions:
        raise StancekitError(
            f"pairs.max_length is {max_length}, {encoder} reads {positions} tokens", fix=f"set pairs.max_length to at most {positions}"
        )
    if tokenizer.pad_token_id is None:
        raise StancekitError(f"the tokenizer of {encoder} has no padding token", fix="use an encoder with one")
    return ModelSpec(encoder=encoder, max_length=max_length, pad_id=int(tokenizer.pad_token_id), inputs=model_inputs(model.config))


def pair_tokenizer(tokenizer: "PreTrainedTokenizerBase", spec: ModelSpec) -> PairTokenizer:
    """Our view of a transformers tokenizer; both share one backend."""
    return PairTokenizer(tokenizer.backend_tokenizer, spec.max_length, spec.pad_id, spec.inputs)


def save_model(folder: Path, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", spec: ModelSpec) -> None:
    """Write the model into `folder`: float32 safetensors, config with our label names, tokenizer, spec."""
    tokenizer.model_max_length = spec.max_length
    # Sets truncation and padding of the stored tokenizer.json as we use them.
    pair_tokenizer(tokenizer, spec)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    spec.write(folder)
    # safetensors makes its files private to their owner; the others show what this user's files are like.
    mode = (folder / NAME).stat().st_mode
    for path in folder.iterdir():
        path.chmod(mode)


def load_model(folder: Path) -> "PreTrainedModel":
    """The model of a checkpoint or bundle, ready to score (eval mode, float32). Raises StancekitError."""
    import torch
    from transformers import AutoModelForSequenceClassification

    ModelSpec.read(folder)
    quiet_libraries()
    try:
        model = AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=True, local_files_only=True, dtype=torch.float32)
    except (OSError, ValueError) as fault:
        raise StancekitError(f"{folder} cannot be loaded: {str(fault).splitlines()[0]}", fix="train or export it again") from fault
    return model.eval()
