"""The evaluations in a training's log, and which of them is the best."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

MACRO_F1, LOSS = "eval_macro_f1", "eval_loss"
Entry = Mapping[str, Any]


def evaluations(log: Iterable[Entry]) -> list[Entry]:
    """The entries of a Trainer's log that are evaluations, in order."""
    return [entry for entry in log if MACRO_F1 in entry]


def best(log: Iterable[Entry]) -> Entry | None:
    """The evaluation with the highest macro-F1; of equals that with the lowest loss; of equals there the first. None without any."""
    return max(evaluations(log), key=_worth, default=None)


def _worth(entry: Entry) -> tuple[float, float]:
    loss = entry[LOSS]
    # Means of the same three values differ in their last bit with the order of the values.
    return round(entry[MACRO_F1], 9), -loss if math.isfinite(loss) else -math.inf
