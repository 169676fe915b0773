"""Articles in Markdown: what is read of them, what their front matter tells, and where their sentences stand in the file."""

import time
from pathlib import Path

import pytest

from stancekit.news.articles import Note, cut_article, read_articles
from stancekit.news.places import source_span
from stancekit.records import Article

TOLL = """---
title: "Council: no toll"
date: 2031-03-04
publication: Orrin Gazette
tags: [toll, ferry]
---

The **Harbour Council** rejects the [ferry toll](https://gazette.example/toll "Toll"), it said
on _Tuesday_. Nothing&nbsp;else was said.[^1]

![A ferry](ferry.jpg)

> "It is a tax on islanders," said **Ada Varga**,
> who runs the *Blue Guild*.

- The guild backs it.
- The `pier` trust [does not][trust].
    1. Nor does its chair.

| Fare | Price |
| --- | --- |
| Adult | 4 |

```
toll = 4
```

[^1]: As the minutes show.

[trust]: https://trust.example
"""


def article_in(path: Path, text: str | bytes) -> Article:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    [article] = read_articles([path])
    assert isinstance(article, Article)
    return article


def sources(article: Article, file: str) -> dict[str, str | None]:
    """The sentences, and what stands in the file where each is said to stand."""
    found = {}
    for one in cut_article(article):
        assert one.start is not None
        assert one.end is not None
        assert article.text[one.start : one.end] == one.text
        span = source_span(article, one.start, one.end)
        found[one.text] = None if span is None else file[slice(*span)]
    return found


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_it_shows_is_read_and_stands_in_the_file(tmp_path: Path, ends: str, mark: str) -> None:
    file = TOLL.replace("\n", ends)
    article = article_in(tmp_path / "toll.md", mark + file)
    assert (article.title, article.date, article.outlet) == ("Council: no toll", "2031-03-04", "Orrin Gazette")
    found = sources(article, file)
    assert list(found) == [
        "Council: no toll",
        "The Harbour Council rejects the ferry toll, it said on Tuesday.",
        "Nothing\xa0else was said.",
        '"It is a tax on islanders," said Ada Varga, who runs the Blue Guild.',
        "The guild backs it.",
        "The pier trust does not.",
        "Nor does its chair.",
        "As the minutes show.",
    ]
    told = [one for one in found.values() if one is not None]
    assert len(told) == len(found)
    assert told[0] == "Council: no toll"
    assert told[1].startswith("The **Harbour Council** rejects the [ferry toll](https")
    assert told[1].endswith("_Tuesday_.")
    assert told[2] == "Nothing&nbsp;else was said."
    assert told[3].startswith('"It is a tax')
    assert "> who runs" in told[3]
    assert told[4] == "The guild backs it."


def test_the_first_heading_of_the_first_level_is_the_title(tmp_path: Path) -> None:
    article = article_in(tmp_path / "a.md", "## News\n\n# Mayor *backs* tolls\n\nIt fell.\n\n***\n\nIt rose.\n")
    assert article.title == "Mayor backs tolls"
    assert "It rose." in sources(article, "")


@pytest.mark.parametrize("front", ["title: [Toll", "title: a: b: c", "- toll", "title: !!python/object:os.system {}", "title: *b"])
def test_front_matter_that_cannot_be_read_is_noted_and_the_rest_is_read(tmp_path: Path, front: str) -> None:
    (tmp_path / "a.md").write_text(f"---\nlayout: post\n{front}\n---\n\nThe council rejects the toll.\n")
    found = list(read_articles([tmp_path / "a.md"]))
    articles = [one for one in found if isinstance(one, Article)]
    assert [one.text for one in cut_article(articles[0])] == ["The council rejects the toll."]
    if "python" not in front:
        [note] = [one for one in found if isinstance(one, Note)]
        assert "its front matter cannot be read" in note.problem


def test_a_line_of_dashes_is_no_front_matter(tmp_path: Path) -> None:
    article = article_in(tmp_path / "a.md", "---\n\nThe council met.\n\n---\n\nIt rejects the toll.\n")
    assert [one.text for one in cut_article(article)] == ["The council met.", "It rejects the toll."]


@pytest.mark.parametrize("text", ["", "---\ntitle: Toll\n---\n", "```\ncode\n```\n", "![A ferry](ferry.jpg)\n"])
def test_files_without_text_are_noted(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text)
    [note] = read_articles([tmp_path / "a.md"])
    assert isinstance(note, Note)
    assert "no text" in note.problem


@pytest.mark.parametrize("text", ["[" * 20_000, "*a" * 100_000, "> " * 20_000 + "a", "`" * 100_000, "- " * 20_000 + "a", "{%" * 100_000])
def test_hostile_files_end_soon(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text + "\n\nThe council rejects the toll.\n")
    started = time.perf_counter()
    assert list(read_articles([tmp_path / "a.md"]))
    assert time.perf_counter() - started < 30
