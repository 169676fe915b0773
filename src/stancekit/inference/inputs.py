"""Statements to score, as a stream: from tables, plain text, folders and standard input."""

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import decoded_lines, ending_of, files_below
from stancekit.news.articles import ENDINGS, cut_article, read_article
from stancekit.records import Article, Proposal, Statement
from stancekit.tables import READABLE, BadRow, Row, each_row, parse_columns

STDIN = Path("-")
KNOWN = tuple(dict.fromkeys((*READABLE, *ENDINGS)))
ROLES = ("statement", "id", "source", "proposal", "proposal_id")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How tables are read. columns: role -> column, for columns that are not named as their role is. cut: texts are articles."""

    columns: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def names(self) -> dict[str, str]:
        """Role -> column, of all roles."""
        return {role: self.columns.get(role, role) for role in ROLES}

    @classmethod
    def parse(cls, mappings: Sequence[str], cut: bool = False) -> "TableLayout":
        """From `role=column` words. Raises StancekitError for an unknown role."""
        return cls(parse_columns(mappings, ROLES, "statement=body"), cut)


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


@dataclass(frozen=True, slots=True)
class Rules:
    """What a row must bring.

    own: read the proposals that rows bring; without it such a column may hold anything. required: a row without one is a bad row,
    and a file without any is refused. fits: raises StancekitError for a proposal that the model cannot take. stdin: a file
    that holds what came by standard input, where that is read more than once.
    """

    layout: TableLayout = field(default_factory=TableLayout)
    own: bool = True
    required: bool = False
    fits: Callable[[str], None] | None = None
    stdin: Path | None = None


def read_statements(files: Iterable[Path], layout: TableLayout) -> Iterator[Statement]:
    """The statements of all files in order. Articles (.txt, .md, and tables with `cut`) come sentence by sentence. Raises for a bad row."""
    for statement in each_statement(files, Rules(layout)):
        if isinstance(statement, BadRow):
            raise statement.error()
        yield statement


def each_statement(files: Iterable[Path], rules: Rules) -> Iterator[Statement | BadRow]:
    """The same, but a bad row comes as such and those behind it follow. Raises StancekitError for a file that cannot be read at all."""
    for file in files:
        if file == STDIN:
            yield from _of_stdin(rules)
        elif file.suffix.lower() in ENDINGS:
            _needs_proposals(str(file), rules)
            yield from statements_of_article(read_article(file))
        else:
            yield from _of_rows(file, each_row(file), rules)


def _of_stdin(rules: Rules) -> Iterator[Statement | BadRow]:
    name = Path("<stdin>")
    with nullcontext(sys.stdin.buffer) if rules.stdin is None else rules.stdin.open("rb") as raw:
        lines = decoded_lines(name, raw)
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
            yield from _of_rows(name, each_row(name, stream), rules)
        else:
            _needs_proposals("standard input", rules)
            yield from statements_of_article(Article("stdin", "".join(stream), str(name)))


def _needs_proposals(name: str, rules: Rules) -> None:
    if rules.own and rules.required:
        raise StancekitError(f"{name} brings no proposal", fix="name a file with --proposals, or give rows with a column proposal")


def statements_of_article(article: Article) -> Iterator[Statement | BadRow]:
    """Its sentences; a BadRow where it has none."""
    try:
        yield from cut_article(article)
    except StancekitError as fault:
        yield BadRow(str(article.source), None, fault.problem, fault.fix)


def _of_rows(file: Path, rows: Iterator[Row | BadRow], rules: Rules) -> Iterator[Statement | BadRow]:
    names = rules.layout.names
    number, first, unread = 0, True, None
    for number, row in enumerate(rows, 1):
        if isinstance(row, BadRow):
            unread = unread or row
            yield row
            continue
        if first:
            check_columns(file, row, names, rules)
            first = False
        yield from statements_of_row(file, number, row, names, rules)
    if first:
        # No line could be read as a row: the file is of another kind.
        raise unread.error() if unread is not None else StancekitError(f"{file} holds no row", fix="give at least one")


def statements_of_row(file: Path, number: int, row: Row, names: Mapping[str, str], rules: Rules) -> Iterator[Statement | BadRow]:
    """What the `number`-th row of a table has to say. names: see TableLayout.names."""
    text = row.values.get(names["statement"])
    if not isinstance(text, str) or not text.strip():
        yield BadRow.at(row.where, f"has no text in {names['statement']!r}", fix="fill it in, or leave the row out")
        return
    proposal = _own_proposal(row, names, rules) if rules.own else None
    if isinstance(proposal, BadRow):
        yield proposal
        return
    identity = _optional(row, names["id"]) or str(number)
    source = _optional(row, names["source"]) or str(file)
    if not rules.layout.cut:
        yield Statement(identity, text, source, proposal=proposal)
        return
    for statement in statements_of_article(Article(identity, text, source)):
        if isinstance(statement, BadRow):
            # The fault names the file; in a table the row is what the user looks for.
            yield BadRow.at(row.where, "has no sentence", fix="give an article with text in it, or leave this row out")
        else:
            yield replace(statement, proposal=proposal)


def check_columns(file: Path, row: Row, names: Mapping[str, str], rules: Rules) -> None:
    """Raise StancekitError when the first row of a table lacks a column that is named, or every row its proposal."""
    wanted = {names["statement"], *rules.layout.columns.values()}
    missing = sorted(wanted - set(row.values))
    if missing:
        raise StancekitError(
            f"{file} has no column {', '.join(map(repr, missing))}",
            fix=f"its columns are {', '.join(map(repr, row.values))}: name the right one, as in --column statement=body",
        )
    if names["proposal"] not in row.values:
        _needs_proposals(str(file), rules)


def _own_proposal(row: Row, names: Mapping[str, str], rules: Rules) -> Proposal | BadRow | None:
    if names["proposal"] not in row.values and not rules.required:
        return None
    text = _optional(row, names["proposal"])
    if text is None:
        return BadRow.at(row.where, "has an empty proposal", fix="fill it in: a claim with a side")
    try:
        if rules.fits is not None:
            rules.fits(text)
    except StancekitError as fault:
        return BadRow.at(row.where, f"cannot be asked: {fault.problem}", fault.fix)
    return Proposal(_optional(row, names["proposal_id"]) or text, text)


def _optional(row: Row, column: str) -> str | None:
    value = row.values.get(column)
    return None if value is None or not str(value).strip() else str(value)
