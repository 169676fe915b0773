"""States, territories and institutions by the names that news calls them: "the Kremlin", "Moscow" and "Russians" lead to Russia.

The tables are world/states.tsv and world/institutions.tsv, one entity a row. Names in a cell are divided by semicolons. A question mark
behind a name says that it may well mean something else: another entity, a person, an everyday word.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

Kind = Literal["state", "territory", "former", "institution"]
By = Literal["name", "abbreviation", "capital", "seat", "adjective", "people"]

_KINDS: dict[str, Kind] = {"member": "state", "observer": "state", "disputed": "state", "territory": "territory", "us state": "territory"}
_COLUMNS: dict[str, By] = {
    "names": "name",
    "abbreviations": "abbreviation",
    "capitals": "capital",
    "seats": "seat",
    "adjectives": "adjective",
    "people": "people",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """A state, territory or institution.

    sort: finer than kind: for states "member" of the United Nations, "observer" or "disputed"; for institutions "court", "party" ...
    of: id of the state or body that it belongs to. names, abbreviations: `name` is the first of the names.
    people: words for its people, mostly plural ("Germans"). seats: places and buildings that stand for its government.
    """

    id: str
    name: str
    kind: Kind
    sort: str
    of: str | None
    names: tuple[str, ...]
    abbreviations: tuple[str, ...]
    capitals: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a name leads to. by: the part of the entity that it was found by. ambiguous: it may well mean something else."""

    entity: Entity
    by: By
    ambiguous: bool


@cache
def entities() -> Mapping[str, Entity]:
    """Every entity by its id, in the order of the tables."""
    return MappingProxyType({entity.id: entity for entity, _ in _table()})


def match_of(name: str) -> Match | None:
    """The entity that the whole of `name` calls, with "the" before, a possessive ending and dots in abbreviations let pass.

    A name has a capital letter and an abbreviation is written as in the table, so "turkey", "us" and "Who" are none.
    Part of a name is no match: "Jordan Peters" is nobody here. An adjective is a match too ("German"); see `state_of_adjective`.
    """
    return _looked_up(_index(), name)


def entity_of(name: str) -> Entity | None:
    """The one state, territory or institution that a name stands for as a voice; None for an ambiguous name and for an adjective.

    A people stands for its state here ("the Germans"); where that is too much, ask `match_of` and look at `by`.
    """
    match = match_of(name)
    return None if match is None or match.ambiguous or match.by == "adjective" else match.entity


def state_of_adjective(word: str) -> Entity | None:
    """The state or territory of "German" (in "German defence minister"); None where it could be two ("Korean", "Dominican")."""
    match = _looked_up(_adjectives(), word)
    return None if match is None or match.ambiguous else match.entity


def state_of_possessive(words: str) -> Entity | None:
    """The entity of "Germany's" or "the United States’" in "Germany's defence minister"; None without a possessive ending."""
    return entity_of(words) if re.search(r"['’]s?\s*$", words) else None


def sovereign_of(entity: Entity) -> Entity:
    """The last entity up the chain of `of`: the US for its Senate, the entity itself where it belongs to none."""
    while entity.of is not None:
        entity = entities()[entity.of]
    return entity


def _looked_up(index: Mapping[str, Match], name: str) -> Match | None:
    bare = _bare(name)
    if not any(character.isupper() for character in bare):
        return None
    return index.get(bare) or index.get(_folded(bare))


@cache
def _index() -> Mapping[str, Match]:
    found: dict[str, Match] = {}
    for key, match in _keyed():
        known = found.get(key)
        # Where one entity is marked for a name and another is not, the other has it for sure; a name beats a people ("Swiss").
        if known is None or (known.ambiguous and not match.ambiguous):
            found[key] = match
    return MappingProxyType(found)


@cache
def _adjectives() -> Mapping[str, Match]:
    found: dict[str, Match] = {}
    for key, match in _keyed():
        if match.by == "adjective":
            found.setdefault(key, match)
    return MappingProxyType(found)


def _keyed() -> Iterator[tuple[str, Match]]:
    table = _table()
    for by in _COLUMNS.values():
        for entity, cells in table:
            for name, ambiguous in cells[by]:
                bare = _bare(name)
                # The keys of abbreviations keep their capitals, by which "US" is none of "Us".
                yield (bare if by == "abbreviation" or name.isupper() else _folded(bare)), Match(entity, by, ambiguous)


_Cells = dict[By, list[tuple[str, bool]]]


@cache
def _table() -> tuple[tuple[Entity, _Cells], ...]:
    return tuple(_entity(row) for file in ("states.tsv", "institutions.tsv") for row in _rows(file))


def _rows(file: str) -> Iterator[dict[str, str]]:
    head, *lines = (files("stancekit.news") / "world" / file).read_text("utf-8").splitlines()
    columns = head.split("\t")
    for line in lines:
        cells = line.split("\t")
        # Empty cells at the end of a row are not written.
        yield dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=True))


def _entity(row: dict[str, str]) -> tuple[Entity, _Cells]:
    cells: _Cells = {
        by: [(name.removesuffix("?"), name.endswith("?")) for name in row.get(column, "").split(";") if name]
        for column, by in _COLUMNS.items()
    }
    # "Georgia?" among the names marks the entity's own name.
    if row["name"] not in dict(cells["name"]):
        cells["name"].insert(0, (row["name"], False))
    written = {column: tuple(name for name, _ in cells[by]) for column, by in _COLUMNS.items()}
    kind: Kind = "former" if row["sort"] == "former" else _KINDS.get(row["sort"], "institution")
    return Entity(row["id"], row["name"], kind, row["sort"], row["of"] or None, **written), cells


def _bare(name: str) -> str:
    """Without "the", possessive ending, accents and the dots of abbreviations; every apostrophe straight, every gap one space."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("‘", "'"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = re.sub(r"\.(?=\w|\s|['-]|,|$)", "", " ".join(plain.split()))
    plain = re.sub(r"'s$|(?<=s)'$", "", plain, flags=re.IGNORECASE)
    return re.sub(r"^the (?=\S)", "", plain, flags=re.IGNORECASE)


def _folded(bare: str) -> str:
    spaced = re.sub(r"[\s\-‐‑–]+", " ", bare.casefold()).replace(",", "").replace("&", "and")
    return re.sub(r"^st ", "saint ", spaced)
