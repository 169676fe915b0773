"""The word on top of a page: good only where nothing speaks against the model and all was asked."""

from typing import Any

import pytest

from comparisons import made_comparison
from evaluations import agreement, calibration, measure, metrics, probes
from stancekit.reports.answers import Tone, answers
from stancekit.reports.summary import RELIABLE, Summary, better, summary

SOUND = {"accuracy": measure(0.9), "probes": probes()}


def summed(**changes: Any) -> Summary:
    made = metrics(**{**SOUND, "baselines": beaten(), **changes})
    return summary(made, answers(made))


def beaten(**leads: dict[str, float | None]) -> dict[str, Any]:
    made = metrics()["baselines"]
    return {name: {**row, "difference": leads.get(name, measure(0.2))} for name, row in made.items()}


def test_a_model_that_nothing_speaks_against_can_be_used() -> None:
    found = summed()
    assert (found.tone, found.word) == (Tone.GOOD, "Its answers can be used on texts like these")
    assert found.reasons == ["Of 100 answers 90 are right; always saying neutral would get 40.", "It is better than counting words."]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"probes": probes(warning=True)}, "not shown to read the proposal"),
        ({"baselines": beaten(tfidf_lr=measure(0.03))}, "not shown to be better than counting words"),
        ({"baselines": beaten(tfidf_lr={"value": 0.1, "low": None, "high": None})}, "not shown to be better than counting words"),
        ({"baselines": beaten(majority=measure(-0.1))}, "worse than always giving one stance"),
        ({"seen_in_training": {"proposal": 0, "statement": 3}}, "trained on texts or proposals that stand here"),
        ({"is_validation": True}, "calibrated on these rows"),
    ],
)
def test_one_thing_that_speaks_against_it_is_enough(changes: dict[str, Any], reason: str) -> None:
    found = summed(**changes)
    assert (found.tone, found.word) == (Tone.BAD, "Do not rely on it")
    assert reason in found.reasons[-1]


def test_what_it_beats_is_told_by_the_hardest_that_it_beats() -> None:
    assert "It is better than counting words." in summed(probes=probes(warning=True)).reasons
    assert "It is better than always giving one stance." in summed(baselines=beaten(tfidf_lr=measure(0.0))).reasons
    none = summed(baselines=beaten(majority=measure(0.0), tfidf_lr=measure(-0.1)))
    assert not any(reason.startswith("It is better") for reason in none.reasons)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"probes": None}, "Whether it reads the proposal was not asked."), ({"baselines": {}}, "Nothing was there to compare it with.")],
)
def test_what_was_not_asked_is_not_taken_for_good(changes: dict[str, Any], reason: str) -> None:
    found = summed(**changes)
    assert (found.tone, found.reasons[-1]) == (Tone.MIXED, reason)


@pytest.mark.parametrize(("accuracy", "tone"), [(RELIABLE + 0.05, Tone.GOOD), (RELIABLE + 0.03, Tone.MIXED), (0.55, Tone.MIXED)])
def test_even_the_low_end_must_be_mostly_right(accuracy: float, tone: Tone) -> None:
    assert summed(accuracy=measure(accuracy)).tone is tone


def test_a_bad_answer_below_leaves_no_good_word_above() -> None:
    wide = {**calibration(), "measures": {**calibration()["measures"], "ece": measure(0.3)}}
    found = summed(calibration=wide)
    assert (found.tone, found.word) == (Tone.MIXED, "Check every answer before you use it")


def test_rows_that_were_not_seen_speak_for_nobody_and_against_nobody() -> None:
    assert summed(seen_in_training={"proposal": 0, "statement": 0}) == summed(seen_in_training=None) == summed()


def test_readers_and_the_commonest_stance_stand_beside_the_share() -> None:
    classes = {"oppose": 2060, "neutral": 0, "support": 2060}
    found = summed(agreement=agreement(), classes=classes)
    assert found.reasons[0] == "Of 100 answers 90 are right; always saying oppose would get 50 and two readers agree on 80."


@pytest.mark.parametrize(
    ("value", "shown", "tone", "word"),
    [(0.1, True, Tone.GOOD, "Yes"), (0.01, False, Tone.MIXED, "Not shown"), (-0.1, True, Tone.BAD, "No, it is worse")],
)
def test_whether_a_model_is_better_is_what_the_interval_shows(value: float, shown: bool, tone: Tone, word: str) -> None:
    assert better({"change": measure(value), "shown": shown}, "So it is.") == (tone, word, ["So it is."])


def test_without_an_interval_it_cannot_be_told() -> None:
    assert better({"change": {"value": 0.1, "low": None, "high": None}, "shown": False}, "").word == "It cannot be told"


def test_the_word_of_a_comparison_goes_by_macro_f1() -> None:
    result, _ = made_comparison()
    assert better(result["overall"]["macro_f1"], result["verdict"]) == (Tone.GOOD, "Yes", [result["verdict"]])
