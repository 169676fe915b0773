"""The three stances, their order, and the spellings that other data sets use for them."""

from collections.abc import Mapping
from enum import StrEnum


class Stance(StrEnum):
    """A side toward one proposal. The order of definition is the order of every array, checkpoint and bundle."""

    OPPOSE = "oppose"
    NEUTRAL = "neutral"
    SUPPORT = "support"

    @property
    def label_id(self) -> int:
        """Position on the label axis: 0, 1 or 2."""
        return STANCES.index(self)


STANCES: tuple[Stance, ...] = tuple(Stance)

ALIASES: Mapping[str, Stance] = {
    **dict.fromkeys(("favor", "favour", "in favor of", "pro", "for", "agree", "yes", "1"), Stance.SUPPORT),
    **dict.fromkeys(("against", "con", "undermine", "disagree", "no", "-1"), Stance.OPPOSE),
    **dict.fromkeys(("none", "observing", "discuss", "unrelated", "0"), Stance.NEUTRAL),
    **{stance.value: stance for stance in Stance},
}


def parse_stance(value: object, labels: Mapping[str, Stance] | None = None) -> Stance | None:
    """The stance that `value` spells, or None where it spells none.

    labels: a source's own table. It is asked first, and alone decides on the spellings it lists.
    """
    if value is None:
        # An absent label is not the label "none".
        return None
    # A column of whole numbers with gaps comes out of Parquet as 1.0 and -1.0.
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    key = str(whole).strip().lower()
    own = {spelling.strip().lower(): stance for spelling, stance in (labels or {}).items()}
    return own.get(key, ALIASES.get(key))
