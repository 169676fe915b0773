"""Which characters of a sentence stand inside quotation marks, when quotations run over several sentences."""

from dataclasses import dataclass

_OPENING, _CLOSING, _STRAIGHT = "“„«", "”»", '"'
LONGEST_RUN = 8


@dataclass(frozen=True, slots=True)
class Quoted:
    """Quoted stretches of one sentence as offsets. `continues`: it starts inside a quotation; `open`: it ends inside one."""

    spans: tuple[tuple[int, int], ...]
    continues: bool
    open: bool

    def holds(self, offset: int) -> bool:
        """Whether the character at `offset` is quoted."""
        return any(start <= offset < end for start, end in self.spans)

    def covers(self, text: str) -> bool:
        """Whether everything said in the sentence is quoted."""
        outside = "".join(character for offset, character in enumerate(text) if not self.holds(offset))
        return bool(self.spans) and not any(character.isalnum() for character in outside)


def find_quotes(text: str, inside: bool = False) -> Quoted:
    """The quotations of one sentence. inside: the sentence before ended within one.

    A mark that opens again what is already open (each paragraph of a long quotation begins with one) changes nothing.
    """
    spans: list[tuple[int, int]] = []
    start: int | None = 0 if inside else None
    for offset, character in enumerate(text):
        first = not text[:offset].strip() if offset < 4 else False
        if character in _OPENING or (character in _STRAIGHT and (start is None or first)):
            start = offset if start is None else start
        elif start is not None and (character in _CLOSING or character in _STRAIGHT):
            spans.append((start, offset + 1))
            start = None
    if start is not None:
        spans.append((start, len(text)))
    return Quoted(tuple(spans), inside, start is not None)
