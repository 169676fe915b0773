"""How sure a model must be of a stance for its answers to be right so often, read off labelled rows."""

from typing import TYPE_CHECKING

import numpy as np

from stancekit.stance import STANCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancekit.training.targets import FloatArray

# A share of fewer answers says little.
LEAST_ANSWERS = 30
# Answers that are right less often than promised pass as good with this chance.
DOUBT = 0.1


def confidence_limits(probabilities: "FloatArray", gold: "NDArray[np.int64]", precision: float) -> "FloatArray":
    """Shape (3,): for each stance the lowest confidence from which on its answers are shown to be right so often; infinity where none is.

    Shown: were they right less often, then as many right ones as there are would turn up at most once in ten times (the exact
    binomial bound of Geifman & El-Yaniv 2017, taking rows as independent, without their correction for trying many limits).
    probabilities: shape (n, 3), of rows whose label ids are `gold`, shape (n,). A limit rests on at least 30 answers. Of answers with
    one confidence, all count or none.
    """
    from scipy.stats import binom

    answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    limits = np.full(len(STANCES), np.inf)
    for stance in range(len(STANCES)):
        chosen = np.flatnonzero(answers == stance)
        chosen = chosen[np.argsort(-confidence[chosen], kind="stable")]
        right, given = np.cumsum(gold[chosen] == stance), np.arange(1, len(chosen) + 1)
        ends = np.append(np.diff(confidence[chosen]) < 0, True)[: len(chosen)]
        good = np.flatnonzero((binom.sf(right - 1, given, precision) <= DOUBT) & ends & (given >= LEAST_ANSWERS))
        if len(good):
            limits[stance] = confidence[chosen[good[-1]]]
    return limits
