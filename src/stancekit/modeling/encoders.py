"""Finding an encoder by name: `minilm` out of its package, `base` out of ours, a folder, or a hub id."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from stancekit.config import Head
from stancekit.errors import StancekitError, reason
from stancekit.manifest import stage_of
from stancekit.modeling.checkpoint import model_class, read_weights
from stancekit.modeling.embedded import BASE, EMBEDDED, base_model, embedded_encoder
from stancekit.modeling.heads import check_head, keep_entailment_head, new_head
from stancekit.modeling.libraries import quiet_libraries

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

HUB_SECONDS = 5.0
HUB_FILES = ["*.json", "*.txt", "*.safetensors", "*.model"]


def locate_encoder(name: str) -> str:
    """The folder of `name`, fetched from the hub where need be. Raises StancekitError at once when there is none.

    No network is touched for `minilm`, `base`, folders, or hub ids that are in the local cache.
    """
    if name == EMBEDDED:
        return str(embedded_encoder())
    folder, path = local_encoder(name), Path(name).expanduser()
    if folder is not None:
        return str(folder)
    if path.exists() or name.startswith((".", "/", "~")):
        raise StancekitError(
            f"encoder {name!r} is not a model folder: {path / 'config.json'} is missing", fix=f"name a folder with one, or use {EMBEDDED!r}"
        )
    return _hub_encoder(name)


def local_encoder(name: str) -> Path | None:
    """The folder of the model that `name` is the path of, or of `base`; None where it is neither."""
    if name == BASE:
        return base_model()
    path = Path(name).expanduser()
    if stage_of(path) == "train":
        # A run keeps its model apart from its own config.json.
        path = path / "checkpoint"
    return path if (path / "config.json").is_file() else None


def _cached_encoder(name: str) -> str | None:
    """A folder of the local cache answers without the network, if its download came to an end."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        cached = snapshot_download(name, local_files_only=True, allow_patterns=HUB_FILES)
    except HFValidationError as fault:
        raise StancekitError(
            f"there is no encoder {name!r}", fix=f"use {EMBEDDED!r}, a hub id such as organisation/model, or a folder"
        ) from fault
    except LocalEntryNotFoundError:
        return None
    return cached if any(Path(cached).glob("*.safetensors")) else None


def _hub_encoder(name: str) -> str:
    from huggingface_hub import snapshot_download

    if (cached := _cached_encoder(name)) is not None:
        return cached
    _ask_hub(name)
    try:
        return snapshot_download(name, allow_patterns=HUB_FILES, etag_timeout=HUB_SECONDS)
    except Exception as fault:  # the network stack has many
        raise StancekitError(
            f"the download of encoder {name!r} broke off: {reason(fault)}", fix="run it again: it goes on there"
        ) from fault


def _ask_hub(name: str) -> None:
    # One short question first: without a network, loading would retry for minutes.
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError

    local = f"use {EMBEDDED!r}, or a folder that holds the model"
    try:
        HfApi().model_info(name, timeout=HUB_SECONDS)
    except GatedRepoError as fault:
        raise StancekitError(f"encoder {name!r} is gated on the hub", fix="accept its terms there and log in (hf auth login)") from fault
    except RepositoryNotFoundError as fault:
        raise StancekitError(f"the hub has no encoder {name!r}", fix=f"check the id, or {local}") from fault
    except OfflineModeIsEnabled as fault:
        raise StancekitError(
            f"encoder {name!r} is not in the local cache and HF_HUB_OFFLINE is set", fix=f"unset it, or {local}"
        ) from fault
    except Exception as fault:  # whatever the network stack raises, the user's answer is the same
        logging.getLogger("stancekit").debug("hub question failed", exc_info=fault)
        raise StancekitError(
            f"encoder {name!r} is not on this machine and the hub cannot be reached", fix=f"connect to the network, or {local}"
        ) from fault


def load_encoder(name: str, head: Head = "cls") -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """The encoder with a stance head of three logits, in float32, and its tokenizer.

    A checkpoint or bundle of ours keeps its head, and `head` must name it. Elsewhere `cls` and `mean` are drawn anew,
    whatever head was published; `nli` keeps a published entailment head, in our order. Only safetensors are read, and
    no code of the hub is run.
    """
    place = Path(locate_encoder(name))
    kept = check_head(name, place, head)
    from transformers import AutoTokenizer

    try:
        with quiet_libraries():
            tokenizer = AutoTokenizer.from_pretrained(place, use_fast=True, trust_remote_code=False)
            if kept is not None:
                model = read_weights(model_class(kept), place)
            else:
                model = keep_entailment_head(name, place, tokenizer) if head == "nli" else new_head(place, head)
    except StancekitError:
        raise
    except Exception as fault:  # readers of configs, weights and tokenizers have no common error
        raise StancekitError(
            f"encoder {name!r} cannot be loaded: {reason(fault)}", fix="it needs config.json, safetensors weights and a fast tokenizer"
        ) from fault
    if not tokenizer.is_fast:
        raise StancekitError(
            f"encoder {name!r} has no fast tokenizer (tokenizer.json)", fix="convert it with transformers, or use another encoder"
        )
    # Inference pads and cuts on the right, so training must.
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    return model, tokenizer
