"""News articles in the forms in which they are published and kept: text, Markdown, saved web pages, tables. One at a time."""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from glob import glob
from itertools import count, pairwise
from pathlib import Path
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.files import ending_of, files_below, read_text
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import stage_of
from stancekit.news.charsets import decoded
from stancekit.news.furniture import rule_of, skipped_in
from stancekit.news.heads import Head, head_of
from stancekit.news.html import page_of, read_page
from stancekit.news.language import foreign
from stancekit.news.markdown import markdown_article
from stancekit.news.sentences import cut_sentences
from stancekit.news.tables import Columns, articles_of_rows
from stancekit.records import Article, Statement
from stancekit.tables import READABLE, BadRow, Row, each_row

MARKDOWN = (".md",)
TEXTS = (".txt", *MARKDOWN)
PAGES = (".html", ".htm")
# What folders are searched for. Tables must be named: a folder of articles often holds tables about them.
ENDINGS = (*TEXTS, *PAGES)
STDIN = Path("-")
MOST_BYTES = 20_000_000
MOST_STDIN = 10 * MOST_BYTES


NAMED = 5
# What to do with files of which people think that they are articles.
_SAVED = "save its text as .txt, or the page as .html"
OTHERS = {**dict.fromkeys((".pdf", ".docx", ".doc", ".odt", ".rtf", ".epub"), _SAVED), ".json": "write one object a line, as .jsonl"}


class Note(NamedTuple):
    """What could not be read, or only with doubt. fix: what to do, where more can be said than that."""

    source: str
    problem: str
    fix: str | None = None


def article_files(inputs: Iterable[Path]) -> list[Path]:
    """Files, with folders and patterns (`news/*.html`) replaced by what is in them, each once, in order; `-` stays.

    Raises StancekitError for a path that does not exist, an unknown ending, or a folder with nothing to read.
    """
    found: list[Path] = []
    for path in inputs:
        files = _inside(path, ENDINGS) if path.is_dir() else _matching(path)
        if not files:
            tables = _inside(path, READABLE) if path.is_dir() else []
            fix = f"name its tables: {_names(tables)}" if tables else f"put articles with one of these endings there: {', '.join(ENDINGS)}"
            raise StancekitError(f"{path} holds no {'file to read, only tables' if tables else 'file to read'}", fix=fix)
        for file in files:
            if file != STDIN and not file.is_file():
                raise StancekitError(f"{file} does not exist", fix="check the path")
            if file != STDIN and ending_of(file) not in (*ENDINGS, *READABLE):
                fix = OTHERS.get(ending_of(file), f"use one of {', '.join((*ENDINGS, *READABLE))}")
                raise StancekitError(f"{file} has the ending {ending_of(file)!r}", fix=fix)
        found.extend(files)
    return list(dict.fromkeys(found))


def passed_over(inputs: Iterable[Path], files: Sequence[Path]) -> Iterator[Note]:
    """Notes on what lies in folders and is not read although it may hold articles: tables, and files of other programs. One a folder.

    files: what is read, as article_files gives it.
    """
    for folder in filter(Path.is_dir, inputs):
        tables = [file for file in _inside(folder, READABLE) if file not in files]
        if tables:
            yield Note(str(folder), f"tables in it are not read: {_names(tables)}", "name those that hold articles")
        for ending, fix in OTHERS.items():
            others = _inside(folder, (ending,))
            if others:
                yield Note(str(folder), f"{ending} files in it are not read: {_names(others)}", fix)


def read_articles(files: Sequence[Path], columns: Columns | None = None) -> Iterator[Article | Note]:
    """The articles of all files, as they come, and notes on what could not be read; whatever is wrong with one, the rest goes on.

    An article that is named as one before it gets a number: `monday`, `monday-2`. columns: of tables, see articles_of_rows.
    """
    taken, renamed = set[str](), list[tuple[Article, str]]()
    for file in files:
        for one in map(_told, _of_file(file, columns or {})):
            if isinstance(one, Note):
                yield one
                continue
            problem = foreign(one.text) if next(_parts(one), None) is not None else "it has no text"
            if problem is not None:
                yield Note(one.source or one.id, problem)
                continue
            free = (f"{one.id}-{number}" for number in count(2))
            name = one.id if one.id not in taken else next(name for name in free if name not in taken)
            taken.add(name)
            if name != one.id:
                renamed.append((one, name))
            yield one if name == one.id else replace(one, id=name)
    if renamed:
        # Folders of pages that are all called index.html have thousands.
        first, name = renamed[0]
        often = f"{len(renamed)} articles have ids" if len(renamed) > 1 else "an article has an id"
        yield Note(first.source or first.id, f"{often} that another has: {first.id!r} here is called {name!r}", "give each its own id")


def read_article(path: Path) -> Article:
    """The article in one .txt, .md or .html file, with the file's name (less its ending) as its id. Raises StancekitError.

    The text is the file's, the main text of a page, or what a Markdown file shows as text. Its first line is its title when a blank
    line follows and it does not end in a full stop, unless page or Markdown tell another.
    """
    ending = path.suffix.lower()
    if ending in PAGES:
        return _finished(read_page(path)[0])
    if ending not in TEXTS:
        raise StancekitError(f"{path} has the ending {path.suffix!r}", fix=f"give articles as {' or '.join(ENDINGS)} files in UTF-8")
    return _finished(_of_text(path, read_text(path))[0])


def article_of(text: str, name: str = "article") -> Article:
    """The article in a text, with the title, day and outlet that its first lines tell; offsets count in the text as it is."""
    return _finished(Article(name, text))


