"""Evidence is found again in what was given: in the file, in the cell, in the HTML of a saved page."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stancekit.news.articles import cut_article, read_articles
from stancekit.news.html import page_of
from stancekit.news.places import runs_of, source_span
from stancekit.records import Article, Statement

TEXT = "Toll row in Orrin\r\n\r\nThe “toll” – said Mayor Osk – stays 🙂.\r\nAdvertisement\r\nIt’s fair.\r\n"
TITLE = "Council &amp; mayor split over toll"
MENU = f'<nav><ul><li><a title="a > b" href="/">Home</a></li><li><a href="/1">{TITLE}</a></li></ul></nav>'
COOKIES = '<div class="cookie-banner">We use cookies. <button>Accept all</button></div><img src="data:image/png;base64,AAAABBBBCCCC==">'
# As the page has it, and as it reads.
SENTENCES = [
    (TITLE, "Council & mayor split over toll"),
    (
        "The council&nbsp;rejects the <a href='/t'\n  data-x='<b>\"'>harbour <em>toll</em></a>, as it\n   would cost &mdash; &ldquo;every"
        " <b>family</b>&rdquo;, Osk said on Monday &#8211; forty marks.",
        "The council rejects the harbour toll, as it would cost — “every family”, Osk said on Monday – forty marks.",
    ),
    ("Boats &lt; five metres and R&amp;D ships pay nothing&#46;", "Boats < five metres and R&D ships pay nothing."),
    (
        "&laquo;It is un<wbr>believ<!-- <p>x -->able,&raquo; said Kolar, who backs it &#8211; &ldquo;all &lsquo;the same&rsquo;&rdquo;.",
        "«It is unbelievable,» said Kolar, who backs it – “all ‘the same’”.",
    ),
    ("Nobody at the meeting of the council wept.", "Nobody at the meeting of the council wept."),
]
PAGE = f"""<?xml version="1.0"?>\r
<!DOCTYPE html [<!ENTITY x "y">]>
<html><head><title>{TITLE} | Orrin Gazette</title><script>var x = "<p>Nobody at the meeting of the council wept.</p>"; a < b;</script>
<style>p > a {{ }}</style><meta property="og:title" content="{TITLE}"></head><body>{MENU}{COOKIES}
<article><h1>{SENTENCES[0][0]}</h1><p>{SENTENCES[1][0]}</p><p>{SENTENCES[2][0]}</p><blockquote><p>{SENTENCES[3][0]}</p></blockquote>
<p>{SENTENCES[4][0]}</p></article><aside>Most read: <a href="/2">Nobody at the meeting of the council wept.</a></aside></body></html>"""


def sentences(article: Article) -> Iterator[tuple[Statement, tuple[int, int] | None]]:
    for one in cut_article(article):
        assert one.start is not None
        assert one.end is not None
        yield one, source_span(article, one.start, one.end)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["toll.txt", "toll.csv", "toll.jsonl"])
def test_offsets_count_in_the_file_and_in_the_cell_as_given(tmp_path: Path, name: str, charset: str) -> None:
    if charset == "utf-16" and name != "toll.txt":
        pytest.skip("tables must be in UTF-8")
    quoted = TEXT.replace('"', '""')
    given = {".txt": TEXT, ".csv": f'id,body\r\na,"{quoted}"\r\n', ".jsonl": json.dumps({"id": "a", "text": TEXT}) + "\n"}
    (tmp_path / name).write_bytes(given[Path(name).suffix].encode(charset))
    [article] = read_articles([tmp_path / name])
    assert isinstance(article, Article)
    assert article.text == TEXT
    found = list(sentences(article))
    assert [one.text for one, _ in found] == ["Toll row in Orrin", "The “toll” – said Mayor Osk – stays 🙂.", "It’s fair."]
    assert [TEXT[slice(*span)] for one, span in found if span is not None] == [one.text for one, _ in found]


def test_sentences_of_a_page_are_found_in_its_html() -> None:
    for picture in ("", "A" * 300_000):
        page = PAGE.replace("base64,AAAA", f"base64,{picture}AAAA")
        article, _ = page_of(page.encode(), "toll", "toll.html")
        found = list(sentences(article))
        assert [one.text for one, _ in found] == [text for _, text in SENTENCES]
        assert [page[slice(*span)] for _, span in found if span is not None] == [source for source, _ in SENTENCES]
        body = page.index("<h1>")
        # Neither in the menu nor in the script nor among what is read most.
        assert [span[0] for _, span in found if span is not None] == [page.index(f">{source}</", body) + 1 for source, _ in SENTENCES]


def test_the_html_may_be_in_any_charset() -> None:
    page = PAGE.replace("<head>", '<head><meta charset="windows-1252">').replace("&mdash;", "—").replace("&ldquo;", "“")
    article, guessed = page_of(page.encode("cp1252"), "toll", "toll.html")
    assert guessed is None
    spans = [span for _, span in sentences(article)]
    assert [page[slice(*span)] for span in spans if span is not None][1] == SENTENCES[1][0].replace("&mdash;", "—").replace("&ldquo;", "“")


def test_what_the_page_does_not_hold_has_no_place_and_the_rest_of_its_line_has() -> None:
    text = "The mayor left. Nobody knows why. The mayor stays.\n"
    page = "<p>The mayor left. <button>Tell us</button> Nobody <i>knows</i> why.</p><p>The mayor stayed.</p>"
    article = Article("a", text, runs=runs_of(page, text))
    assert [span and page[slice(*span)] for _, span in sentences(article)] == ["The mayor left.", "Nobody <i>knows</i> why.", None]
    assert source_span(article, 0, len(text)) is None


def test_no_word_is_cut_and_equal_lines_keep_their_order() -> None:
    page = "<b>North</b><p>No</p><p>Osk said no.</p><p>Osk said no.</p>"
    text = "No\n\nOsk said no.\n\nOsk said no.\n"
    article = Article("a", text, runs=runs_of(page, text))
    assert [span for _, span in sentences(article)] == [(15, 17), (24, 36), (43, 55)]
    assert [page[start:end] for start, end in ((15, 17), (24, 36), (43, 55))] == ["No", "Osk said no.", "Osk said no."]


def test_part_of_a_sentence_has_its_own_place() -> None:
    page, text = "<p>R&amp;D <b>stays</b>, said Osk.</p>", "R&D stays, said Osk.\n"
    article = Article("a", text, runs=runs_of(page, text))
    for words, source in (("stays", "stays"), ("&D", "&amp;D"), ("D stays, said", "D <b>stays</b>, said"), ("tay", "tay")):
        start = text.index(words)
        span = source_span(article, start, start + len(words))
        assert span is not None
        assert page[slice(*span)] == source


@pytest.mark.parametrize("unit", ["<a ", "<a x='", "<!--", "<script>", "&", "&amp;", "<", "= ", " ", "a", "<a =" + " " * 9, "<p>No. "])
def test_hostile_pages_take_no_time(unit: str) -> None:
    text = "\n\n".join(f"The council rejects the toll {number}, said Osk. a{'a' * number}b" for number in range(300))
    began = time.monotonic()
    runs_of(unit * (1_000_000 // len(unit)), text)
    # Looking at all of it again for each tag or line would take minutes.
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("before", [b"\n" * 300_000, b"<!DOCTYPE [" * 100_000, b"<!DOCTYPE " * 100_000, b"<?xml" * 100_000])
def test_what_stands_in_front_of_a_page_takes_no_time(before: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(before + b"<html><body><p>" + b"The council rejects the toll. " * 9)
    began = time.monotonic()
    assert list(read_articles([tmp_path / "a.html"]))
    # In time that grows with the square it would be minutes.
    assert time.monotonic() - began < 20
