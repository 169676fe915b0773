"""Doubtful labels are found where they were planted; the nearest training pairs are those with the same words."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from stancekit.evaluation.confidence import Answers
from stancekit.evaluation.doubts import label_doubts, nearest_examples
from stancekit.evaluation.metrics import FloatArray, IntArray, indices
from stancekit.records import Example
from stancekit.stance import STANCES

PLANTED = (4, 70, 151)


def data() -> tuple[list[Example], FloatArray, IntArray]:
    """A model that is nearly always right and sure, on labels of which three are turned round."""
    examples = [Example(str(row), f"Statement {row}.", "A toll should be paid.", STANCES[row % 3]) for row in range(240)]
    probabilities = np.full((240, 3), 0.03)
    probabilities[np.arange(240), np.arange(240) % 3] = 0.94
    for row in PLANTED:
        examples[row] = replace(examples[row], stance=STANCES[(row + 1) % 3])
    return examples, probabilities, indices([one.stance for one in examples])


def test_labels_that_were_turned_round_are_doubted() -> None:
    examples, probabilities, gold = data()
    found = label_doubts(examples, Answers.alone(probabilities), gold)
    assert found is not None
    assert found["n"] == len(PLANTED)
    assert {row["id"] for row in found["rows"]} == {str(row) for row in PLANTED}
    first = next(row for row in found["rows"] if row["id"] == "4")
    assert (first["gold"], first["suggested"], first["confidence"], first["given"]) == ("support", "neutral", 0.94, 0.03)


def test_nothing_is_doubted_where_model_and_labels_agree() -> None:
    examples, probabilities, _ = data()
    told = [replace(one, stance=STANCES[row % 3]) for row, one in enumerate(examples)]
    found = label_doubts(told, Answers.alone(probabilities), indices([one.stance for one in told]))
    assert found is not None
    assert (found["n"], found["rows"]) == (0, [])


def test_without_probabilities_stances_or_cleanlab_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    examples, probabilities, gold = data()
    assert label_doubts(examples, Answers(probabilities, probabilities, graded=False), gold) is None
    two = gold != 1
    kept = [one for one, chosen in zip(examples, two, strict=True) if chosen]
    assert label_doubts(kept, Answers.alone(probabilities[two]), gold[two]) is None
    monkeypatch.setattr("stancekit.evaluation.doubts.PACKAGE", "no-such-package")
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    assert label_doubts(examples, Answers.alone(probabilities), gold) is None


def test_the_nearest_training_pairs_share_their_words() -> None:
    train = [
        Example("1", "The mayor praised the toll.", "Lorries should pay a toll.", STANCES[2]),
        Example("2", "Nobody swims in winter.", "The baths should close.", STANCES[1]),
        Example("3", "The mayor swims.", "The baths should close.", STANCES[0]),
        Example("4", "Rain fell.", "The dam should be built.", STANCES[0]),
    ]
    error = {"statement": "The mayor praised tolls.", "proposal": "Lorries should pay a toll."}
    (nearest,) = nearest_examples([error], train)
    assert nearest[0]["statement"] == "The mayor praised the toll."
    assert nearest[0]["stance"] == "support"
    assert len(nearest) == 3
    assert nearest[0]["likeness"] > nearest[1]["likeness"] >= nearest[2]["likeness"]


def test_without_training_pairs_nothing_is_near() -> None:
    assert nearest_examples([{"statement": "A", "proposal": "B"}], []) == [[]]
    assert nearest_examples([], []) == []
