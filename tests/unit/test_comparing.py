"""Everything that a comparison says, by hand on a few rows: proposals won, answers that changed, stances, seeds, words."""

import numpy as np
import pytest

from comparisons import example, made_comparison, sure
from stancekit.evaluation.comparing import Side, changed_rows, compare
from stancekit.evaluation.comparison import difference, mcnemar
from stancekit.evaluation.intervals import Bootstrap, Resampling
from stancekit.evaluation.metrics import macro_f1
from stancekit.shares import tail_share
from stancekit.stance import Stance

OPP, NEU, SUP = Stance.OPPOSE, Stance.NEUTRAL, Stance.SUPPORT
QUICK = Bootstrap(resamples=200)
ROWS = [
    example(1, "Keep the toll.", OPP),
    example(2, "Keep the toll.", NEU),
    example(3, "keep  the toll.", SUP),
    example(4, "Sell the mill.", SUP),
]
# Gold: oppose, neutral, support, and a support of another proposal.
FIRST = [OPP, OPP, OPP, SUP]
SECOND = [OPP, NEU, NEU, OPP]


def test_small_numbers_by_hand() -> None:
    found = compare(ROWS, Side("A", sure([FIRST])), Side("B", sure([SECOND])), QUICK)
    assert (found["n"], found["proposals"], found["clusters"]) == (4, 2, 2)
    assert found["classes"] == {"oppose": 1, "neutral": 1, "support": 2}
    accuracy = found["overall"]["accuracy"]
    assert (accuracy["first"], accuracy["second"], accuracy["change"]["value"]) == (0.5, 0.5, 0.0)
    # F1 of A: oppose 2 / 4, neutral 0, support 2 / 3; of B: oppose 2 / 3, neutral 2 / 3, support 0.
    assert [found["per_class"][stance]["first"] for stance in (OPP, NEU, SUP)] == pytest.approx([0.5, 0, 2 / 3], abs=1e-6)
    assert [found["per_class"][stance]["second"] for stance in (OPP, NEU, SUP)] == pytest.approx([2 / 3, 2 / 3, 0], abs=1e-6)
    assert found["per_class"]["support"]["n"] == 2
    macro = found["overall"]["macro_f1"]
    assert macro["change"]["value"] == pytest.approx(4 / 9 - 7 / 18, abs=1e-6)
    assert found["per_proposal"] == [
        {"proposal": "Keep the toll.", "n": 3, "first": 1, "second": 2, "difference": 1},
        {"proposal": "Sell the mill.", "n": 1, "first": 1, "second": 0, "difference": -1},
    ]
    assert found["proposals_won"] == {"second": 1, "tied": 0, "first": 1}
    assert found["changed"] == {"rows": 3, "right": 1, "wrong": 1, "other": 1}
    assert {key: found["mcnemar"][key] for key in ("only_first", "only_second", "p")} == {"only_first": 1, "only_second": 1, "p": 1.0}
    assert "independent" in found["mcnemar"]["caution"]
    assert found["seeds"] is None


def test_answers_that_changed_stand_surest_first_with_both_answers() -> None:
    first, second = sure([FIRST]), sure([SECOND], 0.8)
    second[0, 3] = sure([[OPP]], 0.99)[0, 0]
    rows = changed_rows(ROWS, Side("A", first), Side("B", second))
    assert [(row["id"], row["became"]) for row in rows] == [("r4", "wrong"), ("r2", "right"), ("r3", "other")]
    assert rows[0] == {
        "id": "r4", "statement": "wood stoves, sentence 4", "proposal": "Sell the mill.", "gold": "support", "became": "wrong",
        "first": {"answers": ["support"], "right": 1.0, "confidence": 0.9},
        "second": {"answers": ["oppose"], "right": 0.0, "confidence": 0.99},
    }  # fmt: skip


def test_labels_alone_are_compared_in_all_but_confidence() -> None:
    first = Side("A", sure([FIRST]))
    second = Side("B", np.stack([sure([SECOND], confidence)[0, row] for row, confidence in enumerate((0.5, 0.6, 0.7, 0.9))])[None])
    alone = Side("A", sure([FIRST], 1.0), graded=False), Side("B", sure([SECOND], 1.0), graded=False)
    true, found = compare(ROWS, first, second, QUICK), compare(ROWS, *alone, QUICK)
    assert (true.pop("graded"), found.pop("graded")) == ({"first": True, "second": True}, {"first": False, "second": False})
    assert found == true
    # The second alone orders them by its own confidence; nobody orders them but the data.
    for sides, order in (((alone[0], second), ["r4", "r3", "r2"]), (alone, ["r2", "r3", "r4"])):
        rows = changed_rows(ROWS, *sides)
        assert [row["id"] for row in rows] == order
        assert [row["first"]["confidence"] for row in rows] == [None, None, None]
    assert [row["second"]["confidence"] for row in changed_rows(ROWS, alone[0], second)] == [0.9, 0.7, 0.6]


