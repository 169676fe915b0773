"""Articles out of the rows of tables, by the names that their columns usually have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import ending_of
from stancekit.news.heads import day_of
from stancekit.records import Article
from stancekit.tables import READABLE, BadRow, Row, each_row

# Role -> column, as a user names them.
Columns = Mapping[str, str]
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
# In JSONL not every row has every column.
FIRST_ROWS = 100


def refuse_missing(files: Iterable[Path], columns: Columns) -> None:
    """Raises StancekitError for a table whose first rows lack a column that the user names. Standard input is not looked at."""
    for file in files if columns else ():
        if ending_of(file) not in READABLE:
            continue
        rows = [row.values for row in islice(each_row(file), FIRST_ROWS) if isinstance(row, Row)]
        found = dict.fromkeys(str(name) for row in rows for name in row)
        missing = [f"{role}={column}" for role, column in columns.items() if rows and column not in found]
        if missing:
            raise StancekitError(
                f"{file} has no column for {', '.join(missing)}, only {_shown(found)}", fix="name one of these with --column"
            )


def articles_of_rows(file: Path, rows: Iterable[Row | BadRow], columns: Columns) -> Iterator[Article | BadRow]:
    """One article a row, the rows that hold none, and last those whose dates cannot be read, as one.

    Raises StancekitError when no column holds texts.

    Columns are those that the user names by their role, else they are told by their names, whatever their case: see COLUMNS. Rows
    without an id are numbered from 1.
    """
    lacking, undated = 0, list[tuple[str, str]]()
    for number, row in enumerate(rows, 1):
        if isinstance(row, BadRow):
            yield row
            continue
        names = _names(row.values, columns)
        if "text" not in names:
            lacking += 1
            if lacking == number or lacking > MOST_LACKING:
                # The rows of JSONL may differ; when the first has none, or many, it is the file that is meant.
                fix = f"name one with --column text=COLUMN, or call it {' or '.join(COLUMNS['text'])}"
                raise StancekitError(f"{file} has no column of texts, only {_shown(row.values)}", fix=fix)
            yield BadRow.at(row.where, "has no text", "leave empty rows out")
            continue
        told = {role: str(row.values[name]).strip() for role, name in names.items() if row.values.get(name) not in (None, "")}
        if not told.get("text") or not isinstance(row.values[names["text"]], str):
            yield BadRow.at(row.where, "has no text", "leave empty rows out")
            continue
        day = day_of(told.get("date"))
        if day is None and "date" in told:
            undated.append((row.where, told["date"]))
        # Offsets are into the cell as it is.
        text, source = row.values[names["text"]], told.get("source") or row.where
        yield Article(told.get("id") or f"{file.stem.strip('<>')}-{number}", text, source, told.get("title"), day, told.get("outlet"))
    if undated:
        yield _undated(undated)


def _undated(rows: Sequence[tuple[str, str]]) -> BadRow:
    """rows: where each stands, and its date."""
    where, date = rows[0]
    others = f", as in {len(rows) - 1} more" if len(rows) > 1 else ""
    return BadRow.at(where, f"has a date that cannot be read as a day: {date[:SHOWN]!r}{others}", fix="write days as 2031-03-11")


def _names(found: Iterable[str], columns: Columns) -> dict[str, str]:
    lower = {str(name).strip().lower(): name for name in found}
    told = {role: lower[known] for role, those in COLUMNS.items() for known in reversed(those) if known in lower}
    # What the user names is that column alone, and no other takes its place where it is absent.
    return {role: name for role, name in {**told, **columns}.items() if role not in columns or name in lower.values()}


def _shown(names: Iterable[str]) -> str:
    return ", ".join(map(str, names))[:SHOWN]
