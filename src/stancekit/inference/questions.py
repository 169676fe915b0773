"""The stream of questions, (statement, proposal), out of the inputs; rows that cannot be asked are set aside."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from stancekit.inference.inputs import STDIN, Rules, TableLayout, each_statement
from stancekit.manifest import sha256
from stancekit.records import Proposal, Statement
from stancekit.tables import BadRow

Question = tuple[Statement, Proposal]
SetAside = Callable[[BadRow], None]
# Own proposals whose length is known; rows that share one mostly stand together.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Every statement of `files` with every one of `proposals`, or with its own one where they are None.

    stdin: the file that holds what came by standard input, None where that is read as it comes.
    """

    files: Sequence[Path]
    layout: TableLayout
    proposals: Sequence[Proposal] | None
    stdin: Path | None = None

    def questions(self, set_aside: SetAside, fits: Callable[[str], None] | None = None) -> Iterator[Question]:
        """In the order of the input. set_aside: takes the bad rows, in their order, or raises.

        fits: raises StancekitError for a proposal that the model cannot take; a row that brings one is a bad row.
        """
        known = None if fits is None else lru_cache(REMEMBERED)(fits)
        own = self.proposals is None
        rules = Rules(self.layout, own=own, required=own, fits=known, stdin=self.stdin)
        return questions_of(each_statement(self.files, rules), self.proposals, set_aside)

    def survey(self, set_aside: SetAside, fits: Callable[[str], None] | None = None) -> int:
        """Read all that can be read twice, and count the questions. set_aside, fits: as above.

        Raises StancekitError for a file that cannot be read, and where no row is sound.
        """
        files = [file for file in self.files if file != STDIN or self.stdin is not None]
        first: list[BadRow] = []

        def noted(bad: BadRow) -> None:
            set_aside(bad)
            first[:] = first or [bad]

        count = sum(1 for _ in replace(self, files=files).questions(noted, fits))
        if first and not count and len(files) == len(self.files):
            raise first[0].error()
        return count

    def facts(self) -> dict[str, Any]:
        """What the questions are made of, as JSON values: files with their hashes, columns, proposals."""
        inputs = [[str(file), sha256(self.stdin or file if file == STDIN else file)] for file in self.files]
        return {"inputs": inputs, **facts_of(self.layout, self.proposals)}


def questions_of(statements: Iterable[Statement | BadRow], proposals: Sequence[Proposal] | None, set_aside: SetAside) -> Iterator[Question]:
    """Every statement with every proposal, or with its own one where they are None; bad rows are set aside."""
    for statement in statements:
        if isinstance(statement, BadRow):
            set_aside(statement)
        elif proposals is not None:
            yield from ((statement, proposal) for proposal in proposals)
        elif statement.proposal is not None:
            yield statement, statement.proposal


def facts_of(layout: TableLayout, proposals: Sequence[Proposal] | None) -> dict[str, Any]:
    """What makes questions of the same files others, as JSON values."""
    told = None if proposals is None else [[one.id, one.text] for one in proposals]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return {"proposals": digest, "columns": dict(layout.columns), "cut": layout.cut}


def refuse(bad: BadRow) -> None:
    """Set nothing aside: the first bad row ends the work."""
    raise bad.error()
