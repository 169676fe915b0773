"""How sure a model must be of a stance for its answers to be right so often, read off labelled rows."""

from typing import TYPE_CHECKING

import numpy as np

from stancekit.stance import STANCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancekit.training.targets import FloatArray

# A share of fewer answers says little.
LEAST_ANSWERS = 30


def confidence_limits(probabilities: "FloatArray", gold: "NDArray[np.int64]", precision: float) -> "FloatArray":
    """Shape (3,): for each stance the lowest confidence from which on its answers are right at least so often; infinity where none is.

    probabilities: shape (n, 3), of rows whose label ids are `gold`, shape (n,). A limit rests on at least 30 answers. Of answers with
    one confidence, all count or none.
    """
    answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    limits = np.full(len(STANCES), np.inf)
    for stance in range(len(STANCES)):
        chosen = np.flatnonzero(answers == stance)
        chosen = chosen[np.argsort(-confidence[chosen], kind="stable")]
        right = np.cumsum(gold[chosen] == stance) / np.arange(1, len(chosen) + 1)
        ends = np.append(np.diff(confidence[chosen]) < 0, True)[: len(chosen)]
        good = np.flatnonzero((right >= precision) & ends & (np.arange(len(chosen)) >= LEAST_ANSWERS - 1))
        if len(good):
            limits[stance] = confidence[chosen[good[-1]]]
    return limits
