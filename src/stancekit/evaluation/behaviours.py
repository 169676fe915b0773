"""Behaviour tests in the manner of CheckList (Ribeiro et al. 2020): capabilities in TOML, expanded into cases."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path

from pydantic import Field

from stancekit.config import Section, load_config
from stancekit.errors import Faults, StancekitError
from stancekit.evaluation.grammar import Slots, combinations, draw, fill, first_pair, names_in, slot_faults, text_faults
from stancekit.stance import STANCES, Stance

Pair = tuple[str, str]
SHIPPED = Path(__file__).parent / "capabilities"
SWAPPED: Mapping[Stance, Stance] = {
    Stance.SUPPORT: Stance.OPPOSE,
    Stance.OPPOSE: Stance.SUPPORT,
    Stance.NEUTRAL: Stance.NEUTRAL,
}


class Kind(StrEnum):
    """How a case is judged: by its label, by two labels that must be one, or by two of which each is the other's opposite."""

    MINIMUM = "minimum"
    INVARIANCE = "invariance"
    DIRECTIONAL = "directional"


@dataclass(frozen=True, slots=True)
class Case:
    """One test: a (statement, proposal), two for invariance and direction. stance: of the first pair, None where not given."""

    kind: Kind
    pairs: tuple[Pair, ...]
    stance: Stance | None
    made: bool

    @property
    def expected(self) -> tuple[Stance, ...] | None:
        """The right label of every pair, None where no stance is given."""
        if self.stance is None:
            return None
        second = SWAPPED[self.stance] if self.kind is Kind.DIRECTIONAL else self.stance
        return (self.stance, second)[: len(self.pairs)]


@dataclass(frozen=True, slots=True)
class Capability:
    """What a model should be able to do, and the cases that show whether it does."""

    name: str
    title: str
    kind: Kind
    cases: tuple[Case, ...]


class Block(Section):
    """Texts that stand beside one proposal: one `statement` with its `stance`, or lists of statements under stances."""

    proposal: str = Field(min_length=1)
    statement: str | None = None
    stance: Stance | None = None
    oppose: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    other_statement: str | None = None
    other_proposal: str | None = None
    count: int | None = Field(None, gt=0)

    def rows(self) -> list[tuple[str, Stance | None]]:
        """(statement, stance), the stances by turns, so that a count is shared out evenly."""
        if self.statement is not None:
            return [(self.statement, self.stance)]
        columns = [[(text, stance) for text in getattr(self, stance.value)] for stance in STANCES]
        longest = max(len(column) for column in columns)
        return [column[place] for place in range(longest) for column in columns if place < len(column)]

    def second(self) -> list[str]:
        """The texts of the second pair that differ from the first."""
        return [text for text in (self.other_statement, self.other_proposal) if text is not None]


class CapabilityFile(Section):
    """A capability as it is written down. use: a file whose slots it takes as well, beside it or among the shipped ones."""

    title: str = Field(min_length=1)
    kind: Kind
    use: str | None = None
    slots: dict[str, list[str | dict[str, str]]] = Field(default_factory=dict)
    made: tuple[Block, ...] = ()
    written: tuple[Block, ...] = ()


class SlotsFile(Section):
    """Slots that several capabilities share."""

    slots: dict[str, list[str | dict[str, str]]]


def read_behaviours(path: Path = SHIPPED, seed: int = 13) -> list[Capability]:
    """The capability of a TOML file, or those of a folder, where names that begin with `_` are of shared slots; else the shipped ones.

    The same seed draws the same cases, and a new text changes no other's. Raises StancekitError with all faults of a file.
    """
    files = [file for file in sorted(path.glob("*.toml")) if not file.name.startswith("_")] if path.is_dir() else [path]
    found = [read_capability(file, seed) for file in files]
    if not found:
        raise StancekitError(f"{path} holds no capability", fix="put a TOML file there as docs/behaviours.md describes it")
    return found


def read_capability(path: Path, seed: int = 13) -> Capability:
    """One capability, named after its file. Raises StancekitError."""
    read = load_config(path, CapabilityFile)
    shared = load_config(_slots_file(path, read.use), SlotsFile).slots if read.use is not None else {}
    slots = {**shared, **read.slots}
    faults = Faults(f"{path} (capability {path.stem})")
    for where, what in chain(_slot_faults(read, slots), _block_faults(read, slots)):
        faults.add(where, what)
    faults.raise_any(fix="edit these places; docs/behaviours.md has the format")
    cases = [
        case
        for made, blocks in ((True, read.made), (False, read.written))
        for number, block in enumerate(blocks, 1)
        for case in _cases(block, read.kind, slots, made, f"{seed}:{path.stem}:{number}")
    ]
    twice = [pairs for pairs, times in Counter(case.pairs for case in cases).items() if times > 1]
    for pairs in twice:
        faults.add(repr(pairs[0][0]), f"stands beside {pairs[0][1]!r} twice; take one out")
    if not cases:
        faults.add("made, written", "are both missing; a capability needs cases")
    faults.raise_any(fix="edit these places; docs/behaviours.md has the format")
    return Capability(path.stem, read.title, read.kind, tuple(cases))


