"""Whether a trained model reads the proposal: its answers with the proposal hidden, replaced by another, and negated.

`probe` gives plain JSON values:

    level        of all intervals
    hidden, replaced, negated
        n, left_out        rows asked, and rows for which there was nothing to ask
        macro_f1, ...      every measure of OVERALL as {value, low, high}; None where n is 0, as are the next two
        true               macro-F1 of the model with the true proposal on the same rows, as {value, low, high}
        same               share of the answers that are those with the true proposal, as {value, low, high}
        note               why rows are left out or are not what they should be, else None
    sensitivity
        value, low, high   macro-F1 with the true proposal minus that of the best that does not see it
        best               its name: hidden, replaced, or one of `blind`
        blind              macro-F1 of all of these by name, as {value, low, high}
        least              what `low` must be above
        warning            whether it is not
        sentence           the same in words

Models that answer from one side of a pair alone do well where labels leak through it (Poliak et al. 2018, for inference;
Kaushal et al. 2021, for stance).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancekit.data.augmentation.neutrals import MASKS
from stancekit.data.augmentation.wordings import wordings_of
from stancekit.evaluation.behaving import Answer, asked
from stancekit.evaluation.behaviours import SWAPPED, Pair
from stancekit.evaluation.intervals import Resampling, average
from stancekit.evaluation.metrics import OVERALL, FloatArray, IntArray, indices, macro_f1
from stancekit.evaluation.replacing import replaced
from stancekit.evaluation.verdict import sensitivity_sentence
from stancekit.records import Example
from stancekit.stance import STANCES

if TYPE_CHECKING:
    from stancekit.data.augmentation.claims import Parse

# A lead of this much over what cannot see the proposal is the least that counts.
LEAST = 0.02
# Those of BASELINES that do not see the proposal.
BLIND = ("majority", "tfidf_statement")


class Question(NamedTuple):
    """What is asked instead of the true pairs. rows: shape (k,), their numbers. pairs: k. gold: shape (k,), the right label ids."""

    rows: IntArray
    pairs: list[Pair]
    gold: IntArray
    note: str | None = None


def probe(
    examples: Sequence[Example],
    answer: Answer,
    probabilities: FloatArray,
    resampling: Resampling,
    blind: Mapping[str, IntArray],
    parse: "Parse",
    seed: int = 13,
    fits: Callable[[str], bool] = bool,
) -> dict[str, Any]:
    """All probes and the proposal sensitivity, as this module's docstring lays out. Each distinct pair is asked once, all in one call.

    probabilities: of the true pairs, shape (n, 3). resampling: over the n rows, the draws of all other intervals.
    blind: label ids of what sees no proposal, each of shape (n,). parse: the dependency parser. seed: of masks and replacements.
    fits: whether a proposal is short enough for the model; pairs with one that is not are left out.
    Raises ValueError when n is 0, or when the parts are of different length.
    """
    gold = indices([example.stance for example in examples])
    _check(len(examples), probabilities, resampling, blind)
    true = np.asarray(probabilities.argmax(axis=-1), dtype=np.int64)
    questions = {
        "hidden": hidden(examples, gold, np.random.default_rng([seed, 0])),
        "replaced": other(examples, gold, np.random.default_rng([seed, 1])),
        "negated": negated(examples, gold, parse),
    }
    questions = {name: _fitting(question, fits) for name, question in questions.items()}
    answers = asked((pair for question in questions.values() for pair in question.pairs), answer)
    labels = {name: np.array([answers[pair].argmax() for pair in question.pairs], dtype=np.int64) for name, question in questions.items()}
    unseeing = {name: labels[name] for name in ("hidden", "replaced") if len(labels[name]) == len(gold)}
    return {
        "level": resampling.level,
        **{name: _scores(question, labels[name], true, gold, resampling) for name, question in questions.items()},
        "sensitivity": sensitivity(gold, true, {**unseeing, **blind}, resampling),
    }


def hidden(examples: Sequence[Example], gold: IntArray, rng: np.random.Generator) -> Question:
    """Beside every statement one of the texts that augmentation masks proposals with: the same one wherever it stands.

    A single mask would be a proposal of its own; drawn ones even out what each may suggest.
    """
    masks: dict[str, str] = {}
    for example in examples:
        masks.setdefault(example.statement, MASKS[int(rng.integers(len(MASKS)))])
    return Question(np.arange(len(examples)), [(example.statement, masks[example.statement]) for example in examples], gold)


def other(examples: Sequence[Example], gold: IntArray, rng: np.random.Generator) -> Question:
    """Beside every statement another proposal of the data; nothing where there is but one.

    One draw: each cluster has partners of its own, so that their chance is part of the scatter which the intervals show.
    """
    found = replaced(examples, rng)
    if found is None:
        return Question(_none(), [], _none(), "The data has a single proposal, so that there is none to put in its place.")
    note = f"For {found.tied} pairs there was no proposal that is foreign to their own." if found.tied else None
    pairs = [(example.statement, proposal) for example, proposal in zip(examples, found.proposals, strict=True)]
    return Question(np.arange(len(examples)), pairs, gold, note)


def negated(examples: Sequence[Example], gold: IntArray, parse: "Parse") -> Question:
    """Every statement beside the negation of its proposal, where a rule makes one: support and oppose swap, neutral stays."""
    wordings = wordings_of((example.proposal for example in examples), frozenset(), parse)
    found = [(row, texts[0]) for row, example in enumerate(examples) if (texts := wordings[example.proposal].negated)]
    rows = np.array([row for row, _ in found], dtype=np.int64)
    swapped = np.array([SWAPPED[stance].label_id for stance in STANCES], dtype=np.int64)
    pairs = [(examples[row].statement, text) for row, text in found]
    left_out = len(examples) - len(rows)
    note = f"No rule negates the proposal of {left_out} of the {len(examples)} pairs, which are left out." if left_out else None
    return Question(rows, pairs, swapped[gold[rows]], note)


def _fitting(question: Question, fits: Callable[[str], bool]) -> Question:
    taken = {proposal: fits(proposal) for proposal in dict.fromkeys(proposal for _, proposal in question.pairs)}
    kept = [place for place, (_, proposal) in enumerate(question.pairs) if taken[proposal]]
    if len(kept) == len(question.pairs):
        return question
    note = f"For {len(question.pairs) - len(kept)} pairs the changed proposal is too long for the model."
    words = note if question.note is None else f"{question.note} {note}"
    return Question(question.rows[kept], [question.pairs[place] for place in kept], question.gold[kept], words)


def sensitivity(gold: IntArray, predicted: IntArray, blind: Mapping[str, IntArray], resampling: Resampling) -> dict[str, Any]:
    """Macro-F1 of the model minus that of the best that does not see the proposal. All label ids of shape (n,); blind: at least one.

    The best is chosen anew in every draw. It was chosen by the data, so that its choice is uncertain too; and of several
    that are about as good, the best of a draw is luckier than any one of them, which speaks against the model.
    """
    own = resampling.counted(gold, predicted)
    others = {name: resampling.counted(gold, labels) for name, labels in blind.items()}
    values = {name: float(macro_f1(one.counts)) for name, one in others.items()}
    best = max(values, key=values.__getitem__)
    ceiling = np.max([macro_f1(one.draws) for one in others.values()], axis=0)
    lead = resampling.interval(float(macro_f1(own.counts)) - values[best], macro_f1(own.draws) - ceiling)
    found: dict[str, Any] = {
        **lead.to_row(),
        "best": best,
        "blind": {name: one.interval(macro_f1).to_row() for name, one in others.items()},
        "least": LEAST,
        # Too few clusters for an interval show nothing.
        "warning": lead.low is None or lead.low <= LEAST,
    }
    return {**found, "sentence": sensitivity_sentence(found, resampling.level)}


def _scores(question: Question, labels: IntArray, true: IntArray, gold: IntArray, resampling: Resampling) -> dict[str, Any]:
    rows = question.rows
    result: dict[str, Any] = {"n": len(rows), "left_out": len(gold) - len(rows), "note": question.note}
    if not len(rows):
        return {**result, **dict.fromkeys((*OVERALL, "true", "same"))}
    own = resampling.of(rows)
    counted, before = own.counted(question.gold, labels), own.counted(gold[rows], true[rows])
    return {
        **result,
        **{name: counted.interval(metric).to_row() for name, metric in OVERALL.items()},
        "true": before.interval(macro_f1).to_row(),
        "same": average(labels == true[rows]).interval(own).to_row(),
    }


def _none() -> IntArray:
    return np.empty(0, dtype=np.int64)


def _check(n: int, probabilities: FloatArray, resampling: Resampling, blind: Mapping[str, IntArray]) -> None:
    if not n:
        raise ValueError("there are no rows to probe a model on")
    lengths = {"probabilities": len(probabilities), "resampling": len(resampling.rows), **{name: len(ids) for name, ids in blind.items()}}
    wrong = [f"{name} has {length}" for name, length in lengths.items() if length != n]
    if wrong:
        raise ValueError(f"{n} rows, of which {', '.join(wrong)}")
