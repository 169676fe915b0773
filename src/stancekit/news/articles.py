"""News articles out of plain text files, and their sentences as statements with offsets."""

from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import read_text
from stancekit.news.sentences import cut_sentences
from stancekit.records import Article, Statement

ENDINGS = (".txt", ".md")


def read_article(path: Path) -> Article:
    """The article in a .txt or .md file, with the file's name (less its ending) as its id.

    Its first line is its title when a blank line follows and it does not end in a full stop. Raises StancekitError.
    """
    if path.suffix.lower() not in ENDINGS:
        raise StancekitError(f"{path} has the ending {path.suffix!r}", fix=f"give articles as {' or '.join(ENDINGS)} files in UTF-8")
    text = read_text(path)
    return Article(id=path.stem, text=text, source=str(path), title=_title(text))


def cut_article(article: Article) -> list[Statement]:
    """The sentences of an article, its title among them, with ids `<article id>:<n>` from 1. Raises StancekitError when there is none."""
    spans = cut_sentences(article.text)
    if not spans:
        where = article.source or article.id
        raise StancekitError(f"{where} has no sentence", fix="give an article with text in it, or leave this file out")
    return [
        Statement(id=f"{article.id}:{number}", text=article.text[start:end], source=article.source, start=start, end=end)
        for number, (start, end) in enumerate(spans, 1)
    ]


def _title(text: str) -> str | None:
    lines = text.lstrip().splitlines()
    if len(lines) < 2 or lines[1].strip():
        return None
    # In Markdown a first line that is a heading is marked by number signs.
    title = lines[0].strip().lstrip("#").strip()
    return title if title and not title.endswith(".") else None
