"""Texts with slots: `{holder}` is replaced by a value of the slot, `{plan.claim}` by one field of a value that has several."""

import difflib
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence

Value = str | dict[str, str]
Slots = Mapping[str, Sequence[Value]]
SLOT = re.compile(r"\{([A-Za-z]\w*)(?:\.(\w+))?\}")
# What the second pair of a case may repeat of the first; `{statement.upper}` in capitals, `{statement.lower}` without them.
FIRST = ("statement", "proposal")


def first_pair(statement: str, proposal: str) -> dict[str, Value]:
    """The values of `{statement}` and `{proposal}` in the texts of a second pair."""
    texts = {"statement": statement, "proposal": proposal}
    return {name: {"": text, "upper": text.upper(), "lower": text.lower()} for name, text in texts.items()}


def names_in(texts: Sequence[str]) -> list[str]:
    """The slots that these texts name, each once, in order."""
    named = (match[1][0].lower() + match[1][1:] for text in texts for match in SLOT.finditer(text))
    return [name for name in dict.fromkeys(named) if name not in FIRST]


def combinations(texts: Sequence[str], slots: Slots) -> int:
    """How many ways there are to fill the slots of these texts, which share each draw."""
    return math.prod(len(slots[name]) for name in names_in(texts))


def draw(texts: Sequence[str], slots: Slots, count: int, rng: random.Random) -> Iterator[dict[str, Value]]:
    """Values for the slots of these texts, `count` times, no combination twice. Raises ValueError where there are fewer."""
    names = names_in(texts)
    for number in rng.sample(range(combinations(texts, slots)), count):
        chosen: dict[str, Value] = {}
        for name in names:
            number, position = divmod(number, len(slots[name]))
            chosen[name] = slots[name][position]
        yield chosen


def fill(text: str, values: Mapping[str, Value]) -> str:
    """The text with its slots replaced; `{Holder}` is the value of `holder` with a capital."""

    def replace(match: re.Match[str]) -> str:
        name, field = match[1][0].lower() + match[1][1:], match[2] or ""
        value = values[name]
        chosen = value if isinstance(value, str) else value[field]
        return chosen[0].upper() + chosen[1:] if match[1][0].isupper() else chosen

    return SLOT.sub(replace, text)


def slot_faults(slots: Slots) -> Iterator[tuple[str, str]]:
    """(slot, what is wrong) of slots that cannot be drawn from."""
    for name, values in slots.items():
        if name in FIRST or not re.fullmatch(r"[a-z]\w*", name):
            yield name, f"is no name for a slot; take small letters, and neither of {', '.join(FIRST)}"
        if not values:
            yield name, "holds no value; list at least one"
            continue
        shapes = [tuple(sorted(value)) if isinstance(value, dict) else None for value in values]
        odd = next((number for number, shape in enumerate(shapes, 1) if shape != shapes[0]), None)
        if odd is not None:
            yield name, f"value {odd} has other fields than value 1; give all values of a slot the same fields"
        texts = [text for value in values for text in (value.values() if isinstance(value, dict) else [value])]
        bad = next((text for text in texts if not text.strip() or "{" in text or "}" in text), None)
        if bad is not None:
            yield name, f"holds {bad!r}; a value is a text without braces, and not empty"


def text_faults(text: str, slots: Slots, second: bool) -> Iterator[str]:
    """What keeps a text from being filled. second: whether it may repeat the first pair."""
    rest = SLOT.sub("", text)
    if "{" in rest or "}" in rest:
        yield f"has a brace that belongs to no slot in {text!r}; write slots as {{name}} or {{name.field}}"
    known: dict[str, Value] = {name: values[0] for name, values in slots.items() if values}
    if second:
        known |= first_pair("-", "-")
    for whole, name, field in ((match[0], match[1][0].lower() + match[1][1:], match[2] or "") for match in SLOT.finditer(text)):
        if name not in known:
            yield f"names {whole}, and there is no slot {name}{_close(name, known)}"
            continue
        value = known[name]
        if isinstance(value, str) and field:
            yield f"names {whole}, and the values of {name} have no fields; write {{{name}}}"
        elif isinstance(value, dict) and field not in value:
            fields = [key for key in value if key]
            yield f"names {whole}; {name} has the fields {', '.join(fields)}{_close(field, fields)}"


def _close(name: str, known: Sequence[str] | Mapping[str, Value]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else "; add it under [slots]"
