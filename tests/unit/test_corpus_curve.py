"""The tables and the drawing of what the corpus adds say what the results say."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

import corpus_curve as curve


def score(mean: float) -> dict[str, Any]:
    return {"mean": mean, "sd": 0.012}


def results() -> dict[str, Any]:
    def tests(value: float) -> dict[str, Any]:
        three = {"macro_f1": score(value), "f_avg": score(value / 2)}
        return {name: {"all": three, "sides": {"accuracy": score(0.5)}} for name in ("newsroom", "perspectrum")}

    gain = {"value": 0.1, "low": 0.05, "high": 0.15, "by_seed": [0.08, 0.12]}
    gained = {"rows": 40, "units": 25, "macro_f1": gain, "f_avg": {**gain, "low": None}, "accuracy": gain}
    runs = [
        {
            "fraction": share,
            "seed": seed,
            "scores": {name: {"all": {"macro_f1": 0.4, "f_avg": 0.6}} for name in ("newsroom", "perspectrum")},
        }
        for share in (0.0, 1.0)
        for seed in (13, 14)
    ]
    return {
        "tests": {
            "newsroom": {"rows": 3027, "classes": {"oppose": 1, "neutral": 1, "support": 1}},
            "perspectrum": {"rows": 2770, "classes": {"oppose": 1, "neutral": 0, "support": 1}},
        },
        "over_seeds": {"0": tests(0.4), "1": tests(0.5)},
        "gains": {"1": {name: {"all": gained, "sides": gained} for name in ("newsroom", "perspectrum")}},
        "runs": runs,
    }


def test_a_set_without_neutrals_is_scored_between_its_sides() -> None:
    head, _, newsroom, sides, perspectrum, _ = curve.tests_table(results())
    assert head == "| test | without the corpus | with 100% of it |"
    assert newsroom == "| newsroom test, 3,027 pairs: macro-F1 | 0.400 ± 0.012 | +0.100 [+0.050, +0.150] (+0.080, +0.120) |"
    assert sides == "| newsroom test, the sides alone: accuracy | 0.500 ± 0.012 | +0.100 [+0.050, +0.150] (+0.080, +0.120) |"
    assert perspectrum == "| PERSPECTRUM test, 2,770 pairs: F_avg | 0.200 ± 0.012 | +0.100 (+0.080, +0.120) |"


def test_views_that_a_test_has_not_are_left_out_and_few_units_get_no_interval() -> None:
    of = results()
    of["gains"]["1"]["newsroom"]["sides"] = {**of["gains"]["1"]["newsroom"]["sides"], "rows": 30, "units": 19}
    *_, row = curve.views_table(of)
    assert row == (
        "| all, 40 (30 with a side) | 25 | 0.400 ± 0.012 | 0.500 ± 0.012 | +0.100 [+0.050, +0.150] (+0.080, +0.120) "
        "| 0.500 ± 0.012 | 0.500 ± 0.012 | +0.100 (+0.080, +0.120) |"
    )
    assert len(list(curve.views_table(of))) == 3


def test_results_without_a_comparison_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**results(), "gains": {}}), encoding="utf-8")
    with pytest.raises(typer.BadParameter, match="both 0 and another fraction"):
        curve.main(path)


def test_the_drawing_has_a_panel_a_test_and_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        curve.draw(results(), tmp_path / name)
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "newsroom test" in drawn
    assert "PERSPECTRUM test" in drawn
    assert drawn == (tmp_path / "b.svg").read_text(encoding="utf-8")
