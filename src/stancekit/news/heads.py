"""The head of an article: its title, and the day and outlet that stand in its first lines."""

import re
from contextlib import suppress
from datetime import date, datetime
from itertools import dropwhile
from typing import NamedTuple

from stancekit.records import Article, bare_title

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_MONTH = "|".join((*MONTHS, *(name[:3] for name in MONTHS), "sept"))
_DAY = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{_MONTH})\.?,? (?P<y1>\d{{4}})"
    rf"|(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2}))\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b,?", re.IGNORECASE)
_STAMP = re.compile(r"(?:\b(?:last )?(?:updated|published|posted|modified)\b:?|\b\d{1,2}[:.]\d{2}\b(?: ?[ap]\.?m\.?)?)", re.IGNORECASE)
_BYLINE = re.compile(r"(?:by|interview:|words:|text:)\s", re.IGNORECASE)
# "PORT SARVA, 11 November 2033 (Contour News) - Plans ...": a dateline with a day and an agency in it.
_DATELINE = re.compile(r"[^a-z]{3,60}[^()\n]{0,40}\(([^()\n]{2,40})\)\s*[-–—]")
# "Halmstrand, 3 September 2031 - The guild welcomed ...": one with the day alone.
_PLACED = re.compile(rf"[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+){{0,3}},? (?i:{_DAY.pattern}):? ?[-–—]\s")
_MARKS = " *_#>|\t\r\n-–—,.;:"
# A line of the head is short; a sentence with a day in it is none. Beside the day it has names of an outlet, a place, a writer.
LONGEST, WORDS = 120, 12
LINES = 6
LABEL_WORDS = 3
LONGEST_TITLE = 300
# All of the head lies in so many characters.
HEAD = 20_000
NAME_WORDS = 6
# The first newspapers are of 1605.
YEARS = range(1605, 3000)


class Head(NamedTuple):
    """What the first lines tell."""

    title: str | None
    date: str | None
    outlet: str | None


def head_of(article: Article) -> Head:
    """Title, ISO day and outlet: those that are known already, else what the first lines say.

    A title is a first line that a blank line follows and that ends in no full stop; one of few capitals alone ("OPINION") is a label, and
    the next is the title. The outlet is what else stands in the line of the day, or in the lines around it.
    """
    top = article.text[:HEAD].lstrip("\ufeff \t\r\n")
    title, day, outlet = article.title or _title(top), article.date, article.outlet
    lines = [line for line in top.splitlines() if line.strip()][: LINES + 1]
    for number, line in enumerate(lines if day is None or outlet is None else ()):
        found = _DAY.search(line)
        if found is None:
            continue
        agency = _DATELINE.match(line)
        if _PLACED.match(line) is not None:
            day = day or day_of(found[0])
            break
        if not head_line(line) and (agency is None or found.start() > agency.end()):
            continue
        near = [line, *(one for one in (*lines[number - 1 : number], *lines[number + 1 : number + 2]) if not _is_title(one, title))]
        outlet = outlet or (agency[1].strip() if agency else next(filter(None, map(_outlet, near)), None))
        day = day or day_of(found[0])
        break
    return Head(title, day, outlet)


def head_line(line: str) -> bool:
    """Whether a line of the head tells a day and hardly more, so that it is none of the article's sentences."""
    bare = line.strip(" *_#>|\t")
    if _DAY.search(line) is None or len(bare) > LONGEST or bare.endswith((".", "?", "!", "”", '"')):
        return False
    return len(_DAY.sub("", bare).split()) <= WORDS


def day_of(text: str | None) -> str | None:
    """The ISO day in a text that is a date, None where there is none that can be read, or none on which there were news.

    Tables write 0001-01-01 or 9999-12-31 where no date is known.
    """
    day = _written_day(text.strip()) if text else None
    return day.isoformat() if day is not None and day.year in YEARS else None


def _written_day(text: str) -> date | None:
    numbers = _NUMBERS.fullmatch(text)
    if numbers is not None:
        return _one_way(*map(int, numbers.groups()))
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    except ValueError:
        found = _DAY.search(text)
    if found is None:
        return None
    number = next(at for at in ("1", "2", "3") if found[f"y{at}"])
    month = found[f"m{number}"].lower()
    named = next((at for at, name in enumerate(MONTHS, 1) if name.startswith(month[:3])), None)
    try:
        return date(int(found[f"y{number}"]), named or int(month), int(found[f"d{number}"]))
    except ValueError:
        return None


def _one_way(first: int, second: int, year: int) -> date | None:
    """The day of 31/12/2030 or 12/31/2030; none of 3/4/2030, which is another in America than elsewhere."""
    days = set()
    for month, day in ((second, first), (first, second)):
        with suppress(ValueError):
            days.add(date(year, month, day))
    return days.pop() if len(days) == 1 else None


def _outlet(line: str) -> str | None:
    """The name of an outlet in a line of the head: what is left beside day, weekday, label and writer."""
    inside = re.search(r"\(([^()]+)\)", line)
    if inside is not None:
        return inside[1].strip()
    for part in re.split(r"[|·•,]", _DAY.sub("|", _WEEKDAY.sub("|", _STAMP.sub("|", line)))):
        name = part.strip(_MARKS)
        capital = name[:1].isupper() and not name.isupper()
        if capital and len(name.split()) <= NAME_WORDS and not _BYLINE.match(name) and not any(mark.isdigit() for mark in name):
            return name
    return None


def _is_title(line: str, title: str | None) -> bool:
    return title is not None and bare_title(line) == title.strip()


def _title(top: str) -> str | None:
    lines = top.splitlines()
    label = None
    while len(lines) > 1 and not lines[1].strip():
        title = bare_title(lines[0])
        if label is None and title.isupper() and len(title.split()) <= LABEL_WORDS:
            label, lines = title, list(dropwhile(lambda line: not line.strip(), lines[1:]))
            continue
        whole = bool(title) and len(title) <= LONGEST_TITLE and not title.rstrip("\"'”’)*_ ").endswith((".", ",", ":", ";"))
        return title if whole else label
    return label
