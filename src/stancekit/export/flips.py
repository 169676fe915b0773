"""The rows on which a bundle gives another answer than its run, to be read as sentences."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancekit.evaluation.metrics import FloatArray
from stancekit.inference.scorers import lead
from stancekit.records import Example
from stancekit.stance import STANCES


def shifts(ours: FloatArray, exported: FloatArray) -> FloatArray:
    """By how much the logit that moves most moves, shape (n,). Both of shape (n, 3)."""
    return np.asarray(np.abs(ours - exported).max(axis=1))


def flipped(
    examples: Sequence[Example], logits: tuple[FloatArray, FloatArray], probabilities: tuple[FloatArray, FloatArray]
) -> list[dict[str, Any]]:
    """One row a flip, the clearest first: that of the largest margin in the run's logits, which had most to move.

    logits, probabilities: of the run and of its export, each of shape (n, 3); the answers are the largest probabilities.
    """
    before, after = (one.argmax(axis=1) for one in probabilities)
    ahead, moved = lead(logits[0]), shifts(*logits)
    rows = sorted(np.flatnonzero(before != after).tolist(), key=lambda row: (-ahead[row], row))
    return [
        {
            "id": examples[row].id,
            "statement": examples[row].statement,
            "proposal": examples[row].proposal,
            "gold": examples[row].stance.value,
            "run": _answer(probabilities[0][row]),
            "export": _answer(probabilities[1][row]),
            "margin": round(float(ahead[row]), 6),
            "logit_difference": round(float(moved[row]), 6),
        }
        for row in rows
    ]


def _answer(row: FloatArray) -> dict[str, Any]:
    return {"stance": STANCES[int(row.argmax())].value, "confidence": float(row.max())}
