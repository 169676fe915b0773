"""Where the sentences of an English text begin and end, as character offsets that hold for any input."""

import re
from collections.abc import Iterator

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r(?!\n))[^\S\r\n]*(?:\r\n|\n|\r)\s*")
# The segmenter takes every "no." for "number" and never ends a sentence behind a closing bracket.
_MISSED = re.compile(r"""(?<=\bno\.)["')]*\s+(?=["'(]*[A-Z])|(?<=[.!?]\))\s+(?=["'(]*[A-Z])""")
_TWINS = {**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’", "'"), **dict.fromkeys("…。", "."), "！": "!", "？": "?"}


def cut_sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence: in order, apart, without white space at either end.

    A blank line always ends a sentence. Pieces without a letter or digit (rules, stray marks) are left out. Linear in the text's length.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        spans.extend(_cut_paragraph(text, start, end))
        start = gap.end() if gap else end
    return spans


def _cut_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    import sentencex

    # The segmenter stumbles over white space beyond ASCII and grows quadratic on it; a twin of equal length has neither fault.
    twin = text[start:end].translate(_ASCII)
    position = 0
    for piece in sentencex.segment("en", twin):
        begin, position = position, position + len(piece)
        for first, last in _finer(piece):
            span = _trimmed(text, start + begin + first, start + begin + last)
            if span is not None:
                yield span


def _finer(piece: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _MISSED.finditer(piece):
        # A bracket that only closes an aside inside the sentence is no end: "He left (at last!) The Hague".
        if piece[gap.start() - 1] == ")" and not piece.startswith("(", start):
            continue
        yield start, gap.start()
        start = gap.end()
    yield start, len(piece)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    words = text[start:end]
    if not any(character.isalnum() for character in words):
        return None
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


class _AsciiTwin(dict[int, str]):
    """Maps every character to one ASCII character that plays the same part in a sentence; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = twin = self._twin(character)
        return twin

    @staticmethod
    def _twin(character: str) -> str:
        if character.isspace():
            return " "
        if character.isascii() and character.isprintable():
            return character
        if character in _TWINS:
            return _TWINS[character]
        if character.isdigit():
            return "0"
        return "A" if character.isupper() else "a" if character.isalpha() else "-"


_ASCII = _AsciiTwin()
