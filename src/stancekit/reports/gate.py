"""The page about an export: whether it passed its gate, how its answers moved, which ones flipped, and what it costs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from stancekit.reports.answers import Tone
from stancekit.reports.page import render
from stancekit.reports.summary import Summary
from stancekit.reports.svg import Axis, Measure, dot, drawing, ring, stroke, write

FLIPS_SHOWN = 200
# As many as an eye tells apart; all that flipped are drawn beside them.
KEPT_DRAWN = 400
# Logits, as powers of ten: what lies outside is drawn on the edge.
MARGINS, SHIFTS = Axis(-3, 1), Axis(-8, 1)
LEFT, RIGHT, TOP, HEIGHT = 12.0, 97.0, 20.0, 260.0
# Of the row's largest moves, one up and one down: a margin twice as large as both cannot be closed.
CLOSED_BY = 2
CONTENTS = (("limits", "Limits"), ("scores", "Scores"), ("moved", "How answers moved"), ("flips", "Labels that flipped"), ("cost", "Cost"))
COSTS = (
    ("load_seconds", "Load, s", 2),
    ("pairs_per_second", "Pairs a second", 0),
    ("p50_ms", "One pair, p50, ms", 1),
    ("p95_ms", "One pair, p95, ms", 1),
    ("peak_memory_mib", "Peak memory, MiB", 0),
)


def gate_page(report: Mapping[str, Any], moved: Sequence[tuple[float, float, bool]]) -> str:
    """One HTML page from the content of gate.json, of which it shows the 200 clearest flips.

    moved: for every row the run's margin, the largest move of a logit, and whether it flipped.
    """
    flips = report["flipped"]
    return render(
        "gate.html.j2",
        kicker="stancekit · export gate",
        title=f"Does the {report['form']} form answer as its run does?",
        contents=[(key, name) for key, name in CONTENTS if key != "flips" or flips],
        summary=_summary(report),
        report=report,
        scores=[
            ("Macro-F1", report["macro_f1"], Measure.of(report["macro_f1"]["change"])),
            ("Expected calibration error", report["ece"], Measure.of(report["ece"]["change"])),
        ],
        chart=movement_chart(moved),
        drawn=min(KEPT_DRAWN, sum(not flipped for *_, flipped in moved)),
        flips=flips[:FLIPS_SHOWN],
        more_flips=max(0, len(flips) - FLIPS_SHOWN),
        costs=COSTS,
    )


def movement_chart(moved: Sequence[tuple[float, float, bool]]) -> Markup:
    """A mark for every row: right, how far the run's answer was ahead; up, how far a logit moved. Left of the line a label can flip."""
    kept = [row for row in moved if not row[2]]
    step = max(1, math.ceil(len(kept) / KEPT_DRAWN))
    flips = [row for row in moved if row[2]][:FLIPS_SHOWN]
    parts = _axes()
    parts += [ring(_across(margin), _down(shift), 3, "var(--muted)") for margin, shift, _ in kept[::step]]
    for margin, shift, _ in flips:
        label = f"flipped: the run's answer was {margin:.3g} logits ahead, a logit moved by {shift:.3g}"
        parts.append(Markup("<g><title>{}</title>{}</g>").format(label, dot(_across(margin), _down(shift), 5, "var(--accent)")))
    summary = f"{len(moved)} rows, of which {len(moved) - len(kept)} flipped; the tables of the page hold the numbers"
    return drawing(HEIGHT + 40, "Margins of the run and moves of the logits", summary, parts)


def _axes() -> list[Markup]:
    parts = [write("0", 10, "move of a logit", "small", "start", "var(--muted)")]
    for power in range(int(SHIFTS.low), int(SHIFTS.high) + 1, 3):
        y = _down(10.0**power)
        parts += [stroke(LEFT - 1, 100, y, y, "var(--line)"), write("0", y + 4, _power(power), "small", "start", "var(--muted)")]
    for power in range(int(MARGINS.low), int(MARGINS.high) + 1, 2):
        x = _across(10.0**power)
        parts += [stroke(x, x, TOP, HEIGHT, "var(--line)"), write(f"{x:g}%", HEIGHT + 16, _power(power), "small", "middle", "var(--muted)")]
    parts.append(write(f"{RIGHT:g}%", HEIGHT + 34, "margin of the run's answer, in logits", "small", "end", "var(--muted)"))
    low, high = 10.0**MARGINS.low, 10.0**MARGINS.high
    return [*parts, stroke(_across(low), _across(high), _down(low / CLOSED_BY), _down(high / CLOSED_BY), "var(--ink)", 1.5)]


def _power(power: int) -> str:
    return f"{10.0**power:g}" if power > -4 else f"1e\N{MINUS SIGN}{-power}"


def _across(margin: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * MARGINS.place(_log(margin)) / 100, 2)


def _down(shift: float) -> float:
    return round(HEIGHT - (HEIGHT - TOP) * SHIFTS.place(_log(shift)) / 100, 2)


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else -math.inf


def _summary(report: Mapping[str, Any]) -> Summary:
    flips, rows = report["flips"], report["rows"]
    share = f"{100 * flips['share']['value']:.2f} %, by its interval up to {100 * flips['share']['high']:.2f} %"
    found = f"Of {rows:,} held rows {flips['count']:,} got another answer ({share})."
    if not report["passed"]:
        word = "Written by force: it is over its limits"
        return Summary(Tone.BAD, word, [found, *(f"{told[0].upper()}{told[1:]}." for told in report["broken"])])
    if report["doubts"]:
        return Summary(Tone.MIXED, "Within its limits, on these rows", [found, *report["doubts"]])
    return Summary(Tone.GOOD, "Within its limits", [found])
