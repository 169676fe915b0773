"""What a model must beat: the majority stance, and a bag of words with logistic regression."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from stancekit.evaluation.metrics import IntArray, indices
from stancekit.records import Example

SEED = 13
Side = Literal["statement", "proposal"]
SIDES: tuple[Side, ...] = ("statement", "proposal")


def majority(train: Sequence[Example], test: Sequence[Example]) -> IntArray:
    """The commonest stance of the training set for every test row; shape (n,), label ids."""
    counts = np.bincount(indices([example.stance for example in train]))
    return np.full(len(test), int(counts.argmax()), dtype=np.int64)


def tfidf_lr(train: Sequence[Example], test: Sequence[Example], sides: Sequence[Side] = SIDES) -> IntArray:
    """TF-IDF of words and word pairs, of statement and proposal apart, and balanced logistic regression; shape (n,).

    Words of the two sides are different features, so that it can weigh them, but it cannot relate them. sides: what it sees.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    gold = indices([example.stance for example in train])
    if len(set(gold.tolist())) == 1:
        # A regression needs two classes to tell apart; of one, the answer is that one.
        return majority(train, test)
    blocks = []
    for side in sides:
        learn, answer = ([getattr(example, side) for example in part] for part in (train, test))
        if not any(re.search(r"\w", text) for text in learn):
            # Signs alone: there is no word to learn from.
            continue
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b")
        blocks.append((vectorizer.fit_transform(learn), vectorizer.transform(answer)))
    if not blocks:
        return majority(train, test)
    model = LogisticRegression(max_iter=2000, class_weight="balanced", random_state=SEED)
    model.fit(hstack([block[0] for block in blocks]).tocsr(), gold)
    return np.asarray(model.predict(hstack([block[1] for block in blocks]).tocsr()), dtype=np.int64)


BASELINES = {"majority": majority, "tfidf_lr": tfidf_lr}