def test_equal_models_are_not_shown_to_differ() -> None:
    side = Side("A", sure([FIRST]))
    found = compare(ROWS, side, side._replace(name="B"), QUICK)
    assert found["verdict"].startswith("Not shown that A and B differ in macro-F1 (+0.0 points): too few units for an interval.")
    assert "F_avg" not in found["verdict"]
    assert "Both gave the same answers to every pair." in found["verdict"]
    assert "other seeds" not in found["verdict"]
    assert found["mcnemar"]["p"] == 1.0
    assert found["changed"]["rows"] == 0
    assert found["proposals_won"] == {"second": 0, "tied": 2, "first": 0}
    assert changed_rows(ROWS, side, side) == []


def test_a_clear_winner_is_named_and_that_seeds_were_not_measured() -> None:
    found, changed = made_comparison()
    assert "runs/new wood stoves is better than runs/old wood stoves in macro-F1 by" in found["verdict"]
    assert "What other seeds would give is not measured." in found["verdict"]
    assert "same answers" not in found["verdict"]
    assert found["overall"]["macro_f1"]["shown"]
    assert all(found["per_class"][stance]["shown"] for stance in ("oppose", "neutral", "support"))
    assert found["mcnemar"]["p"] < 1e-6
    assert found["mcnemar"]["only_second"] == found["changed"]["right"] > 10
    assert found["changed"]["rows"] == len(changed) == sum(found["changed"][word] for word in ("right", "wrong", "other"))
    assert found["proposals_won"]["second"] > found["proposals_won"]["first"]


def test_f_avg_gets_a_sentence_where_it_says_otherwise() -> None:
    # Neutral is mended, at the cost of as many sides.
    rows = [example(number, f"proposal {number // 6}", (OPP, NEU, SUP)[number % 3]) for number in range(120)]
    first = [(OPP, OPP, SUP)[number % 3] if number % 2 else (OPP, SUP, SUP)[number % 3] for number in range(120)]
    second = [NEU if number % 12 in (0, 2) else (OPP, NEU, SUP)[number % 3] for number in range(120)]
    found = compare(rows, Side("A", sure([first])), Side("B", sure([second])), QUICK)
    assert found["verdict"].startswith("B is better than A in macro-F1 by")
    assert "Not shown that A and B differ in F_avg" in found["verdict"]
    assert "F_avg" not in made_comparison()[0]["verdict"]


def test_a_family_counts_by_the_mean_of_its_seeds() -> None:
    rows = [example(number, f"proposal {number // 4}", (OPP, NEU, SUP)[number % 3]) for number in range(60)]
    gold = np.array([row.stance.label_id for row in rows])
    rng = np.random.default_rng(2)
    ids = [np.where(rng.random((seeds, 60)) < share, gold, rng.integers(0, 3, (seeds, 60))) for seeds, share in ((2, 0.4), (3, 0.7))]
    sides = [
        Side(name, sure([[(OPP, NEU, SUP)[one] for one in seed] for seed in answers])) for name, answers in zip("AB", ids, strict=True)
    ]
    found = compare(rows, sides[0], sides[1], QUICK)
    alone = [[compare(rows, *(Side("x", side.probabilities[[at]]),) * 2, QUICK)["overall"] for at in range(side.seeds)] for side in sides]
    for metric in ("macro_f1", "accuracy", "mcc", "f_avg"):
        values = [[one[metric]["first"] for one in side] for side in alone]
        spread = found["seeds"][metric]
        assert [spread["first"]["values"], spread["second"]["values"]] == [pytest.approx(side, abs=1e-6) for side in values]
        assert [spread[key]["mean"] for key in ("first", "second")] == pytest.approx([np.mean(side) for side in values], abs=1e-5)
        assert [spread[key]["sd"] for key in ("first", "second")] == pytest.approx([np.std(side, ddof=1) for side in values], abs=1e-5)
        assert spread["second_ahead"] == sum(b > a for a in values[0] for b in values[1])
        assert spread["pairs"] == 6
        change = found["overall"][metric]["change"]
        assert change["value"] == pytest.approx(np.mean(values[1]) - np.mean(values[0]), abs=1e-5)
    assert found["mcnemar"] is None
    assert "That is about these trainings on other texts. Over seeds: A " in found["verdict"]
    assert "(3 seeds, standard deviation " in found["verdict"]
    assert "is not measured" not in found["verdict"]


