"""The gate's numbers: what flipped, what it costs, which limits are kept, and what few rows do not show."""

import numpy as np
import pytest

from gates import INTERVALS, made_logits, made_report
from stancekit.config import FormLimits
from stancekit.errors import Refusal
from stancekit.evaluation.metrics import confusion, macro_f1
from stancekit.export.flips import flipped, shifts
from stancekit.export.gate import compare, movements
from stancekit.export.limits import Check, checks, doubts, refuse, rows_wanted
from stancekit.inference.calibration import TemperatureScaling
from stancekit.inference.engine import softmax
from stancekit.inference.held import Held
from stancekit.inference.scorers import lead
from stancekit.shares import wilson


def test_a_margin_is_ahead_of_the_next_and_a_shift_is_the_largest() -> None:
    ours = np.array([[0.0, 1.0, 4.0], [3.0, -2.0, 2.5]])
    exported = np.array([[0.5, 1.0, 3.75], [3.0, -2.0, 2.5]])
    assert lead(ours).tolist() == [3.0, 0.5]
    assert shifts(ours, exported).tolist() == [0.5, 0.0]


def test_flips_are_told_as_sentences_the_clearest_first() -> None:
    examples, _, _ = made_logits(3)
    ours = np.array([[0.0, 1.0, 0.9], [3.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    exported = np.array([[0.0, 0.9, 1.0], [0.0, 0.0, 3.0], [0.0, 0.0, 1.0]])
    found = flipped(examples, (ours, exported), (softmax(ours), softmax(exported)))
    assert [(row["statement"], row["run"]["stance"], row["export"]["stance"], row["margin"]) for row in found] == [
        (examples[1].statement, "oppose", "support", 3.0),
        (examples[0].statement, "neutral", "support", 0.1),
    ]
    assert found[0] | {"run": 0, "export": 0} == {
        "id": "r1",
        "statement": examples[1].statement,
        "proposal": examples[1].proposal,
        "gold": examples[1].stance.value,
        "run": 0,
        "export": 0,
        "margin": 3.0,
        "logit_difference": 3.0,
    }
    assert found[0]["run"]["confidence"] == pytest.approx(np.exp(3) / (np.exp(3) + 2))


def test_scores_of_both_and_their_paired_difference() -> None:
    examples, ours, exported = made_logits(noise=0.5)
    report = compare(examples, ours, exported, None, INTERVALS)
    gold = np.array([one.stance.label_id for one in examples])
    run, export = (float(macro_f1(confusion(gold, logits.argmax(axis=1)))) for logits in (ours, exported))
    score, count = report["macro_f1"], int((ours.argmax(axis=1) != exported.argmax(axis=1)).sum())
    assert (score["run"], score["export"]) == pytest.approx((run, export), abs=1e-6)
    assert score["change"]["value"] == pytest.approx(export - run, abs=1e-6)
    assert score["change"]["low"] < score["change"]["value"] < score["change"]["high"]
    # Rows that are hard for both do not widen it.
    assert score["change"]["high"] - score["change"]["low"] < 0.1
    assert report["flips"] == {"count": count, "share": wilson(count, 400).to_row()}
    assert len(report["flipped"]) == count > 10
    assert report["ece"]["change"]["value"] == pytest.approx(report["ece"]["export"] - report["ece"]["run"], abs=2e-6)
    assert report["largest_logit_difference"] == np.abs(ours - exported).max()
    assert (report["rows"], report["proposals"], report["clusters"]) == (400, 40, 40)


def test_confidence_and_its_error_are_those_after_calibration() -> None:
    examples, ours, exported = made_logits()
    held = Held(softmax(ours), np.zeros(len(ours), dtype=np.int64), TemperatureScaling(0.25, 400))
    plain, sharp = (compare(examples, ours, exported, one, INTERVALS) for one in (None, held))
    assert abs(sharp["ece"]["run"] - plain["ece"]["run"]) > 0.02
    assert sharp["flipped"][0]["run"]["confidence"] != plain["flipped"][0]["run"]["confidence"]


def test_the_same_answers_keep_every_limit() -> None:
    examples, ours, _ = made_logits()
    report = {**compare(examples, ours, ours, None, INTERVALS), "size_mb": {"run": 1, "export": 1}, "measured": None}
    zero = FormLimits(largest_logit_difference=0, flips=0, macro_f1_loss=0, ece_rise=0)
    assert [(check.value, check.passed) for check in checks(report, zero)] == [(0.0, True)] * 4
    assert "loss of macro-F1 0.00 points (up to 0.00 points), limit 0.00 points" in [check.told() for check in checks(report, zero)]
    assert not any(moved.flipped for moved in movements(ours, ours, None))


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_what_is_no_number_is_refused_whatever_the_limits(nothing: float) -> None:
    examples, ours, exported = made_logits(30)
    exported[7, 1] = nothing
    with pytest.raises(Refusal, match="its logits for 1 of 30 rows are no numbers"):
        compare(examples, ours, exported, None, INTERVALS)


def test_nothing_is_compared_on_no_rows() -> None:
    with pytest.raises(ValueError, match="nothing to compare on"):
        compare([], np.zeros((0, 3)), np.zeros((0, 3)), None, INTERVALS)


def test_every_limit_is_held_to_its_own_number() -> None:
    report, _ = made_report(noise=0.5)
    given = {
        "largest_logit_difference": report["largest_logit_difference"],
        "flips": report["flips"]["share"]["value"],
        "macro_f1_loss": max(0.0, -report["macro_f1"]["change"]["value"]),
        "ece_rise": max(0.0, report["ece"]["change"]["value"]),
        "size_mb": 31.4,
        "p95_ms": 8.4,
    }
    assert all(check.passed for check in checks(report, FormLimits(**given)))
    for name in ("largest_logit_difference", "flips", "size_mb", "p95_ms"):
        broken = [check.name for check in checks(report, FormLimits(**{**given, name: given[name] * 0.99})) if not check.passed]
        assert broken == [name]


def test_a_loss_is_broken_and_a_gain_is_not() -> None:
    report, _ = made_report()
    limits = FormLimits(macro_f1_loss=0.01, ece_rise=0.01)
    for change, passed in ((-0.02, [False, True]), (0.02, [True, False])):
        moved = {"value": change, "low": change - 0.01, "high": change + 0.01}
        found = checks({**report, "macro_f1": {"change": moved}, "ece": {"change": moved}}, limits)
        assert [check.passed for check in found] == passed
        # The bad end of either interval.
        assert [check.worst for check in found] == pytest.approx([0.01 - change, 0.01 + change])


@pytest.mark.parametrize(("limit", "wanted"), [(0.005, 765), (0.05, 73)])
def test_rows_that_would_show_a_limit(limit: float, wanted: int) -> None:
    assert rows_wanted(limit, 0.95) == wanted
    low, high = (wilson(0, rows).high for rows in (wanted, wanted - 1))
    assert low is not None
    assert high is not None
    assert low <= limit < high


def test_what_few_rows_do_not_show_is_told() -> None:
    kept = Check("flips", 0.0, 0.005, 0.036)
    few, enough = ({"rows": rows, "interval": {"level": 0.95}} for rows in (100, 2000))
    assert "100 rows are too few for a limit of 0.50 %" in doubts(few, [kept])[0]
    assert "765 rows would do" in doubts(few, [kept])[0]
    assert doubts(enough, [kept]) == ["Other rows may be beyond the limit: flipped labels 0.00 % (up to 3.60 %), limit 0.50 %."]
    assert doubts(enough, [Check("flips", 0.0, 0.005, 0.002), Check("flips", 0.0, 0.0, 0.036)]) == []
    assert doubts(enough, [Check("macro_f1_loss", 0.0, 0.003)]) == ["There are too few proposals for an interval of the loss of macro-F1."]


def test_a_refusal_names_limits_and_up_to_five_sentences() -> None:
    report, _ = made_report(noise=0.5, text="the “old” mill")
    with pytest.raises(Refusal) as refusal:
        refuse(report, "int8")
    lines, count = refusal.value.problem.splitlines(), report["flips"]["count"]
    assert lines[0] == "the onnx-int8 form was not exported: on 400 held rows it is over its limits"
    assert lines[1] == f"  {report['broken'][0]}"
    assert f"the 5 clearest of {count}:" in refusal.value.problem
    assert len([line for line in lines if line.startswith("  “the “old” mill")]) == 5
    share = float(refusal.value.fix.split("limits.int8.flips=")[1].split(")")[0])
    assert report["flips"]["share"]["value"] <= share < 1.1 * report["flips"]["share"]["value"] + 0.001
    refuse({**report, "passed": True}, "int8")
