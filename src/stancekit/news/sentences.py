"""Where the sentences of an English text begin and end, as character offsets that hold for any input."""

import re
from collections.abc import Iterator

from stancekit.news.lines import cut_lines

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r(?!\n))[^\S\r\n]*(?:\r\n|\n|\r)\s*")
_LETTERED = "|".join(rf"(?<=\b(?i:{word}) [A-Z]\.)" for word in ("plan", "team", "type", "section", "part", "group", "class", "vitamin"))
# The segmenter takes every "no." for "number", "May." for cut short, an amount for no beginning, "plan B. Mary" and "N.Y. Mr." for
# names and no closing bracket for an end.
_MISSED = re.compile(
    r"""(?<=\bno\.)["')]*\s+(?=["'(]*[A-Z$])|(?<=\bMay\.)\s+(?=["'(]*[A-Z])|(?<=[a-z]\.)\s+(?=\$\d)"""
    r"""|(?<=[A-Z]\.[A-Z]\.)\s+(?=(?:Mr|Mrs|Ms)\.)|(?<=[.!?][)\]])\s+(?=["'(]*[A-Z])"""
    rf"""|(?:{_LETTERED})\s+(?=["'(]*[A-Z][a-z])"""
)
# "(for now.)" ends a sentence, "(R-Calif.)" and "(at last!)" do not.
_ASIDE_ENDS = re.compile(r"\(\w[^()]{0,200}\s[a-z]+\.\)$")
_ASIDE_REACH = 210
# Behind "?" or "!" and a closing quotation mark its speaker is named: “Stop!” Osk shouted.
_SPEAKER = re.compile(
    r"""\s+(?:(?:[A-Z][\w.'’-]*|the|a|an|of)\s+){1,5}(?:said|says|asked|asks|shouted|cried|added|wrote|writes|told|wondered|replied|yelled"""
    r"""|tweeted|answered|demanded|exclaimed|recalled|continued|insisted|explained)\b(?!\s+(?:nothing|no)\b)"""
)
_SPEECH_STOPS = re.compile(r"""(?:[!?…]|\.\.)["'”’»]+$""")
_TITLES = re.compile(r"\b(?:Ms|Mx|Messrs|Hon|Rev|Cllr|Amb|Atty|Asst|Supt|Cmdr|Brig|Insp|Ft|Mt)\.$")
# The number of a list item belongs to the words behind it.
_NUMBER_ONLY = re.compile(r"\W*(?:\d{1,3}|[a-zA-Z]|[ivx]{2,4})[.)]\s*")
_COUNTED = re.compile(r"\b(?:approx|ca|est)\.$", re.IGNORECASE)
_BELONGS_BEFORE = re.compile(r"[^\s“‘„«(\[]*")
# Quotation marks and marks of emphasis hide ends from the segmenter, which takes what stands between two of them for one piece.
# So do brackets around whole sentences, and those of the number of a list item.
_BRACKETED = re.compile(r"""(?:^|(?<=[.!?"')\]] ))[(\[]([^()\[\]]{1,600}[.!?]["']?)[)\]]""")
_BRACKETED_NUMBER = re.compile(r"^\s*\(\w{1,4}\)")
_HIDING = re.compile(r"""["*`]|(?<![^\W_])['_]|['_](?![^\W_])""")
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
    for first, last in cut_lines(text, start, end):
        for begin, stop in _joined(text, list(_pieces(text, first, last))):
            span = _trimmed(text, begin, stop)
            if span is not None:
                yield span


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What the segmenter and our own rules part, closing marks with the piece that they close."""
    import sentencex

    # The segmenter stumbles over white space beyond ASCII and grows quadratic on it; a twin of equal length has neither fault.
    twin = _BRACKETED.sub(r" \1 ", text[start:end].translate(_ASCII))
    twin = _HIDING.sub(" ", _BRACKETED_NUMBER.sub(lambda number: " " * len(number[0]), twin))
    position, begin = 0, start
    for piece in sentencex.segment("en", twin):
        for _, last in _finer(piece):
            stop = start + position + (last if last < len(piece) else len(piece.rstrip()))
            closed = _BELONGS_BEFORE.match(text, stop, start + position + len(piece))
            stop = closed.end() if closed is not None else stop
            if stop > begin:
                yield begin, stop
                begin = stop
        position += len(piece)
    yield begin, end


def _joined(text: str, pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = None
    for (first, last), (_, after) in zip(pieces, [*pieces[1:], pieces[-1]], strict=True):
        start = first if start is None else start
        goes_on = _goes_on(text[max(first, last - 20) : last], text[last : min(after, last + 120)])
        if after == last or not (goes_on or _NUMBER_ONLY.fullmatch(text, start, last)):
            yield start, last
            start = None


def _goes_on(before: str, after: str) -> bool:
    """Whether a sentence goes on behind what looked like its end."""
    if (_SPEECH_STOPS.search(before) and _SPEAKER.match(after)) or _TITLES.search(before):
        return True
    bare = after.lstrip()
    # "iPhones were sold" opens a sentence all the same, and so does a word behind a missing blank.
    lower = bare[:1].islower() and not bare[1:2].isupper() and bare != after and not before.endswith(("!", "?"))
    return lower or (_COUNTED.search(before) is not None and bare[:1].isdigit())


def _finer(piece: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _MISSED.finditer(piece):
        # A bracket that only closes an aside inside the sentence is no end: "He left (at last!) The Hague".
        closes = piece[gap.start() - 1] == ")" and not piece.startswith("(", start)
        if closes and not _ASIDE_ENDS.search(piece[max(start, gap.start() - _ASIDE_REACH) : gap.start()]):
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
