"""What commands give back: the result on standard output, for people or as JSON, and notes in the log."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stancekit.tables import Values


def show(result: object, as_json: bool, drawn: "Callable[[], RenderableType]") -> None:
    """Print a result: as JSON, or what `drawn` makes of it."""
    from stancekit.console import show as printed

    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        printed(drawn())


def note(text: str) -> None:
    """Tell where results are, unless --quiet."""
    logging.getLogger("stancekit").info(text)


def print_rows(rows: "Iterable[Values]") -> int:
    """Rows as JSON Lines on standard output; how many they were."""
    from stancekit.tables import json_line

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    count = 0
    try:
        for row in rows:
            sys.stdout.write(json_line(row))
            count += 1
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        raise typer.Exit from None
    return count
