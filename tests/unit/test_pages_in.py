"""Articles as they are published: title, day and outlet are told, and what is no article text is in no sentence."""

import json
import time
from pathlib import Path

import pytest

from stancekit.news.articles import Note, cut_article, read_article, read_articles
from stancekit.records import Article

FOLDER = Path(__file__).parents[1] / "data" / "articles"
FILES = sorted(file for file in FOLDER.iterdir() if file.suffix != ".json")
PARAGRAPH = b"<p>The council rejects the toll, said Mayor Osk, because it would cost every family forty marks a year.</p>"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_an_article_is_told_from_what_stands_around_it(file: Path) -> None:
    gold = json.loads((FOLDER / f"{file.stem}.expected.json").read_text(encoding="utf-8"))
    article = read_article(file)
    assert (article.title, article.date, article.outlet) == (gold["title"], gold["date"], gold["outlet"])
    statements = cut_article(article)
    assert all(article.text[one.start : one.end] == one.text for one in statements)
    assert [(part, one.text) for part in gold["not_part_of_the_article"] for one in statements if part in one.text] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("random.html", bytes(range(256)) * 40),
        ("empty.html", b""),
        ("tags.html", b"<b>a</b>" * 1_000_000),
        ("large.txt", b"a" * 20_000_001),
        ("noughts.txt", b"\0" * 100_000),
        ("notices.txt", b"Advertisement\n\nShare this article\n"),
        ("random.parquet", bytes(range(256))),
        ("columns.csv", b"a,b\n1,2\n"),
    ],
)
def test_bad_files_are_noted_soon_and_the_rest_goes_on(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.txt").write_bytes(b"Toll falls\n\nNobody wept.")
    began = time.monotonic()
    *notes, good = read_articles([tmp_path / name, tmp_path / "good.txt"])
    assert notes
    assert all(isinstance(one, Note) for one in notes)
    assert isinstance(good, Article)
    assert good.id == "good"
    assert time.monotonic() - began < 20


def test_a_guessed_charset_is_noted(tmp_path: Path) -> None:
    (tmp_path / "cafe.txt").write_bytes(("The café’s owner rejects the “toll”, said Osk. " * 10).encode("cp1252"))
    note, article = read_articles([tmp_path / "cafe.txt"])
    assert isinstance(note, Note)
    assert "guess" in note.problem
    assert isinstance(article, Article)
    assert "café" in article.text


def test_ids_stay_apart(tmp_path: Path) -> None:
    rows = [{"id": name, "text": "The council rejects it."} for name in ("a", "a-2", "a", "a")]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ids = [one.id for one in read_articles([tmp_path / "rows.jsonl"]) if isinstance(one, Article)]
    assert ids == ["a", "a-2", "a-3", "a-4"]


def test_labels_without_end_are_no_title(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes(b"A\n\n" * 20_000)
    assert len(list(read_articles([tmp_path / "labels.txt"]))) == 1


def test_a_sentence_does_not_reach_across_an_advert(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"The council said no.\nAdvertisement\nThe mayor agreed.\n")
    assert [one.text for one in cut_article(read_article(tmp_path / "a.txt"))] == ["The council said no.", "The mayor agreed."]
