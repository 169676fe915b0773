"""The scoring function as clusters want it: a class that is made once on each worker and answers batches.

Nothing here knows Ray or Spark; it runs in one process just as well.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancekit.errors import StancekitError
from stancekit.inference.model import SHAPE, model_folder, tokenizer_of
from stancekit.inference.questions import REMEMBERED, Question
from stancekit.inference.shards import cut
from stancekit.inference.workers import Task
from stancekit.modeling.pairs import PairTokenizer
from stancekit.modeling.spec import ModelSpec
from stancekit.records import Prediction, Proposal, Statement
from stancekit.stance import STANCES
from stancekit.tables import Values

if TYPE_CHECKING:
    import pyarrow as pa


class Answering:
    """Statements in, answers out, batch by batch: for `map_batches` of Ray, `mapInPandas` of Spark, or any loop.

    proposals: what every statement is asked about; None takes the columns proposal and proposal_id of the batch. threads: of the
    CPU, None for all there are. The model is loaded with the first batch, on the machine that has it.
    """

    def __init__(
        self,
        bundle: str | Path,
        proposals: Sequence[Proposal] | None = None,
        device: str = "auto",
        min_confidence: float = 0.0,
        threads: int | None = None,
    ) -> None:
        self.proposals = proposals
        self._task = Task(Path(bundle), device, min_confidence, None)
        self._threads = threads
        self._answerer: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # A loaded model stays where it is: whoever gets a copy loads its own.
        return {**self.__dict__, "_answerer": None}

    def answers(self, questions: Sequence[Question]) -> list[Prediction]:
        """Those of at least the least confidence, in order. Proposals must have been checked."""
        if self._answerer is None:
            self._answerer = self._task.begin(ExitStack(), self._threads)
        found: list[Prediction] = self._answerer.answers(questions)[0]
        return found

    def __call__(self, batch: Any) -> Any:
        """Answers as `predict` writes them, in the form of the batch: a dict of columns, a pandas DataFrame or an Arrow table.

        Columns that are read: statement and, where there are, statement_id, source, start, end. Raises StancekitError for an empty
        statement, and for a proposal that is empty or too long.
        """
        rows = _rows_of(batch)
        questions = [question for number, row in enumerate(rows, 1) for question in self._questions(number, row)]
        _tokenizer(self._task.bundle).check_proposals(proposal.text for _, proposal in questions)
        return _like(batch, [answer.to_row() for shard in cut(questions) for answer in self.answers(shard)])

    def _questions(self, number: int, row: Values) -> Iterator[Question]:
        text = row.get("statement")
        if not isinstance(text, str) or not text.strip():
            raise StancekitError(f"row {number} of a batch has no text in 'statement'", fix="leave such rows out before")
        start, end = (None if row.get(name) is None else int(row[name]) for name in ("start", "end"))
        statement = Statement(str(row.get("statement_id") or number), text, row.get("source"), start, end)
        for proposal in self.proposals if self.proposals is not None else [_own(number, row)]:
            yield statement, proposal


def _own(number: int, row: Values) -> Proposal:
    text = row.get("proposal")
    if not isinstance(text, str) or not text.strip():
        raise StancekitError(
            f"row {number} of a batch brings no proposal", fix="give proposals, or a column proposal with a text in every row"
        )
    return Proposal(str(row.get("proposal_id") or text), text)


def _rows_of(batch: Any) -> list[Values]:
    if isinstance(batch, Mapping):
        columns = {name: column.tolist() if hasattr(column, "tolist") else list(column) for name, column in batch.items()}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if hasattr(batch, "to_pylist"):
        rows: list[Values] = batch.to_pylist()
        return rows
    # pandas has not-a-number where a value is absent.
    records = batch.to_dict("records")
    return [{str(name): None if value != value else value for name, value in record.items()} for record in records]


def _like(batch: Any, rows: list[Values]) -> Any:
    if hasattr(batch, "to_pylist"):
        import pyarrow as pa

        return pa.Table.from_pylist(rows, schema=answer_schema())
    if isinstance(batch, Mapping):
        import numpy as np

        columns = {name: np.empty(len(rows), dtype=object) for name in SHAPE}
        for name, column in columns.items():
            column[:] = [row[name] for row in rows]
        return columns
    import pandas as pd

    return pd.DataFrame(rows, columns=list(SHAPE))


def answer_schema() -> "pa.Schema":
    """Of answers as an Arrow table, as in the Parquet files that `predict` writes."""
    import pyarrow as pa

    whole, shares = pa.int64(), pa.struct([(stance.value, pa.float64()) for stance in STANCES])
    kinds = {"confidence": pa.float64(), "probabilities": shares, "start": whole, "end": whole}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in SHAPE])


@lru_cache(1)
def _tokenizer(bundle: Path) -> PairTokenizer:
    folder = model_folder(bundle)
    return tokenizer_of(folder, ModelSpec.read(folder))


@cache
def fits_of(bundle: Path) -> Callable[[str], None]:
    """What raises StancekitError for a proposal that the model cannot take; it remembers those that it knows."""
    return lru_cache(REMEMBERED)(lambda proposal: _tokenizer(bundle).check_proposals([proposal]))
