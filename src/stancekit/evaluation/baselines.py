"""What a model must beat: the majority stance, and bags of words with logistic regression that see both sides, or one."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from stancekit.evaluation.metrics import FloatArray, IntArray, indices
from stancekit.progress import Advance
from stancekit.records import Example
from stancekit.stance import STANCES

SEED = 13
Side = Literal["statement", "proposal"]
SIDES: tuple[Side, ...] = ("statement", "proposal")
# What each bag of words sees.
VIEWS: Mapping[str, tuple[Side, ...]] = {"tfidf_lr": SIDES, "tfidf_statement": ("statement",), "tfidf_proposal": ("proposal",)}


def majority(train: Sequence[Example], test: Sequence[Example]) -> IntArray:
    """The commonest stance of the training set for every test row; shape (n,), label ids."""
    counts = np.bincount(indices([example.stance for example in train]))
    return np.full(len(test), int(counts.argmax()), dtype=np.int64)


def tfidf_lr(train: Sequence[Example], test: Sequence[Example], sides: Sequence[Side] = SIDES) -> IntArray:
    """The answers of `tfidf_probabilities`; shape (n,), label ids. sides: what it sees."""
    return tfidf_views(train, test, {"sides": sides})["sides"]


def tfidf_views(
    train: Sequence[Example], test: Sequence[Example], views: Mapping[str, Sequence[Side]], advance: Advance | None = None
) -> dict[str, IntArray]:
    """The answers of `tfidf_lr` by the name of what it sees. advance: told of each view."""
    return {name: found.argmax(axis=1) for name, found in tfidf_probabilities(train, test, views, advance).items()}


def tfidf_probabilities(
    train: Sequence[Example], test: Sequence[Example], views: Mapping[str, Sequence[Side]], advance: Advance | None = None
) -> dict[str, FloatArray]:
    """TF-IDF of words and word pairs, of statement and proposal apart, and balanced logistic regression; shape (n, 3) a view.

    Words of the two sides are different features, so that it can weigh them, but it cannot relate them. views: what it sees, by name; a
    side is made into vectors once for all. advance: told of each view.
    """
    weights = {side: _weights(train, test, side) for side in SIDES if any(side in sides for sides in views.values())}
    answers = {}
    for name, sides in views.items():
        # Of signs alone there is no word to learn from.
        blocks = [block for side in sides if (block := weights[side]) is not None]
        answers[name] = _regression(train, blocks) if blocks else np.eye(len(STANCES))[majority(train, test)]
        if advance is not None:
            advance()
    return answers


def baselines(train: Sequence[Example], test: Sequence[Example], advance: Advance | None = None) -> dict[str, IntArray]:
    """The answers of all BASELINES by name, each of shape (n,), label ids. advance: told of each of them."""
    commonest = majority(train, test)
    if advance is not None:
        advance()
    return {"majority": commonest, **tfidf_views(train, test, VIEWS, advance)}


def _weights(train: Sequence[Example], test: Sequence[Example], side: Side) -> tuple[Any, Any] | None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    learn, answer = ([getattr(example, side) for example in part] for part in (train, test))
    if not any(re.search(r"\w", text) for text in learn):
        return None
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b")
    return vectorizer.fit_transform(learn), vectorizer.transform(answer)


def _regression(train: Sequence[Example], blocks: Sequence[tuple[Any, Any]]) -> FloatArray:
    from scipy.sparse import hstack
    from sklearn.linear_model import LogisticRegression

    gold = indices([example.stance for example in train])
    learn, answer = (hstack(part).tocsr() for part in zip(*blocks, strict=True))
    probabilities = np.zeros((answer.shape[0], len(STANCES)))
    if len(set(gold.tolist())) == 1:
        # A regression needs two classes to tell apart; of one, the answer is that one.
        probabilities[:, gold[0]] = 1
        return probabilities
    model = LogisticRegression(max_iter=2000, class_weight="balanced", random_state=SEED).fit(learn, gold)
    probabilities[:, model.classes_] = model.predict_proba(answer)
    return probabilities


BASELINES: Mapping[str, Callable[[Sequence[Example], Sequence[Example]], IntArray]] = {
    "majority": majority,
    **{name: partial(tfidf_lr, sides=sides) for name, sides in VIEWS.items()},
}
