"""The strokes that charts are drawn with: escaped SVG elements, numbers as text, labels broken into lines.

Widths are shares of the drawing (`%`), heights are pixels. So a chart fills its column on any screen while its text keeps
its size, and nothing has to be redrawn by a script.
"""

import math
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from markupsafe import Markup

LINE = 18
LABEL_COLUMNS = 32


class Measure(NamedTuple):
    """A value and its interval, as metrics.json writes it. Any of the three may be NaN: then it is not drawn."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, row: Mapping[str, float | None] | None) -> "Measure":
        """What metrics.json holds; null, in one place or for the whole, becomes NaN."""
        numbers = ((row or {}).get(key) for key in cls._fields)
        return cls(*(math.nan if number is None else float(number) for number in numbers))

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return math.isfinite(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the interval are there."""
        return math.isfinite(self.low) and math.isfinite(self.high)


class Axis(NamedTuple):
    """The values that the left and the right edge of a drawing stand for."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where `value` lies, in percent of the width; what lies outside is put on the edge."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def ticks(self, count: int = 5) -> list[float]:
        """`count` values at equal distances, both ends included."""
        return [self.low + (self.high - self.low) * step / (count - 1) for step in range(count)]


def decimal(value: float, digits: int = 2) -> str:
    """A number with a real minus sign, an en dash where there is none."""
    if not math.isfinite(value):
        return "–"
    written = f"{value:.{digits}f}"
    if float(written) == 0:
        written = written.removeprefix("-")
    return written.replace("-", "\N{MINUS SIGN}")


def sized(label: str, n: int) -> str:
    """`label` with the number of rows behind it, which is never broken over two lines."""
    return f"{label} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n:,})"


def spoken(measure: Measure) -> str:
    """A value with its interval in words, for labels that are read aloud."""
    if not measure.known:
        return "no value"
    interval = f" ({decimal(measure.low)} to {decimal(measure.high)})" if measure.has_interval else ""
    return decimal(measure.value) + interval


def drawing(height: float, title: str, summary: str, parts: Iterable[Markup]) -> Markup:
    """An image as wide as its column. title: shown on hover. summary: the numbers in words, read aloud with the title."""
    return Markup('<svg class="chart" role="img" aria-label="{}. {}" width="100%" height="{:g}"><title>{}</title>{}</svg>').format(
        title.rstrip("."), summary, height, title, Markup("").join(parts)
    )


def scaled_drawing(width: float, height: float, title: str, summary: str, parts: Iterable[Markup]) -> Markup:
    """An image that shrinks as a whole, for drawings whose cells must keep their shape."""
    return Markup('<svg class="chart scaled" role="img" aria-label="{}. {}" viewBox="0 0 {:g} {:g}"><title>{}</title>{}</svg>').format(
        title.rstrip("."), summary, width, height, title, Markup("").join(parts)
    )


def write(x: str, y: float, content: str, style: str = "", anchor: str = "start", fill: str = "var(--ink)") -> Markup:
    """A line of text. x: with its unit (`0`, `50%`). y: the baseline. style: class names of the page."""
    return Markup('<text x="{}" y="{:g}" class="{}" text-anchor="{}" fill="{}">{}</text>').format(x, y, style, anchor, fill, content)


def box(left: float, top: float, width: float, height: float, fill: str, opacity: float = 1.0) -> Markup:
    """A bar. left and width in percent, top and height in pixels."""
    return Markup('<rect x="{:g}%" y="{:g}" width="{:g}%" height="{:g}" fill="{}" fill-opacity="{:g}"/>').format(
        left, top, round(width, 2), height, fill, round(opacity, 3)
    )


def stroke(start: float, end: float, top: float, bottom: float, colour: str, width: float = 1.0) -> Markup:
    """A straight line. start and end in percent, top and bottom in pixels."""
    return Markup('<line x1="{:g}%" x2="{:g}%" y1="{:g}" y2="{:g}" stroke="{}" stroke-width="{:g}"/>').format(
        start, end, top, bottom, colour, width
    )


def dot(place: float, y: float, radius: float, colour: str) -> Markup:
    """A filled point with a rim in the colour of the ground, so that it stands off the line under it."""
    return Markup('<circle cx="{:g}%" cy="{:g}" r="{:g}" fill="{}" stroke="var(--card)" stroke-width="1.5"/>').format(
        place, y, radius, colour
    )


def ring(place: float, y: float, radius: float, colour: str) -> Markup:
    """An open point: a second kind beside `dot` that needs no colour to be told from it."""
    return Markup('<circle cx="{:g}%" cy="{:g}" r="{:g}" fill="var(--card)" stroke="{}" stroke-width="1.5"/>').format(
        place, y, radius, colour
    )


def whisker(measure: Measure, axis: Axis, y: float, colour: str, cap: float = 4.0) -> Markup:
    """The line from the low to the high end of an interval, with a small cap on both. Empty where there is no interval."""
    if not measure.has_interval:
        return Markup("")
    low, high = axis.place(measure.low), axis.place(measure.high)
    caps = Markup("").join(stroke(end, end, y - cap, y + cap, colour, 1.5) for end in (low, high))
    return stroke(low, high, y, y, colour, 2) + caps


def upright_whisker(place: float, ends: tuple[float, float], colour: str, cap: float = 0.9) -> Markup:
    """An interval that stands upright. place and cap in percent, ends in pixels."""
    caps = Markup("").join(stroke(place - cap, place + cap, end, end, colour, 1.5) for end in ends)
    return stroke(place, place, *ends, colour, 2) + caps


def gridlines(axis: Axis, top: float, bottom: float, reference: float | None = None) -> Markup:
    """Ticks over the whole height with their numbers underneath, and one stronger line at `reference`."""
    parts = []
    for tick in axis.ticks():
        place = axis.place(tick)
        anchor = "start" if place == 0 else "end" if place == 100 else "middle"
        parts.append(stroke(place, place, top, bottom, "var(--line)"))
        parts.append(write(f"{place:g}%", bottom + 15, decimal(tick), "small", anchor, "var(--muted)"))
    if reference is not None:
        place = axis.place(reference)
        parts.append(stroke(place, place, top, bottom, "var(--muted)", 1.5))
    return Markup("").join(parts)


def broken(label: str, columns: int = LABEL_COLUMNS, lines: int = 3) -> list[str]:
    """`label` in at most `lines` lines; what does not fit ends in an ellipsis. At least one line, which may be empty."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in label)
    # Chinese, Japanese and Korean characters take the room of two.
    room = max(8, columns * len(label) // (len(label) + wide)) if label else columns
    return textwrap.wrap(label, width=room, max_lines=lines, placeholder=" …") or [""]
