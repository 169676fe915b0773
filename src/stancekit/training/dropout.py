"""Dropout as a recipe wants it, in place of the encoder's own."""

from typing import Any

import torch

from stancekit.errors import StancekitError


def set_dropout(model: torch.nn.Module, share: float | None) -> None:
    """Let every dropout of the model, those of attention and head too, drop this share in training; None leaves each its own.

    An encoder reads its config when it is built, so its modules are what is set. The config stays as it was: the run's
    config.json tells the encoder's own values, and a training that goes on from the run decides anew. Where a family
    was built without a dropout module (ModernBERT's attention output), none is put in. Raises StancekitError for a
    model without any dropout.
    """
    if share is None:
        return
    dropped = [module for module in model.modules() if isinstance(module, torch.nn.Dropout)]
    # ModernBERT's attention has no module for it but a number.
    numbered: list[Any] = [module for module in model.modules() if isinstance(getattr(module, "attention_dropout", None), int | float)]
    if not dropped and not numbered:
        raise StancekitError(f"optim.dropout is {share}, {type(model).__name__} has no dropout to set", fix="leave optim.dropout out")
    for dropout in dropped:
        dropout.p = share
    for attention in numbered:
        attention.attention_dropout = share
