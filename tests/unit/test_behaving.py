"""What a case asks is judged right: shown with scorers whose failures are known beforehand."""

import json
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from stancekit.evaluation.behaving import behave, behaviours_summary, keeps
from stancekit.evaluation.behaviours import Capability, Case, Kind, Pair, read_behaviours
from stancekit.evaluation.metrics import FloatArray
from stancekit.stance import STANCES, Stance

OPPOSE, NEUTRAL, SUPPORT = STANCES


def sure(labels: Sequence[Stance], confidence: float = 0.8) -> FloatArray:
    rows = np.full((len(labels), 3), (1 - confidence) / 2)
    rows[np.arange(len(labels)), [label.label_id for label in labels]] = confidence
    return rows


def of_words(text: str) -> Stance:
    return SUPPORT if "backed" in text else OPPOSE if "fought" in text else NEUTRAL


def truth(pairs: Sequence[Pair]) -> FloatArray:
    """Reads both: the verb of the statement, turned by a `not` in the proposal."""
    turned = {SUPPORT: OPPOSE, OPPOSE: SUPPORT, NEUTRAL: NEUTRAL}
    return sure([turned[of_words(text)] if "not" in proposal else of_words(text) for text, proposal in pairs])


def statement_alone(pairs: Sequence[Pair]) -> FloatArray:
    return sure([of_words(text) for text, _ in pairs])


def proposal_alone(pairs: Sequence[Pair]) -> FloatArray:
    return sure([OPPOSE if "not" in proposal else SUPPORT for _, proposal in pairs])


STATEMENTS = {SUPPORT: "She backed it.", OPPOSE: "She fought it.", NEUTRAL: "She heard of it."}
PLAIN, NEGATED, REWORDED = "It should be done.", "It should not be done.", "It ought to be done."


def capability(kind: Kind) -> Capability:
    second = {Kind.MINIMUM: None, Kind.INVARIANCE: REWORDED, Kind.DIRECTIONAL: NEGATED}[kind]
    cases = [
        Case(kind, ((text, PLAIN), *([] if second is None else [(text, second)])), stance, made=False)
        for stance, text in STATEMENTS.items()
    ]
    return Capability(kind.value, "t", kind, tuple(cases))


CAPABILITIES = [capability(kind) for kind in Kind]


def failures(answer: object) -> list[int]:
    return [one.failures for one in behave(CAPABILITIES, answer)]  # type: ignore[arg-type]


def test_a_scorer_that_answers_right_fails_nowhere() -> None:
    assert failures(truth) == [0, 0, 0]
    assert all(one.wrong is not None and one.wrong.value == 0 and one.examples == () for one in behave(CAPABILITIES, truth))


def test_a_scorer_that_ignores_the_proposal_fails_direction_where_there_is_a_side() -> None:
    assert failures(statement_alone) == [0, 0, 2]


def test_a_scorer_that_reads_the_proposal_alone_keeps_both_relations_and_is_wrong() -> None:
    minimum, invariance, directional = behave(CAPABILITIES, proposal_alone)
    # Its labels swap with the proposal: only the labels themselves tell that it never read the statement.
    assert (minimum.failures, invariance.failures, directional.failures) == (2, 0, 0)
    assert [one.wrong.value for one in (minimum, invariance, directional) if one.wrong] == pytest.approx([2 / 3] * 3)


def test_what_each_kind_asks_of_two_labels() -> None:
    pairs = ((STATEMENTS[SUPPORT], PLAIN), (STATEMENTS[SUPPORT], NEGATED))
    same = {labels for labels in product(STANCES, STANCES) if keeps(Case(Kind.INVARIANCE, pairs, None, False), labels)}
    assert same == {(stance, stance) for stance in STANCES}
    swapped = {labels for labels in product(STANCES, STANCES) if keeps(Case(Kind.DIRECTIONAL, pairs, None, False), labels)}
    assert swapped == {(OPPOSE, SUPPORT), (SUPPORT, OPPOSE), (NEUTRAL, NEUTRAL)}


def test_cases_without_a_stance_are_judged_by_their_relation_alone() -> None:
    case = Case(Kind.INVARIANCE, (("She backed it.", PLAIN), ("She fought it.", PLAIN)), None, made=False)
    (one,) = behave([Capability("own", "t", Kind.INVARIANCE, (case,))], truth)
    assert (one.failures, one.wrong) == (1, None)
    assert [pair["expected"] for pair in one.examples[0]["pairs"]] == [None, None]
    assert [pair["stance"] for pair in one.examples[0]["pairs"]] == ["support", "oppose"]


def test_the_interval_is_that_of_scipy() -> None:
    directional = behave(CAPABILITIES, statement_alone, level=0.9)[2]
    expected = binomtest(2, 3).proportion_ci(0.9, method="wilson")
    assert (directional.failed.low, directional.failed.high) == pytest.approx((expected.low, expected.high))
    assert directional.to_row()["failed"] == {"value": 0.666667, "low": round(expected.low, 6), "high": round(expected.high, 6)}


