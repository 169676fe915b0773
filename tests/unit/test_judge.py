"""What metrics.json holds, and what its verdict says in words."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stancekit.console import metrics_table
from stancekit.evaluation.confidence import Answers, Promises
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.judge import SHOWN_ERRORS, Known, judge
from stancekit.evaluation.metrics import FloatArray, IntArray, confusion, indices, macro_f1
from stancekit.evaluation.slices import parts_of
from stancekit.records import Example
from stancekit.reports.evaluation import evaluation_page
from stancekit.stance import STANCES, Stance

ROUND = (Stance.OPPOSE, Stance.NEUTRAL, Stance.SUPPORT)
QUICK = Bootstrap(resamples=200)


def made(proposals: int = 30, rows: int = 6, stances: Sequence[Stance] = ROUND) -> list[Example]:
    return [
        Example(f"{proposal}-{row}", f"Statement {row} on {proposal}.", f"Proposal {proposal} should pass.", stances[row % len(stances)])
        for proposal in range(proposals)
        for row in range(rows)
    ]


def sure(answers: IntArray, confidence: float = 0.8) -> FloatArray:
    matrix = np.full((len(answers), 3), (1 - confidence) / 2)
    matrix[np.arange(len(answers)), answers] = confidence
    return matrix


def truth(examples: Sequence[Example]) -> IntArray:
    return indices([example.stance for example in examples])


def judged(examples: Sequence[Example], answers: IntArray, baseline: IntArray | None = None, **more: Any) -> dict[str, Any]:
    known = Known({} if baseline is None else {"majority": baseline}, **more)
    return judge(examples, Answers.alone(sure(answers)), known, QUICK, Promises())


def test_metrics_have_the_documented_form_and_are_json() -> None:
    examples = made()
    metrics = judged(examples, truth(examples), truth(examples) * 0)
    for name in ("macro_f1", "accuracy", "mcc", "f_avg"):
        assert metrics[name].keys() == {"value", "low", "high"}
        assert metrics["baselines"]["majority"][name].keys() == {"value", "low", "high"}
    assert metrics["per_class"].keys() == set(STANCES)
    assert metrics["per_class"]["support"].keys() == {"precision", "recall", "f1", "n"}
    assert (metrics["n"], metrics["proposals"], metrics["clusters"]) == (180, 30, 30)
    assert metrics["classes"] == {"oppose": 60, "neutral": 60, "support": 60}
    assert metrics["confusion"] == [[60, 0, 0], [0, 60, 0], [0, 0, 60]]
    assert metrics["interval"] == {"level": 0.95, "resamples": 200, "seed": 13, "unit": "proposals", "apart": 0, "bca": False}
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_the_same_seed_gives_the_same_numbers() -> None:
    examples = made()
    answers = np.random.default_rng(1).integers(0, 3, len(examples)).astype(np.int64)
    assert judged(examples, answers) == judged(examples, answers)
    assert (
        judge(examples, Answers.alone(sure(answers)), Known(), Bootstrap(200, 0.95, 14), Promises())["macro_f1"]
        != judged(examples, answers)["macro_f1"]
    )


def test_every_proposal_is_counted_by_itself() -> None:
    examples = made(proposals=2)
    answers = truth(examples)
    answers[6:] = 1
    first, second = judged(examples, answers)["per_proposal"]
    assert first["accuracy"]["value"] == 1.0
    assert second["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert second["accuracy"]["low"] < 1 / 3 < second["accuracy"]["high"]
    assert second["gold"] == {"oppose": 2, "neutral": 2, "support": 2}
    assert second["predicted"] == {"oppose": 0, "neutral": 6, "support": 0}
    assert sum(row["n"] for row in (first, second)) == len(examples)


def test_rows_of_one_group_are_one_unit() -> None:
    examples = [
        Example(str(row), f"Statement {row}.", f"Proposal {row % 4}.", ROUND[row % 3], group=f"article {row % 2}") for row in range(12)
    ]
    metrics = judged(examples, truth(examples))
    assert (metrics["clusters"], metrics["proposals"]) == (2, 4)
    assert metrics["interval"]["unit"] == "proposals, joined where they share an article or group"


def test_errors_are_listed_with_the_largest_loss_first() -> None:
    examples = made(proposals=1, rows=3)
    # The second has the lower confidence, and leaves its label less.
    probabilities = np.array([[0.1, 0.7, 0.2], [0.38, 0.04, 0.58], [0.1, 0.1, 0.8]])
    errors = judge(examples, Answers.alone(probabilities), Known(), QUICK, Promises())["errors"]
    assert [(error["id"], error["gold"], error["predicted"], error["confidence"], error["given"]) for error in errors] == [
        ("0-1", "neutral", "support", 0.58, 0.04),
        ("0-0", "oppose", "neutral", 0.7, 0.1),
    ]
    assert errors[0]["parts"] == parts_of(examples[1])
    many = made(proposals=60)
    assert len(judged(many, (truth(many) + 1) % 3)["errors"]) == SHOWN_ERRORS


def test_nothing_to_evaluate_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to evaluate"):
        judge([], Answers.alone(np.empty((0, 3))), Known(), QUICK, Promises())


def test_verdict_tells_better_from_worse_from_not_shown() -> None:
    examples = made()
    right, constant = truth(examples), truth(examples) * 0
    assert "Better than always answering the commonest stance by 83.3 points." in judged(examples, right, constant)["verdict"]
    assert "Worse than always answering the commonest stance by 83.3 points: do not use it." in judged(examples, constant, right)["verdict"]
    slightly = constant.copy()
    slightly[1] = 1
    verdict = judged(examples, slightly, constant)["verdict"]
    assert "Not shown to be better than always answering the commonest stance" in verdict
    assert "Better than" not in verdict


def test_verdict_begins_with_the_number_and_its_interval() -> None:
    examples = made()
    verdict = judged(examples, truth(examples))["verdict"]
    assert verdict == "Macro-F1 100.0 (95% interval 100.0 to 100.0) on 180 pairs over 30 proposals."


def test_verdict_warns_of_an_absent_stance() -> None:
    examples = made(stances=(Stance.OPPOSE, Stance.SUPPORT))
    metrics = judged(examples, truth(examples))
    assert "The data has no neutral, which counts as F1 0: compare F_avg instead." in metrics["verdict"]
    assert metrics["macro_f1"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["f_avg"]["value"] == 1.0


def test_verdict_warns_of_few_units() -> None:
    few, many = made(proposals=19), made(proposals=20)
    assert "Only 19 independent units: read the intervals as rough." in judged(few, truth(few))["verdict"]
    assert "independent units" not in judged(many, truth(many))["verdict"]


def test_verdict_warns_of_rows_seen_in_training() -> None:
    examples = made()
    seen = judged(examples, truth(examples), seen={"proposal": 7, "statement": 0})
    assert "Careful: 7 of the 180 pairs have a proposal, and 0 a statement, that the model was trained on" in seen["verdict"]
    assert seen["seen_in_training"] == {"proposal": 7, "statement": 0}
    for none in (None, {"proposal": 0, "statement": 0}):
        assert "Careful" not in judged(examples, truth(examples), seen=none)["verdict"]


def test_verdict_warns_of_rows_that_the_model_was_chosen_on() -> None:
    examples = made()
    for validated in (True, False):
        metrics = judged(examples, truth(examples), validated=validated)
        assert metrics["is_validation"] == validated
        assert ("chosen and its confidence calibrated on these rows" in metrics["verdict"]) == validated


def test_verdict_warns_of_statements_that_stand_in_many_units() -> None:
    examples = [replace(one, statement=f"words {number % 3}") for number, one in enumerate(made())]
    metrics = judged(examples, truth(examples))
    assert metrics["interval"]["apart"] == 180
    assert "180 of the pairs share a statement with pairs of other units" in metrics["verdict"]
    assert "share a statement" not in judged(made(), truth(made()))["verdict"]


def test_one_unit_gives_no_interval_and_shows_nothing() -> None:
    examples = made(proposals=1)
    metrics = judged(examples, truth(examples), truth(examples) * 0)
    assert metrics["macro_f1"] == {"value": 1.0, "low": None, "high": None}
    assert metrics["baselines"]["majority"]["difference"]["low"] is None
    assert "too few units for an interval" in metrics["verdict"]
    assert "cannot be shown" in metrics["verdict"]
    assert "Better" not in metrics["verdict"]
    assert evaluation_page({**metrics, "model": "m", "data": "d"})
    assert metrics_table({**metrics, "model": "m", "data": "d"})


def test_several_seeds_stand_first_and_no_seed_is_hidden() -> None:
    examples = made()
    seeds = {13: {"macro_f1": 0.52, "accuracy": 0.6}, 14: {"macro_f1": 0.48, "accuracy": 0.5}, 15: {"macro_f1": 0.50, "accuracy": 0.4}}
    metrics = judged(examples, truth(examples), seeds=seeds)
    assert metrics["seeds"]["mean"] == {"macro_f1": 0.5, "accuracy": 0.5}
    assert metrics["seeds"]["sd"] == {"macro_f1": pytest.approx(0.02), "accuracy": pytest.approx(0.1)}
    assert metrics["seeds"]["by_seed"]["14"] == seeds[14]
    assert metrics["verdict"].startswith(
        "Over 3 seeds macro-F1 is 50.0 on average, standard deviation 2.0 (52.0, 48.0, 50.0); all else is about the first seed, 13."
    )
    assert judged(examples, truth(examples))["seeds"] is None


def test_answers_without_probabilities_are_not_judged_by_their_confidence() -> None:
    examples = made()
    labels = np.eye(3)[truth(examples)]
    metrics = judge(examples, Answers(labels, labels, graded=False), Known(), QUICK, Promises())
    assert [metrics[key] for key in ("calibration", "abstention", "conformal")] == [None, None, None]
    assert metrics["macro_f1"]["value"] == 1.0


def test_bca_intervals_are_those_that_were_asked_for() -> None:
    examples = made()
    answers = np.where(np.arange(180) % 5 == 0, (truth(examples) + 1) % 3, truth(examples))
    known = Known({"majority": truth(examples) * 0})
    by_bca = judge(examples, Answers.alone(sure(answers)), known, replace(QUICK, bca=True), Promises())
    plain = judge(examples, Answers.alone(sure(answers)), known, QUICK, Promises())
    gold, resampling = truth(examples), replace(QUICK, bca=True).over([one.proposal for one in examples])
    expected = resampling.interval(
        float(macro_f1(confusion(gold, answers))),
        macro_f1(resampling.confusions(gold, answers)),
        macro_f1(resampling.confusions_without(gold, answers)),
    )
    assert by_bca["macro_f1"] == expected.to_row()
    assert by_bca["macro_f1"]["value"] == plain["macro_f1"]["value"]
    changed = [key for key in ("macro_f1", "per_class", "baselines", "slices", "calibration", "abstention") if by_bca[key] != plain[key]]
    assert changed == ["macro_f1", "per_class", "baselines", "calibration", "abstention"]


def test_verdict_has_no_sentence_for_what_sees_one_side_alone() -> None:
    examples = made()
    constant = np.zeros(len(examples), dtype=np.int64)
    names = ("majority", "tfidf_lr", "tfidf_statement", "tfidf_proposal")
    metrics = judge(examples, Answers.alone(sure(truth(examples))), Known(dict.fromkeys(names, constant)), QUICK, Promises())
    assert metrics["baselines"].keys() == set(names)
    assert metrics["verdict"].count("Better than") == 2
    assert "alone" not in metrics["verdict"]
