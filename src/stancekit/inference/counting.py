"""From what pieces hold to what stands before each, so that rows get the numbers that one reader of everything would give them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stancekit.errors import StancekitError
from stancekit.inference.distributed import Count, Job, bad_rows
from stancekit.inference.pieces import Piece, Span


@dataclass(frozen=True, slots=True)
class Counted:
    """The pieces of a job, numbered anew without those that hold nothing. rejected: rows that cannot be asked."""

    pieces: tuple[Piece, ...]
    rejected: int

    @property
    def questions(self) -> int:
        """Pairs in all."""
        return sum(piece.questions for piece in self.pieces)


def counted(pieces: Sequence[Piece], counts: Mapping[int, Count], job: Job) -> Counted:
    """All pieces of a job with what stands before them. counts: by the numbers of the pieces.

    Raises StancekitError for the first fault that is not of one row alone: a file that cannot be read or has no sound row.
    """
    lines: dict[str, int] = defaultdict(int)
    rows: dict[str, int] = defaultdict(int)
    readable: dict[str, int] = defaultdict(int)
    placed: list[Piece] = []
    for piece in pieces:
        one = counts[piece.number]
        placed.append(replace(piece, questions=one.questions, spans=tuple(_placed(piece, one, lines, rows, readable))))
        if one.fault:
            _first_bad([placed[-1]], job)
            raise StancekitError(f"{piece.spans[0].name} could not be read", fix="start again; it may have changed meanwhile")
    _refuse_unreadable(placed, readable, job)
    full = [piece for piece in placed if piece.questions or counts[piece.number].rejected]
    if not any(piece.questions for piece in full):
        _first_bad(full, job)
    return Counted(tuple(replace(piece, number=number) for number, piece in enumerate(full)), sum(one.rejected for one in counts.values()))


def _placed(piece: Piece, one: Count, lines: dict[str, int], rows: dict[str, int], readable: dict[str, int]) -> Iterator[Span]:
    # Of a piece that cannot be read nothing is counted.
    nothing = (0,) * len(piece.spans)
    for span, more_lines, more_rows, sound in zip(
        piece.spans, one.lines or nothing, one.rows or nothing, one.readable or nothing, strict=True
    ):
        yield replace(span, lines=lines[span.name], rows=rows[span.name])
        lines[span.name] += more_lines
        rows[span.name] += more_rows
        readable[span.name] += sound


def _refuse_unreadable(pieces: Iterable[Piece], readable: Mapping[str, int], job: Job) -> None:
    """No line could be read as a row: the file is of another kind."""
    for piece in pieces:
        for span in piece.spans:
            if not readable[span.name]:
                _first_bad([replace(piece, spans=(span,))], job)
                raise StancekitError(f"{span.name} holds no row", fix="give at least one")


def _first_bad(pieces: Iterable[Piece], job: Job) -> None:
    """Raise for the first bad row, or the first fault, of these pieces. Does nothing where there is none."""
    for piece in pieces:
        for bad in bad_rows(piece, job):
            raise bad.error()


def refuse_bad(all_of: Counted, job: Job) -> None:
    """Raise StancekitError for the first row that cannot be asked."""
    if all_of.rejected:
        _first_bad(all_of.pieces, job)
