"""The drawing of the data card: one stacked bar a row, as an SVG file that stands alone and has the same bytes every time."""

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
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(10, 22, title, "start", "#1c1f24", "600"),
        *_legend(),
    ]
    for number, row in enumerate(rows):
        parts.extend(_bar(row, TOP + STEP * number + (6 if number else 0), "600" if number == 0 else "400"))
    return "\n".join([*parts, "</svg>", ""])


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
