"""Bytes to text where nobody says in which charset: marks, then UTF-8, then what the file says of itself, then a guess that is told."""

import codecs

from stancekit.errors import StancekitError

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# A guess is made on so many bytes; more tell no more.
SAMPLE = 100_000
# In text of two bytes a character, which English in UTF-16 is, nearly every other byte is nought.
NOUGHTS = 0.3
# Codecs of Python that turn marks of the text into others; no page is written in them.
NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")


def decoded(raw: bytes, name: str, declared: str | None = None, sample: bytes | None = None) -> tuple[str, str | None]:
    """The text, without a byte order mark, and the charset where it was guessed (None where it was known).

    declared: the charset that the file itself names. sample: what a guess is made on, if not the beginning.
    Raises StancekitError where no charset makes it a text.
    """
    for mark, marked in MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(marked, errors="replace"), None
    sample = (raw if sample is None else sample)[:SAMPLE]
    noughts = sample.count(0)
    if noughts <= NOUGHTS * len(sample):
        for charset in ("utf-8", declared):
            try:
                if charset is not None and _of_texts(charset):
                    return raw.decode(charset), None
            except (LookupError, ValueError):
                continue
    guessed = _guessed(sample, noughts)
    if guessed is None:
        raise StancekitError(f"{name} is no text in any charset", fix="save it as UTF-8")
    return raw.decode(guessed, errors="replace"), guessed


def _of_texts(charset: str) -> bool:
    """Whether it is a charset that pages have, see NO_CHARSETS. Raises LookupError."""
    return codecs.lookup(charset).name.replace("_", "-") not in NO_CHARSETS


def _guessed(sample: bytes, noughts: int) -> str | None:
    if noughts > NOUGHTS * len(sample):
        behind = sample[1::2].count(0)
        wide = max(behind, noughts - behind) > 2 * NOUGHTS * len(sample[1::2]) and min(behind, noughts - behind) < noughts / 10
        return ("utf-16-le" if behind > noughts / 2 else "utf-16-be") if wide else None
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return None if best is None else best.encoding
