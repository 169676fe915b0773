"""Where the main text of a page stands in its HTML, so that evidence can be shown in the page as it was saved.

Both are compared without white space, which the extraction sets anew: the text of the page with its tags left out and its entities read,
and the extraction line by line, each sought behind the one before. A line that the page holds otherwise is sought sentence by sentence.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from stancekit.news.sentences import cut_sentences
from stancekit.records import Article, Run

# What the extraction sets anew, drops, or never shows.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_SEEN = re.compile(rf"[^{_UNSEEN}]+")
_PIECE = re.compile(rf"&(?:#[0-9a-zA-Z]{{1,9}}|[a-zA-Z][0-9a-zA-Z]{{1,39}});?|[^&{_UNSEEN}]{{1,1000}}|&")
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9:-]{0,40}|[!?])")
_MARK = re.compile(r"=\s{0,9}([\"'])|>")
# Elements whose content is no text of the page.
_HIDDEN = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "title", "textarea", "iframe")}
# The extraction puts a dash before an item of a list.
_LINE = re.compile(r"^(?:- )?(\S.*)$", re.MULTILINE)
# A line that is not there costs a look at all of the page. On pages of news, of which the longest have some 100,000 characters of text,
# neither limit is met.
MOST_SEEN = 3_000_000
MOST_SOUGHT = 300_000_000
TRIES = 20


class _Seen(NamedTuple):
    """Text without white space. at: for each character its place in what it was taken from. ends: where those end that are entities."""

    text: str
    at: "array[int]"
    ends: dict[int, int]


def runs_of(page: str, text: str) -> tuple[Run, ...]:
    """The stretches of `text`, in order, that stand in the HTML of `page`. Linear in the length of both."""
    search = _Search(_seen_of(page))
    lines = [list(search.runs(text, *found.span(1))) for found in _LINE.finditer(text)]
    if len(lines) > 1 and lines[0] and lines[1] and lines[0][0][2] < lines[1][0][2]:
        # A headline may stand in menus too: the last one before the text is its own.
        lines[0] = search.last(text, lines[0], lines[1][0][2])
    return tuple(run for line in lines for run in line)


def source_span(article: Article, start: int, end: int) -> tuple[int, int] | None:
    """Where a stretch of an article's text stands in what was given: the page's HTML, else the same place. None where it cannot be told.

    Every letter and digit of it must have been found there, in the same order.
    """
    if article.runs is None:
        return start, end
    runs, text = article.runs, article.text
    first = begin = stop = None
    done = start
    for run in runs[max(0, bisect_right(runs, start, key=lambda one: one[0]) - 1) :]:
        if run[0] >= end:
            break
        if run[1] <= start:
            continue
        if _lettered(text[done : max(done, run[0])]):
            return None
        same = run[1] - run[0] == run[3] - run[2]
        begin = run[2] + max(0, start - run[0]) if same else run[2]
        if stop is not None and begin < stop:
            return None
        stop = run[3] - max(0, run[1] - end) if same else run[3]
        first = begin if first is None else first
        done = min(run[1], end)
    return None if first is None or stop is None or _lettered(text[done:end]) else (first, stop)


class _Search:
    """Finds lines in a page, each behind the one before; where it is not there, anywhere."""

    def __init__(self, page: _Seen) -> None:
        self._page, self._cursor, self._sought = page, 0, 0

    def runs(self, text: str, start: int, end: int) -> Iterator[Run]:
        """Of the line between `start` and `end`, or of its sentences."""
        place = self._place(_plain(text, start, end).text)
        if place is not None:
            yield from self._from(text, start, end, place)
            return
        for first, last in cut_sentences(text[start:end]):
            place = self._place(_plain(text, start + first, start + last).text)
            if place is not None:
                yield from self._from(text, start + first, start + last, place)

    def last(self, text: str, runs: list[Run], before: int) -> list[Run]:
        """The same line where it stands last before the place `before` of the page."""
        start, end = runs[0][0], runs[-1][1]
        words = _plain(text, start, end).text
        place = self._page.text.rfind(words, 0, bisect_left(self._page.at, before))
        return list(self._from(text, start, end, place)) if place >= 0 and self._whole(place, len(words)) else runs

    def _place(self, words: str) -> int | None:
        for low, high in ((self._cursor, len(self._page.text)), (0, min(self._cursor + len(words), len(self._page.text)))):
            for _ in range(TRIES):
                if not words or self._sought > MOST_SOUGHT:
                    return None
                place = self._page.text.find(words, low, high)
                self._sought += (place if place >= 0 else high) - low
                if place < 0:
                    break
                if self._whole(place, len(words)):
                    self._cursor = place + len(words)
                    return place
                low = place + 1
        return None

    def _whole(self, place: int, length: int) -> bool:
        """Whether no word is cut at either end: "No" stands not in "North"."""
        return not (self._joined(place) or self._joined(place + length))

    def _joined(self, edge: int) -> bool:
        text, at = self._page.text, self._page.at
        return 0 < edge < len(text) and at[edge] - at[edge - 1] == 1 and text[edge].isalnum() and text[edge - 1].isalnum()

    def _from(self, text: str, start: int, end: int, place: int) -> Iterator[Run]:
        at, ends = self._page.at, self._page.ends
        open_run: Run | None = None
        for number, here in enumerate(_plain(text, start, end).at, place):
            source, behind = at[number], ends.get(number)
            if open_run is not None and behind is None and source - here == open_run[2] - open_run[0]:
                open_run = (open_run[0], here + 1, open_run[2], source + 1)
                continue
            if open_run is not None:
                yield open_run
            open_run = (here, here + 1, source, source + 1 if behind is None else behind)
            if behind is not None:
                yield open_run
                open_run = None
        if open_run is not None:
            yield open_run


def _lettered(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _plain(text: str, start: int, end: int) -> _Seen:
    words, at = [], array("I")
    for found in _SEEN.finditer(text, start, end):
        words.append(found[0])
        at.extend(range(*found.span()))
    return _Seen("".join(words), at, {})


def _seen_of(page: str) -> _Seen:
    words, at, ends = list[str](), array("I"), dict[int, int]()
    for found in (found for stretch in _texts(page) for found in _PIECE.finditer(page, *stretch)):
        if len(at) > MOST_SEEN:
            break
        piece = found[0]
        meant = unescape(piece) if piece[0] == "&" else piece
        if meant == piece:
            words.append(piece)
            at.extend(range(*found.span()))
            continue
        words.append("".join(_SEEN.findall(meant)))
        for _ in words[-1]:
            ends[len(at)] = found.end()
            at.append(found.start())
    return _Seen("".join(words), at, ends)


def _texts(page: str) -> Iterator[tuple[int, int]]:
    """The stretches outside tags, comments and hidden elements."""
    position = 0
    while (opens := page.find("<", position)) >= 0:
        yield position, opens
        position = _behind(page, opens)
        if position == opens:
            position += 1
            yield opens, position
    yield position, len(page)


def _behind(page: str, opens: int) -> int:
    """The end of the tag, comment or hidden element that begins at `opens`; the same place where none does."""
    if page.startswith("<!--", opens):
        end = page.find("-->", opens + 2)
        return len(page) if end < 0 else end + 3
    tag = _TAG.match(page, opens)
    if tag is None:
        return opens
    end = _tag_end(page, tag.end())
    closing = _HIDDEN.get(tag[1].lower())
    if closing is None:
        return end
    found = closing.search(page, end)
    return len(page) if found is None else _tag_end(page, found.end())


def _tag_end(page: str, position: int) -> int:
    # A value in quotation marks may hold what ends a tag elsewhere. A mark that is never closed is met once at most.
    while (mark := _MARK.search(page, position)) is not None:
        if mark[1] is None:
            return mark.end()
        closed = page.find(mark[1], mark.end())
        position = mark.end() if closed < 0 else closed + 1
    return len(page)
