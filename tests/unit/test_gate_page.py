"""The page of a gate: every text is escaped, what is capped is told, marks stand where their numbers are."""

import io
import re

import pytest
from rich.console import Console

from gates import made_report
from pages import HOSTILE, Structure
from stancekit.config import FormLimits
from stancekit.console import gate_tables
from stancekit.reports.gate import FLIPS_SHOWN, KEPT_DRAWN, gate_page, movement_chart


def test_texts_are_escaped_wherever_they_stand() -> None:
    page = gate_page(*made_report(HOSTILE, noise=0.5))
    structure = Structure(page)
    assert structure.count("script") == 0
    assert "&lt;script&gt;" in page
    assert "987*789" in page
    assert structure.count("svg") == 1


@pytest.mark.parametrize(
    ("noise", "rows", "limits", "word"),
    [
        (0.0, 4000, FormLimits(flips=0.005), "✓ Within its limits<"),
        (0.0, 400, FormLimits(flips=0.005), "≈ Within its limits, on these rows"),
        (0.5, 400, FormLimits(flips=0.005), "✗ Written by force: it is over its limits"),
    ],
)
def test_the_word_on_top_is_the_gates(noise: float, rows: int, limits: FormLimits, word: str) -> None:
    report, moved = made_report(rows=rows, noise=noise, limits=limits)
    page = gate_page(report, moved)
    assert word in page
    assert f"got another answer ({100 * report['flips']['share']['value']:.2f} %" in page
    assert all(check["told"] in page for check in report["checks"])
    assert ('id="flips"' in page) == bool(report["flipped"])


def test_the_clearest_flips_are_shown_and_the_rest_is_told() -> None:
    report, moved = made_report(rows=1500, noise=1.0)
    assert (count := len(report["flipped"])) > FLIPS_SHOWN
    page = gate_page(report, moved)
    assert page.count('<small class="quiet">r') == FLIPS_SHOWN
    assert f"{count - FLIPS_SHOWN} more, of smaller margins, stand in gate.json" in page


def test_a_mark_stands_where_its_numbers_are() -> None:
    drawn = movement_chart([(0.1, 1e-8, False), (10.0, 10.0, True), (0.0, 0.0, False), (1e9, 1e9, False)])
    marks = re.findall(r'<circle cx="([\d.]+)%" cy="([\d.]+)" r="(\d)"', drawn)
    # 12 to 97 percent are a thousandth to ten logits; what lies outside stands on the edge.
    assert marks == [("54.5", "260", "3"), ("12", "260", "3"), ("97", "20", "3"), ("97", "20", "5")]
    assert "4 rows, of which 1 flipped" in drawn
    assert "the run&#39;s answer was 10 logits ahead, a logit moved by 10" in drawn


def test_marks_are_drawn_of_all_the_file() -> None:
    drawn = movement_chart([(1.0, 0.01, False)] * 1990 + [(9.0, 0.01, False)] * 10)
    assert 300 < drawn.count("<circle") <= KEPT_DRAWN
    assert '<circle cx="96.03%"' in drawn


def test_what_was_not_measured_is_said() -> None:
    page = gate_page(*made_report(timed=False))
    assert "were not measured (speed.turns = 0)" in page
    assert "Pairs a second" not in page
    assert "<td>torch cpu fp32</td>" in gate_page(*made_report())


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_terminal_shows_scores_costs_and_the_first_flips(noise: float) -> None:
    report, _ = made_report("[bold]wood[/bold] stoves", noise=noise)
    page = io.StringIO()
    Console(file=page, width=200).print(gate_tables(report))
    told = page.getvalue()
    assert ("OVER ITS LIMITS" in told) == (noise > 0)
    assert "412.5" in told
    assert report["checks"][0]["told"] in " ".join(told.split())
    assert told.count("[bold]wood[/bold] stoves, sentence") == (5 if noise else 0)
    assert (f"5 of {len(report['flipped'])}, the clearest first" in told) == (noise > 0)
    assert gate_tables({}) == "safetensors are the run's own: nothing to compare"
