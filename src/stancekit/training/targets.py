"""What a row is trained toward: a distribution over the stances, out of its label, its readers' votes or a teacher's answer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stancekit.records import Example
from stancekit.stance import STANCES, Stance

FloatArray = npt.NDArray[np.float64]


def label_targets(examples: Sequence[Example], soft: bool = False) -> FloatArray:
    """Shape (n, 3): all on the label; with `soft`, the shares of the votes where an example has them (Peterson et al. 2019)."""
    targets = np.zeros((len(examples), len(STANCES)))
    for row, example in enumerate(examples):
        votes = example.votes if soft else None
        for stance, count in (votes or {example.stance.value: 1}).items():
            targets[row, Stance(stance).label_id] = count
    return np.asarray(targets / targets.sum(axis=1, keepdims=True))


def tempered(answers: FloatArray, temperature: float) -> FloatArray:
    """Shape kept: probabilities as the softmax of their logits over `temperature` (Hinton et al. 2015, eq. 1)."""
    powers = np.power(answers, 1 / temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def smoothed(targets: FloatArray, share: float) -> FloatArray:
    """Shape kept: `share` of every row goes to all stances alike (Szegedy et al. 2016, section 7)."""
    return np.asarray((1 - share) * targets + share / len(STANCES))


def balanced_weights(targets: FloatArray) -> list[float]:
    """A weight for each stance: rows / (stances present x rows of that stance), 0 for a stance without rows (King & Zeng 2001).

    targets: shape (n, 3); parts of a row count as parts. The mean weight of the rows is 1, so that learning rates mean the
    same with and without weights.
    """
    counts = targets.sum(axis=0)
    present = int((counts > 0).sum())
    return [len(targets) / (present * count) if count > 0 else 0.0 for count in counts.tolist()]
