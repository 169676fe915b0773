"""Articles as they are published: title, day and outlet are told, and what is no article text is in no sentence."""

import json
import time
from pathlib import Path

import pytest

from stancekit.news.articles import Note, cut_article, read_article, read_articles
from stancekit.news.furniture import rule_of
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


@pytest.mark.parametrize("codec", ["unicode_escape", "raw_unicode_escape", "idna", "utf-7", "punycode", "rot13"])
def test_a_page_cannot_name_a_codec_of_python_as_its_charset(tmp_path: Path, codec: str) -> None:
    page = b'<html><head><meta charset="%s"></head><body><article>%s<p>Caf\xe9 \\x41+AEE-</p></article></body></html>'
    (tmp_path / "a.html").write_bytes(page % (codec.encode(), PARAGRAPH * 3))
    note, article = read_articles([tmp_path / "a.html"])
    assert isinstance(note, Note)
    assert "guess" in note.problem
    assert isinstance(article, Article)
    assert "\\x41+AEE-" in article.text


def test_a_line_of_emphasis_takes_no_time() -> None:
    began = time.monotonic()
    assert rule_of("x " + "_" * 400_000 + "x") is None
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("line", ["# Mayor backs tolls", "**Mayor backs tolls**", "## _Mayor backs tolls_", "***Mayor backs tolls***"])
def test_a_title_is_told_without_its_marks_and_read_once(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(f"{line}\n\nMayor backs tolls\n\nIt fell.\n", encoding="utf-8")
    article = read_article(tmp_path / "a.md")
    assert article.title == "Mayor backs tolls"
    assert [one.text for one in cut_article(article)][1:] == ["It fell."]


def test_marks_inside_a_title_stay(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("*Mayor* backs *tolls*\n\nIt fell.\n", encoding="utf-8")
    assert read_article(tmp_path / "a.txt").title == "*Mayor* backs *tolls*"


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
