"""Which line breaks inside a paragraph end a sentence: those around headlines and list items, not those of wrapped text."""

import re
from collections import Counter
from collections.abc import Iterator

_BREAK = re.compile(r"\r\n|\n|\r")
_SURE = re.compile(r"\s*(?:#{1,6}\s|[•▪◦‣●]\s*|>\s)")
# A wrapped line may begin with a dash or a number by chance; a list has such lines again and again or follows a colon.
_LIKELY = re.compile(r"\s*(?:(?P<mark>[-*+–—])\s+|(?P<count>\d{1,3}[.)])\s+|(?P<letter>[a-zA-Z][.)])\s+|(?P<round>\(\w{1,4}\))\s+)\S")
_HEADING = re.compile(r"\s*#{1,6}\s")
_OPENS = re.compile(r"""\s*["'“‘«(\[]*(?:[A-Z]|\d)""")
_GOES_ON = re.compile(r"(?:[,;&/—–-]|\b(?:a|an|and|at|by|for|from|in|of|on|or|the|to|with))\s*$", re.IGNORECASE)
# A headline leaves room in its line; a line that was wrapped is one that the next word would not have fit into.
_ROOM = 0.9


def cut_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of the paragraph between `start` and `end` that no sentence reaches across. Linear in its length."""
    edges = [start]
    edges.extend(gap.end() for gap in _BREAK.finditer(text, start, end))
    lines = [text[first:last] for first, last in zip(edges, [*edges[1:], end], strict=True)]
    width = max(len(line.rstrip()) for line in lines)
    marks = Counter(marker for line in lines if (marker := _marker(line)) is not None)
    first, leading, item = start, True, False
    for before, after, edge in zip(lines, lines[1:], edges[1:], strict=False):
        # A wrapped item is one until it ends.
        item = item or _SURE.match(before) is not None or marks[_marker(before) or ""] > 1
        alone = (leading or item) and _stands_alone(before, after, width if item else width * _ROOM)
        ends = alone or _begins_item(after, before, marks) or _HEADING.match(before) is not None
        leading, item = leading and ends, item and not ends
        if ends:
            yield first, edge
            first = edge
    yield first, end


def _marker(line: str) -> str | None:
    found = _LIKELY.match(line)
    if found is None:
        return None
    return found["mark"] or found.lastgroup


def _begins_item(line: str, before: str, marks: "Counter[str]") -> bool:
    if _SURE.match(line):
        return True
    marker = _marker(line)
    return marker is not None and (marks[marker] > 1 or before.rstrip().endswith(":"))


def _stands_alone(line: str, after: str, width: float) -> bool:
    """Whether a headline, a byline or a list item ends here. Headlines come first in their paragraph."""
    if not _OPENS.match(after) or _GOES_ON.search(line[-40:]):
        return False
    return len(line.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) <= width
