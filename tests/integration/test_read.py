"""`stancekit read` over folders: what it takes, and that its files and its page tell the same."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stancekit.inference.scorers import FloatArray
from stancekit.reading.reader import Limits, Read
from stancekit.records import Article
from stancekit.tables import read_rows

PROPOSAL = "[proposals]\ntoll = 'The council should keep the harbour toll.'\n"
TEXT = "Toll row in Orrin\n\nThe mayor said the toll deserves every coin. Ada Varga called it a disgrace. {}"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name, end in (("monday.txt", "Bakers fear it."), ("tuesday.md", "It opens at noon.")):
        (folder / name).write_text(TEXT.format(end), encoding="utf-8")
    # A folder of articles often holds tables about them.
    (folder / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "proposals.toml").write_text(PROPOSAL, encoding="utf-8")
    return folder


@pytest.fixture
def sided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that knows the sides of these articles by their words."""
    from stancekit.inference.model import StanceModel

    def probabilities(self: StanceModel, pairs: Sequence[tuple[str, str]], advance: object = None) -> FloatArray:
        words = {"disgrace": (0.9, 0.05, 0.05), "deserves": (0.05, 0.05, 0.9)}
        rows = [next((row for word, row in words.items() if word in text), (0.02, 0.96, 0.02)) for text, _ in pairs]
        return np.array(rows).reshape(-1, 3)

    monkeypatch.setattr(StanceModel, "probabilities", probabilities)


@pytest.fixture
def reading(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path, sided: None) -> Path:
    output = news.parent / "reading"
    asked = ["--proposals", news.parent / "proposals.toml", "--output", output]
    done = stancekit("read", tiny_bundle, news, news / "monday.txt", *asked)
    assert done.returncode == 0, done.stderr
    return output


def test_a_folder_gives_its_articles_once_and_none_of_its_tables(reading: Path) -> None:
    opinions = rows(reading / "opinions.jsonl")
    assert [(opinion["article"], opinion["holder_id"], opinion["stance"]) for opinion in opinions] == [
        ("monday", "monday.mayor", "support"),
        ("monday", "ada-varga", "oppose"),
        ("tuesday", "tuesday.mayor", "support"),
        ("tuesday", "ada-varga", "oppose"),
    ]
    first = opinions[1]
    assert (first["sentence"], first["cue"], first["rule"]) == ("Ada Varga called it a disgrace.", "called it a disgrace", "attitude-verb")
    text = (reading.parent / "news" / "monday.txt").read_text(encoding="utf-8")
    assert text[first["start"] : first["end"]] == first["sentence"]


def test_the_page_draws_the_rows_of_the_summary(reading: Path) -> None:
    summary = rows(reading / "summary.jsonl")
    # Tuesday's article is Monday's with another end: what both say counts once.
    assert {row["holder_id"]: (row["oppose"], row["support"], row["stance"], row["articles"]) for row in summary} == {
        "monday.mayor": (0, 1, "support", 1),
        "ada-varga": (1, 0, "oppose", 1),
    }
    assert [one["copy_of"] for one in rows(reading / "articles.jsonl")] == [None, "monday"]
    page = (reading / "report.html").read_text(encoding="utf-8")
    assert page.count("Ada Varga") > 1


