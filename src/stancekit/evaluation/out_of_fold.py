"""What answers to training rows by models that did not learn them say of the labels: how many are doubted, which, and where."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stancekit.evaluation.metrics import FloatArray, IntArray, confusion, indices, scores
from stancekit.evaluation.slices import parts
from stancekit.records import Example
from stancekit.stance import STANCES

# With 0.15, six of seven doubts were about right labels (benchmarks/label_doubts.py).
LEAST_MCC = 0.2
BoolArray = npt.NDArray[np.bool_]


def doubts_summary(
    examples: Sequence[Example], probabilities: FloatArray, order: IntArray, folds: IntArray, learned: Sequence[int]
) -> dict[str, Any]:
    """Counts of n rows and of those in `order`, whose labels are doubted: by stance, by fold with its scores, by part of the data.

    probabilities: out of fold, shape (n, 3). folds: shape (n,), from 1. learned: rows that each fold's model had.
    """
    gold, predicted = indices([example.stance for example in examples]), probabilities.argmax(axis=1)
    is_doubted = np.zeros(len(examples), dtype=bool)
    is_doubted[order] = True
    found: dict[str, Any] = {
        "n": len(examples),
        "doubted": len(order),
        **scores(confusion(gold, predicted)),
        "stances": _by_stance(gold, predicted, is_doubted),
        "folds": [
            {"fold": number, "learned": rows, **_of_fold(*(values[folds == number] for values in (gold, predicted, is_doubted)))}
            for number, rows in enumerate(learned, 1)
        ],
        "parts": _by_part(examples, is_doubted),
    }
    return {"verdict": _verdict(found), "warnings": _warnings(found["mcc"]), **found}


def _of_fold(gold: IntArray, predicted: IntArray, is_doubted: BoolArray) -> dict[str, Any]:
    # A fold may lack a stance, whose F1 then counts 0.
    classes = {stance.value: int((gold == stance.label_id).sum()) for stance in STANCES}
    return {"n": len(gold), "classes": classes, "doubted": int(is_doubted.sum()), **scores(confusion(gold, predicted))}


def _by_stance(gold: IntArray, predicted: IntArray, is_doubted: BoolArray) -> dict[str, Any]:
    # What is doubted is never read as its label says.
    counts = confusion(gold[is_doubted], predicted[is_doubted]).astype(int).tolist()
    rows = {}
    for stance in STANCES:
        read_as = counts[stance.label_id]
        suggested = {other.value: read_as[other.label_id] for other in STANCES if other is not stance}
        rows[stance.value] = {"n": int((gold == stance.label_id).sum()), "doubted": sum(read_as), "suggested": suggested}
    return rows


def _by_part(examples: Sequence[Example], is_doubted: BoolArray) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for by, found in parts(examples).items():
        rows: list[dict[str, Any]] = [
            {"name": name, "n": len(members), "doubted": int(is_doubted[members].sum())} for name, members in found.items()
        ]
        result.append({"by": by, "rows": sorted(rows, key=lambda row: (-row["doubted"] / row["n"], row["name"]))})
    return result


def _verdict(found: Mapping[str, Any]) -> str:
    told = f"{found['doubted']:,} of {found['n']:,} labels are doubted ({found['doubted'] / found['n']:.1%})"
    turned = {(given, read): count for given, row in found["stances"].items() for read, count in row["suggested"].items()}
    (given, read), most = max(turned.items(), key=lambda item: item[1])
    if most:
        told += f", most often {given} that reads as {read} ({most:,})"
    reached = f"On rows that they did not learn the models reach macro-F1 {found['macro_f1']:.3f}"
    return f"{told}. {reached}: what they read wrong, they may doubt too."


def _warnings(mcc: float) -> list[str]:
    if mcc >= LEAST_MCC:
        return []
    told = f"On rows that they did not learn the models are hardly better than guessing (MCC {mcc:.2f})"
    return [f"{told}: most doubts will be their own mistakes. Train longer, on more rows, or from a better start."]