def test_examples_are_the_surest_failures_as_plain_values() -> None:
    cases = tuple(Case(Kind.MINIMUM, ((f"Text {n}.", PLAIN),), SUPPORT, made=True) for n in range(6))
    one = Capability("own", "t", Kind.MINIMUM, cases)

    def answer(pairs: Sequence[Pair]) -> FloatArray:
        return np.concatenate([sure([OPPOSE], 0.5 + 0.05 * int(text[5])) for text, _ in pairs])

    (found,) = behave([one], answer, shown=2)
    assert (found.n, found.failures) == (6, 6)
    assert [example["pairs"][0]["statement"] for example in found.to_row()["examples"]] == ["Text 5.", "Text 4."]
    assert found.examples[0] == {
        "made": True,
        "pairs": [{"statement": "Text 5.", "proposal": PLAIN, "expected": "support", "stance": "oppose", "confidence": 0.75}],
    }


def test_each_pair_is_asked_once_in_one_call() -> None:
    asked: list[Sequence[Pair]] = []

    def answer(pairs: Sequence[Pair]) -> FloatArray:
        asked.append(pairs)
        return truth(pairs)

    behave(CAPABILITIES, answer)
    assert len(asked) == 1
    assert sorted(asked[0]) == sorted({pair for one in CAPABILITIES for case in one.cases for pair in case.pairs})


@pytest.mark.parametrize("rows", [np.zeros((2, 3)), np.full((9, 3), np.nan)])
def test_answers_of_another_shape_or_without_numbers_are_refused(rows: FloatArray) -> None:
    with pytest.raises(ValueError, match="was asked for"):
        behave(CAPABILITIES, lambda pairs: rows)


def test_shipped_cases_separate_a_reader_from_constant_answers() -> None:
    shipped = read_behaviours()
    labels = {pair: label for one in shipped for case in one.cases for pair, label in zip(case.pairs, case.expected or (), strict=True)}
    assert all(one.failures == 0 for one in behave(shipped, lambda pairs: sure([labels[pair] for pair in pairs])))
    for stance in STANCES:

        def constant(pairs: Sequence[Pair], stance: Stance = stance) -> FloatArray:
            return sure([stance] * len(pairs))

        for one in behave(shipped, constant):
            assert one.wrong is not None
            # Where a capability is about what takes no side, neutral is the whole answer.
            assert one.wrong.value >= 0.45 or (one.capability == "off-topic" and stance is NEUTRAL), (one.capability, stance)


def test_the_summary_counts_each_capability_once_and_begins_with_the_worst() -> None:
    directional = capability(Kind.DIRECTIONAL)
    # Half of its cases fail, which is not more than half; of all three of `directional`, two.
    few = Capability("few", "t", Kind.DIRECTIONAL, directional.cases[1:])
    summary = behaviours_summary(behave([capability(Kind.INVARIANCE), few, directional, few, directional], statement_alone))
    assert [row["failures"] for row in summary["behaviours"]] == [2, 2, 1, 1, 0]
    assert (summary["capabilities"], summary["cases"], summary["more_than_half"]) == (5, 13, 2)
    assert summary["failed"]["value"] == pytest.approx((1 / 2 + 0 + 2 / 3 + 1 / 2 + 2 / 3) / 5, abs=1e-6)
    assert 0 <= summary["failed"]["low"] < summary["failed"]["value"] < summary["failed"]["high"] <= 2 / 3 + 1e-6
    assert summary["wrong"]["value"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 1 / 2 + 2 / 3) / 5, abs=1e-6)
    assert json.loads(json.dumps(summary)) == summary


def test_the_interval_of_the_summary_is_over_capabilities() -> None:
    found = behave(CAPABILITIES, statement_alone)
    one = behaviours_summary(found[2:])
    assert (one["failed"]["low"], one["failed"]["high"]) == (None, None)
    # Capabilities that fail alike tell that others would, however few cases they have.
    alike = behaviours_summary([found[2]] * 5)["failed"]
    assert alike["low"] == alike["high"] == alike["value"]
    assert behaviours_summary(found, seed=1) == behaviours_summary(found, seed=1)
    narrow, wide = (behaviours_summary(found * 2, level=level)["failed"] for level in (0.5, 0.99))
    assert narrow["high"] < wide["high"]
    with pytest.raises(ValueError, match="no behaviours"):
        behaviours_summary([])


def test_the_summary_has_no_wrong_labels_where_no_stance_is_given() -> None:
    case = Case(Kind.INVARIANCE, ((STATEMENTS[SUPPORT], PLAIN), (STATEMENTS[SUPPORT], REWORDED)), None, made=False)
    assert behaviours_summary(behave([Capability("c", "t", Kind.INVARIANCE, (case,))], truth))["wrong"] is None