def test_the_interval_of_a_family_is_of_the_mean_over_seeds_in_every_draw() -> None:
    rng = np.random.default_rng(5)
    gold, first, second = rng.integers(0, 3, 80), rng.integers(0, 3, (2, 80)), rng.integers(0, 3, (3, 80))
    resampling = Resampling.over([row // 8 for row in range(80)], 300, 0.95, np.random.default_rng(1))
    found, tail = difference(macro_f1, gold, first, second, resampling, name="macro_f1"), tail_share(0.95, 10)
    means = [np.mean([macro_f1(resampling.confusions(gold, seed)) for seed in side], axis=0) for side in (first, second)]
    assert (found.change.low, found.change.high) == pytest.approx(tuple(np.quantile(means[1] - means[0], [tail, 1 - tail])))
    # The same answers three times are one model: copies bring no certainty.
    one, thrice = (difference(macro_f1, gold, first[0], side, resampling, name="f", bca=True) for side in (second[0], second[[0, 0, 0]]))
    assert thrice.change == pytest.approx(one.change)


def test_answers_of_a_family_change_where_more_or_fewer_seeds_say_so() -> None:
    first = sure([[OPP, NEU, NEU, SUP], [OPP, OPP, NEU, SUP]])
    second = sure([[OPP, NEU, OPP, SUP], [OPP, NEU, NEU, SUP], [OPP, NEU, OPP, OPP], [OPP, NEU, NEU, SUP]])
    found = {row["id"]: row for row in changed_rows(ROWS, Side("A", first), Side("B", second))}
    assert {key: row["became"] for key, row in found.items()} == {"r2": "right", "r3": "other", "r4": "wrong"}
    assert found["r2"]["first"] == {"answers": ["neutral", "oppose"], "right": 0.5, "confidence": 0.9}
    assert found["r4"]["second"]["right"] == 0.75
    per_proposal = compare(ROWS, Side("A", first), Side("B", second), QUICK)["per_proposal"]
    assert [row["difference"] for row in per_proposal] == [0.5, -0.25]
    # Half of two seeds and half of four are the same.
    assert changed_rows(ROWS, Side("A", first), Side("B", first[[0, 1, 0, 1]])) == []


def test_what_makes_a_comparison_doubtful_is_told() -> None:
    first = Side("A", sure([FIRST]), {"proposal": 3, "statement": 0})
    second = Side("B", sure([SECOND, FIRST]), {"proposal": 0, "statement": 0}, ["optim.epochs"])
    verdict = compare(ROWS, first, second, QUICK)["verdict"]
    assert "Careful: 3 of the 4 pairs have a proposal, and 0 a statement, that A was trained on" in verdict
    assert "that B was trained on" not in verdict
    assert "the trainings of B differ in more than their seed (optim.epochs)" in verdict
    assert "too few units for an interval" in verdict
    assert "A 38.9 (no other seed)" in verdict
    assert "that other seeds would differ so cannot be told" in verdict


def test_luck_of_seeds_is_told_apart_from_luck_of_rows() -> None:
    # Every seed of B is better than its twin of A on nearly all rows that differ, but seeds are far apart.
    rows = [example(number, f"proposal {number // 3}", (OPP, NEU, SUP)[number % 3]) for number in range(300)]
    gold = [row.stance for row in rows]

    def right_in(share: int, wrong: Stance) -> list[Stance]:
        return [stance if number % 100 < share else wrong for number, stance in enumerate(gold)]

    near, far = ([right_in(share, NEU) for share in shares] for shares in ((60, 61, 62), (40, 60, 80)))
    for family, word in ((near, "is shown"), (far, "is not shown")):
        better = [
            [mended if number % 10 == 3 else answer for number, (answer, mended) in enumerate(zip(one, gold, strict=True))]
            for one in family
        ]
        found = compare(rows, Side("A", sure(family)), Side("B", sure(better)), QUICK)
        assert found["overall"]["macro_f1"]["shown"]
        assert f"that other seeds would differ {word} (interval over seeds" in found["verdict"]


def test_the_seed_and_the_resamples_of_the_bootstrap_act() -> None:
    sides = Side("A", sure([FIRST * 10])), Side("B", sure([SECOND * 10]))
    rows = [example(number, f"proposal {number // 3}", (OPP, NEU, SUP, SUP)[number % 4]) for number in range(40)]
    bounds = {
        tuple(compare(rows, *sides, Bootstrap(resamples=resamples, seed=seed))["overall"]["mcc"]["change"].values())
        for resamples, seed in ((200, 13), (200, 14), (300, 13), (200, 13))
    }
    assert len(bounds) == 3


def test_what_cannot_be_compared_is_refused() -> None:
    side = Side("A", sure([FIRST]))
    with pytest.raises(ValueError, match="nothing to compare on"):
        compare([], side, side, QUICK)
    with pytest.raises(ValueError, match="4 and 3 answers for 4 rows"):
        compare(ROWS, side, Side("B", sure([FIRST[:3]])), QUICK)
    family = np.zeros((2, 4), dtype=np.int64)
    with pytest.raises(ValueError, match="two models, not of families"):
        mcnemar(family[0], family[0], family)
