"""The tables of what recipes give say what the results say."""

import json
from pathlib import Path
from typing import Any

import pytest

import recipes_tables as tables


def results(sd: float | None = 0.012) -> dict[str, Any]:
    def arm(value: float) -> dict[str, Any]:
        def score(one: float) -> dict[str, Any]:
            return {"mean": one, "sd": sd}

        sides = {"f_avg": score(value + 0.1)}
        newsroom = {"all": {"macro_f1": score(value)}, "sides": sides, tables.RIVAL: {"f_avg": score(value + 0.2)}}
        return {"newsroom": newsroom, "argkp": {"all": {"macro_f1": score(value)}, "sides": sides}}

    def gained(value: float) -> dict[str, Any]:
        return {"value": value, "low": value - 0.02, "high": value + 0.02}

    newsroom = {"all": {"macro_f1": gained(0.05)}, "sides": {"f_avg": gained(0.03)}, tables.RIVAL: {"f_avg": gained(-0.01)}}
    return {
        "tests": {
            "newsroom": {"rows": 9, "classes": {"oppose": 3, "neutral": 3, "support": 3}},
            "argkp": {"rows": 6, "classes": {"oppose": 3, "neutral": 0, "support": 3}},
        },
        "over_seeds": {"stock": arm(0.4), "taught": arm(0.45)},
        "gains": {"taught": {"newsroom": newsroom, "argkp": {"sides": {"f_avg": {**gained(0.04), "low": None, "high": None}}}}},
        "training": [{"arm": "stock", "seed": seed, "validation": 0.6 + seed / 100} for seed in (1, 3)]
        + [{"arm": "taught", "seed": 1, "validation": 0.7}],
    }


def test_a_line_a_test_and_view() -> None:
    assert list(tables.tests_table(results())) == [
        "| test part | stock | taught | difference |",
        "| --- | --- | --- | --- |",
        "| newsroom, three stances | 0.400 ± 0.012 | 0.450 ± 0.012 | +5.0 [+3.0, +7.0] |",
        "| newsroom, sides | 0.500 ± 0.012 | 0.550 ± 0.012 | +3.0 [+1.0, +5.0] |",
        "| newsroom, sides of rival proposals | 0.600 ± 0.012 | 0.650 ± 0.012 | -1.0 [-3.0, +1.0] |",
        "| ArgKP, sides | 0.500 ± 0.012 | 0.550 ± 0.012 | +4.0 |",
    ]


def test_a_line_an_arm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(results(sd=None)), encoding="utf-8")
    tables.main(file, tables.By.ARMS)
    head, rule, stock, taught = capsys.readouterr().out.splitlines()
    assert head.count("|") == rule.count("|") == stock.count("|") == taught.count("|") == 7
    assert stock == "| stock | 0.620 | 0.400 | 0.500 | 0.600 | 0.500 |"
    assert taught == "| taught | 0.700 | +5.0 [+3.0, +7.0] | +3.0 [+1.0, +5.0] | -1.0 [-3.0, +1.0] | +4.0 |"