def cut_article(article: Article) -> list[Statement]:
    """The sentences of an article, its title among them, with ids `<article id>:<n>` from 1. Raises StancekitError when there is none.

    What lies in `skipped` is no sentence of it, and no sentence reaches across it.
    """
    spans = [(start + first, start + last) for start, end in _parts(article) for first, last in cut_sentences(article.text[start:end])]
    if not spans:
        where = article.source or article.id
        raise StancekitError(f"{where} has no sentence", fix="give an article with text in it, or leave this file out")
    return [
        Statement(id=f"{article.id}:{number}", text=article.text[start:end], source=article.source, start=start, end=end)
        for number, (start, end) in enumerate(spans, 1)
    ]


def _parts(article: Article) -> Iterator[tuple[int, int]]:
    """The stretches between what is skipped that have a letter or digit in them."""
    edges = [0, *(edge for stretch in article.skipped for edge in stretch), len(article.text)]
    for start, end in list(pairwise(edges))[::2]:
        if any(character.isalnum() for character in article.text[start:end]):
            yield start, end


def _inside(folder: Path, endings: Sequence[str]) -> list[Path]:
    """Files below a folder, but for those that stancekit made: a report is a page, and no article."""
    made = {file.parent for file in files_below(folder, (".json",)) if file.name == MANIFEST and stage_of(file.parent) is not None}
    return [file for file in files_below(folder, endings) if made.isdisjoint(file.parents)]


def _names(files: Sequence[Path]) -> str:
    return ", ".join([*(file.name for file in files[:NAMED]), *([f"{len(files) - NAMED} more"] if len(files) > NAMED else [])])


def _matching(path: Path) -> list[Path]:
    if path == STDIN or path.exists() or not any(mark in str(path) for mark in "*?["):
        return [path]
    # Path.glob knows no patterns that begin at the root.
    return sorted(file for file in map(Path, glob(str(path), recursive=True)) if file.is_file())  # noqa: PTH207


def _of_file(file: Path, columns: Columns) -> Iterator[Article | Note]:
    try:
        if file == STDIN:
            yield from _of_stdin(columns)
        elif ending_of(file) in ENDINGS:
            if file.stat().st_size > MOST_BYTES:
                raise StancekitError(f"{file} has more than {MOST_BYTES // 1_000_000} MB", fix="give articles one by one")
            yield from _of_document(file)
        else:
            yield from _of_rows(file, each_row(file), columns)
    except StancekitError as fault:
        yield Note(str(file), fault.problem, fault.fix)
    except OSError as fault:
        yield Note(str(file), f"it cannot be read: {fault.strerror}")


def _of_document(file: Path) -> Iterator[Article | Note]:
    if file.suffix.lower() in PAGES:
        article, guessed = read_page(file)
    else:
        text, guessed = decoded(file.read_bytes(), str(file))
        article, problems = _of_text(file, text)
        yield from (Note(str(file), problem, "mend what stands between the lines of ---") for problem in problems)
    yield from _guess(str(file), guessed)
    yield _finished(article)


def _of_text(file: Path, text: str) -> tuple[Article, list[str]]:
    if file.suffix.lower() in MARKDOWN:
        return markdown_article(text, file.stem, str(file))
    return Article(id=file.stem, text=text, source=str(file)), []


def _told(one: Article | Note) -> Article | Note:
    """With a name that can be written, where that of its file is not in UTF-8."""
    if isinstance(one, Note):
        return one._replace(source=_written(one.source), problem=_written(one.problem))
    return replace(one, id=_written(one.id), source=None if one.source is None else _written(one.source))


def _written(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _guess(source: str, charset: str | None) -> Iterator[Note]:
    if charset is not None:
        yield Note(source, f"it is not UTF-8; it was read as {charset}, which is a guess")


def _of_stdin(columns: Columns) -> Iterator[Article | Note]:
    name = Path("<stdin>")
    raw = sys.stdin.buffer.read(MOST_STDIN + 1)
    if len(raw) > MOST_STDIN:
        raise StancekitError(f"standard input has more than {MOST_STDIN // 1_000_000} MB", fix="give files")
    if raw[:100].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        article, guessed = page_of(raw, "stdin", str(name))
        yield from _guess(str(name), guessed)
        yield _finished(article)
        return
    text, guessed = decoded(raw, str(name))
    yield from _guess(str(name), guessed)
    if text.lstrip().startswith("{"):
        # Only line feeds end a row: JSON may hold the other marks that end lines.
        yield from _of_rows(name, each_row(name, io.StringIO(text, newline="\n")), columns)
    elif len(raw) > MOST_BYTES:
        raise StancekitError(f"{name} is an article of more than {MOST_BYTES // 1_000_000} MB", fix="give articles one by one")
    else:
        yield _finished(Article("stdin", text, str(name)))


def _of_rows(file: Path, rows: Iterable[Row | BadRow], columns: Columns) -> Iterator[Article | Note]:
    for one in articles_of_rows(file, rows, columns):
        yield Note(one.file, one.problem, one.fix) if isinstance(one, BadRow) else _finished(one)


def _finished(article: Article) -> Article:
    """With what the text itself tells of title, date and outlet, and with what in it is no article text."""
    head: Head = head_of(article)
    # A page may begin with an advert.
    title = head.title if article.title is not None or rule_of(head.title or "") not in ("advert", "share") else None
    whole = replace(article, title=title, date=head.date, outlet=head.outlet)
    return replace(whole, skipped=skipped_in(whole))
