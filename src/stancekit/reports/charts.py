"""Charts as inline SVG: pure functions from plain numbers to a string. Colours are custom properties of the page."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from stancekit.reports.svg import (
    LINE,
    Axis,
    Measure,
    box,
    broken,
    decimal,
    dot,
    drawing,
    gridlines,
    scaled_drawing,
    spoken,
    stroke,
    whisker,
    write,
)
from stancekit.stance import STANCES, Stance

SHARES = Axis(0.0, 1.0)
# Colour is never the only sign of a stance: shape and word stand beside it.
SIGNS: Mapping[str, str] = {Stance.OPPOSE: "▼", Stance.NEUTRAL: "●", Stance.SUPPORT: "▲"}
# Below this share a segment has no room for its own number; the table beside the chart has it.
NARROWEST_LABEL = 0.12
# Text in ink stays readable on the strongest tint, in the light and in the dark palette.
STRONGEST_TINT = 0.45


class Bar(NamedTuple):
    """One bar. colour: name of a custom property without its dashes."""

    label: str
    measure: Measure
    colour: str = "accent"


class ForestRow(NamedTuple):
    """One line of a forest plot: a proposal, its value, and the number of rows behind it."""

    label: str
    measure: Measure
    n: int


def confusion_matrix(counts: Sequence[Sequence[int]], title: str = "Confusion matrix") -> Markup:
    """Gold labels down, predictions across, in the order of STANCES. Cells carry the count and its share of the row."""
    left, top, cell, tall = 76, 54, 90, 70
    parts = [write(f"{left + cell * 1.5:g}", 18, "the model says", "small", "middle", "var(--muted)")]
    sentences = []
    for column, stance in enumerate(STANCES):
        parts.append(write(f"{left + cell * (column + 0.5):g}", 42, stance, "label", "middle", f"var(--{stance})"))
    for row, gold in enumerate(STANCES):
        y, total = top + tall * row, sum(counts[row])
        parts.append(write(f"{left - 12}", y + tall / 2, gold, "label", "end", f"var(--{gold})"))
        parts.append(write(f"{left - 12}", y + tall / 2 + 16, f"n = {total:,}", "small", "end", "var(--muted)"))
        for column, predicted in enumerate(STANCES):
            share = counts[row][column] / total if total else 0.0
            parts.append(_cell(left + cell * column, y, (cell - 4, tall - 4), counts[row][column], share, row == column))
            sentences.append(f"{gold} read as {predicted}: {counts[row][column]} ({share:.0%})")
    return scaled_drawing(left + 3 * cell, top + 3 * tall, title, "; ".join(sentences), parts)


def _cell(x: float, y: float, size: tuple[float, float], count: int, share: float, right: bool) -> Markup:
    colour = "var(--accent)" if right else "var(--muted)"
    tint = Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="3" fill="{}" fill-opacity="{:g}"{}/>').format(
        x, y, *size, colour, round(0.05 + (STRONGEST_TINT - 0.05) * share, 3), Markup(' stroke="var(--accent)"') if right else ""
    )
    middle = f"{x + size[0] / 2:g}"
    return tint + write(middle, y + 31, f"{count:,}", "count", "middle") + write(middle, y + 51, f"{share:.0%} of row", "small", "middle")


def interval_bars(bars: Sequence[Bar], title: str, axis: Axis = SHARES, reference: float | None = None, lines: int = 2) -> Markup:
    """One bar a label, its value written at the right, its interval drawn over it. A bar starts at zero, or at the axis' low end.

    reference: a value to compare with. lines: most lines of a label.
    """
    parts: list[Markup] = []
    y = 0.0
    for bar in bars:
        colour = f"var(--{bar.colour})"
        for line in broken(bar.label, lines=lines):
            parts.append(write("0", y + 13, line, "label"))
            y += LINE
        parts.append(write("100%", y - LINE + 13, decimal(bar.measure.value), "value", "end"))
        parts.append(_track(bar.measure, axis, y + 2, colour))
        y += 30
    grid = gridlines(axis, 0, max(y - 6, 0), reference)
    summary = "; ".join(f"{bar.label} {spoken(bar.measure)}" for bar in bars)
    return drawing(y + 14, title, summary, [grid, *_halos(parts)])


def _track(measure: Measure, axis: Axis, y: float, colour: str) -> Markup:
    if not measure.known:
        return Markup("")
    zero, end = axis.place(0.0), axis.place(measure.value)
    bar = box(min(zero, end), y, abs(end - zero), 14, colour, 0.32)
    return bar + stroke(end, end, y, y + 14, colour, 3) + whisker(measure, axis, y + 7, colour)


def _halos(parts: Sequence[Markup]) -> list[Markup]:
    # Labels stand on the grid: a rim in the colour of the ground keeps its lines out of the letters.
    return [Markup('<g class="halo">'), *parts, Markup("</g>")]


def forest_plot(rows: Sequence[ForestRow], title: str, axis: Axis = SHARES, reference: float | None = None) -> Markup:
    """A point with its interval for every row, larger where more rows stand behind it. reference: a value to compare with."""
    parts: list[Markup] = []
    most = max((row.n for row in rows), default=1)
    y = 0.0
    for row in rows:
        parts.append(Markup("<g><title>{}: {}, n = {}</title>").format(row.label, spoken(row.measure), row.n))
        parts.append(write("100%", y + 13, f"{decimal(row.measure.value)} · n {row.n:,}", "tiny", "end", "var(--muted)"))
        for line in broken(row.label):
            parts.append(write("0", y + 13, line, "small"))
            y += LINE - 2
        parts.append(whisker(row.measure, axis, y + 8, "var(--accent)", cap=3))
        if row.measure.known:
            parts.append(dot(axis.place(row.measure.value), y + 8, 3.5 + 3 * (row.n / most) ** 0.5, "var(--accent)"))
        parts.append(Markup("</g>"))
        y += 26
    grid = gridlines(axis, 0, max(y - 4, 0), reference)
    summary = f"{len(rows)} rows; the table of the page holds the same numbers"
    return drawing(y + 16, title, summary, [grid, *_halos(parts)])


def class_shares(splits: Mapping[str, Mapping[str, int]], title: str = "Shares of the stances") -> Markup:
    """One full bar a split, cut into oppose, neutral and support."""
    parts: list[Markup] = []
    sentences = []
    y = 0.0
    for name, classes in splits.items():
        total = sum(classes.get(stance, 0) for stance in STANCES)
        parts.append(write("0", y + 13, name, "label"))
        parts.append(write("100%", y + 13, f"{total:,}", "value", "end"))
        parts.append(_segments(classes, total, y + LINE + 2))
        counted = ", ".join(f"{classes.get(stance, 0)} {stance}" for stance in STANCES)
        sentences.append(f"{name}: {counted}")
        y += 66
    return drawing(max(y - 14, LINE), title, "; ".join(sentences), parts)


def _segments(classes: Mapping[str, int], total: int, y: float) -> Markup:
    parts: list[Markup] = []
    start = 0.0
    for stance in STANCES:
        share = classes.get(stance, 0) / total if total else 0.0
        parts.append(box(round(100 * start, 2), y, 100 * share, 30, f"var(--{stance})"))
        if share >= NARROWEST_LABEL:
            middle = f"{100 * (start + share / 2):.2f}%"
            parts.append(write(middle, y + 20, f"{SIGNS[stance]} {share:.0%}", "value", "middle", "var(--on-solid)"))
        start += share
    return Markup("").join(parts)
