"""Days, weeks and months in order, without holes, and how they are written under a chart."""

from collections.abc import Collection
from datetime import date, timedelta

from stancekit.tallies import Grain, key_of

# More bars than this are a comb.
MOST_PERIODS = 32
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def first_day(key: str, grain: Grain) -> date:
    """The day a period begins with. Raises ValueError for a key that is none."""
    if grain == "week":
        year, week = key.split("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    return date.fromisoformat(f"{key}-01" if grain == "month" else key)


def filled(keys: Collection[str], grain: Grain) -> list[str]:
    """All periods from the first to the last of `keys`, those with nothing in them too."""
    if not keys:
        return []
    found, last = [min(keys)], max(keys)
    while found[-1] != last:
        found.append(key_of(_next(first_day(found[-1], grain), grain), grain))
    return found


def written(key: str, grain: Grain, year: bool = False) -> str:
    """A period as a reader says it: a day, the Monday of a week, a month."""
    day = first_day(key, grain)
    name = MONTHS[day.month - 1]
    return f"{'' if grain == 'month' else f'{day.day} '}{name}{f' {day.year}' if year or grain == 'month' else ''}"


def coarse_enough(days: Collection[date]) -> Grain:
    """The finest grain that gives not too many bars."""
    span = (max(days) - min(days)).days + 1 if days else 0
    return "day" if span <= MOST_PERIODS else "week" if span <= 7 * MOST_PERIODS else "month"


def _next(day: date, grain: Grain) -> date:
    if grain == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(days=7 if grain == "week" else 1)
