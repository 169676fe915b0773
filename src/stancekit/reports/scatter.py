"""Points over two axes as inline SVG: one a trial, filled where it came to its end, open where it was given up."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from stancekit.reports.svg import Axis, broken, decimal, dot, drawing, ring, stroke, write

# The left edge holds the numbers of the upright axis.
LEFT, RIGHT = 13.0, 97.0
TOP = 16.0
# Room for the numbers of the lower axis, and for a line of words under them.
BELOW = 22.0

# Ticks of these have two decimals.
STEPS = (*(hundredths / 100 for hundredths in range(1, 11)), 0.25)


class Point(NamedTuple):
    """One mark. x: share of the width, from 0 to 1. y: its value. stands_out: drawn larger, such as the best of all."""

    x: float
    y: float
    label: str
    filled: bool = True
    stands_out: bool = False


class Tick(NamedTuple):
    """A place on the lower axis, from 0 to 1, and what is written under it."""

    x: float
    label: str


def around(values: Sequence[float]) -> Axis:
    """The narrowest axis over all values, between 0 and 1, of four round steps."""
    for step in STEPS:
        low = math.floor(min(values, default=0.0) / step + 1e-9) * step
        if max(values, default=1.0) <= low + 4 * step + 1e-9:
            low = min(low, 1 - 4 * step)
            return Axis(round(low, 2), round(low + 4 * step, 2))
    return Axis(0.0, 1.0)


def scatter(points: Sequence[Point], title: str, axis: Axis, ticks: Sequence[Tick], height: float = 200, leading: bool = False) -> Markup:
    """A drawing of `points`. axis: of their values. leading: a line along the highest filled value so far, from left to right."""
    parts = upright(axis, height)
    for tick in ticks:
        place, room = across(tick.x), max(8, 44 // max(len(ticks), 1))
        anchor = "start" if tick.x == 0 and len(ticks) > 1 else "end" if tick.x == 1 and len(ticks) > 1 else "middle"
        parts.append(write(f"{place:g}%", height + 16, broken(tick.label, room, 1)[0], "small", anchor, "var(--muted)"))
    if leading:
        parts.extend(_leading_line(points, axis, height))
    # The one that stands out lies on top of the others.
    for point in sorted(points, key=lambda point: (point.stands_out, point.filled)):
        parts.append(_mark(point, axis, height))
    filled = sum(point.filled for point in points)
    summary = f"points: {filled} filled, {len(points) - filled} open; the table of the page holds the same numbers"
    return drawing(height + BELOW, title, summary, parts)


def upright(axis: Axis, height: float) -> list[Markup]:
    """The lines of the upright axis with their numbers at the left."""
    parts = []
    for tick in axis.ticks(3 if height < 180 else 5):
        y = down(tick, axis, height)
        parts.append(stroke(LEFT - 3, 100, y, y, "var(--line)"))
        parts.append(write("0", y + 4, decimal(tick), "small", "start", "var(--muted)"))
    return parts


def _mark(point: Point, axis: Axis, height: float) -> Markup:
    place, y = across(point.x), down(point.y, axis, height)
    drawn = dot(place, y, 7 if point.stands_out else 5, "var(--accent)") if point.filled else ring(place, y, 4, "var(--muted)")
    return Markup("<g><title>{}</title>{}</g>").format(point.label, drawn)


def _leading_line(points: Sequence[Point], axis: Axis, height: float) -> list[Markup]:
    parts: list[Markup] = []
    before: tuple[float, float] | None = None
    for point in (one for one in points if one.filled):
        place, y = across(point.x), down(point.y, axis, height)
        if before is not None:
            best = min(before[1], y)
            parts.append(stroke(before[0], place, before[1], before[1], "var(--accent)", 1.5))
            parts.append(stroke(place, place, before[1], best, "var(--accent)", 1.5))
            y = best
        before = (place, y)
    return parts


def across(share: float) -> float:
    """Where a share of the width lies right of the numbers, in percent of the whole drawing."""
    return round(LEFT + (RIGHT - LEFT) * share, 2)


def down(value: float, axis: Axis, height: float) -> float:
    """How far below the upper edge a value lies, in pixels; what lies outside of the axis is put on its end."""
    return round(height - (height - TOP) * axis.place(value) / 100, 2)
