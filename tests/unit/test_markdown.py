"""Articles in Markdown: what is shown is read, and evidence is found again in the file."""

import time
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.news.articles import Note, cut_article, read_article, read_articles
from stancekit.news.markdown import MOST_BRACKETS, MOST_CHARACTERS, markdown_article
from stancekit.news.places import source_span
from stancekit.records import Article

FRONT = "---\ntitle: The row of Orrin\ndate: 2031-03-11 08:00:00 +0200\nsite: Orrin Gazette\ntags: [tolls]\n---\n"


def sentences_of(source: str) -> list[tuple[str, str | None]]:
    """Each sentence as it is read, and as it stands in the source."""
    article, _ = markdown_article(source, "a", "a.md")
    spans = [(one.text, source_span(article, one.start or 0, one.end or 0)) for one in cut_article(article)]
    return [(text, None if span is None else source[slice(*span)]) for text, span in spans]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The **Civic List** and the *Greens* say no.", "The Civic List and the Greens say no."),
        ('The [toll](https://toll.example/a.html "and . falls") falls.', "The toll falls."),
        ("The [toll][1] falls, says [Osk].", "The toll falls, says Osk."),
        ("Osk said[^1] that it falls[^note].", "Osk said that it falls."),
        ("Varga &amp; Osk say \\*no\\* to `tolls`.", "Varga & Osk say *no* to tolls."),
        ("The mayor ![portrait](osk.png)said no.", "The mayor said no."),
        ("The mayor<!-- who? --> <b>said</b> no.", "The mayor said no."),
        ("It costs 5 * 4 * 3 marks in snake_case.", "It costs 5 * 4 * 3 marks in snake_case."),
        ("The mayor {% include osk.html %}said no{: .lead}.", "The mayor said no."),
        ("A ~~good~~ **day *for* us**.", "A good day for us."),
    ],
)
def test_marks_and_targets_are_no_text_and_evidence_is_found_in_the_file(written: str, shown: str) -> None:
    source = f"Before it.\n\n{written}\n\n[1]: https://toll.example/1\n[Osk]: /osk\n[^1]: https://toll.example/note\n"
    assert sentences_of(source)[1] == (shown, written)


def test_lists_quotes_and_headings_are_blocks_and_their_lines_are_joined() -> None:
    source = """## Who is for it?

- The **mayor** is
  for it.
  - The union is not.

    It was never asked.
2. The Greens wait.

> "It *falls*
> at last," said Osk.
> > Varga agreed,
and laughed.

Setext of Orrin
---------------
"""
    assert sentences_of(source) == [
        ("Who is for it?", "Who is for it?"),
        ("The mayor is for it.", "The **mayor** is\n  for it."),
        ("The union is not.", "The union is not."),
        ("It was never asked.", "It was never asked."),
        ("The Greens wait.", "The Greens wait."),
        ('"It falls at last," said Osk.', '"It *falls*\n> at last," said Osk.'),
        ("Varga agreed, and laughed.", "Varga agreed,\nand laughed."),
        ("Setext of Orrin", "Setext of Orrin"),
    ]


def test_code_tables_pictures_and_html_are_left_out() -> None:
    source = (
        "First.\n\n```\nfenced said\n```\n\n    indented said\n\n| a | b |\n|---|---|\n| cell | said |\n\n<div>said</div>\n\n"
        f"![p](p.png)\n\n![p](data:image/png;base64,{'A' * 5_000})\n\n{{{{< figure >}}}}\n\nLast.\n"
    )
    assert [text for text, _ in sentences_of(source)] == ["First.", "Last."]


