"""Writing and reading a model folder: safetensors, tokenizer and our spec, nothing pickled."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancekit.errors import StancekitError, reason
from stancekit.modeling.compact import read_compact
from stancekit.modeling.libraries import quiet_libraries
from stancekit.modeling.pairs import PairTokenizer, model_inputs
from stancekit.modeling.provenance import COMPACT
from stancekit.modeling.spec import NAME, HeadKind, ModelSpec

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def describe(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", encoder: str, max_length: int) -> ModelSpec:
    """The spec of a model about to be trained. Raises StancekitError when max_length is beyond what it can read."""
    positions = readable_tokens(model)
    if positions is not None and max_length > positions:
        raise StancekitError(
            f"pairs.max_length is {max_length}, {encoder} reads {positions} tokens", fix=f"set pairs.max_length to at most {positions}"
        )
    if tokenizer.pad_token_id is None:
        raise StancekitError(f"the tokenizer of {encoder} has no padding token", fix="use an encoder with one")
    inputs, head = model_inputs(model.base_model.config), _head_of(model)
    return ModelSpec(encoder=encoder, max_length=max_length, pad_id=int(tokenizer.pad_token_id), inputs=inputs, head=head)


def readable_tokens(model: "PreTrainedModel") -> int | None:
    """The longest input of a model in tokens, None where its positions are relative and nothing limits it."""
    positions: int | None = getattr(model.base_model.config, "max_position_embeddings", None)
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    # RoBERTa and its kin count positions from behind the padding's: of 514 they use 512.
    padding = getattr(table, "padding_idx", None)
    return positions if positions is None or padding is None else positions - padding - 1


def pair_tokenizer(tokenizer: "PreTrainedTokenizerBase", spec: ModelSpec) -> PairTokenizer:
    """Our view of a transformers tokenizer; both share one backend."""
    return PairTokenizer(tokenizer.backend_tokenizer, spec.max_length, spec.pad_id, spec.inputs)


def save_model(
    folder: Path,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    spec: ModelSpec,
    weights: "dict[str, Tensor] | None" = None,
) -> None:
    """Write the model into `folder`: float32 safetensors, config with our label names, tokenizer, spec.

    weights: in place of the model's own, where it holds a part of them only.
    """
    tokenizer.model_max_length = spec.max_length
    # Without it transformers' own pipeline hands token types to models that have none.
    tokenizer.model_input_names = tokenizer.init_kwargs["model_input_names"] = list(spec.inputs)
    # Sets truncation and padding of the stored tokenizer.json as we use them.
    pair_tokenizer(tokenizer, spec)
    with quiet_libraries():
        model.save_pretrained(folder, state_dict=weights)
        tokenizer.save_pretrained(folder)
    spec.write(folder)
    # safetensors makes its files private to their owner; the others show what this user's files are like.
    mode = (folder / NAME).stat().st_mode
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)


def load_model(folder: Path) -> "PreTrainedModel":
    """The model of a checkpoint or bundle, ready to score (eval mode, float32). Raises StancekitError."""
    spec = ModelSpec.read(folder)
    try:
        with quiet_libraries():
            return read_weights(model_class(spec.head), folder).eval()
    except Exception as fault:  # readers of configs and weights have no common error
        raise StancekitError(
            f"{folder} cannot be loaded: {reason(fault)}", fix="train or export it again; a copy may be cut short"
        ) from fault


def model_class(head: HeadKind) -> Any:
    """What reads a model folder of ours with such a head."""
    from transformers import AutoModelForSequenceClassification

    from stancekit.modeling.mean import MeanStanceModel

    return MeanStanceModel if head == "mean" else AutoModelForSequenceClassification


def _head_of(model: "PreTrainedModel") -> HeadKind:
    from stancekit.modeling.mean import MeanStanceModel

    return "mean" if isinstance(model, MeanStanceModel) else "cls"


def read_weights(kind: Any, place: str | Path, may_lack: str = "") -> Any:
    """A model of an Auto class, in float32, from safetensors alone and without code of others.

    Raises ValueError for weights that lack a part, which transformers would draw at random without a word; parts with
    `may_lack` in their name are left to chance. Otherwise raises what the libraries raise.
    """
    import torch

    if (Path(place) / COMPACT).is_file():
        return read_compact(kind, Path(place))
    model, told = kind.from_pretrained(
        place, local_files_only=True, use_safetensors=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
    )
    lacking = sorted(name for name in told["missing_keys"] if not may_lack or may_lack not in name)
    if lacking:
        raise ValueError(f"its weights lack {len(lacking)} parts, such as {lacking[0]}")
    return model
