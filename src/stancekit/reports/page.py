"""The frame of every page: one template environment in which all text is escaped and nothing may be missing."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stancekit.reports.charts import SIGNS
from stancekit.reports.svg import Measure, decimal
from stancekit.stance import STANCES

TEMPLATES = Path(__file__).with_name("templates")


class Script(NamedTuple):
    """A script of the house. digest: what the page's policy allows it by, so that no other script can run there."""

    code: Markup
    digest: str


def render(template: str, script: str | None = None, **values: object) -> str:
    """The page that `template` makes of `values`. The same values give the same text, to the last byte.

    script: the name of a file beside the templates that the page runs.
    """
    return _environment().get_template(template).render(values, script=None if script is None else _script(script))


def _script(name: str) -> Script:
    code = (TEMPLATES / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    # Markup is safe here: the file is the house's own, and nothing is put into it.
    return Script(Markup(code), digest)


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
    environment.filters.update(count=counted, decimal=decimal, signed=signed, interval=interval, percent=percent, measure=Measure.of)
    # Sorted by the kit where order matters; without blanks the data of a page is a third smaller.
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
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