def test_notes_below_the_text_are_sentences_of_their_own() -> None:
    source = "It falls[^1].\n\n[^1]: Osk said so\n[^2]: Varga **too**\n"
    assert sentences_of(source) == [("It falls.", "It falls[^1]."), ("Osk said so", "Osk said so"), ("Varga too", "Varga **too")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_move_no_evidence(tmp_path: Path, end: str, mark: str) -> None:
    source = f"{FRONT}\nThe **mayor**\nsaid no.\n\n- Osk *agreed*.\n".replace("\n", end)
    (tmp_path / "a.md").write_bytes((mark + source).encode())
    article = read_article(tmp_path / "a.md")
    assert (article.title, article.date, article.outlet) == ("The row of Orrin", "2031-03-11", "Orrin Gazette")
    spans = [source_span(article, one.start or 0, one.end or 0) for one in cut_article(article)]
    found = [None if span is None else source[slice(*span)] for span in spans]
    assert found == ["The row of Orrin", f"The **mayor**{end}said no.", "Osk *agreed*."]


@pytest.mark.parametrize(
    ("source", "title", "first"),
    [
        (f"{FRONT}\n# The row of *Orrin*\n\nIt falls.", "The row of Orrin", "The row of Orrin"),
        (f"{FRONT}\n# Who is for it?\n\nIt falls.", "The row of Orrin", "The row of Orrin"),
        ("OPINION\n\n# The row\n\nIt falls.", "The row", "OPINION"),
        ("It falls.\n\nOsk wept.", None, "It falls."),
        ("---\n\nIt said: nothing.\n\n---\n\nOsk wept.", None, "It said: nothing."),
    ],
)
def test_the_title_is_that_of_the_front_matter_or_the_first_heading(source: str, title: str | None, first: str) -> None:
    article, problems = markdown_article(source, "a", "a.md")
    assert (article.title, article.text.splitlines()[0], problems) == (title, first, [])


@pytest.mark.parametrize(
    ("front", "outlet"),
    [
        ("outlet: Orrin Gazette", "Orrin Gazette"),
        ("Publication: 'Orrin Gazette'", "Orrin Gazette"),
        ("source: Orrin Gazette", "Orrin Gazette"),
        ("source: https://orrin.example/toll", None),
        ("outlet: null", None),
        ("outlet: [a, b]", None),
        ("outlet: &a [*a, *a]", None),
    ],
)
def test_outlets_of_front_matter(front: str, outlet: str | None) -> None:
    assert markdown_article(f"---\n{front}\n---\nIt falls.", "a", "a.md")[0].outlet == outlet


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("title: 'open\nx: [", "front matter cannot be read"),
        (f"title: {'[' * 9_000}", "front matter cannot be read"),
        ("title: !!python/object/apply:os.system ['true']\n", None),
        ("title: a\ndate: last week", "'last week' cannot be read as a day"),
    ],
)
def test_broken_front_matter_is_noted_and_the_rest_is_read(tmp_path: Path, front: str, problem: str | None) -> None:
    (tmp_path / "a.md").write_text(f"---\n{front}\n---\nThe **toll** falls.\n", encoding="utf-8")
    *notes, article = read_articles([tmp_path / "a.md"])
    assert isinstance(article, Article)
    assert "The toll falls." in article.text
    assert "python" not in article.text
    assert [problem in one.problem for one in notes if isinstance(one, Note) and problem] == [True] * bool(problem)
    assert len(notes) == bool(problem)


@pytest.mark.parametrize("source", ["", FRONT, "\n\n", "```\ncode\n```\n", "![p](p.png)\n"])
def test_a_file_without_text_is_noted(tmp_path: Path, source: str) -> None:
    (tmp_path / "a.md").write_text(source, encoding="utf-8")
    assert list(read_articles([tmp_path / "a.md"])) == [Note(str(tmp_path / "a.md"), "it has no text")]


def seconds(source: str) -> float:
    began = time.process_time()
    markdown_article(source, "a", "a.md")
    return time.process_time() - began


@pytest.mark.parametrize("piece", ["The **mayor** said [no](http://a.example/x).\n\n", "*a **b ", "[a](", "![", "a\n", "- a\n", "{{ "])
def test_four_times_the_text_takes_far_less_than_sixteen_times_the_time(piece: str) -> None:
    source = piece * (8_000 // len(piece))
    seconds(piece)  # makes the parser
    # Quadratic time would be sixteen times as much.
    assert seconds(source * 4) < 10 * seconds(source) + 0.5


@pytest.mark.parametrize("source", ["a" * (MOST_CHARACTERS + 1), "[" * (MOST_BRACKETS + 1)])
def test_what_is_no_article_by_its_size_is_refused(source: str) -> None:
    with pytest.raises(StancekitError, match=r"a\.md is Markdown of more than"):
        markdown_article(source, "a", "a.md")
