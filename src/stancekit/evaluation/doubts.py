"""Labels that may be wrong, by confident learning, and what a model was trained on that is nearest to what it gets wrong."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from stancekit.evaluation.confidence import Answers
from stancekit.evaluation.metrics import IntArray
from stancekit.records import Example
from stancekit.stance import STANCES

SHOWN = 50
NEAREST = 3
PACKAGE = "cleanlab"


def label_doubts(examples: Sequence[Example], answers: Answers, gold: IntArray) -> dict[str, Any] | None:
    """Rows whose label the model doubts more than its own mistakes explain (confident learning, Northcutt et al. 2021), by cleanlab.

    `n`, and `rows`, the most doubtful first (by normalised margin), at most 50. The model must not have been trained on the rows. None
    where cleanlab is not installed, where the answers have no probabilities, or where a stance is absent. gold: shape (n,), label ids.
    """
    if not answers.graded or len(np.unique(gold)) < len(STANCES):
        return None
    try:
        tool = version(PACKAGE)
    except PackageNotFoundError:
        return None
    from cleanlab.filter import find_label_issues

    with warnings.catch_warnings():
        # It warns of stances with few rows, whose counts stand on the page.
        warnings.simplefilter("ignore", UserWarning)
        # One process: starting others takes longer than the work.
        order = find_label_issues(gold, answers.probabilities, return_indices_ranked_by="normalized_margin", n_jobs=1)
    rows = [
        {
            "id": examples[row].id,
            "statement": examples[row].statement,
            "proposal": examples[row].proposal,
            "gold": examples[row].stance.value,
            "suggested": STANCES[int(answers.probabilities[row].argmax())].value,
            "confidence": round(float(answers.probabilities[row].max()), 4),
            "given": round(float(answers.probabilities[row, gold[row]]), 4),
        }
        for row in order[:SHOWN]
    ]
    return {"by": f"{PACKAGE} {tool}", "n": len(order), "rows": rows}


def nearest_examples(errors: Sequence[Mapping[str, Any]], train: Sequence[Example]) -> list[list[dict[str, Any]]]:
    """For each row with `statement` and `proposal` the three training pairs nearest in words, by cosine of TF-IDF vectors of both texts."""
    if not errors or not train:
        return [[] for _ in errors]
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True)
    known = vectorizer.fit_transform(f"{one.statement} {one.proposal}" for one in train)
    asked = vectorizer.transform(f"{one['statement']} {one['proposal']}" for one in errors)
    likeness = (asked @ known.T).toarray()
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :NEAREST]
    return [[_near(train[column], likeness[row, column]) for column in columns] for row, columns in enumerate(nearest)]


def _near(example: Example, likeness: float) -> dict[str, Any]:
    texts = {"statement": example.statement, "proposal": example.proposal, "stance": example.stance.value}
    return {**texts, "likeness": round(float(likeness), 4)}
