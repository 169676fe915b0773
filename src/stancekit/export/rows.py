"""The held rows that a bundle is compared with its run on, and those that a form may look at before."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.modeling.pairs import Pair
from stancekit.records import Example

CALIBRATION = 256
# With fewer rows than so many times as many, the gate needs them all: such a form then looks at some that it is judged on.
SPARED = 4


class HeldRows(NamedTuple):
    """examples: for the gate, spread over the `of` of the file. calibration: for forms that round. apart: it is not among the examples."""

    path: Path
    of: int
    examples: list[Example]
    calibration: list[Pair]
    apart: bool

    @property
    def pairs(self) -> list[Pair]:
        """The examples as pairs."""
        return [(example.statement, example.proposal) for example in self.examples]


def held_rows(rows: Path | None, validation: Path, most: int, calibrate: bool) -> HeldRows:
    """At most `most` rows of a file, or of the run's validation rows where none is named; calibration comes out of the latter where it can.

    Raises StancekitError where the rows are not here, or are no examples.
    """
    path = validation if rows is None else rows
    if not path.is_file():
        raise StancekitError(f"the rows to check the export on are not here: {path}", fix="name an examples file with --rows")
    examples = read_examples(path)
    if not calibrate:
        return HeldRows(path, len(examples), spread(examples, most), [], True)
    if path.resolve() != validation.resolve() and validation.is_file():
        return HeldRows(path, len(examples), spread(examples, most), _pairs(spread(read_examples(validation), CALIBRATION)), True)
    looked_at = spread(examples, CALIBRATION)
    apart = len(examples) >= SPARED * CALIBRATION
    known = {example.id for example in looked_at} if apart else set()
    judged = [example for example in examples if example.id not in known]
    return HeldRows(path, len(examples), spread(judged, most), _pairs(looked_at), apart)


def spread(examples: list[Example], most: int) -> list[Example]:
    """At most `most` of the examples, from all over the file, so that more than its first articles are seen."""
    return [examples[index] for index in np.linspace(0, len(examples) - 1, min(most, len(examples))).astype(int).tolist()]


def _pairs(examples: list[Example]) -> list[Pair]:
    return [(example.statement, example.proposal) for example in examples]
