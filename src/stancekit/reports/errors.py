"""The error browser of an evaluation's page: the errors with the largest loss, and what they can be filtered by."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stancekit.reports.charts import SIGNS
from stancekit.reports.trust import GROUPS
from stancekit.stance import STANCES

# As many as a reader filters.
ERRORS_SHOWN = 300
FILTERS = {"gold": "Label", "predicted": "Model", **GROUPS}
# Stances stand as they do everywhere; all else goes by the alphabet, which is the order of the bands too.
ORDER = {stance.value: place for place, stance in enumerate(STANCES)}
# The statement shows its length, and the id begins with the source, and with the rule that made the row.
NOT_TOLD = ("source", "length", "made")


class Option(NamedTuple):
    """One value of a filter. key: a number, so that no text from outside has to serve as a name in the page."""

    key: int
    name: str


class Choice(NamedTuple):
    """One filter, with all values that the errors have."""

    name: str
    options: Sequence[Option]


class ListedError(NamedTuple):
    """One error as metrics.json has it. about: what stands under its statement. keys: the options that find it."""

    row: Mapping[str, Any]
    about: Sequence[str]
    keys: Sequence[int]


class ErrorBrowser(NamedTuple):
    """What the section draws. nearest: whether training pairs stand beside any error."""

    choices: Sequence[Choice]
    rows: Sequence[ListedError]
    nearest: bool


def error_browser(errors: Sequence[Mapping[str, Any]]) -> ErrorBrowser | None:
    """The first 300 errors, with a filter for whatever has two values or more among them. None without errors."""
    if not errors:
        return None
    shown = errors[:ERRORS_SHOWN]
    values = [{"gold": [row["gold"]], "predicted": [row["predicted"]], **row["parts"]} for row in shown]
    names = {by: sorted({name for one in values for name in one.get(by, ())}, key=_rank) for by in FILTERS}
    options = [(by, name) for by, found in names.items() if len(found) > 1 for name in found]
    keys = {option: key for key, option in enumerate(options)}
    return ErrorBrowser(
        choices=[_choice(by, names[by], keys) for by in dict.fromkeys(by for by, _ in options)],
        rows=[
            ListedError(row, _about(row), [keys[by, name] for by, found in one.items() for name in found if (by, name) in keys])
            for row, one in zip(shown, values, strict=True)
        ],
        nearest=any(row["nearest"] for row in shown),
    )


def _rank(name: str) -> tuple[int, str]:
    return ORDER.get(name, -1), name


def _choice(by: str, names: Sequence[str], keys: Mapping[tuple[str, str], int]) -> Choice:
    return Choice(FILTERS[by], [Option(keys[by, name], f"{SIGNS[name]} {name}" if name in SIGNS else name) for name in names])


def _about(row: Mapping[str, Any]) -> list[str]:
    return [row["id"], *(name for by, names in row["parts"].items() if by not in NOT_TOLD for name in names)]
