"""All numbers of one comparison: two models, or two families of seeds, on the same labelled examples."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from stancekit.data.ties import resampling_units
from stancekit.evaluation.comparison import Difference, difference, differences, mcnemar, of_each, over_seeds, verdict
from stancekit.evaluation.intervals import Bootstrap, Resampling
from stancekit.evaluation.metrics import OVERALL, FloatArray, IntArray, f1, indices
from stancekit.evaluation.verdict import cautions_of_data
from stancekit.records import Example, class_counts, normalized
from stancekit.stance import STANCES

CAUTION = "McNemar's test takes rows as independent; those of one proposal are not, so p is too small: the interval over units decides."


class Side(NamedTuple):
    """One of the two that are compared.

    name: what it is called. probabilities: shape (seeds, n, 3), one seed for a single model. seen: rows whose proposal or
    statement any of its models was trained on, None where that is not known. unlike: settings beside the seed in which its models differ.
    graded: whether it tells how sure it is; the probabilities of labels alone are 1 and 0.
    """

    name: str
    probabilities: FloatArray
    seen: Mapping[str, int] | None = None
    unlike: Sequence[str] = ()
    graded: bool = True

    @property
    def answers(self) -> IntArray:
        """Label ids, shape (seeds, n)."""
        return np.asarray(self.probabilities.argmax(axis=-1), dtype=np.int64)

    @property
    def seeds(self) -> int:
        """How many models it is."""
        return len(self.probabilities)

    @property
    def confidence(self) -> FloatArray | None:
        """How sure it is of what it answers, the mean of its models, shape (n,); None of labels alone."""
        return np.asarray(self.probabilities.max(axis=-1).mean(axis=0)) if self.graded else None


def compare(examples: Sequence[Example], first: Side, second: Side, bootstrap: Bootstrap) -> dict[str, Any]:
    """The content of comparison.json, but for what names the models and the data. Differences are second minus first.

    Raises ValueError when there is no example, or a side answered another number of them.
    """
    if not examples:
        raise ValueError("nothing to compare on")
    gold = indices([example.stance for example in examples])
    units = resampling_units(examples)
    resampling = Resampling.over(units.numbers, bootstrap.resamples, bootstrap.level, np.random.default_rng(bootstrap.seed))
    overall = differences(gold, first.answers, second.answers, resampling)
    alone = first.seeds == second.seeds == 1
    proposals = _per_proposal(examples, gold, first, second)
    result: dict[str, Any] = {
        "n": len(examples),
        "proposals": len(proposals),
        "clusters": resampling.draws.shape[1],
        "interval": {**bootstrap.told(units.words), "apart": units.apart},
        "classes": {stance.value: count for stance, count in class_counts(examples).items()},
        "overall": {name: one.to_row() for name, one in overall.items()},
        "per_class": _per_class(gold, first, second, resampling),
        "seeds": None if alone else {name: _over_seeds(name, gold, first, second, bootstrap.level) for name in OVERALL},
        "mcnemar": {**mcnemar(gold, first.answers[0], second.answers[0])._asdict(), "caution": CAUTION} if alone else None,
        "proposals_won": {
            "second": sum(row["difference"] > 0 for row in proposals),
            "tied": sum(row["difference"] == 0 for row in proposals),
            "first": sum(row["difference"] < 0 for row in proposals),
        },
        "per_proposal": proposals,
        "changed": _counted(changed_rows(examples, first, second)),
        "graded": {key: side.graded for key, side in _named(first, second)},
        "seen_in_training": {key: None if side.seen is None else dict(side.seen) for key, side in _named(first, second)},
    }
    return {"verdict": " ".join(_sentences(result, overall, first, second)), **result}


def changed_rows(examples: Sequence[Example], first: Side, second: Side) -> list[dict[str, Any]]:
    """The rows on which the two answer differently, surest first: by the mean of the confidences of both sides.

    Labels alone have no confidence: the other side's decides then, and where neither has any, rows stand in the order of the data.
    A row became "right" or "wrong" where more or fewer seeds of the second are right, and "other" where another answer is as wrong.
    """
    answers = [side.answers for side in (first, second)]
    shares = [np.stack([(side == stance.label_id).mean(axis=0) for stance in STANCES], axis=1) for side in answers]
    confidences = [side.confidence for side in (first, second)]
    known = [one for one in confidences if one is not None]
    rows = [int(row) for row in np.flatnonzero((shares[0] != shares[1]).any(axis=1))]
    rows.sort(key=lambda row: (-sum(float(one[row]) for one in known), row))
    found = []
    for row in rows:
        example = examples[row]
        right = [float(share[row, example.stance.label_id]) for share in shares]
        sides = {
            key: {
                "answers": [STANCES[int(answer)].value for answer in answers[at][:, row]],
                "right": round(right[at], 6),
                "confidence": None if (own := confidences[at]) is None else round(float(own[row]), 6),
            }
            for at, key in enumerate(("first", "second"))
        }
        texts = {"id": example.id, "statement": example.statement, "proposal": example.proposal, "gold": example.stance.value}
        became = "right" if right[1] > right[0] else "wrong" if right[1] < right[0] else "other"
        found.append({**texts, "became": became, **sides})
    return found


def _counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {"rows": len(rows), **{word: sum(row["became"] == word for row in rows) for word in ("right", "wrong", "other")}}


def _per_class(gold: IntArray, first: Side, second: Side, resampling: Resampling) -> dict[str, Any]:
    rows = {}
    for stance in STANCES:
        metric = partial(_f1_of, label_id=stance.label_id)
        found = difference(metric, gold, first.answers, second.answers, resampling, name="f1")
        rows[stance.value] = {**found.to_row(), "n": int((gold == stance.label_id).sum())}
    return rows


def _f1_of(counts: FloatArray, label_id: int) -> FloatArray:
    return np.asarray(f1(counts)[..., label_id])


def _over_seeds(name: str, gold: IntArray, first: Side, second: Side, level: float) -> dict[str, Any]:
    values = {key: of_each(OVERALL[name], gold, side.answers) for key, side in _named(first, second)}
    ahead = int((values["second"][:, None] > values["first"][None, :]).sum())
    rows: dict[str, Any] = {
        key: {
            "values": [round(float(value), 6) for value in own],
            "mean": round(float(own.mean()), 6),
            "sd": round(float(own.std(ddof=1)), 6) if len(own) > 1 else None,
        }
        for key, own in values.items()
    }
    change = over_seeds(values["first"], values["second"], level)
    return {**rows, "second_ahead": ahead, "pairs": first.seeds * second.seeds, "change": change.to_row()}


def _per_proposal(examples: Sequence[Example], gold: IntArray, first: Side, second: Side) -> list[dict[str, Any]]:
    members: defaultdict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        members[normalized(example.proposal)].append(row)
    found = []
    for rows in members.values():
        # Whole counts over seeds: equal shares then come out equal to the last bit.
        right = [float((side.answers[:, rows] == gold[rows]).sum()) / side.seeds for side in (first, second)]
        numbers = {"first": round(right[0], 6), "second": round(right[1], 6), "difference": round(right[1] - right[0], 6)}
        found.append({"proposal": examples[rows[0]].proposal, "n": len(rows), **numbers})
    return found


def _named(first: Side, second: Side) -> Iterator[tuple[str, Side]]:
    yield "first", first
    yield "second", second


def _sentences(result: Mapping[str, Any], overall: Mapping[str, Difference], first: Side, second: Side) -> Iterator[str]:
    main, sides = overall["macro_f1"], overall["f_avg"]
    yield verdict(main, first.name, second.name)
    if not result["changed"]["rows"]:
        yield "Both gave the same answers to every pair."
    if sides.direction != main.direction:
        yield verdict(sides, first.name, second.name)
    if result["seeds"] is not None:
        yield _seeds_in_words(result["seeds"]["macro_f1"], first, second)
    elif main.shown:
        yield "What other seeds would give is not measured."
    for _, side in _named(first, second):
        if side.unlike:
            yield f"Careful: the trainings of {side.name} differ in more than their seed ({', '.join(side.unlike)})."
        if side.seen is not None and any(side.seen.values()):
            yield (
                f"Careful: {side.seen['proposal']} of the {result['n']} pairs have a proposal, and {side.seen['statement']} a statement, "
                f"that {side.name} was trained on; this is no fair test of it."
            )
    yield from cautions_of_data(result)


def _seeds_in_words(seeds: Mapping[str, Any], first: Side, second: Side) -> str:
    parts = []
    for key, side in _named(first, second):
        own = seeds[key]
        luck = "no other seed" if own["sd"] is None else f"{side.seeds} seeds, standard deviation {own['sd'] * 100:.1f}"
        parts.append(f"{side.name} {own['mean'] * 100:.1f} ({luck})")
    low, high = seeds["change"]["low"], seeds["change"]["high"]
    found = "that other seeds would differ so cannot be told"
    if low is not None and high is not None:
        shown = "shown" if low > 0 or high < 0 else "not shown"
        found = f"that other seeds would differ is {shown} (interval over seeds {low * 100:+.1f} to {high * 100:+.1f})"
    return (
        f"That is about these trainings on other texts. Over seeds: {' and '.join(parts)}; "
        f"{second.name} is ahead in {seeds['second_ahead']} of {seeds['pairs']} pairs of trainings; {found}."
    )
