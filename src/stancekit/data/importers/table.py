"""CSV, TSV, JSONL and Parquet by a column mapping and a label table."""

from collections.abc import Iterator
from pathlib import Path

from stancekit.config import SplitName, TableSource
from stancekit.data.sources import Located
from stancekit.errors import Faults, StancekitError
from stancekit.records import Example
from stancekit.stance import STANCES, Stance, parse_stance
from stancekit.tables import Row, read_rows

SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "dev": "validation",
    "test": "test",
}


def files(path: Path) -> list[Path]:
    """The table itself."""
    return [path]


def read(source: TableSource, path: Path) -> Iterator[Located]:
    """The rows of one table as examples. All bad rows are reported together, and then none is used."""
    faults = Faults(str(path))
    found: list[Located] = []
    # In JSONL a row may leave out what it does not have, so the columns of a file are those of all its rows.
    columns: dict[str, None] = {}
    for number, row in enumerate(read_rows(path), 1):
        columns.update(dict.fromkeys(row.values))
        located = _located(source, row, number, faults)
        if located is not None:
            found.append(located)
    if columns:
        _check_columns(source, path, list(columns))
    faults.raise_any(fix="mend these rows; other spellings of a stance go under [sources.labels], of a split under [sources.splits]")
    yield from found


def _check_columns(source: TableSource, path: Path, columns: list[str]) -> None:
    wanted = source.columns.model_dump(exclude_none=True)
    wanted |= {f"votes.{stance}": column for stance, column in wanted.pop("votes").items()}
    missing = [f"{role} = {column!r}" for role, column in wanted.items() if column not in columns]
    if missing:
        raise StancekitError(
            f"{path} has no column for {', '.join(missing)}",
            fix=f"its columns are {', '.join(map(repr, columns))}: edit [sources.columns] of {source.name}",
        )


def _located(source: TableSource, row: Row, number: int, faults: Faults) -> Located | None:
    columns = source.columns
    statement, proposal = (_text(row, column, faults) for column in (columns.statement, columns.proposal))
    stance = _stance(source, row, faults)
    split = _split(source, row, faults)
    votes = {stance.value: _count(row, column, faults) for stance, column in columns.votes.items()}
    if statement is None or proposal is None or stance is None:
        return None
    identity = _optional(row, columns.id) or str(number)
    group = _optional(row, columns.group)
    example = Example(
        id=f"{source.name}:{identity}",
        statement=statement,
        proposal=proposal,
        stance=stance,
        source=source.name,
        group=None if group is None else f"{source.name}:{group}",
        holder=_optional(row, columns.holder),
        votes={name: count for name, count in votes.items() if count} or None,
    )
    return Located(row.where, example, split)


def _text(row: Row, column: str, faults: Faults) -> str | None:
    value = row.values.get(column)
    if value is not None and not isinstance(value, str):
        faults.add(row.where, f"{column} is no text but {value!r}")
        return None
    if value is None or not value.strip():
        faults.add(row.where, f"{column} is empty")
        return None
    return " ".join(value.split())


def _optional(row: Row, column: str | None) -> str | None:
    value = None if column is None else row.values.get(column)
    return None if value is None or not str(value).strip() else str(value).strip()


def _count(row: Row, column: str, faults: Faults) -> int:
    text = _optional(row, column)
    # A column of whole numbers with gaps comes out of Parquet as 2.0 and NaN.
    if text is None or text.lower() == "nan":
        return 0
    try:
        count = float(text)
    except ValueError:
        count = -1.0
    if count < 0 or not count.is_integer():
        faults.add(row.where, f"{column} is no number of votes but {text!r}")
        return 0
    return int(count)


def _stance(source: TableSource, row: Row, faults: Faults) -> Stance | None:
    value = row.values.get(source.columns.stance)
    stance = parse_stance(value, source.labels)
    if stance is None:
        faults.add(row.where, f"unknown stance {value!r}; known are {', '.join(STANCES)} and their aliases")
    return stance


def _split(source: TableSource, row: Row, faults: Faults) -> SplitName | None:
    if source.columns.split is None:
        return source.split
    value = _optional(row, source.columns.split) or ""
    split = source.splits.get(value, SPLIT_NAMES.get(value.lower()))
    if split is None:
        faults.add(row.where, f"unknown split {value!r}; known are {', '.join(SPLIT_NAMES)}")
    return split
