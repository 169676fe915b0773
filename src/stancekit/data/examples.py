"""Example files as `prepare` writes them and `train` and `evaluate` read them."""

from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.tables import read_rows


def read_examples(path: Path) -> list[Example]:
    """All examples of a file. Raises one StancekitError for all bad rows (with their lines) and ids given twice."""
    return list(placed_examples(path).values())


def placed_examples(path: Path) -> dict[str, Example]:
    """The same by the place of each (`path:line`), in order."""
    examples: dict[str, Example] = {}
    faults: list[StancekitError] = []
    seen: dict[str, str] = {}
    for row in read_rows(path):
        try:
            example = Example.from_row(row.values, row.where)
        except StancekitError as fault:
            faults.append(fault)
            continue
        if seen.setdefault(example.id, row.where) != row.where:
            problem = f"{row.where} has the id {example.id!r} of {seen[example.id]}"
            faults.append(StancekitError(problem, fix="give each example its own id"))
        examples[row.where] = example
    if faults:
        fixes = dict.fromkeys(fault.fix for fault in faults)
        raise StancekitError.of_faults(str(path), [fault.problem for fault in faults], fix="; ".join(fixes))
    if not examples:
        raise StancekitError(f"{path} holds no example", fix="give a file with at least one row")
    return examples
