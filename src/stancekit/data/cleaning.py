"""Exact repeats go, pairs that carry two stances are found."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from stancekit.config import CleaningConfig
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.records import normalized
from stancekit.stance import Stance


class Contradiction(NamedTuple):
    """One pair that carries several stances, and where each stands."""

    statement: str
    proposal: str
    stances: dict[str, list[str]]

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return self._asdict()


class Cleaned(NamedTuple):
    """What is kept, in order, and what went."""

    kept: list[Located]
    exact_repeats: int
    contradictions: list[Contradiction]
    contradictory_rows: int
    long_proposals: int = 0


def clean(rows: Sequence[Located], config: CleaningConfig, published: bool) -> Cleaned:
    """Drop repeats of a pair with the same stance, and treat contradictory pairs as the config says.

    Texts count as equal when only case or white space differs. published: the splits stay as they were published and
    are cleaned each by itself, as what stands in two of them is a leak, which splitting resolves in favour of the later
    one. Without it rows are compared over all of them.
    """
    short = [row for row in rows if config.longest_proposal is None or len(row.example.proposal.split()) <= config.longest_proposal]
    pairs: defaultdict[tuple[str, str, str], list[Located]] = defaultdict(list)
    for row in short:
        home = row.split or "" if published else ""
        pairs[(normalized(row.example.statement), normalized(row.example.proposal), home)].append(row)
    contradictions = [_contradiction(group) for group in pairs.values() if len({row.example.stance for row in group}) > 1]
    if contradictions and config.contradictions == "refuse":
        raise StancekitError.of_faults(
            "the data",
            [f"{item.statement!r} / {item.proposal!r}: {item.stances}" for item in contradictions],
            fix="mend the labels, or set cleaning.contradictions to drop or keep",
        )
    kept: list[Located] = []
    dropped = 0
    for group in pairs.values():
        by_stance: dict[Stance, Located] = {}
        for row in group:
            by_stance.setdefault(row.example.stance, row)
        if len(by_stance) > 1 and config.contradictions == "drop":
            dropped += len(group)
        else:
            kept.extend(by_stance.values())
    return Cleaned(kept, len(short) - len(kept) - dropped, contradictions, dropped, len(rows) - len(short))


def _contradiction(group: Sequence[Located]) -> Contradiction:
    stances: dict[str, list[str]] = {}
    for row in group:
        stances.setdefault(row.example.stance.value, []).append(row.where)
    return Contradiction(group[0].example.statement, group[0].example.proposal, stances)