def test_shares_are_of_voices_and_answers_of_all_that_was_asked(reading: Path) -> None:
    whole = next(row for row in rows(reading / "shares.jsonl") if row["by"] == "all")
    assert (whole["voices"]["support"], whole["voices"]["oppose"], whole["articles"]) == (1, 1, 1)
    counts = json.loads((reading / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts == {"articles": 2, "sentences": 8, "asked": 2, "pairs": 8, "opinions": 4, "notes": 1}


def test_what_cannot_be_read_is_noted_and_the_rest_goes_on(
    stancekit: Callable[..., Any], tiny_bundle: Path, news: Path, sided: None
) -> None:
    (news / "empty.html").write_bytes(b"<html></html>")
    (news / "latin.txt").write_text("Der Rat der Stadt sagte am Montag, dass er den Hafenzoll nicht erhoehen werde. " * 5, encoding="utf-8")
    output = news.parent / "noted"
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", output)
    assert done.returncode == 0, done.stderr
    problems = {Path(note["source"]).name: note["problem"] for note in rows(output / "notes.jsonl")}
    assert set(problems) == {"empty.html", "latin.txt", "news"}
    assert problems["news"] == "tables in it are not read: notes.csv"
    assert "note: " in done.stderr
    assert "latin.txt: it is not in English" in done.stderr
    assert "not in English" in problems["latin.txt"]
    assert "latin.txt" in (output / "report.html").read_text(encoding="utf-8")
    assert len(rows(output / "opinions.jsonl")) == 4


def test_where_no_article_can_be_read_nothing_is_written(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    (news / "blank").mkdir()
    (news / "blank" / "a.txt").write_text("* * *", encoding="utf-8")
    output = news.parent / "nothing"
    done = stancekit("read", tiny_bundle, news / "blank", "--proposals", news.parent / "proposals.toml", "--output", output)
    assert done.returncode == 2
    assert "it has no text" in done.stderr
    assert not output.exists()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_hold_the_same_in_every_form(form: str, reading: Path, stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    output = news.parent / form
    asked = ["--proposals", news.parent / "proposals.toml", "--output", output, "--format", form]
    done = stancekit("read", tiny_bundle, news, *asked)
    assert done.returncode == 0, done.stderr
    for table in ("opinions", "summary", "shares"):
        assert len(list(read_rows(output / f"{table}.{form}"))) == len(rows(reading / f"{table}.jsonl"))
    first = next(read_rows(output / f"opinions.{form}")).values
    assert (first["holder_id"], first["stance"], int(first["start"])) == ("monday.mayor", "support", 19)


def test_a_reading_that_was_killed_goes_on_and_comes_to_the_same_bytes(
    tiny_bundle: Path, news: Path, sided: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stancekit.reading.reader import ArticleReader
    from stancekit.stages.read import read

    for number in range(40):
        text = (
            f"Toll row {number} in Orrin\n\nThe mayor said the toll deserves every coin of the {number} it costs. It rained {number} times."
        )
        (news / f"more{number:02}.txt").write_text(text, encoding="utf-8")
    asked, whole, broken = news.parent / "proposals.toml", news.parent / "whole", news.parent / "broken"
    read(tiny_bundle, [news], asked, whole)
    calls = []
    real = ArticleReader.read

    def failing(self: ArticleReader, articles: Sequence[Article]) -> list[Read]:
        calls.append([one.id for one in articles])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, articles)

    monkeypatch.setattr(ArticleReader, "read", failing)
    with pytest.raises(KeyboardInterrupt):
        read(tiny_bundle, [news], asked, broken)
    assert not broken.exists()
    read(tiny_bundle, [news], asked, broken)
    # 42 articles in parts of 16: the first part is not read again.
    assert [len(each) for each in calls] == [16, 16, 16, 10]
    for name in ("opinions.jsonl", "summary.jsonl", "shares.jsonl", "articles.jsonl", "changes.jsonl", "report.html"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes()
    assert not list(news.parent.glob(".broken.parts"))


def test_the_page_says_how_far_the_model_can_be_trusted(reading: Path) -> None:
    page = (reading / "report.html").read_text(encoding="utf-8")
    note = page[page.index('<p class="note" role="note"') : page.index("</header>")]
    assert "read the sentence before you report what somebody thinks." in note
    assert 'href="#trust"' in note
    assert "This model has not been judged on labelled data." in page[page.index('id="trust"') :]


def test_a_folder_without_an_article_is_refused(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    (news / "monday.txt").unlink()
    (news / "tuesday.md").unlink()
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", news.parent / "reading")
    assert done.returncode == 2
    assert "holds no file to read, only tables" in done.stderr
    assert "fix: name its tables: notes.csv" in done.stderr
    (news / "notes.csv").unlink()
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", news.parent / "reading")
    assert "holds no file to read" in done.stderr
    assert ".txt, .md" in done.stderr
    assert not (news.parent / "reading").exists()


def test_the_articles_of_the_demo_are_nothing_but_articles() -> None:
    folder = Path(__file__).parents[2] / "data" / "articles"
    assert {file.suffix for file in folder.iterdir()} == {".txt", ".toml"}


def test_an_article_is_not_asked_about_what_it_is_not_near_to(reading: Path) -> None:
    from stancekit.stages.read import read

    asked = reading.parent / "both.toml"
    asked.write_text(PROPOSAL + "rockets = 'Rockets should be launched from Holm Noss.'\n", encoding="utf-8")
    bundle = json.loads((reading / "manifest.json").read_text(encoding="utf-8"))["settings"]["bundle"]
    news = reading.parent / "news"
    found = read(Path(bundle), [news], asked, reading.parent / "gated")
    assert {opinion.proposal_id for opinion in found} == {"toll"}
    page = (reading.parent / "gated" / "report.html").read_text(encoding="utf-8")
    assert "2 questions of an article and a proposal were left out" in page
    everything = read(Path(bundle), [news], asked, reading.parent / "open", Limits(min_relevance=0))
    assert {opinion.proposal_id for opinion in everything} == {"toll", "rockets"}


def test_a_file_with_a_name_that_is_not_utf_8_is_read_like_any_other(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(news) + b"/w\xff.txt")).write_text("The ferrymen rejected the toll.\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    output = news.parent / "odd"
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", output)
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in rows(output / "articles.jsonl")] == ["monday", "tuesday", "w\ufffd"]
    assert any(name.endswith("w\udcff.txt") for name in json.loads((output / "manifest.json").read_text(encoding="utf-8"))["inputs"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "id;text\n1;The ferrymen rejected the toll.\n", "parted by semicolons, not by commas"),
        ("a.pdf", "%PDF", "save its text as .txt, or the page as .html"),
        ("a.json", "[]", "write one object a line, as .jsonl"),
    ],
)
def test_what_is_no_article_is_told_with_what_to_do(
    stancekit: Callable[..., Any], tiny_bundle: Path, news: Path, name: str, content: str, told: str
) -> None:
    (news / name).write_text(content, encoding="utf-8")
    done = stancekit("read", tiny_bundle, news / name, "--proposals", news.parent / "proposals.toml", "--output", news.parent / "none")
    assert done.returncode == 2
    assert told in done.stderr
    assert "in English" not in done.stderr


def test_what_stancekit_wrote_is_no_article(reading: Path, stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    reading.rename(news / "reading")
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", news.parent / "again")
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in rows(news.parent / "again" / "articles.jsonl")] == ["monday", "tuesday"]
    assert rows(news.parent / "again" / "notes.jsonl")[0]["problem"] == "tables in it are not read: notes.csv"
