"""Labels that may be wrong, by confident learning, and what a model was trained on that is nearest to what it gets wrong."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from stancekit.evaluation.confidence import Answers
from stancekit.evaluation.metrics import FloatArray, IntArray
from stancekit.records import Example
from stancekit.stance import STANCES

SHOWN = 50
NEAREST = 3
PACKAGE = "cleanlab"


def tool() -> str | None:
    """The package behind all doubts with its version, None where it is not installed."""
    try:
        return f"{PACKAGE} {version(PACKAGE)}"
    except PackageNotFoundError:
        return None


def doubted(probabilities: FloatArray, gold: IntArray) -> IntArray:
    """Rows whose label is doubted more than the mistakes of the answers explain (confident learning, Northcutt et al. 2021), by cleanlab.

    Row numbers, the most doubtful first (by normalised margin). Whoever answered must not have learned the labels. probabilities: shape
    (n, 3). gold: shape (n,), label ids of two stances or three.
    """
    from cleanlab.filter import find_label_issues

    with warnings.catch_warnings():
        # It warns of stances with few rows, whose counts stand beside the result.
        warnings.simplefilter("ignore", UserWarning)
        # One process: starting others takes longer than the work.
        order = find_label_issues(gold, probabilities, return_indices_ranked_by="normalized_margin", n_jobs=1)
    return np.asarray(order, dtype=np.int64)


def doubt(example: Example, probabilities: FloatArray) -> dict[str, Any]:
    """A doubtful label as JSON values: `confidence` is the probability of the suggested stance, `given` that of the label."""
    return {
        "id": example.id,
        "statement": example.statement,
        "proposal": example.proposal,
        "gold": example.stance.value,
        "suggested": STANCES[int(probabilities.argmax())].value,
        "confidence": round(float(probabilities.max()), 4),
        "given": round(float(probabilities[example.stance.label_id]), 4),
    }


def label_doubts(examples: Sequence[Example], answers: Answers, gold: IntArray) -> dict[str, Any] | None:
    """`n` rows whose label is doubted, and `rows`, the most doubtful first, at most 50. The model must not have been trained on the rows.

    None where cleanlab is not installed, where the answers have no probabilities, or where a stance is absent. gold: shape (n,), label ids.
    """
    by = tool()
    if by is None or not answers.graded or len(np.unique(gold)) < len(STANCES):
        return None
    order = doubted(answers.probabilities, gold)
    return {"by": by, "n": len(order), "rows": [doubt(examples[row], answers.probabilities[row]) for row in order[:SHOWN]]}


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
