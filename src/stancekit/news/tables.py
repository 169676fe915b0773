"""Articles out of the rows of tables, by the names that their columns usually have."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.news.heads import day_of
from stancekit.records import Article
from stancekit.tables import BadRow, Row

COLUMNS = {
    "text": ("text", "body", "articlebody", "article_body", "content", "fulltext", "full_text", "article"),
    "id": ("id", "article_id", "body id", "body_id", "uid", "doc_id"),
    "title": ("title", "headline"),
    "date": ("date", "published", "published_at", "publish_date", "publication_date", "pubdate", "datepublished"),
    "outlet": ("outlet", "publisher", "publication", "sitename", "site", "newspaper", "media"),
    "source": ("url", "link", "source", "uri"),
}

MOST_LACKING = 100
SHOWN = 200


def articles_of_rows(file: Path, rows: Iterable[Row | BadRow]) -> Iterator[Article | BadRow]:
    """One article a row, and the rows that hold none. Raises StancekitError when no column holds texts.

    Columns are told by their names, whatever their case: see COLUMNS. Rows without an id are numbered from 1.
    """
    lacking = 0
    for number, row in enumerate(rows, 1):
        if isinstance(row, BadRow):
            yield row
            continue
        names = _names(row.values)
        if "text" not in names:
            lacking += 1
            if lacking == number or lacking > MOST_LACKING:
                # The rows of JSONL may differ; when the first has none, or many, it is the file that is meant.
                found = ", ".join(map(str, row.values))[:SHOWN]
                raise StancekitError(f"{file} has no column of texts, only {found}", fix=f"name one {' or '.join(COLUMNS['text'])}")
            yield BadRow.at(row.where, "has no text", "leave empty rows out")
            continue
        told = {role: str(row.values[name]).strip() for role, name in names.items() if row.values.get(name) not in (None, "")}
        if not told.get("text") or not isinstance(row.values[names["text"]], str):
            yield BadRow.at(row.where, "has no text", "leave empty rows out")
            continue
        # Offsets are into the cell as it is.
        yield Article(
            id=told.get("id") or f"{file.stem}-{number}",
            text=row.values[names["text"]],
            source=told.get("source") or row.where,
            title=told.get("title"),
            date=day_of(told.get("date")),
            outlet=told.get("outlet"),
        )


def _names(columns: Iterable[str]) -> dict[str, str]:
    lower = {str(name).strip().lower(): name for name in columns}
    return {role: lower[known] for role, those in COLUMNS.items() for known in reversed(those) if known in lower}
