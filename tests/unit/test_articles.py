"""Articles out of text files, and the data/articles that the demo reads."""

import json
from pathlib import Path

import pytest

from stancekit.data.corpus import read_corpus
from stancekit.errors import StancekitError
from stancekit.news.articles import cut_article, read_article
from stancekit.records import Article

DEMO = Path(__file__).parents[2] / "data" / "articles"
GOLD = Path(__file__).parents[1] / "data" / "articles-gold.jsonl"


def article_at(path: Path, content: bytes) -> Article:
    path.write_bytes(content)
    return read_article(path)


def test_the_first_line_before_a_blank_line_is_the_title(tmp_path: Path) -> None:
    article = article_at(tmp_path / "toll.txt", b"Toll falls at last\r\n\r\nORRIN - It fell. Nobody wept.\r\n")
    assert (article.id, article.title, article.source) == ("toll", "Toll falls at last", str(tmp_path / "toll.txt"))
    assert article.text == "Toll falls at last\r\n\r\nORRIN - It fell. Nobody wept.\r\n"


@pytest.mark.parametrize(
    "content", [b"It fell on Monday.\n\nNobody wept.", b"Toll falls\nNobody wept.", b"Toll falls", b"", b"#\n\nIt fell."]
)
def test_other_first_lines_are_no_title(tmp_path: Path, content: bytes) -> None:
    assert article_at(tmp_path / "a.txt", content).title is None


def test_a_markdown_heading_is_a_title_without_its_marks(tmp_path: Path) -> None:
    assert article_at(tmp_path / "a.md", "\ufeff# Will it fall?\n\nIt fell.".encode()).title == "Will it fall?"


def test_sentences_carry_ids_source_and_offsets_into_the_text(tmp_path: Path) -> None:
    article = article_at(tmp_path / "toll.txt", "Toll falls\n\nIt – the “toll” – fell. Nobody wept.".encode())
    statements = cut_article(article)
    assert [statement.id for statement in statements] == ["toll:1", "toll:2", "toll:3"]
    assert [statement.text for statement in statements] == ["Toll falls", "It – the “toll” – fell.", "Nobody wept."]
    assert all(article.text[s.start : s.end] == s.text and s.source == article.source for s in statements)


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"* * *\n"])
def test_an_article_without_a_sentence_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StancekitError, match=r"empty\.txt has no sentence"):
        cut_article(article_at(tmp_path / "empty.txt", content))


def test_other_endings_and_encodings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="ending"):
        article_at(tmp_path / "a.pdf", b"It fell.")
    with pytest.raises(StancekitError, match=r"a\.txt:2 is not UTF-8"):
        article_at(tmp_path / "a.txt", b"It fell.\nCaf\xe9.")


def test_the_demo_articles_are_cut_into_the_sentences_of_their_gold() -> None:
    gold = {article.id: article for _, article in read_corpus(GOLD)}
    assert sorted(gold) == sorted(path.stem for path in DEMO.glob("*.txt"))
    for article_id, labelled in gold.items():
        article = read_article(DEMO / f"{article_id}.txt")
        title, *body = [statement.text for statement in cut_article(article)]
        assert article.title == title == labelled.title
        assert "".join(body).replace(" ", "") == "".join(sentence.text for sentence in labelled.sentences).replace(" ", "")
        missing = [sentence.text for sentence in labelled.sentences if sentence.text not in body]
        assert not missing


def test_the_demo_articles_are_new_to_the_corpus() -> None:
    corpus = "".join(path.read_text(encoding="utf-8") for path in (DEMO.parent / "newsroom").glob("*.jsonl"))
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        assert not [sentence["text"] for sentence in json.loads(line)["sentences"] if sentence["text"] in corpus]
