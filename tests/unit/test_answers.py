from typing import Any

import pytest

from evaluations import STANCES, abstention, behaviours, bins, calibration, measure, probes, trusted
from stancekit.reports.answers import Answer, Tone, answers


def one(**metrics: Any) -> Answer:
    (found,) = answers(metrics)
    return found


def calibrated(value: float, half: float = 0.01, lead: float = 0.02) -> dict[str, Any]:
    return {**calibration(), "measures": {"ece": measure(value, half)}, "bins": bins(lead)}


def promised(value: float, half: float = 0.02) -> dict[str, Any]:
    reached = {"promised": 0.9, "rows": 100, "given": 50, "precision": measure(value, half), "coverage": measure(0.5)}
    return {**abstention(), "target": {"limits": {}, "reached": dict.fromkeys(("all", *STANCES), reached)}}


def test_every_answer_leads_to_the_section_of_its_key() -> None:
    assert [found.anchor for found in answers(trusted())] == ["probes", "calibration", "abstention", "behaviours"]
    assert answers({}) == answers(dict.fromkeys(trusted())) == []


@pytest.mark.parametrize(("warning", "word", "tone"), [(True, "Not shown", Tone.BAD), (False, "Yes", Tone.GOOD)])
def test_whether_it_reads_the_proposal_is_what_the_probes_say(warning: bool, word: str, tone: Tone) -> None:
    found = one(probes=probes(warning))
    assert (found.word, found.tone) == (word, tone)
    points = "1.4 points (\N{MINUS SIGN}0.6 to 3.4)" if warning else "19.8 points (16.8 to 22.8)"
    assert points in found.text


@pytest.mark.parametrize(
    ("value", "half", "word", "tone"),
    [
        (0.03, 0.01, "Yes", Tone.GOOD),
        (0.045, 0.02, "Roughly", Tone.MIXED),
        (0.1, 0.01, "Roughly", Tone.MIXED),
        (0.12, 0.1, "No", Tone.BAD),
    ],
)
def test_a_confidence_holds_where_even_the_high_end_of_the_gap_is_small(value: float, half: float, word: str, tone: Tone) -> None:
    found = one(calibration=calibrated(value, half))
    assert (found.word, found.tone) == (word, tone)


@pytest.mark.parametrize(("lead", "leaning"), [(0.05, "right, mostly too sure."), (-0.05, "right, mostly too modest."), (0.0, "right.")])
def test_the_direction_of_the_gap_is_told(lead: float, leaning: str) -> None:
    assert one(calibration=calibrated(0.06, lead=lead)).text.endswith(leaning)


def test_a_gap_without_an_interval_goes_by_its_value() -> None:
    values = {**calibrated(0.03), "measures": {"ece": {"value": 0.03, "low": None, "high": None}}, "bins": []}
    assert one(calibration=values).word == "Yes"


@pytest.mark.parametrize(("value", "word"), [(0.93, "Yes"), (0.91, "It seems so"), (0.89, "Almost"), (0.8, "No")])
def test_a_promise_is_kept_or_broken_only_where_its_interval_shows_that(value: float, word: str) -> None:
    found = one(abstention=promised(value))
    assert found.word == word
    assert (found.tone == Tone.GOOD) == (word == "Yes")
    assert "Promised 90% right" in found.text
    assert "on 50% of the pairs" in found.text


def test_a_promise_that_no_answer_reaches_is_told() -> None:
    reached = {"promised": 0.9, "rows": 100, "given": 0, "precision": None, "coverage": None}
    found = one(abstention={**abstention(), "target": {"limits": {}, "reached": {"all": reached}}})
    assert (found.word, found.tone) == ("There are none", Tone.BAD)


def test_a_promise_that_neutral_alone_keeps_is_told() -> None:
    found = promised(0.95)
    silent = {"promised": 0.9, "rows": 300, "given": 0, "precision": None, "coverage": None}
    reached = {**found["target"]["reached"], "oppose": silent, "support": silent}
    told = one(abstention={**found, "target": {**found["target"], "reached": reached}})
    assert (told.word, told.tone) == ("Neutral alone", Tone.MIXED)
    assert told.text.endswith("None of them says oppose or support.")


@pytest.mark.parametrize(("half", "tone"), [(0.1, Tone.GOOD), (0.25, Tone.MIXED)])
def test_without_a_promise_the_surer_half_is_held_against_all(half: float, tone: Tone) -> None:
    curve = [{"coverage": 0.1, "risk": 0.0}, {"coverage": 0.5, "risk": half}, {"coverage": 1.0, "risk": 0.3}]
    found = one(abstention={"curve": curve})
    assert found.tone is tone
    assert found.text == f"Of the surer 50% of its answers {half:.0%} are wrong, of all 30%."


def test_weaknesses_are_named_the_worst_first() -> None:
    found = one(behaviours=behaviours())
    assert found.word == "3 of 5 skills"
    assert found.text.index("opponent is quoted only to be answered” (73%") < found.text.index("swap and neutral stays” (34%")
    assert "A typing error" not in found.text


def test_rare_failures_are_no_weakness() -> None:
    found = one(behaviours={"behaviours": [{**row, "failures": row["n"] // 25} for row in behaviours()["behaviours"]]})
    assert (found.word, found.tone) == ("Little that was tested", Tone.GOOD)
