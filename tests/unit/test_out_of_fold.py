"""The summary of doubtful labels counts them by stance, fold and part of the data."""

import json

import numpy as np

from doubting import made_doubts
from stancekit.evaluation.doubts import doubted
from stancekit.evaluation.out_of_fold import doubts_summary
from stancekit.records import Example
from stancekit.stance import STANCES, Stance


def test_what_is_doubted_is_counted_by_label_and_by_what_it_reads_as() -> None:
    result, rows = made_doubts(wrong=9)
    assert (result["n"], result["doubted"], len(rows)) == (240, 9, 9)
    # Each of the first nine rows reads as the next stance in the order of labels.
    assert {stance: row["suggested"] for stance, row in result["stances"].items()} == {
        "oppose": {"neutral": 3, "support": 0},
        "neutral": {"oppose": 0, "support": 3},
        "support": {"oppose": 3, "neutral": 0},
    }
    assert [row["n"] for row in result["stances"].values()] == [80, 80, 80]
    assert [row["doubted"] for row in result["stances"].values()] == [3, 3, 3]
    assert "9 of 240 labels are doubted (3.8%), most often oppose that reads as neutral (3)." in result["verdict"]


def test_folds_have_their_rows_and_scores() -> None:
    result, _ = made_doubts(rows=240, wrong=3)
    assert [fold["fold"] for fold in result["folds"]] == [1, 2, 3, 4]
    assert [(fold["n"], fold["learned"], fold["doubted"]) for fold in result["folds"]] == [(60, 180, 1)] * 3 + [(60, 180, 0)]
    assert [fold["classes"] for fold in result["folds"]] == [{"oppose": 20, "neutral": 20, "support": 20}] * 4
    assert [round(fold["accuracy"], 3) for fold in result["folds"]] == [0.983, 0.983, 0.983, 1]
    assert result["accuracy"] == 0.9875
    assert result["folds"][3]["macro_f1"] == 1 > result["macro_f1"] > result["folds"][0]["macro_f1"]


def test_parts_stand_in_the_order_of_their_share() -> None:
    result, _ = made_doubts("x", wrong=9)
    parts = {part["by"]: part["rows"] for part in result["parts"]}
    assert parts["source"] == [{"name": "x 0", "n": 120, "doubted": 5}, {"name": "x 1", "n": 120, "doubted": 4}]
    assert parts["tag"][0] == {"name": "tag 0", "n": 60, "doubted": 3}
    assert {row["name"] for row in parts["tag"]} == {"x", "tag 0", "tag 1", "tag 2", "tag 3"}
    # All statements are of one length: that is no part.
    assert "length" not in parts


def test_nothing_doubted_is_said_and_all_of_it_is_json() -> None:
    result, rows = made_doubts(wrong=0)
    assert rows == []
    assert "0 of 240 labels are doubted (0.0%). On rows" in result["verdict"]
    json.dumps(result, allow_nan=False)


def test_models_that_guess_are_told_of() -> None:
    examples = [Example(str(row), f"s {row}", "p", STANCES[row % 3]) for row in range(90)]
    gold = np.arange(90) % 3

    def warned(right: int) -> list[str]:
        said = np.where(np.arange(90) < right, gold, np.arange(90) // 3 % 3)
        answers = np.where(said[:, None] == np.arange(3), 0.6, 0.2)
        warnings: list[str] = doubts_summary(examples, answers, np.array([], dtype=np.int64), np.ones(90, dtype=np.int64), [9])["warnings"]
        return warnings

    assert warned(right=60) == []
    assert len(warned(right=0)) == 1
    assert "hardly better than guessing (MCC 0.00)" in warned(right=0)[0]


def test_two_stances_can_be_doubted_and_a_fold_may_lack_one() -> None:
    sides = (Stance.OPPOSE, Stance.SUPPORT)
    examples = [Example(str(row), f"s {row}", "p", sides[row % 2]) for row in range(40)]
    probabilities = np.full((40, 3), 0.01)
    gold = np.array([STANCES.index(one.stance) for one in examples])
    probabilities[np.arange(40), gold] = 0.98
    probabilities[6] = (0.01, 0.01, 0.98)
    order = doubted(probabilities, gold)
    assert order.tolist() == [6]
    folds = np.where(gold == 0, 1, 2)
    result = doubts_summary(examples, probabilities, order, folds, [20, 20])
    assert result["stances"]["oppose"]["suggested"] == {"neutral": 0, "support": 1}
    assert result["stances"]["neutral"] == {"n": 0, "doubted": 0, "suggested": {"oppose": 0, "support": 0}}
    assert result["folds"][0]["classes"] == {"oppose": 20, "neutral": 0, "support": 0}
    # A stance that is not there counts as 0, so that no fold without it looks better than it is.
    assert round(result["folds"][1]["macro_f1"], 3) == 0.333
