"""The drawings of the data card, as SVG files that stand alone and have the same bytes every time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from stancekit.stance import STANCES, Stance

NAMES = 190
BARS = 460
COUNTS = 60
STEP = 26
TALL = 18
TOP = 62
# Colours that stay apart for colour-blind readers; the numbers in the bars say the same without colour.
COLOURS = {Stance.OPPOSE: "#b2543a", Stance.NEUTRAL: "#6f7580", Stance.SUPPORT: "#2f6f9f"}
# A narrower segment has no room for its number; the table has it.
NARROWEST_LABEL = 0.06


class ShareRow(NamedTuple):
    """A bar: its name and the counts of its stances, in the order of STANCES."""

    name: str
    counts: tuple[int, ...]


def share_figure(rows: Sequence[ShareRow], title: str) -> str:
    """The whole SVG file. The first row is set apart from the others: it is the sum."""
    width, height = NAMES + BARS + COUNTS, TOP + STEP * len(rows) + 14
    parts = [
        *_opening(width, height, title),
        *_legend(),
    ]
    for number, row in enumerate(rows):
        parts.extend(_bar(row, TOP + STEP * number + (6 if number else 0), "600" if number == 0 else "400"))
    return "\n".join([*parts, "</svg>", ""])


class IntervalRow(NamedTuple):
    """A point with its interval, in [0, 1], and the number of pairs behind it."""

    name: str
    value: float
    low: float | None
    high: float | None
    n: int


def interval_figure(rows: Sequence[IntervalRow], title: str) -> str:
    """An SVG drawing: a dot and its interval a row, on a scale from 50 to 100 percent, where agreement lies."""
    top = 48
    width, height = NAMES + BARS + COUNTS, top + STEP * len(rows) + 30
    parts = [*_opening(width, height, title), _text(width - 10, 42, "pairs", "end", "#5b616b")]
    for percent in range(50, 101, 10):
        x = _place(percent / 100)
        parts.append(f'<line x1="{x:g}" y1="{top}" x2="{x:g}" y2="{height - 26}" stroke="#e3e5e8"/>')
        parts.append(_text(x, height - 10, f"{percent}", "middle", "#5b616b"))
    for number, row in enumerate(rows):
        parts.extend(_point(row, top + STEP * number))
    return "\n".join([*parts, "</svg>", ""])


def _point(row: IntervalRow, y: float) -> Iterator[str]:
    middle, x = y + TALL / 2, _place(row.value)
    yield _text(NAMES - 10, y + 13, row.name, "end", "#1c1f24")
    if row.low is not None and row.high is not None:
        ends = (_place(row.low), _place(row.high))
        yield f'<line x1="{ends[0]:.1f}" y1="{middle:g}" x2="{ends[1]:.1f}" y2="{middle:g}" stroke="#2f6f9f" stroke-width="2"/>'
    yield f'<circle cx="{x:.1f}" cy="{middle:g}" r="4.5" fill="#2f6f9f"/>'
    yield _text(x, y + 3, f"{100 * row.value:.0f}", "middle", "#1c1f24")
    yield _text(NAMES + BARS + COUNTS - 10, y + 13, f"{row.n:,}", "end", "#5b616b")


def _place(share: float) -> float:
    return NAMES + BARS * max(share - 0.5, 0.0) * 2


def _opening(width: float, height: float, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(10, 22, title, "start", "#1c1f24", "600"),
    ]


def _legend() -> Iterator[str]:
    for number, stance in enumerate(STANCES):
        x = NAMES + 110 * number
        yield f'<rect x="{x}" y="37" width="12" height="12" fill="{COLOURS[stance]}"/>'
        yield _text(x + 18, 48, stance, "start", "#1c1f24")
    yield _text(NAMES + BARS + COUNTS - 10, 48, "pairs", "end", "#5b616b")


def _bar(row: ShareRow, y: float, weight: str) -> Iterator[str]:
    whole = sum(row.counts)
    yield _text(NAMES - 10, y + 13, row.name, "end", "#1c1f24", weight)
    x = float(NAMES)
    for stance, count in zip(STANCES, row.counts, strict=True):
        share = count / whole if whole else 0.0
        wide = BARS * share
        yield f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{TALL}" fill="{COLOURS[stance]}"/>'
        if share >= NARROWEST_LABEL:
            yield _text(round(x + wide / 2, 1), y + 13, f"{100 * share:.0f}", "middle", "#ffffff")
        x += wide
    yield _text(NAMES + BARS + COUNTS - 10, y + 13, f"{whole:,}", "end", "#5b616b")


def _text(x: float, y: float, content: str, anchor: str, fill: str, weight: str = "400") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}">{escape(content)}</text>'
