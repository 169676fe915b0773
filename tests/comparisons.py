"""Made answers and comparisons of them, for tests of what is computed and drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancekit.evaluation.comparing import Side, changed_rows, compare
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import FloatArray
from stancekit.records import Example
from stancekit.stance import STANCES, Stance


def example(number: int, proposal: str, stance: Stance, text: str = "wood stoves") -> Example:
    return Example(f"r{number}", f"{text}, sentence {number}", proposal, stance, "made")


def sure(answers: Sequence[Sequence[Stance]], confidence: float = 0.9) -> FloatArray:
    """Probabilities of shape (seeds, n, 3) of models that answer so, all with this confidence."""
    ids = np.array([[stance.label_id for stance in one] for one in answers])
    return np.where(ids[..., None] == np.arange(len(STANCES)), confidence, (1 - confidence) / 2)


def answer_rows(examples: Sequence[Example], answers: Sequence[Stance], confidence: float | None = None) -> list[dict[str, Any]]:
    """The rows of a file of answers; labels alone where no confidence is given."""
    rows: list[dict[str, Any]] = [
        {"statement": one.statement, "proposal": one.proposal, "stance": stance.value}
        for one, stance in zip(examples, answers, strict=True)
    ]
    if confidence is None:
        return rows
    given = sure([answers], confidence)[0].tolist()
    return [{**row, "probabilities": dict(zip(STANCES, numbers, strict=True))} for row, numbers in zip(rows, given, strict=True)]


def made_comparison(
    text: str = "wood stoves", seeds: int = 1, gain: float = 0.3, graded: tuple[bool, bool] = (True, True)
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """comparison.json and the rows of changed.jsonl: 400 pairs over 40 proposals; the second mends `gain` of the errors of the first."""
    rng = np.random.default_rng(4)
    examples = [example(number, f"{text} {number // 10}", STANCES[number % 3], text) for number in range(400)]
    gold = np.array([one.stance.label_id for one in examples])
    first = np.where(rng.random((seeds, 400)) < 0.5, gold, rng.integers(0, 3, (seeds, 400)))
    second = np.where(rng.random((seeds, 400)) < gain, gold, first)
    sides = [
        Side(f"runs/{name} {text}", sure([[STANCES[answer] for answer in one] for one in answers]), graded=tells)
        for name, answers, tells in zip(("old", "new"), (first, second), graded, strict=True)
    ]
    about = {
        key: {
            "name": side.name,
            "models": [
                {"path": f"{side.name}/{seed}", "scorer": "torch cpu fp32", "weights_sha256": f"{seed}" * 64 if side.graded else None}
                for seed in range(seeds)
            ],
            "unlike": [],
            "training_not_known": [text],
        }
        for key, side in zip(("first", "second"), sides, strict=True)
    }
    result = {**about, "data": text, **compare(examples, sides[0], sides[1], Bootstrap(resamples=200))}
    return result, changed_rows(examples, sides[0], sides[1])
