"""`stancekit predict`: statements x proposals to stances, as a stream."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.inference.inputs import STDIN, TableLayout, input_files, read_statements
from stancekit.inference.model import load
from stancekit.inference.proposals import read_proposals
from stancekit.progress import progress
from stancekit.records import Prediction, Proposal, Statement
from stancekit.stance import STANCES, Stance
from stancekit.tables import WRITABLE, Values, write_rows

SHAPE = Prediction("", "", "", "", Stance.NEUTRAL, 0.0, dict.fromkeys(STANCES, 0.0)).to_row()


def predict(
    bundle: Path,
    inputs: Sequence[Path],
    proposals: Path | None,
    output: Path | Callable[[Iterable[Values]], int],
    layout: TableLayout | None = None,
    min_confidence: float = 0.0,
    device: str = "auto",
) -> int:
    """Score every statement against every proposal (or its own one) and write the answers in the order of the input.

    output: a JSONL, CSV or Parquet file, whole or absent; or a function that takes the rows. min_confidence: answers
    below it are left out. Returns how many were written. Raises StancekitError for bad input, of files before a model is
    loaded: standard input alone can be read but once.
    """
    layout = layout or TableLayout()
    files = input_files(inputs)
    if isinstance(output, Path):
        _check_output(output, files)
    asked = None if proposals is None else read_proposals(proposals)
    # A fault in the last row must not end the work of hours, so all of them are read twice.
    count, distinct = 0, dict.fromkeys(proposal.text for proposal in asked or ())
    for _, proposal in _pairs((file for file in files if file != STDIN), layout, asked):
        count += 1
        distinct[proposal.text] = None
    model = load(bundle, device)
    model.tokenizer.check_proposals(distinct)
    with progress("predicting", None if STDIN in files else count) as advance:
        answers = model.predict_records(_pairs(files, layout, asked), advance)
        rows = (answer.to_row() for answer in answers if answer.confidence >= min_confidence)
        return write_rows(output, rows, like=SHAPE) if isinstance(output, Path) else output(rows)


def _check_output(output: Path, files: Sequence[Path]) -> None:
    if output.suffix.lower() not in WRITABLE:
        raise StancekitError(f"cannot write {output}: unknown ending {output.suffix!r}", fix=f"use one of {', '.join(WRITABLE)}")
    if output.is_dir():
        raise StancekitError(f"cannot write {output}: it is a folder", fix="name a file")
    if output.resolve() in {file.resolve() for file in files}:
        raise StancekitError(f"{output} is an input too", fix="name another file with --output")


def _pairs(files: Iterable[Path], layout: TableLayout, proposals: Sequence[Proposal] | None) -> Iterator[tuple[Statement, Proposal]]:
    for statement in read_statements(files, layout, own=proposals is None):
        if proposals is not None:
            yield from ((statement, proposal) for proposal in proposals)
        elif statement.proposal is not None:
            yield statement, statement.proposal
        else:
            raise StancekitError(
                f"statement {statement.id} of {statement.source} brings no proposal",
                fix="name a file with --proposals, or add a column proposal",
            )