def _slots_file(path: Path, name: str) -> Path:
    beside, shipped = path.parent / name, SHIPPED / name
    # Where there is neither, the fault names the place that is the writer's own.
    return shipped if shipped.is_file() and not beside.is_file() else beside


def _cases(block: Block, kind: Kind, slots: Slots, made: bool, seed: str) -> Iterator[Case]:
    rows = block.rows()
    for (statement, stance), count in zip(rows, _shares(block.count or len(rows), len(rows)), strict=True):
        # Each text has draws of its own: a new one changes none of the others', as long as the count grows with it.
        rng = random.Random(f"{seed}:{statement}")
        for values in draw([statement, block.proposal, *block.second()], slots, count, rng):
            first = (fill(statement, values), fill(block.proposal, values))
            repeated = {**values, **first_pair(*first)}
            others = (block.other_statement or "{statement}", block.other_proposal or "{proposal}")
            second = (fill(others[0], repeated), fill(others[1], repeated))
            yield Case(kind, (first, second) if kind is not Kind.MINIMUM else (first,), stance, made)


def _shares(count: int, parts: int) -> list[int]:
    return [count // parts + (place < count % parts) for place in range(parts)]


def _slot_faults(read: CapabilityFile, slots: Slots) -> Iterator[tuple[str, str]]:
    for name, what in slot_faults(slots):
        yield f"slots.{name}", what
    texts = [text for block in read.made for text in (block.proposal, *block.second(), *(text for text, _ in block.rows()))]
    used = set(names_in(texts))
    for name in read.slots:
        if name not in used:
            yield f"slots.{name}", "is named by no text; take it out, or use it"


def _block_faults(read: CapabilityFile, slots: Slots) -> Iterator[tuple[str, str]]:
    for part, blocks in (("made", read.made), ("written", read.written)):
        for number, block in enumerate(blocks, 1):
            own = slots if part == "made" else {}
            faults = [*_shape_faults(block, read.kind, part), *_text_faults(block, own)]
            yield from ((f"{part} {number}", fault) for fault in faults or _count_faults(block, own))


def _shape_faults(block: Block, kind: Kind, part: str) -> Iterator[str]:
    lists = [text for stance in STANCES for text in getattr(block, stance.value)]
    if (block.statement is None) == (not lists):
        yield "needs either statement or lists of statements under oppose, neutral, support"
    if block.stance is not None and lists:
        yield "has a stance beside lists that tell it already; take stance out"
    if kind is Kind.MINIMUM and block.stance is None and not lists:
        yield f"has no stance; give one of {', '.join(STANCES)}"
    if kind is Kind.MINIMUM and block.second():
        yield "has a second pair, which the kind minimum does not compare; take other_statement and other_proposal out"
    if kind is not Kind.MINIMUM and not block.second():
        yield f"has one pair, and {kind} compares two; give other_statement, other_proposal or both"
    if (block.count is None) == (part == "made"):
        yield "has no count; say how many cases to make" if part == "made" else "has a count; what is written is taken whole"


def _text_faults(block: Block, slots: Slots) -> Iterator[str]:
    texts = [("proposal", block.proposal), *(("statement", text) for text, _ in block.rows())]
    for name, text in texts:
        if not text.strip():
            yield f"{name} is empty; write one"
        yield from (f"{name} {fault}" for fault in text_faults(text, slots, second=False))
    for text in block.second():
        yield from (f"second pair {fault}" for fault in text_faults(text, slots, second=True))


def _count_faults(block: Block, slots: Slots) -> Iterator[str]:
    rows = block.rows()
    if block.count is not None and block.count < len(rows):
        yield f"has {len(rows)} texts and a count of {block.count}; each text needs a case, so raise count or take texts out"
    for (statement, _), count in zip(rows, _shares(block.count or len(rows), len(rows)), strict=True):
        ways = combinations([statement, block.proposal, *block.second()], slots)
        if count > ways:
            yield f"asks for {count} cases of {statement!r}, and its slots make {ways}; lower count or give the slots more values"
