"""The head of three logits that an encoder gets: drawn anew, or a published entailment head put into our order."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancekit.config import Head
from stancekit.errors import StancekitError
from stancekit.modeling.checkpoint import read_weights
from stancekit.modeling.spec import NAME, HeadKind, ModelSpec
from stancekit.stance import STANCES, Stance

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# A statement that entails a proposal supports it.
ENTAILMENT = {
    Stance.OPPOSE: ("contradiction", "contradict", "contradicts", "contradictory"),
    Stance.NEUTRAL: ("neutral",),
    Stance.SUPPORT: ("entailment", "entail", "entails", "entailed"),
}
OWN_HEAD = "a training may draw its own head instead (model.head = 'cls')"
PROBE = [
    ("The mayor praised the toll.", "Lorries should pay the toll."),
    ("Nobody on the council wants a wider road.", "The road should be widened."),
    ("The hearing begins at noon.", "The ferry should be free."),
]


def check_head(name: str, place: Path, head: Head) -> HeadKind | None:
    """The head that the encoder at `place` keeps, None where it is not a model of ours. Loads no torch.

    Raises StancekitError for a checkpoint of ours with another head than `head`, and for `nli` without an entailment head.
    """
    if (place / NAME).is_file():
        kept = ModelSpec.read(place).head
        if kept != head:
            raise StancekitError(
                f"encoder {name!r} is a stance model with head {kept!r}, and model.head is {head!r}",
                fix=f"set model.head to {kept!r} (a stance model keeps its head), or start from the encoder it was trained from",
            )
        return kept
    if head == "nli":
        entailment_rows(name, place)
    return None


def entailment_rows(name: str, place: Path) -> list[int]:
    """The rows of a published entailment head in our order: contradiction, neutral, entailment.

    They are found by the names in its config.json. Raises StancekitError where these are not the three.
    """
    published = _published(place)
    spelled = {label.strip().lower(): row for row, label in published.items()}
    found = [[spelled[label] for label in ENTAILMENT[stance] if label in spelled] for stance in STANCES]
    rows = [only for only, *others in filter(None, found) if not others]
    if sorted(rows) == [0, 1, 2] and len(published) == 3:
        return rows
    told = ", ".join(published.values()) or "no labels"
    if len(published) == 3 and all(label.startswith("label_") for label in spelled):
        fix = "find out which is which, and name them in id2label of its config.json: entailment, neutral, contradiction"
    else:
        fix = f"use an encoder trained to tell entailment, neutral and contradiction apart; {OWN_HEAD}"
    raise StancekitError(f"encoder {name!r} is no entailment model: its head has {told}", fix=fix)


def entailment_labels(name: str, place: Path) -> dict[str, Stance]:
    """What each published label becomes, in the published order. Raises StancekitError where `entailment_rows` does."""
    stances = dict(zip(entailment_rows(name, place), STANCES, strict=True))
    return {label: stances[row] for row, label in sorted(_published(place).items())}


def _published(place: Path) -> dict[int, str]:
    try:
        named = json.loads((place / "config.json").read_text(encoding="utf-8")).get("id2label") or {}
        return {int(row): str(label) for row, label in named.items()}
    except (OSError, ValueError, AttributeError) as fault:
        raise StancekitError(f"{place / 'config.json'} cannot be read", fix="check the encoder's folder") from fault


def new_head(place: Path, head: HeadKind) -> "PreTrainedModel":
    """The encoder with a head drawn anew. Raises what the libraries raise."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

    from stancekit.modeling.mean import MeanConfig, MeanStanceModel

    # A published head may have been for regression or several labels at once, which have another loss.
    config = AutoConfig.from_pretrained(place, **_labels(), trust_remote_code=False, local_files_only=True)
    if head == "mean":
        model = MeanStanceModel(MeanConfig.of_encoder(config))
    else:
        model = AutoModelForSequenceClassification.from_config(config, dtype=torch.float32, trust_remote_code=False)
    encoder = read_weights(AutoModel, place, may_lack="pooler")
    # Not strict: a family's bare encoder may carry a pooler that its classifier does without.
    missing = model.base_model.load_state_dict(encoder.state_dict(), strict=False).missing_keys
    if missing:
        raise ValueError(f"its family's classifier wants weights that it lacks, such as {missing[0]}")
    return model


def keep_entailment_head(name: str, place: Path, tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
    """The published model whose logits are now oppose, neutral, support.

    Raises StancekitError when its logits for a few pairs are not the published ones in our order, else what the
    libraries raise.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    rows = entailment_rows(name, place)
    model = read_weights(AutoModelForSequenceClassification, place).eval()
    published = _logits(model, tokenizer)
    last = _last_layers(model)
    if len(last) == 1:
        with torch.no_grad():
            for parameter in last[0].parameters():
                parameter.copy_(parameter[rows])
    # The last layer is found by its shape, which may lie: only the logits say that it was the right one.
    if not torch.allclose(_logits(model, tokenizer), published[:, rows], rtol=1e-4, atol=1e-5):
        raise StancekitError(
            f"the entailment head of encoder {name!r} cannot be put into our order: {len(last)} layers might give its logits",
            fix=f"use an encoder of another family; {OWN_HEAD}",
        )
    model.config.update(_labels())
    return model


def _labels() -> dict[str, Any]:
    labels = {stance.label_id: stance.value for stance in STANCES}
    by_name = {label: number for number, label in labels.items()}
    return {"id2label": labels, "label2id": by_name, "problem_type": "single_label_classification"}


def _last_layers(model: "PreTrainedModel") -> "Sequence[Any]":
    # Families name it classifier, classifier.out_proj or logits_proj; in all of them it stands beside the encoder.
    import torch

    inside = set(model.base_model.modules())
    beside = [layer for layer in model.modules() if layer not in inside]
    return [layer for layer in beside if isinstance(layer, torch.nn.Linear) and layer.out_features == len(STANCES)]


def _logits(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> "Tensor":
    import torch

    statements, proposals = zip(*PROBE, strict=True)
    batch = tokenizer(list(statements), list(proposals), padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits: Tensor = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return logits
