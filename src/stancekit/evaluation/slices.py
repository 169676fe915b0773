"""The same scores on parts of the data: where a model is good, and where it is not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import OVERALL, IntArray, indices
from stancekit.records import Example, class_counts, normalized

# Fewer rows say next to nothing; they stay in the scores over all.
LEAST_ROWS = 10
SHOWN = ("macro_f1", "accuracy", "f_avg")
# Statements with at most so many words, and what they are called.
LENGTHS = ((10, "1 to 10 words"), (20, "11 to 20 words"), (30, "21 to 30 words"))
LONGEST = "more than 30 words"


def slices(examples: Sequence[Example], predicted: IntArray, units: Sequence[int], bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """For each way to cut the data that gives two parts or more: `by`, and `rows` with the scores of every part, largest first.

    predicted: shape (n,), label ids. units: the resampling unit of each row; a part is resampled by its own units. Parts of one
    cut may overlap (tags do), and rows that a cut does not know stand in none of its parts. Parts below 10 rows are left out.
    """
    result = []
    for by, found in parts(examples).items():
        ordered = sorted(found.items(), key=lambda part: (-len(part[1]), part[0]))
        result.append(
            {"by": by, "rows": [{"name": name, **_scores(rows, examples, predicted, units, bootstrap)} for name, rows in ordered]}
        )
    return result


def parts(examples: Sequence[Example]) -> dict[str, dict[str, list[int]]]:
    """The row numbers of every part of the data, by cut and name: parts of 10 rows or more, of cuts that have two such parts or more."""
    members: dict[str, defaultdict[str, list[int]]] = {by: defaultdict(list) for by in CUTS}
    for row, example in enumerate(examples):
        for by, names in parts_of(example).items():
            for name in names:
                members[by][name].append(row)
    large = {by: {name: rows for name, rows in found.items() if len(rows) >= LEAST_ROWS} for by, found in members.items()}
    return {by: found for by, found in large.items() if len(found) > 1}


def parts_of(example: Example) -> dict[str, list[str]]:
    """The names of the parts that an example stands in, by cut; a cut that does not know it is left out."""
    return {by: names for by, names_of in CUTS.items() if (names := list(names_of(example)))}


def _scores(
    rows: Sequence[int], examples: Sequence[Example], predicted: IntArray, units: Sequence[int], bootstrap: Bootstrap
) -> dict[str, Any]:
    part, answers, resampling = [examples[row] for row in rows], predicted[rows], bootstrap.over([units[row] for row in rows])
    gold = indices([example.stance for example in part])
    counted = resampling.counted(gold, answers)
    return {
        "n": len(part),
        "proposals": len({normalized(example.proposal) for example in part}),
        "classes": {stance.value: count for stance, count in class_counts(part).items()},
        **{name: counted.interval(OVERALL[name]).to_row() for name in SHOWN},
    }


def _length(example: Example) -> Iterable[str]:
    words = len(example.statement.split())
    return [next((name for most, name in LENGTHS if words <= most), LONGEST)]


def _agreement(example: Example) -> Iterable[str]:
    votes = [count for count in (example.votes or {}).values() if count]
    if sum(votes) < 2:
        return []
    if len(votes) == 1:
        return ["all readers agree"]
    return ["most readers agree" if max(votes) * 2 > sum(votes) else "readers are divided"]


CUTS: Mapping[str, Callable[[Example], Iterable[str]]] = {
    "source": lambda example: [example.source] if example.source else [],
    "field": lambda example: [example.field] if example.field else [],
    "tag": lambda example: dict.fromkeys(example.tags),
    "voice": lambda example: [example.voice] if example.voice else [],
    "length": _length,
    "agreement": _agreement,
    "made": lambda example: ["made by rule" if example.made else "as published"],
}
