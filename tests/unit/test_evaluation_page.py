"""The page of an evaluation: what has a section, what is drawn, and what is said where a number is missing."""

import re
from typing import Any

import pytest

from evaluations import abstention, metrics, probes, proposal_row, slice_row, trusted
from pages import Structure
from stancekit.reports.evaluation import evaluation_page


def test_an_evaluation_without_baselines_proposals_or_errors_is_a_page() -> None:
    text = evaluation_page(metrics(per_proposal=[], baselines={}, errors=[], baselines_note="no training data at hand"))
    structure = Structure(text)
    assert "no training data at hand" in text
    assert not structure.count("section", id="proposals")
    assert not structure.count("section", id="errors")
    assert not structure.count("script")
    assert "script-src" not in text


def test_a_score_that_could_not_be_computed_is_a_dash() -> None:
    text = evaluation_page(metrics(mcc={"value": None, "low": None, "high": None}))
    assert not re.search(r"\bnan\b", text)
    assert "\N{EN DASH}" in text


def test_the_sixty_proposals_with_most_rows_are_drawn_and_all_are_listed() -> None:
    text = evaluation_page(metrics(per_proposal=[proposal_row(f"claim {number:03}", n=number + 1) for number in range(75)]))
    structure = Structure(text)
    assert structure.count("circle") == 60
    table = text[text.index("Scores of every proposal") :]
    assert all(f"claim {number:03}" in table for number in range(75))
    assert "claim 014:" not in text
    assert "claim 015:" in text


def evaluation_ids(**keys: Any) -> set[str | None]:
    structure = Structure(evaluation_page(metrics(**keys)))
    return {found.get("id") for name, found in structure.seen if name == "section"}


@pytest.mark.parametrize("key", trusted())
def test_a_key_on_trust_that_is_absent_or_null_has_no_section(key: str) -> None:
    others = {name: value for name, value in trusted().items() if name != key}
    assert set(trusted()) <= evaluation_ids(**trusted())
    assert evaluation_ids(**others) == evaluation_ids(**others, **{key: None}) == evaluation_ids(**trusted()) - {key}
    assert not set(trusted()) & evaluation_ids()


def test_the_sections_on_trust_hold_their_numbers() -> None:
    text = re.sub(r"\s+", " ", evaluation_page(metrics(**trusted())))
    wanted = {
        "probes": ["0.414", "0.347", "0.563", "51%", "1,871", "+0.198", "+0.168 to +0.228"],
        "calibration": ["temperature 1.41", "901 validation pairs", "changed no answer", "0.031", "0.087", "0.021 to 0.041", "400"],
        "abstention": ["0.143", "0.061", "2,143 of 4,120", "0.87 to 0.91", "never given", "0.71", "902 validation pairs", "33.0%"],
        "conformal": ["0.911", "1.73", "1.69 to 1.77", "41%", "0.884", "903 validation pairs", "one limit a stance"],
        "slices": ["letters to the editor (no neutral)", "0.587", "0.553", "211"],
        "behaviours": ["44 of 60", "0.34", "must turn its answer around", "93%", "96 of 420 cases"],
    }
    for key, numbers in wanted.items():
        section = text[text.index(f'<section id="{key}">') :]
        assert [number for number in numbers if number not in section[: section.index("</section>")]] == [], key


def test_bands_keep_their_order_and_other_parts_stand_by_size() -> None:
    rows = [slice_row("b", 20), slice_row("a", 20), slice_row("c", 30)]
    text = evaluation_page(metrics(slices=[{"by": "length", "rows": rows}, {"by": "tag", "rows": rows}]))
    length, tag = (text[text.index(f"Scores by {name}") :] for name in ("statement length", "tag"))
    assert [re.findall(r'<th scope="row" class="narrow" dir="auto">(\w)<', part)[:3] for part in (length, tag)] == [
        list("abc"),
        list("cab"),
    ]


@pytest.mark.parametrize("warning", [True, False])
def test_the_verdict_stands_before_all_else_and_is_red_where_the_probes_warn(warning: bool) -> None:
    text = evaluation_page(metrics(probes=probes(warning), baselines={}))
    assert ('class="verdict bad"' in text) == warning
    assert text.index("</h1>") < text.index('class="verdict ') < text.index('class="answers"') < text.index("<main")


def test_a_model_that_was_not_calibrated_is_drawn_without_a_before() -> None:
    bare = {**trusted()["calibration"], "fit": None, "before": None, "bins_before": None}
    text = evaluation_page(metrics(calibration=bare))
    assert "nothing was calibrated" in text
    assert "Before" not in text
    assert "Rings" not in text


def test_a_promise_is_drawn_only_where_one_was_made() -> None:
    without = evaluation_page(metrics(abstention={**abstention(), "target": None}))
    assert "promised" not in without
    assert "Promised and reached" in evaluation_page(metrics(abstention=abstention()))


def test_a_probe_that_could_not_be_run_has_no_row() -> None:
    text = evaluation_page(metrics(probes={**probes(), "replaced": None}))
    assert "Another proposal" not in text
    assert "Proposal hidden" in text
