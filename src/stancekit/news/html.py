"""The main text of a saved web page, with its title, day and outlet, by trafilatura; no network, no scripts."""

import logging
from pathlib import Path

from stancekit.errors import StancekitError, reason
from stancekit.news.heads import day_of
from stancekit.records import Article

# Dates are read where pages state them; guesses from any number in the text are worse than none.
DATES = {"extensive_search": False, "original_date": True, "max_date": "2999-12-31"}
FIX = "save the page anew, or give its text as .txt"


def read_page(path: Path) -> Article:
    """The article of a page; its text is the main text, paragraphs with a blank line between them. Raises StancekitError."""
    from trafilatura import bare_extraction

    # It tells of every page that it finds odd.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(
            path.read_bytes(), include_comments=False, include_tables=False, with_metadata=True, date_extraction_params=DATES
        )
    except Exception as fault:  # parsers of pages have many
        raise StancekitError(f"{path} cannot be read as a page: {reason(fault)}", fix=FIX) from fault
    lines = [] if found is None or isinstance(found, dict) or not found.text else found.text.splitlines()
    paragraphs = [line.strip() for line in lines if line.strip()]
    if not paragraphs or found is None or isinstance(found, dict):
        raise StancekitError(f"{path} has no article text", fix=FIX)
    title = " ".join((found.title or "").split()) or None
    if title is not None and paragraphs[0] != title:
        # A headline reports a position as often as a sentence does.
        paragraphs.insert(0, title)
    return Article(path.stem, "\n\n".join(paragraphs) + "\n", str(path), title, day_of(found.date), found.sitename or None)
