"""All configured sources as one list of examples, each with the place it came from."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from stancekit.config import PrepareConfig, SplitName
from stancekit.errors import StancekitError
from stancekit.records import Example


class Located(NamedTuple):
    """An example, where it stands (`path:line`), and the split that its publishers gave it, if any."""

    where: str
    example: Example
    split: SplitName | None


def read_sources(config: PrepareConfig) -> list[Located]:
    """Every example of every source, in order. Raises StancekitError for bad rows, empty sources and ids given twice."""
    found: list[Located] = []
    for source in config.sources:
        rows = list(importer(source.format)(source, config.raw / source.path))
        if not rows:
            raise StancekitError(f"source {source.name} ({config.raw / source.path}) holds no example", fix="check its path and format")
        found.extend(rows)
    _refuse_repeated_ids(found)
    return found


def importer(name: str) -> Callable[[Any, Path], Iterator[Located]]:
    """The importer of a source format."""
    from stancekit.data.importers import newsroom, perspectrum, table

    readers: Mapping[str, Callable[[Any, Path], Iterator[Located]]] = {
        "table": table.read,
        "newsroom": newsroom.read,
        "perspectrum": perspectrum.read,
    }
    return readers[name]


def input_files(config: PrepareConfig) -> list[Path]:
    """The files under all source paths, for the manifest."""
    paths = [config.raw / source.path for source in config.sources]
    return [file for path in paths for file in (sorted(path.rglob("*.json*")) if path.is_dir() else [path]) if file.is_file()]


def _refuse_repeated_ids(rows: list[Located]) -> None:
    places: dict[str, str] = {}
    for row in rows:
        first = places.setdefault(row.example.id, row.where)
        if first != row.where:
            raise StancekitError(
                f"{row.where} has the id {row.example.id!r} of {first}",
                fix="give each row its own id, or leave columns.id out to have rows numbered",
            )
