"""News articles in the forms in which they are published and kept: text, Markdown, saved web pages, tables. One at a time."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.files import ending_of, files_below, read_text
from stancekit.news.furniture import skipped_in
from stancekit.news.heads import Head, head_of
from stancekit.news.html import read_page
from stancekit.news.language import foreign
from stancekit.news.sentences import cut_sentences
from stancekit.news.tables import articles_of_rows
from stancekit.records import Article, Statement
from stancekit.tables import READABLE, BadRow, each_row

TEXTS = (".txt", ".md")
PAGES = (".html", ".htm")
# What folders are searched for. Tables must be named: a folder of articles often holds tables about them.
ENDINGS = (*TEXTS, *PAGES)
STDIN = Path("-")
MOST_BYTES = 20_000_000


class Note(NamedTuple):
    """What could not be read, or only with doubt."""

    source: str
    problem: str


def article_files(inputs: Iterable[Path]) -> list[Path]:
    """Files, with folders and patterns (`news/*.html`) replaced by what is in them, each once, in order; `-` stays.

    Raises StancekitError for a path that does not exist, an unknown ending, or a folder with nothing to read.
    """
    found: list[Path] = []
    for path in inputs:
        files = files_below(path, ENDINGS) if path.is_dir() else _matching(path)
        if not files:
            raise StancekitError(f"{path} holds no file to read", fix=f"put articles with one of these endings there: {', '.join(ENDINGS)}")
        for file in files:
            if file != STDIN and not file.is_file():
                raise StancekitError(f"{file} does not exist", fix="check the path")
            if file != STDIN and ending_of(file) not in (*ENDINGS, *READABLE):
                raise StancekitError(f"{file} has the ending {ending_of(file)!r}", fix=f"use one of {', '.join((*ENDINGS, *READABLE))}")
        found.extend(files)
    return list(dict.fromkeys(found))


def read_articles(files: Sequence[Path]) -> Iterator[Article | Note]:
    """The articles of all files, as they come, and notes on what could not be read; whatever is wrong with one, the rest goes on.

    An article that is named as one before it gets a number: `monday`, `monday-2`.
    """
    named: Counter[str] = Counter()
    for file in files:
        for one in _of_file(file):
            if isinstance(one, Note):
                yield one
                continue
            problem = "it has no text" if not cut_sentences(one.text) else foreign(one.text)
            if problem is not None:
                yield Note(one.source or one.id, problem)
                continue
            named[one.id] += 1
            yield one if named[one.id] == 1 else replace(one, id=f"{one.id}-{named[one.id]}")


def read_article(path: Path) -> Article:
    """The article in one .txt, .md or .html file, with the file's name (less its ending) as its id. Raises StancekitError.

    The text is the file's, or the main text of a page. Its first line is its title when a blank line follows and it does not end in a
    full stop.
    """
    ending = path.suffix.lower()
    if ending in PAGES:
        return _finished(read_page(path))
    if ending not in TEXTS:
        raise StancekitError(f"{path} has the ending {path.suffix!r}", fix=f"give articles as {' or '.join(ENDINGS)} files in UTF-8")
    return _finished(Article(id=path.stem, text=read_text(path), source=str(path)))


def cut_article(article: Article) -> list[Statement]:
    """The sentences of an article, its title among them, with ids `<article id>:<n>` from 1. Raises StancekitError when there is none.

    What lies in `skipped` is no sentence of it.
    """
    spans = [span for span in cut_sentences(article.text) if not any(start < span[1] and span[0] < end for start, end in article.skipped)]
    if not spans:
        where = article.source or article.id
        raise StancekitError(f"{where} has no sentence", fix="give an article with text in it, or leave this file out")
    return [
        Statement(id=f"{article.id}:{number}", text=article.text[start:end], source=article.source, start=start, end=end)
        for number, (start, end) in enumerate(spans, 1)
    ]


def _matching(path: Path) -> list[Path]:
    if path == STDIN or path.exists() or not any(mark in str(path) for mark in "*?["):
        return [path]
    root = Path(path.anchor) if path.is_absolute() else Path()
    return sorted(file for file in root.glob(str(path.relative_to(path.anchor) if path.is_absolute() else path)) if file.is_file())


def _of_file(file: Path) -> Iterator[Article | Note]:
    try:
        if file == STDIN:
            yield from _of_stdin()
        elif ending_of(file) in ENDINGS:
            if file.stat().st_size > MOST_BYTES:
                raise StancekitError(f"{file} has more than {MOST_BYTES // 1_000_000} MB", fix="give articles one by one")
            yield read_article(file)
        else:
            yield from _of_table(file)
    except StancekitError as fault:
        yield Note(str(file), fault.problem)
    except OSError as fault:
        yield Note(str(file), f"it cannot be read: {fault.strerror}")


def _of_stdin() -> Iterator[Article | Note]:
    raw = sys.stdin.buffer.read(MOST_BYTES * 10)
    text = raw.decode("utf-8-sig", errors="replace")
    name = Path("<stdin>")
    if text.lstrip().startswith("{"):
        yield from _of_rows(name, each_row(name, iter(text.splitlines(keepends=True))))
    else:
        yield _finished(Article("stdin", text, str(name)))


def _of_table(file: Path) -> Iterator[Article | Note]:
    yield from _of_rows(file, each_row(file))


def _of_rows(file: Path, rows: Iterable[object]) -> Iterator[Article | Note]:
    for one in articles_of_rows(file, rows):  # type: ignore[arg-type]
        yield Note(one.file, one.problem) if isinstance(one, BadRow) else _finished(one)


def _finished(article: Article) -> Article:
    """With what the text itself tells of title, date and outlet, and with what in it is no article text."""
    head: Head = head_of(article)
    whole = replace(article, title=head.title, date=head.date, outlet=head.outlet)
    return replace(whole, skipped=skipped_in(whole))
