"""Charts over two axes about confidence: the reliability diagram and the risk-coverage curve, as inline SVG."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from markupsafe import Markup

from stancekit.reports.scatter import LEFT, RIGHT, across, down, upright
from stancekit.reports.svg import Axis, Measure, box, decimal, dot, drawing, ring, spoken, stroke, upright_whisker, write

SHARES = Axis(0.0, 1.0)
HEIGHT = 240.0
# The strip under the diagram in which the number of pairs hangs.
STRIP = (HEIGHT + 8, 36.0)
# Steps between the four lines of an axis of risks, such that all have two decimals.
RISK_STEPS = (0.05, 0.1, 0.15, 0.2)
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Bin(NamedTuple):
    """The n answers whose confidence lies between low and high. confidence: their mean; NaN, as accuracy, where there are none."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Measure

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Bin":
        """One bin of metrics.json."""
        confidence = math.nan if row["confidence"] is None else float(row["confidence"])
        return cls(float(row["low"]), float(row["high"]), int(row["count"]), confidence, Measure.of(row["accuracy"]))

    @property
    def filled(self) -> bool:
        """Whether there is anything to draw."""
        return self.n > 0 and math.isfinite(self.confidence) and self.accuracy.known


class Held(NamedTuple):
    """A promise on the plane of risk and coverage. promised: precision. precision: reached; NaN where no answer was given."""

    promised: float
    precision: Measure
    coverage: Measure


def reliability_diagram(bins: Sequence[Bin], before: Sequence[Bin] = ()) -> Markup:
    """Share of right answers by confidence, with intervals, beside the diagonal; counts below. before: drawn as rings."""
    parts = upright(SHARES, HEIGHT)
    parts.append(write(f"{LEFT:g}%", 10, "share that was right", "small", "start", "var(--muted)"))
    for one in (one for one in bins if one.filled):
        parts.append(_bar(one))
    parts.append(stroke(across(0), across(1), down(0, SHARES, HEIGHT), down(1, SHARES, HEIGHT), "var(--muted)", 1.5))
    for one in (one for one in bins if one.filled):
        parts.append(_point(one))
    for one in (one for one in before if one.filled):
        told = f"before: confidence {decimal(one.confidence)}, right {spoken(one.accuracy)}, n = {one.n:,}"
        mark = ring(across(one.confidence), down(one.accuracy.value, SHARES, HEIGHT), 4, "var(--oppose)")
        parts.append(Markup("<g><title>{}</title>{}</g>").format(told, mark))
    parts.extend(_counts(bins))
    bottom = STRIP[0] + STRIP[1]
    parts.extend(_lower_axis(bottom, "confidence of the answer"))
    told = "; ".join(f"confidence {decimal(one.confidence)}: right {spoken(one.accuracy)}" for one in bins if one.filled)
    return drawing(bottom + 40, "Confidence against the share that was right", told or "no answers", parts)


def _bar(one: Bin) -> Markup:
    top = down(one.accuracy.value, SHARES, HEIGHT)
    return box(across(one.low) + 0.2, top, across(one.high) - across(one.low) - 0.4, HEIGHT - top, "var(--accent)", 0.28)


def _point(one: Bin) -> Markup:
    place, accuracy = across(one.confidence), one.accuracy
    told = f"confidence {decimal(one.low)} to {decimal(one.high)}: right {spoken(accuracy)}, n = {one.n:,}"
    line = Markup("")
    if accuracy.has_interval:
        ends = (down(accuracy.low, SHARES, HEIGHT), down(accuracy.high, SHARES, HEIGHT))
        line = upright_whisker(place, ends, "var(--accent)")
    mark = dot(place, down(accuracy.value, SHARES, HEIGHT), 4.5, "var(--accent)")
    return Markup("<g><title>{}</title>{}{}</g>").format(told, line, mark)


def _counts(bins: Sequence[Bin]) -> Iterator[Markup]:
    top, tall = STRIP
    most = max((one.n for one in bins), default=0)
    yield write("0", top + 14, "pairs", "tiny", "start", "var(--muted)")
    yield write("0", top + 30, f"≤ {most:,}", "tiny", "start", "var(--muted)")
    for one in (one for one in bins if one.n):
        width = across(one.high) - across(one.low) - 0.4
        bar = box(across(one.low) + 0.2, top, width, max(tall * one.n / most, 1.5), "var(--muted)", 0.7)
        yield Markup("<g><title>{}</title>{}</g>").format(f"{one.n:,} pairs", bar)


def _lower_axis(y: float, name: str) -> Iterator[Markup]:
    for tick in TICKS:
        anchor = "end" if tick == 1 else "middle"
        yield write(f"{across(tick):g}%", y + 15, decimal(tick), "small", anchor, "var(--muted)")
    yield write(f"{(LEFT + RIGHT) / 2:g}%", y + 34, name, "small", "middle", "var(--muted)")


def risk_coverage(curve: Sequence[tuple[float, float]], held: Held | None = None) -> Markup:
    """Share of wrong answers (risk) against the share of pairs answered (coverage), the surest first.

    curve: (coverage, risk), coverage rising. held: a promised precision, as a line, and what came of it, as a point.
    """
    axis = _risks(curve, held)
    parts = upright(axis, HEIGHT)
    parts.append(write(f"{LEFT:g}%", 10, "share that was wrong", "small", "start", "var(--muted)"))
    if held is not None:
        y = down(1 - held.promised, axis, HEIGHT)
        parts.append(stroke(across(0), across(1), y, y, "var(--oppose)", 1.5))
    for (start, high), (end, low) in pairwise(curve):
        parts.append(stroke(across(start), across(end), down(high, axis, HEIGHT), down(low, axis, HEIGHT), "var(--accent)", 2))
    if held is not None and held.precision.known and held.coverage.known:
        parts.append(_promise(held, axis))
    parts.extend(_lower_axis(HEIGHT, "share of pairs answered"))
    told = "; ".join(f"{coverage:.0%} answered: {risk:.1%} wrong" for coverage, risk in thinned(curve, 5))
    return drawing(HEIGHT + 40, "Wrong answers against the share of pairs answered", told, parts)


def _risks(curve: Sequence[tuple[float, float]], held: Held | None) -> Axis:
    risks = [0.0, *(risk for _, risk in curve)]
    if held is not None:
        reached = (held.precision.value, held.precision.low)
        risks += [1 - held.promised, *(1 - value for value in reached if math.isfinite(value))]
    return Axis(0.0, next((4 * step for step in RISK_STEPS if max(risks) <= 4 * step), 1.0))


def _promise(held: Held, axis: Axis) -> Markup:
    place, y = across(held.coverage.value), down(1 - held.precision.value, axis, HEIGHT)
    told = f"promised {held.promised:.0%} right; reached {spoken(held.precision)} on {held.coverage.value:.0%} of the pairs"
    lines = Markup("")
    if held.precision.has_interval:
        ends = (down(1 - held.precision.low, axis, HEIGHT), down(1 - held.precision.high, axis, HEIGHT))
        lines += upright_whisker(place, ends, "var(--oppose)")
    if held.coverage.has_interval:
        lines += stroke(across(held.coverage.low), across(held.coverage.high), y, y, "var(--oppose)", 2)
    return Markup("<g><title>{}</title>{}{}</g>").format(told, lines, dot(place, y, 6, "var(--oppose)"))


def thinned(curve: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` points at about equal distances, the last among them."""
    if len(curve) <= most:
        return list(curve)
    return [curve[round((step + 1) * len(curve) / most) - 1] for step in range(most)]
