"""Folds that cannot leak: rows that share a proposal, a text or a group are in one, and each has much the same share of every stance."""

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stancekit.data.ties import connected, keys
from stancekit.errors import StancekitError
from stancekit.records import Example, class_counts

IntArray = npt.NDArray[np.int64]
# scikit-learn weighs every group against every fold, one at a time: of 70,000 groups, minutes.
MOST_BUNDLES = 1_000


def folds_of(examples: Sequence[Example], count: int, seed: int) -> IntArray:
    """The fold of each example, 0 to count - 1; shape (n,). What hangs together, directly or over others, is in one.

    Raises StancekitError where the examples are too few for so many folds, or hang together too much.
    """
    groups = connected(examples)
    largest = max(class_counts(examples).values())
    if largest < count:
        raise StancekitError(f"the commonest stance has {largest} pairs, too few for {count} folds", fix="give more labelled pairs")
    if len(set(groups)) < count:
        (kind, text), times = Counter(key for example in examples for key in keys(example)).most_common(1)[0]
        raise StancekitError(
            f"shared texts and groups tie the {len(examples)} pairs together, too much for {count} folds: "
            f"the {kind} {text!r} alone is that of {times}",
            fix="give pairs on further proposals, or take out what stands everywhere",
        )
    return dealt(examples, groups, count, seed)


def dealt(examples: Sequence[Example], groups: Sequence[int], count: int, seed: int) -> IntArray:
    """The fold of each example, 0 to count - 1; shape (n,). groups: numbers from 0, none of which is in two folds.

    There must be `count` groups, and as many examples of the commonest stance. Folds are of one size only as far as groups allow.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    stances = [example.stance.label_id for example in examples]
    folds = np.zeros(len(examples), dtype=np.int64)
    with warnings.catch_warnings():
        # A rare stance may well be absent from a fold.
        warnings.filterwarnings("ignore", message="The least populated class")
        for number, (_, members) in enumerate(splitter.split(np.zeros(len(examples)), stances, _bundled(groups, seed))):
            folds[members] = number
    return folds


def _bundled(groups: Sequence[int], seed: int) -> Sequence[int]:
    # Groups drawn together have nothing in common but the fold that they go to.
    count = max(groups) + 1
    if count <= MOST_BUNDLES:
        return groups
    bundles = np.random.default_rng(seed).permutation(count) % MOST_BUNDLES
    return [int(bundle) for bundle in bundles[groups]]
