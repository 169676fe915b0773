"""All numbers of one evaluation: gold against predicted, with intervals, per class, per proposal, beside baselines."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from stancekit.data.ties import resampling_units
from stancekit.evaluation.agreement import agreement
from stancekit.evaluation.confidence import Answers, Promises, confidence
from stancekit.evaluation.doubts import label_doubts, nearest_examples
from stancekit.evaluation.intervals import Bootstrap, Counted
from stancekit.evaluation.metrics import OVERALL, PER_CLASS, FloatArray, IntArray, indices, macro_f1
from stancekit.evaluation.seeds import over_seeds
from stancekit.evaluation.slices import parts_of, slices
from stancekit.evaluation.verdict import verdict
from stancekit.records import Example, class_counts, normalized
from stancekit.shares import wilson
from stancekit.stance import STANCES

# A browser filters these with ease, and the page stays small.
SHOWN_ERRORS = 300


class Known(NamedTuple):
    """What is known beside a model's answers.

    baselines: predicted label ids by name, each of shape (n,). seen: rows whose proposal or statement was trained on, None where that
    is not known. validated: whether the model was chosen and calibrated on these rows. train: what it learned from, as far as it is
    here. seeds: overall scores of runs of one recipe by seed, of which the first gave the answers; None of a single run. probes,
    behaviours: what probes.py and behaving.py found, None where not asked.
    """

    baselines: Mapping[str, IntArray] = MappingProxyType({})
    seen: Mapping[str, int] | None = None
    validated: bool = False
    train: Sequence[Example] = ()
    seeds: Mapping[int, Mapping[str, float]] | None = None
    probes: Mapping[str, Any] | None = None
    behaviours: Mapping[str, Any] | None = None


def judge(examples: Sequence[Example], answers: Answers, known: Known, bootstrap: Bootstrap, promises: Promises) -> dict[str, Any]:
    """The content of metrics.json, but for what names the model and the data. Raises ValueError when n is 0."""
    if not examples:
        raise ValueError("nothing to evaluate")
    gold, predicted = indices([example.stance for example in examples]), answers.probabilities.argmax(axis=-1)
    units = resampling_units(examples)
    resampling = bootstrap.over(units.numbers)
    own = resampling.counted(gold, predicted)
    result: dict[str, Any] = {
        "n": len(examples),
        "proposals": len({normalized(example.proposal) for example in examples}),
        "clusters": resampling.draws.shape[1],
        "interval": {**bootstrap.told(units.words), "apart": units.apart},
        "classes": {stance.value: count for stance, count in class_counts(examples).items()},
        **_overall(own),
        "per_class": _per_class(own),
        "confusion": own.counts.astype(int).tolist(),
        "per_proposal": _per_proposal(examples, predicted, bootstrap.level),
        "baselines": {name: _baseline(own, resampling.counted(gold, given)) for name, given in known.baselines.items()},
        "seeds": None if known.seeds is None else over_seeds(known.seeds),
        "agreement": agreement(examples, bootstrap.resamples, bootstrap.level, bootstrap.seed),
        "slices": slices(examples, predicted, units.numbers, bootstrap),
        **confidence(answers, gold, resampling, promises),
        "probes": known.probes,
        "behaviours": known.behaviours,
        "errors": _errors(examples, answers.probabilities, known.train),
        # A model says of labels that it learned what it was told.
        "doubts": None if any((known.seen or {}).values()) else label_doubts(examples, answers, gold),
        "seen_in_training": None if known.seen is None else dict(known.seen),
        "is_validation": known.validated,
    }
    return {"verdict": verdict(result), **result}


def _overall(counted: Counted) -> dict[str, Any]:
    return {name: counted.interval(metric).to_row() for name, metric in OVERALL.items()}


def _per_class(counted: Counted) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for stance in STANCES:
        values = {name: counted.interval(partial(_of_stance, metric, stance.label_id)).to_row() for name, metric in PER_CLASS.items()}
        rows[stance.value] = {**values, "n": int(counted.counts[stance.label_id].sum())}
    return rows


def _of_stance(metric: Callable[[FloatArray], FloatArray], stance: int, counts: FloatArray) -> FloatArray:
    return np.asarray(metric(counts)[..., stance])


def _per_proposal(examples: Sequence[Example], predicted: IntArray, level: float) -> list[dict[str, Any]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for number, example in enumerate(examples):
        rows[example.proposal].append(number)
    result = []
    for proposal, members in rows.items():
        gold = [examples[member].stance for member in members]
        answers = [STANCES[int(predicted[member])] for member in members]
        right = sum(one is other for one, other in zip(gold, answers, strict=True))
        result.append(
            {
                "proposal": proposal,
                "n": len(members),
                "accuracy": wilson(right, len(members), level).to_row(),
                "gold": {stance.value: gold.count(stance) for stance in STANCES},
                "predicted": {stance.value: answers.count(stance) for stance in STANCES},
            }
        )
    return result


def _baseline(model: Counted, baseline: Counted) -> dict[str, Any]:
    return {**_overall(baseline), "difference": model.lead(baseline, macro_f1).to_row()}


def _errors(examples: Sequence[Example], probabilities: FloatArray, train: Sequence[Example]) -> list[dict[str, Any]]:
    predicted = probabilities.argmax(axis=-1)
    confidence = probabilities.max(axis=-1)
    wrong = [number for number, example in enumerate(examples) if example.stance.label_id != predicted[number]]
    # The loss of a row is the negative logarithm of what its label was given.
    wrong.sort(key=lambda number: (probabilities[number, examples[number].stance.label_id], -confidence[number], number))
    errors: list[dict[str, Any]] = [
        {
            "id": examples[number].id,
            "statement": examples[number].statement,
            "proposal": examples[number].proposal,
            "parts": parts_of(examples[number]),
            "gold": examples[number].stance.value,
            "predicted": STANCES[int(predicted[number])].value,
            "confidence": round(float(confidence[number]), 4),
            "given": round(float(probabilities[number, examples[number].stance.label_id]), 4),
        }
        for number in wrong[:SHOWN_ERRORS]
    ]
    return [{**error, "nearest": nearest} for error, nearest in zip(errors, nearest_examples(errors, train), strict=True)]
