"""Whether the labels of a set can be guessed without reading statement against proposal: by one side alone, or by words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from stancekit.data.folds import folds_of
from stancekit.data.texture import words
from stancekit.data.ties import resampling_units
from stancekit.evaluation.baselines import SIDES, Side, majority, tfidf_views
from stancekit.evaluation.intervals import Resampling, measure
from stancekit.evaluation.metrics import OVERALL, FloatArray, IntArray, confusion, indices
from stancekit.progress import Advance
from stancekit.records import Example
from stancekit.stance import STANCES, Stance

FOLDS = 5
VIEWS: Mapping[str, tuple[Side, ...]] = {"statement_only": ("statement",), "proposal_only": ("proposal",), "both": SIDES}
# How many models blind_scores fits.
FITS = FOLDS * len(VIEWS)
# The weight of the prior, in words: large enough that a word seen once tells nothing.
PRIOR = 500.0


def blind_scores(
    examples: Sequence[Example], advance: Advance | None = None, resamples: int = 1000, level: float = 0.95, seed: int = 13
) -> dict[str, Any]:
    """Scores of TF-IDF and logistic regression that see one side of the pair, or both, beside the commonest stance.

    Cross-validated: what shares a proposal, a statement or a group is in one of five folds. Intervals from resampling
    units. advance: told of each of FITS models. Raises StancekitError where no five folds can be made.
    """
    gold, units = indices([example.stance for example in examples]), resampling_units(examples)
    resampling = Resampling.over(units.numbers, resamples, level, np.random.default_rng(seed))
    scores = {}
    for name, predicted in _held_out(examples, seed, advance).items():
        counts, draws = confusion(gold, predicted), resampling.confusions(gold, predicted)
        scores[name] = {key: measure(metric, counts, draws, resampling).to_row() for key, metric in OVERALL.items()}
    return scores


def _held_out(examples: Sequence[Example], seed: int, advance: Advance | None) -> dict[str, IntArray]:
    folds = folds_of(examples, FOLDS, seed)
    answers = {name: np.zeros(len(examples), dtype=np.int64) for name in ("majority", *VIEWS)}
    for number in range(FOLDS):
        held_out = folds == number
        train, test = ([example for example, inside in zip(examples, part, strict=True) if inside] for part in (~held_out, held_out))
        answers["majority"][held_out] = majority(train, test)
        for name, predicted in tfidf_views(train, test, VIEWS, advance).items():
            answers[name][held_out] = predicted
    return answers


class TellingWord(NamedTuple):
    """A word that one stance has more often than the others: z-score of its log-odds, and its counts here and elsewhere."""

    word: str
    z: float
    here: int
    elsewhere: int


def telling_words(examples: Sequence[Example], side: Side, top: int = 20) -> dict[Stance, list[TellingWord]]:
    """The words that tell most of each stance on one side of the pairs (Monroe, Colaresi & Quinn 2008, eq. 16, 21, 22).

    Log-odds against the other two stances with an informative Dirichlet prior, divided by their standard deviation.
    A text counts once for each of its pairs, a word once a text.
    """
    counts = {stance: _document_counts((example for example in examples if example.stance is stance), side) for stance in STANCES}
    everywhere = sum(counts.values(), Counter[str]())
    return {stance: _by_odds(counts[stance], everywhere)[:top] for stance in STANCES}


def _document_counts(examples: Iterable[Example], side: Side) -> Counter[str]:
    return Counter(word for example in examples for word in set(words(getattr(example, side))))


def _by_odds(here: Counter[str], everywhere: Counter[str]) -> list[TellingWord]:
    vocabulary = sorted(everywhere)
    if len(vocabulary) < 2 or not here or here == everywhere:
        # The odds of a word are taken against other words, and compared with other stances.
        return []
    total = np.array([everywhere[word] for word in vocabulary], dtype=np.float64)
    own = np.array([here[word] for word in vocabulary], dtype=np.float64)
    prior = PRIOR * total / total.sum()
    odds = [_log_odds(counted, prior) for counted in (own, total - own)]
    z = (odds[0] - odds[1]) / np.sqrt(1 / (own + prior) + 1 / (total - own + prior))
    order = np.argsort(-z, kind="stable")
    return [TellingWord(vocabulary[i], float(z[i]), int(own[i]), int(total[i] - own[i])) for i in order if z[i] > 0]


def _log_odds(counted: FloatArray, prior: FloatArray) -> FloatArray:
    with_prior = counted + prior
    return np.asarray(np.log(with_prior) - np.log(with_prior.sum() - with_prior))
