"""Proposals from a text file (one a line), a CSV with id and proposal, or a TOML table."""

import logging
from collections.abc import Iterator
from pathlib import Path

from stancekit.config import read_toml
from stancekit.errors import Faults, StancekitError
from stancekit.files import ending_of, read_text
from stancekit.records import Proposal, normalized
from stancekit.tables import read_rows

LOG = logging.getLogger("stancekit")
# "Wolves", "Sea wall": a matter, and no proposal.
FEWEST_WORDS = 3
ENDINGS = (".txt", ".csv", ".csv.gz", ".toml")


def read_proposals(path: Path) -> list[Proposal]:
    """The proposals in a file, in its order; lines of a text file get the ids p1, p2, ...

    Raises StancekitError for an empty file, an empty or repeated proposal, and an id given twice.
    """
    readers = {".txt": _of_text, ".csv": _of_csv, ".csv.gz": _of_csv, ".toml": _of_toml}
    reader = readers.get(ending_of(path))
    if reader is None:
        raise StancekitError(f"{path} has the ending {ending_of(path)!r}", fix=f"give proposals as {', '.join(ENDINGS)}")
    if not path.is_file():
        raise StancekitError(f"{path} does not exist", fix="check the path of --proposals")
    faults = Faults(str(path))
    proposals: list[Proposal] = []
    seen: dict[tuple[str, str], str] = {}
    for where, proposal in reader(path):
        if not proposal.text.strip():
            faults.add(where, f"proposal {proposal.id!r} is empty")
        elif len(proposal.text.split()) < FEWEST_WORDS:
            LOG.warning("careful: %s: %r says nothing that one can be for or against: write what should be done", where, proposal.text)
        if not proposal.id:
            faults.add(where, f"proposal {proposal.text!r} has no id")
        for key in (("id", proposal.id), ("text", normalized(proposal.text))):
            if all(key) and seen.setdefault(key, where) != where:
                faults.add(where, f"the {key[0]} of {proposal.id!r} stands at {seen[key]} too")
        proposals.append(proposal)
    faults.raise_any(fix="give every proposal an id of its own and a text: a claim with a side")
    if not proposals:
        raise StancekitError(f"{path} holds no proposal", fix="write one a line, or a [proposals] table in TOML")
    return proposals


def _of_text(path: Path) -> Iterator[tuple[str, Proposal]]:
    lines = [(number, line.strip()) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    for count, (number, line) in enumerate(lines, 1):
        yield f"{path}:{number}", Proposal(f"p{count}", line)


def _of_csv(path: Path) -> Iterator[tuple[str, Proposal]]:
    for row in read_rows(path):
        missing = {"id", "proposal"} - set(row.values)
        if missing:
            told = f"{path} has no column {', '.join(sorted(missing))}, only {', '.join(map(str, row.values))}"
            raise StancekitError(told, fix="name the columns id and proposal")
        yield row.where, Proposal(str(row.values["id"]).strip(), " ".join(str(row.values["proposal"]).split()))


def _of_toml(path: Path) -> Iterator[tuple[str, Proposal]]:
    table = read_toml(path).get("proposals")
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        raise StancekitError(
            f'{path} has no table [proposals] of id = "text"',
            fix='write [proposals] and below it lines such as toll = "Lorries should pay the toll."',
        )
    for identity, text in table.items():
        yield f"{path} {identity}", Proposal(identity, " ".join(text.split()))
