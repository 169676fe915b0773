"""Files of answers to labelled examples, whoever gave them: this kit, another model, a person."""

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stancekit.errors import StancekitError
from stancekit.records import DECIMALS, Example
from stancekit.stance import STANCES, parse_stance
from stancekit.tables import Row, read_rows

FloatArray = npt.NDArray[np.float64]
PROBABILITY = "probabilities"
# How far a sum of rounded probabilities may be from 1.
ROUNDING = 0.01


def read_answers(path: Path, examples: Sequence[Example]) -> tuple[FloatArray, bool]:
    """Probabilities of shape (n, 3), and whether the file gives any; where it gives none, 1 for the stance and 0 for the others.

    Rows are found by statement and proposal, as `predict` and `evaluate` write them; rows on other pairs are left alone. Raises
    StancekitError for an example without an answer, or with two that differ, and for a row that is none.
    """
    rows = _rows(path, {(example.statement, example.proposal) for example in examples})
    missing = [example for example in examples if (example.statement, example.proposal) not in rows]
    if missing:
        raise StancekitError(
            f"{path} has no answer to {len(missing)} of {len(examples)} examples, such as {missing[0].id}",
            fix="answer every pair of the data; statement and proposal must be as they stand there",
        )
    chosen = [rows[example.statement, example.proposal] for example in examples]
    graded = [_probabilities(row) for row in chosen]
    known = [one for one in graded if one is not None]
    if known and len(known) < len(graded):
        lacking = chosen[graded.index(None)]
        raise StancekitError(f"{lacking.where} lacks probabilities that other rows have", fix="give them in all rows, or in none")
    labels = np.eye(len(STANCES))[[_stance(row) for row in chosen]]
    return (np.array(known) if known else labels), bool(known)


def _rows(path: Path, asked: Set[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    rows: dict[tuple[str, str], Row] = {}
    for row, pair in _pairs(path):
        before = rows.setdefault(pair, row) if pair in asked else row
        if before is not row and (_stance(before), _probabilities(before)) != (_stance(row), _probabilities(row)):
            raise StancekitError(f"{row.where} gives the pair of {before.where} another answer", fix="keep one model's answers in a file")
    return rows


def _pairs(path: Path) -> Iterator[tuple[Row, tuple[str, str]]]:
    for row in read_rows(path):
        lacking = [key for key in ("statement", "proposal", "stance") if not str(row.values.get(key) or "").strip()]
        if lacking:
            fix = "a file of answers has statement, proposal and stance in every row, as `stancekit predict` writes them"
            raise StancekitError(f"{row.where} lacks {', '.join(lacking)}", fix=fix)
        yield row, (str(row.values["statement"]), str(row.values["proposal"]))


def _stance(row: Row) -> int:
    stance = parse_stance(row.values["stance"])
    if stance is None:
        raise StancekitError(f"{row.where} has stance {row.values['stance']!r}", fix=f"use one of {', '.join(STANCES)}")
    return stance.label_id


def _probabilities(row: Row) -> list[float] | None:
    given = row.values.get(PROBABILITY)
    values = [given.get(name) if isinstance(given, Mapping) else row.values.get(f"{PROBABILITY}.{name}") for name in STANCES]
    if all(value is None or value == "" for value in values):
        return None
    try:
        numbers = [round(float(str(value)), DECIMALS) for value in values]
    except ValueError:
        numbers = []
    if not numbers or not all(0 <= one <= 1 for one in numbers) or abs(sum(numbers) - 1) > ROUNDING or numbers[_stance(row)] < max(numbers):
        raise StancekitError(
            f"{row.where} has probabilities {values} beside the stance {row.values['stance']!r}",
            fix="give three numbers with a sum of 1, of which the stance's is the largest; or leave them out of all rows",
        )
    if int(np.argmax(numbers)) != _stance(row):
        # Of two alike to the last decimal, the stance is the one that is meant.
        numbers[_stance(row)] += 10**-DECIMALS
    return numbers
