"""Who spoke when: for each proposal a row of bars, support up and oppose down, drawn to one scale over all proposals."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from stancekit.records import ArticleFacts
from stancekit.reports.page import counted
from stancekit.reports.periods import coarse_enough, filled, written
from stancekit.reports.svg import drawing, stroke, write
from stancekit.tallies import MIXED, Grain, Tally, day_of, key_of

HEIGHT = 96.0
# One voice alone should not fill the drawing.
TALLEST_VOICE = 13.0
STRIP = 9.0
GAP = 7.0


class Scale(NamedTuple):
    """What all charts of a page share. unit: pixels a voice. above: pixels over the middle line. articles: most in one period."""

    periods: Sequence[str]
    grain: Grain
    unit: float
    above: float
    below: float
    articles: int

    def place_of(self, day: str | None) -> int:
        """Which period a date lies in, -1 for none."""
        found = day_of(day)
        key = key_of(found, self.grain) if found else ""
        return self.periods.index(key) if key in self.periods else -1


def scale_of(tallies: Sequence[Tally], facts: Sequence[ArticleFacts]) -> Scale | None:
    """The scale for all proposals, None where there are not two periods to compare."""
    grain = coarse_enough([day for one in facts if (day := day_of(one.date))])
    bars = [one for one in tallies if one.by == grain]
    periods = filled({one.key for one in bars}, grain)
    if len(periods) < 2:
        return None
    counts = [heights(one.voices) for one in bars]
    above = max(support + across / 2 for _, across, support in counts)
    below = max(oppose + across / 2 for oppose, across, _ in counts)
    unit = min(TALLEST_VOICE, HEIGHT / max(above + below, 1))
    return Scale(periods, grain, round(unit, 3), above * unit, below * unit, max(one.articles for one in bars))


def timeline(proposal: str, tallies: Sequence[Tally], scale: Scale, place: int) -> Markup:
    """The bars of one proposal. tallies: its periods. place: its column, by which a script finds the chart and redraws the bars.

    A voice that keeps out or stands on both sides lies across the middle line, half above and half below.
    """
    by_period = {one.key: one for one in tallies}
    width = round(100 / len(scale.periods), 3)
    middle = scale.above + 2
    strip = middle + scale.below + GAP
    parts = [stroke(0, 100, middle, middle, "var(--muted)")]
    for number, period in enumerate(scale.periods):
        if period in by_period:
            parts.append(_bar(by_period[period], number, width, scale, (middle, strip)))
    parts.extend(_labels(scale, strip + STRIP + 15))
    told = "; ".join(_told(one, scale.grain) for one in tallies)
    head = Markup('<div class="time" data-place="{}" data-unit="{}" data-middle="{:g}">').format(place, scale.unit, middle)
    return head + drawing(strip + STRIP + 19, f"By {scale.grain}: {proposal}", told, parts) + Markup("</div>")


def heights(voices: Mapping[str, int]) -> tuple[int, int, int]:
    """How many voices stand below the middle line, across it and above it."""
    return voices.get("oppose", 0), voices.get("neutral", 0) + voices.get(MIXED, 0), voices.get("support", 0)


def _bar(one: Tally, number: int, width: float, scale: Scale, levels: tuple[float, float]) -> Markup:
    middle, strip = levels
    oppose, across, support = (count * scale.unit for count in heights(one.voices))
    left, wide = number * width + width * 0.12, width * 0.76
    drawn = (
        ("support", middle - across / 2 - support, support),
        ("neutral", middle - across / 2, across),
        ("oppose", middle + across / 2, oppose),
    )
    parts = [_box(name, (left, top), (wide, tall)) for name, top, tall in drawn]
    share = STRIP * one.articles / max(scale.articles, 1)
    parts.append(_box("articles", (left, strip + STRIP - share), (wide, share)))
    return Markup('<g data-period="{}"><title>{}</title>{}</g>').format(number, _told(one, scale.grain), Markup("").join(parts))


def _box(style: str, corner: tuple[float, float], size: tuple[float, float]) -> Markup:
    return Markup('<rect class="{}" x="{:.2f}%" y="{:.2f}" width="{:.2f}%" height="{:.2f}"/>').format(style, *corner, *size)


def _labels(scale: Scale, y: float) -> list[Markup]:
    first, last = scale.periods[0], scale.periods[-1]
    ends = [write("0", y, written(first, scale.grain, year=True), "tiny", "start", "var(--muted)")]
    return [*ends, write("100%", y, written(last, scale.grain, year=True), "tiny", "end", "var(--muted)")]


def _told(one: Tally, grain: Grain) -> str:
    when = written(one.key, grain, year=True)
    sides = ", ".join(f"{one.voices.get(name, 0)} {name}" for name in ("support", "oppose", "neutral", MIXED) if one.voices.get(name, 0))
    return f"{'week of ' if grain == 'week' else ''}{when}: {sides or 'no voice'}, in {counted(one.articles, 'article')}"
