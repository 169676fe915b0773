"""The main text of a saved web page, with its title, day and outlet, by trafilatura; no network, no scripts."""

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stancekit.errors import StancekitError, reason
from stancekit.news.charsets import decoded
from stancekit.news.heads import day_of
from stancekit.news.places import runs_of
from stancekit.records import Article

if TYPE_CHECKING:
    from trafilatura.settings import Document

# Dates are read where pages state them; guesses from any number in the text are worse than none.
DATES = {"extensive_search": False, "original_date": True, "max_date": "2999-12-31"}
FIX = "save the page anew, or give its text as .txt"
# The search for the main text grows faster than the page: 20,000 tags take seconds, 200,000 minutes. Pages of news have 500 to 8,000.
MOST_TAGS = 20_000
# Pictures that were saved inside the page are most of its bytes and none of its text.
_PICTURE = re.compile(r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=]+", re.ASCII)
_PICTURE_BYTES = re.compile(_PICTURE.pattern.encode())
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_TAG = re.compile(rb"<[a-zA-Z]")
_TYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}", re.IGNORECASE)
HEAD_BYTES = 4_096
_WRITER = re.compile(r"[,;|]|\band\b")
LAST_LINES = 3


def read_page(path: Path) -> tuple[Article, str | None]:
    """The article of a page, and its charset where that was guessed. Raises StancekitError."""
    return page_of(path.read_bytes(), path.stem, str(path))


def page_of(raw: bytes, name: str, source: str) -> tuple[Article, str | None]:
    """The same of the bytes of a page. The text is the main text, paragraphs with a blank line between them."""
    slim = _PICTURE_BYTES.sub(b"", raw)
    tags = sum(1 for _ in _TAG.finditer(slim))
    if tags > MOST_TAGS:
        raise StancekitError(f"{source} has {tags:,} tags, and no page of news has more than {MOST_TAGS:,}", fix=FIX)
    declared = _CHARSET.search(slim[:HEAD_BYTES])
    page, guessed = decoded(raw, source, None if declared is None else declared[1].decode("ascii", errors="replace"), slim)
    found = _main(page, source)
    lines = (found.text or "").splitlines() if found is not None else []
    paragraphs = [line.strip() for line in lines if line.strip()]
    if not paragraphs or found is None:
        raise StancekitError(f"{source} has no article text", fix=FIX)
    title = " ".join((found.title or "").split()) or None
    if title is not None and paragraphs[0] != title:
        # A headline reports a position as often as a sentence does.
        paragraphs.insert(0, title)
    kept = [one for at, one in enumerate(paragraphs) if at < len(paragraphs) - LAST_LINES or not _of_writer(one, found.author)]
    text = "\n\n".join(kept) + "\n"
    return Article(name, text, source, title, day_of(found.date), found.sitename or None, runs=runs_of(page, text)), guessed


def _main(page: str, source: str) -> "Document | None":
    from trafilatura import bare_extraction

    # It tells of every page that it finds odd.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    bare = _bare(page)
    try:
        found = bare_extraction(bare, include_comments=False, include_tables=False, with_metadata=True, date_extraction_params=DATES)
    except Exception as fault:  # parsers of pages have many
        raise StancekitError(f"{source} cannot be read as a page: {reason(fault)}", fix=FIX) from fault
    return None if isinstance(found, dict) else found


def _bare(page: str) -> str:
    """Without pictures, and without what stands in front of the page: that could name another charset, or entities that grow."""
    # Noughts end the reading early.
    page = _PICTURE.sub("", page.replace("\0", "")).lstrip()
    if page.startswith("<?xml"):
        page = page[page.find(">") + 1 :]
    kind = _TYPE.search(page)
    if kind is None:
        return page
    inside = page.find("]", kind.end()) if page.startswith("[", kind.end()) else kind.end()
    end = page.find(">", inside)
    return page if min(inside, end) < 0 else page[: kind.start()] + page[end + 1 :]


def _of_writer(line: str, writers: str | None) -> bool:
    """Whether a line at the end tells who the writer is: "<name> covers schools for ..."."""
    names = [name.strip() for name in _WRITER.split(writers or "")]
    return any(" " in name and line.startswith(f"{name} ") for name in names)
