"""How far rounding moves the answers of a model, and so how close a call of the rounded one must be for a second look."""

from collections.abc import Mapping, Sequence

import numpy as np

from stancekit.inference.scorers import Scorer, lead
from stancekit.modeling.pairs import IntArray

# A label flips where rounding moves an answer by more than its lead. What rounding moves further than it moves this share of all pairs
# is rarely that close as well: at most a few labels in a thousand are left, docs/numbers.md.
CERTAIN = 0.93


def moved(rounded: Scorer, exact: Scorer, batches: Sequence[Mapping[str, IntArray]]) -> float:
    """How far the distance of the rounded model's best two stances moves by rounding, at the quantile CERTAIN of all pairs.

    Raises ValueError without any.
    """
    if not batches:
        raise ValueError("there are no held pairs to see how far rounding moves an answer")
    moves = []
    for batch in batches:
        answers, truth = rounded.logits(batch), exact.logits(batch)
        first, second = np.argsort(-answers, axis=1)[:, :2].T
        rows = np.arange(len(answers))
        moves.append(np.abs(lead(answers) - (truth[rows, first] - truth[rows, second])))
    return float(np.quantile(np.concatenate(moves), CERTAIN))
