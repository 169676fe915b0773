"""Which columns of a table of articles are read as what."""

import json
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.news.articles import Note, read_articles
from stancekit.news.tables import refuse_missing
from stancekit.records import Article

# The columns with the usual names hold something else.
ROW = {
    "text": "a teaser",
    "story": "The council rejects the toll.",
    "when": "2031-05-04",
    "paper": "Orrin Gazette",
    "head": "Toll",
    "key": "k7",
}
NAMED = {"text": "story", "date": "when", "outlet": "paper", "title": "head", "id": "key"}


def table(path: Path, *rows: dict[str, str]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_named_columns_stand_above_usual_names(tmp_path: Path, name: str) -> None:
    file = table(tmp_path / name, ROW)
    [article] = read_articles([file], NAMED)
    assert isinstance(article, Article)
    assert (article.id, article.text, article.title) == ("k7", "The council rejects the toll.", "Toll")
    assert (article.date, article.outlet) == ("2031-05-04", "Orrin Gazette")
    [plain] = read_articles([file])
    assert isinstance(plain, Article)
    assert (plain.text, plain.date) == ("a teaser", None)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_named_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, name: str) -> None:
    file = table(tmp_path / name, ROW)
    refuse_missing([file, tmp_path / "other.txt"], NAMED)
    with pytest.raises(StancekitError, match=r"no column for text=body, date=day, only text, story, when"):
        refuse_missing([file], {**NAMED, "text": "body", "date": "day"})


def test_no_usual_name_takes_the_place_of_a_named_column(tmp_path: Path) -> None:
    file = table(tmp_path / "a.jsonl", ROW, {"text": "a teaser", "key": "k8"})
    article, note = read_articles([file], NAMED)
    assert isinstance(article, Article)
    assert isinstance(note, Note)
    assert "a.jsonl:2 has no text" in note.problem
