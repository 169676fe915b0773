"""All configured sources as one list of examples, each with the place it came from."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from stancekit.config import PrepareConfig, SplitName
from stancekit.errors import StancekitError
from stancekit.records import Example


class Located(NamedTuple):
    """An example, where it stands (`path:line`), and the split that its publishers gave it, if any."""

    where: str
    example: Example
    split: SplitName | None


class Importer(Protocol):
    """A module that reads one format."""

    def files(self, path: Path) -> list[Path]:
        """The files that `read` opens for `path`, whether they are there or not."""

    def read(self, source: Any, path: Path) -> Iterator[Located]:
        """The examples of a source of this format. Raises StancekitError for bad rows."""


def read_sources(config: PrepareConfig) -> list[Located]:
    """Every example of every source, in order. Raises StancekitError for bad rows, empty sources and ids given twice."""
    found: list[Located] = []
    for source in config.sources:
        rows = list(importer(source.format).read(source, config.place_of(source)))
        if not rows:
            raise StancekitError(f"source {source.name} ({config.place_of(source)}) holds no example", fix="check its path and format")
        found.extend(rows)
    _refuse_repeated_ids(found)
    return found


def importer(name: str) -> Importer:
    """The importer of a source format."""
    from stancekit.data.importers import newsroom, perspectrum, seesaw, table

    importers: Mapping[str, Importer] = {"table": table, "newsroom": newsroom, "perspectrum": perspectrum, "seesaw": seesaw}
    return importers[name]


def input_files(config: PrepareConfig) -> list[Path]:
    """The files that `read_sources` reads, for the manifest; what is not there is left to it to tell."""
    named = (file for source in config.sources for file in importer(source.format).files(config.place_of(source)))
    return [file for file in named if file.is_file()]


def _refuse_repeated_ids(rows: list[Located]) -> None:
    places: dict[str, str] = {}
    for row in rows:
        first = places.setdefault(row.example.id, row.where)
        if first != row.where:
            raise StancekitError(
                f"{row.where} has the id {row.example.id!r} of {first}",
                fix="give each row its own id, or leave columns.id out to have rows numbered",
            )
