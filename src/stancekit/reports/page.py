"""The frame of every page: one template environment in which all text is escaped and nothing may be missing."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stancekit.reports.charts import SIGNS
from stancekit.reports.svg import Measure, decimal
from stancekit.stance import STANCES

TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: object) -> str:
    """The page that `template` makes of `values`. The same values give the same text, to the last byte."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(count=counted, decimal=decimal, signed=signed, interval=interval, percent=percent)
    environment.globals.update(STANCES=STANCES, SIGNS={**SIGNS, "mixed": "◆"})
    return environment


def counted(number: int, noun: str | None = None) -> str:
    """A whole number with its thousands set apart, and the noun in the singular or plural."""
    written = f"{number:,}"
    return written if noun is None else f"{written} {noun}{'' if number == 1 else 's'}"


def signed(value: float, digits: int = 3) -> str:
    """A difference, with its sign where there is one."""
    return ("+" if round(value, digits) > 0 else "") + decimal(value, digits)


def interval(measure: Measure, digits: int = 3) -> str:
    """Both ends of an interval in words, empty where there is none."""
    return f"{decimal(measure.low, digits)} to {decimal(measure.high, digits)}" if measure.has_interval else ""


def percent(part: float, whole: float = 1.0) -> str:
    """A share in whole percent; 0 of nothing is 0 %."""
    return f"{part / whole:.0%}" if whole else "0%"
