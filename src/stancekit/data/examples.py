"""Example files as `prepare` writes them and `train` and `evaluate` read them."""

from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import read_rows
from stancekit.records import Example


def read_examples(path: Path) -> list[Example]:
    """All examples of a file. Raises StancekitError for a bad row (with its line), an empty text or a repeated id."""
    examples: list[Example] = []
    seen: dict[str, str] = {}
    for row in read_rows(path):
        example = Example.from_row(row.values, row.where)
        for name in ("statement", "proposal"):
            if not getattr(example, name).strip():
                raise StancekitError(f"{row.where} has an empty {name}", fix="remove the row, or fill it in")
        if example.id in seen:
            raise StancekitError(f"{row.where} has the id {example.id!r} of {seen[example.id]}", fix="give each example its own id")
        seen[example.id] = row.where
        examples.append(example)
    if not examples:
        raise StancekitError(f"{path} holds no example", fix="give a file with at least one row")
    return examples
