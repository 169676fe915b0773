"""The cases of benchmarks/cues.py and the positions of benchmarks/cue_positions.py: voices as reading finds them, judged by the labels."""

import importlib.util
from typing import Any

import numpy as np
import pytest

from cue_cases import newsroom_cases
from cue_positions import counted, held_out, held_sides, leads, neutral_of, rates, sides_of
from stancekit.data.corpus import LabelledArticle
from stancekit.news.combining import Evidence
from stancekit.records import Opinion
from stancekit.stance import Stance

TOLL, TUNNEL = "Drivers should pay a toll on the harbour bridge.", "A tunnel should be dug under Mount Ossel."


def label(proposal: str, stance: str, holder: str, text: str, tags: list[str]) -> dict[str, Any]:
    start = text.index(holder)
    span = [start, start + len(holder)]
    name = holder.lower().replace(" ", "-")
    return {"proposal": proposal, "stance": stance, "holder": holder, "holder_id": name, "span": span, "voice": "cited", "tags": tags}


def article() -> LabelledArticle:
    first, second = "Ada Varga rejects the toll on the harbour bridge.", "Heavy rain kept Bo Lind at home."
    sentences = [
        {
            "text": first,
            "labels": [
                label("toll", "oppose", "Ada Varga", first, ["explicit", "reported"]),
                label("tunnel", "neutral", "Ada Varga", first, ["off-topic", "reported"]),
            ],
        },
        {
            "text": second,
            "labels": [
                label("toll", "neutral", "Bo Lind", second, ["hedge", "reported"]),
                label("tunnel", "neutral", "Bo Lind", second, ["off-topic", "reported"]),
            ],
        },
    ]
    return LabelledArticle.model_validate(
        {
            "id": "toll-vote",
            "genre": "report",
            "field": "transport",
            "outlet": "The Ossel Post",
            "date": "2031-05-02",
            "title": "Council votes on the bridge toll",
            "proposals": [{"id": "toll", "text": TOLL}, {"id": "tunnel", "text": TUNNEL}],
            "sentences": sentences,
        }
    )


@pytest.mark.skipif(importlib.util.find_spec("spacy") is None, reason="spaCy is not installed")
def test_a_case_has_what_reading_found_of_its_voice() -> None:
    cases = {(case.holder, case.proposal): case for case in newsroom_cases([article()])}
    assert len(cases) == 4
    found = cases["ada-varga", TOLL]
    assert (found.voice.cue is not None, found.own, found.voice.sign, found.gold) == (
        True,
        "the toll on the harbour bridge",
        -1,
        Stance.OPPOSE,
    )
    assert found.behind == 0 < cases["ada-varga", TUNNEL].behind
    assert found.near > cases["ada-varga", TUNNEL].near


@pytest.mark.skipif(importlib.util.find_spec("spacy") is None, reason="spaCy is not installed")
def test_a_voice_that_the_rules_do_not_find_has_no_cue() -> None:
    assert [case.voice for case in newsroom_cases([article()]) if case.holder == "bo-lind"] == [Evidence(True), Evidence(True)]


def opinion(name: str, stance: Stance, proposal: str = TOLL, confidence: float = 0.6) -> Opinion:
    return Opinion(
        article="toll-vote",
        holder=name,
        holder_id=name.lower().replace(" ", "-"),
        proposal_id="p",
        proposal=proposal,
        stance=stance,
        confidence=confidence,
        sentence="S.",
        start=0,
        end=2,
        rule="speech-verb",
        voice="cited",
        holder_confidence=1.0,
        cue=None,
        probabilities={},
    )


def test_positions_are_right_by_holder_proposal_and_side() -> None:
    given = [
        opinion("Varga", Stance.OPPOSE),
        opinion("Varga", Stance.SUPPORT, confidence=0.5),
        opinion("Bo Lind", Stance.SUPPORT),
        opinion("Ada Varga", Stance.OPPOSE, TUNNEL),
    ]
    labelled = article()
    assert counted([(labelled, given)], sides_of, held_sides).tolist() == [[3, 1, 1, 1]]
    assert counted([(labelled, [opinion("Bo Lind", Stance.NEUTRAL)])], neutral_of, held_out).tolist() == [[1, 1, 1, 1]]
    assert counted([(labelled, [opinion("Ada Varga", Stance.NEUTRAL)])], neutral_of, held_out).tolist() == [[1, 0, 1, 0]]


def test_a_lead_is_over_other_code_on_the_same_articles() -> None:
    better = np.array([[2.0, 2, 2, 2], [2, 1, 2, 1]] * 10)
    worse = np.array([[4.0, 1, 2, 1], [4, 1, 2, 1]] * 10)
    assert (rates(better)["precision"]["value"], rates(better)["recall"]["value"]) == (0.75, 0.75)
    assert leads(better, worse)["precision"]["value"] == 0.5
    assert leads(better, better)["f1"] == {"value": 0, "low": 0, "high": 0}


def test_of_two_sides_of_a_holder_the_one_with_most_confidence_stands() -> None:
    given = [opinion("Varga", Stance.OPPOSE, confidence=0.7), *[opinion("Varga", Stance.SUPPORT, confidence=0.4)] * 2]
    assert list(sides_of(given).values()) == ["support"]
