"""What `prepare` reports: real sizes, what went and why, and what was kept apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stancekit.data.cleaning import Cleaned
from stancekit.data.sources import Located
from stancekit.data.splitting import Splits, shared
from stancekit.data.ties import Key, Kind, keys
from stancekit.records import Example, class_counts, normalized


def audit(
    name: str,
    read: Sequence[Located],
    cleaned: Cleaned,
    splits: Splits,
    augmentation: Mapping[str, Mapping[str, int]],
    licences: Mapping[str, str] | None = None,
    unlabelled: int = 0,
) -> dict[str, Any]:
    """The content of report.json, in plain values.

    augmentation: of each kind of made rows how many there are. licences: of the sources that state one, by their names.
    unlabelled: pairs that are left to a teacher.
    """
    stated = {source: {"licence": licence} for source, licence in (licences or {}).items()}
    kept = [example for part in splits.examples.values() for example in part if not example.made]
    read_by, kept_by = (Counter(example.source or "" for example in part) for part in ([row.example for row in read], kept))
    return {
        "name": name,
        "splits": {split: sizes(part) for split, part in splits.examples.items()},
        "sources": {source: {"read": count, "kept": kept_by[source], **stated.get(source, {})} for source, count in read_by.items()},
        "dropped": {
            "exact_repeats": cleaned.exact_repeats,
            "contradictions": cleaned.contradictory_rows,
            "leaks": splits.leaks,
            "long_proposals": cleaned.long_proposals,
        },
        "contradictions": [item.to_row() for item in cleaned.contradictions],
        "kept_apart": {
            "shared_statements": _in_several_groups(kept, "statement"),
            "shared_proposals": _in_several_groups(kept, "proposal"),
            "groups": splits.groups,
            "largest_group": splits.largest_group,
        },
        "still_shared": shared(splits.examples),
        "augmentation": augmentation,
        "unlabelled": unlabelled,
    }


def sizes(examples: Sequence[Example]) -> dict[str, Any]:
    """How much there really is: rows, those of them that were made, distinct proposals, statements and groups, and the classes."""
    return {
        "examples": len(examples),
        "proposals": len({normalized(example.proposal) for example in examples}),
        "statements": len({normalized(example.statement) for example in examples}),
        "groups": len({_home(example) for example in examples}),
        "made": sum(example.made for example in examples),
        "classes": {stance.value: count for stance, count in class_counts(examples).items()},
    }


def _in_several_groups(examples: Iterable[Example], kind: Kind) -> int:
    # Texts that stand under several groups: a split by group alone would have let them leak.
    homes: dict[Key, set[str]] = {}
    for example in examples:
        key = next(key for key in keys(example) if key[0] == kind)
        homes.setdefault(key, set()).add(_home(example))
    return sum(len(groups) > 1 for groups in homes.values())


def _home(example: Example) -> str:
    # The article, claim or speaker that an example came with; the proposal where it came with none.
    return example.group if example.group is not None else normalized(example.proposal)
