"""Close calls of a quick scorer are answered by an exact one, and no others."""

from collections.abc import Mapping

import numpy as np
import pytest

from stancekit.inference.scorers import FloatArray, SecondLook, lead
from stancekit.modeling.pairs import IntArray


class Answers:
    """A scorer that answers by the first token of a pair, and keeps what it was asked."""

    alike = False
    streams = 1
    batch_tokens = 512

    def __init__(self, name: str, rows: list[list[float]]) -> None:
        self.name = name
        self.rows = np.array(rows, dtype=np.float64)
        self.asked: list[list[int]] = []

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        tokens = batch["input_ids"][:, 0]
        self.asked.append(tokens.tolist())
        answers: FloatArray = self.rows[tokens].copy()
        return answers


def a_batch(*tokens: int) -> dict[str, IntArray]:
    ids = np.array([[token, 0] for token in tokens])
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


QUICK = [[2.0, 0.0, 0.0], [0.50, 0.45, 0.0], [0.0, 0.0, 3.0], [0.0, 0.11, 0.20]]
EXACT = [[9.0, 0.0, 0.0], [0.45, 0.50, 0.0], [0.0, 0.0, 9.0], [0.0, 0.21, 0.20]]


def test_only_close_calls_are_looked_at_again() -> None:
    quick, exact = Answers("quick", QUICK), Answers("exact", EXACT)
    answers = SecondLook(quick, exact, below=0.1).logits(a_batch(0, 1, 2, 3))
    assert answers.tolist() == [QUICK[0], EXACT[1], QUICK[2], EXACT[3]]
    assert exact.asked == [[1, 3]]


def test_without_close_calls_the_exact_one_is_not_asked() -> None:
    exact = Answers("exact", EXACT)
    SecondLook(Answers("quick", QUICK), exact, below=0.1).logits(a_batch(0, 2))
    assert exact.asked == []


def test_the_name_tells_both_as_a_cache_goes_by_it() -> None:
    assert SecondLook(Answers("quick", QUICK), Answers("exact", EXACT), below=0.1).name == "quick, second look exact"


def test_lead_is_the_distance_of_the_best_two() -> None:
    assert lead(np.array(QUICK)) == pytest.approx([2.0, 0.05, 3.0, 0.09])
