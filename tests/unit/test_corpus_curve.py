"""The tables and the drawing of what the corpus adds say what the results say."""

from pathlib import Path
from typing import Any

import corpus_curve as curve


def score(mean: float) -> dict[str, Any]:
    return {"mean": mean, "sd": 0.012}


def results() -> dict[str, Any]:
    def tests(value: float) -> dict[str, Any]:
        three = {"macro_f1": score(value), "f_avg": score(value / 2)}
        return {name: {"all": three, "sides": {"accuracy": score(0.5)}} for name in ("newsroom", "perspectrum")}

    gain = {"value": 0.1, "low": 0.05, "high": 0.15}
    gained = {"rows": 40, "macro_f1": gain, "f_avg": {**gain, "low": None}, "accuracy": gain}
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
    head, _, newsroom, perspectrum = curve.tests_table(results())
    assert head == "| test | without the corpus | with 100% of it |"
    assert newsroom == "| newsroom test, 3,027 pairs, macro-F1 | 0.400 ± 0.012 | +0.100 [+0.050, +0.150] |"
    assert perspectrum == "| PERSPECTRUM test, 2,770 pairs, F_avg | 0.200 ± 0.012 | +0.100 |"


def test_a_view_is_shown_in_three_classes_and_between_the_sides() -> None:
    *_, row = curve.views_table(results(), ["all"])
    assert row == (
        "| all | 40 | 0.400 ± 0.012 | 0.500 ± 0.012 | +0.100 [+0.050, +0.150] | 0.500 ± 0.012 | 0.500 ± 0.012 | +0.100 [+0.050, +0.150] |"
    )


def test_the_drawing_has_a_panel_a_test_and_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        curve.draw(results(), tmp_path / name)
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "newsroom test" in drawn
    assert "PERSPECTRUM test" in drawn
    assert drawn == (tmp_path / "b.svg").read_text(encoding="utf-8")
