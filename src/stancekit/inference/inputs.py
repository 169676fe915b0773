"""Statements to score, as a stream: from tables, plain text, folders and standard input."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import decoded_lines, ending_of, files_below
from stancekit.news.articles import ENDINGS, cut_article, read_article
from stancekit.records import Article, Proposal, Statement
from stancekit.tables import READABLE, Row, read_rows

STDIN = Path("-")
KNOWN = tuple(dict.fromkeys((*READABLE, *ENDINGS)))
ROLES = ("statement", "id", "source", "proposal", "proposal_id")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How tables are read. columns: role -> column, for columns that are not named as their role is. cut: texts are articles."""

    columns: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @classmethod
    def parse(cls, mappings: Sequence[str], cut: bool = False) -> "TableLayout":
        """From `role=column` words. Raises StancekitError for an unknown role."""
        columns = {}
        for mapping in mappings:
            role, equals, column = mapping.partition("=")
            if not equals or role not in ROLES or not column:
                raise StancekitError(
                    f"--column {mapping!r} is not ROLE=COLUMN", fix=f"ROLE is one of {', '.join(ROLES)}, as in --column statement=body"
                )
            columns[role] = column
        return cls(columns, cut)


def input_files(paths: Iterable[Path], inside: Sequence[str] = KNOWN) -> list[Path]:
    """Files, with folders replaced by the readable files below them in the order of their names; `-` stays.

    inside: the endings that count within folders; a file that is named itself may have any that is known.
    Raises StancekitError for a path that does not exist, an unknown ending or a folder with nothing to read.
    """
    found: list[Path] = []
    for path in paths:
        files = files_below(path, inside) if path.is_dir() else [path]
        if not files:
            raise StancekitError(f"{path} holds no file to read", fix=f"put files with one of these endings there: {', '.join(inside)}")
        for file in files:
            if file != STDIN and not file.is_file():
                raise StancekitError(f"{file} does not exist", fix="check the path")
            if file != STDIN and ending_of(file) not in KNOWN:
                raise StancekitError(f"{file} has the ending {ending_of(file)!r}", fix=f"use one of {', '.join(KNOWN)}")
        found.extend(files)
    return found


def read_statements(files: Iterable[Path], layout: TableLayout, own: bool = True) -> Iterator[Statement]:
    """The statements of all files in order. Articles (.txt, .md, and tables with `cut`) come sentence by sentence.

    own: read the proposals that rows bring; without it such a column may hold anything.
    """
    for file in files:
        if file == STDIN:
            yield from _of_stdin(layout, own)
        elif file.suffix.lower() in ENDINGS:
            yield from cut_article(read_article(file))
        else:
            yield from _of_rows(file, read_rows(file), layout, own)


def _of_stdin(layout: TableLayout, own: bool) -> Iterator[Statement]:
    name = Path("<stdin>")
    lines = decoded_lines(name, sys.stdin.buffer)
    # Blank lines at the head are kept: line numbers and offsets count them.
    head: list[str] = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    else:
        raise StancekitError("standard input is empty", fix="pipe in JSONL rows with a statement each, or the text of an article")
    stream = itertools.chain(head, lines)
    if head[-1].lstrip().startswith("{"):
        yield from _of_rows(name, read_rows(name, stream), layout, own)
    else:
        yield from cut_article(Article("stdin", "".join(stream), str(name)))


def _of_rows(file: Path, rows: Iterator[Row], layout: TableLayout, own: bool) -> Iterator[Statement]:
    names = {role: layout.columns.get(role, role) for role in ROLES}
    number = 0
    for number, row in enumerate(rows, 1):
        if number == 1:
            _check(file, row, names, layout)
        text = row.values.get(names["statement"])
        if not isinstance(text, str) or not text.strip():
            raise StancekitError(f"{row.where} has no text in {names['statement']!r}", fix="fill it in, or leave the row out")
        identity = _optional(row, names["id"]) or str(number)
        source = _optional(row, names["source"]) or str(file)
        proposal = _own_proposal(row, names) if own else None
        if layout.cut:
            yield from _cut(row, Article(identity, text, source), proposal)
        else:
            yield Statement(identity, text, source, proposal=proposal)
    if number == 0:
        raise StancekitError(f"{file} holds no row", fix="give at least one")


def _cut(row: Row, article: Article, proposal: Proposal | None) -> Iterator[Statement]:
    try:
        statements = cut_article(article)
    except StancekitError as fault:
        # The fault names the file; in a table the row is what the user looks for.
        raise StancekitError(f"{row.where} has no sentence", fix="give an article with text in it, or leave this row out") from fault
    yield from (replace(statement, proposal=proposal) for statement in statements)


def _check(file: Path, row: Row, names: Mapping[str, str], layout: TableLayout) -> None:
    wanted = {names["statement"], *layout.columns.values()}
    missing = sorted(wanted - set(row.values))
    if missing:
        raise StancekitError(
            f"{file} has no column {', '.join(map(repr, missing))}",
            fix=f"its columns are {', '.join(map(repr, row.values))}: name the right one, as in --column statement=body",
        )


def _own_proposal(row: Row, names: Mapping[str, str]) -> Proposal | None:
    if names["proposal"] not in row.values:
        return None
    text = _optional(row, names["proposal"])
    if text is None:
        raise StancekitError(f"{row.where} has an empty proposal", fix="fill it in: a claim with a side")
    return Proposal(_optional(row, names["proposal_id"]) or text, text)


def _optional(row: Row, column: str) -> str | None:
    value = row.values.get(column)
    return None if value is None or not str(value).strip() else str(value)
