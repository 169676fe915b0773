"""How near statements and proposals are: TF-IDF vectors of both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancekit.records import Example

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows that are compared with all proposals at a time.
BATCH = 512


class Likeness(NamedTuple):
    """Vectors of length 1, so that products are cosines.

    proposals: the m distinct ones in order of appearance. own: shape (n,), the number of each example's proposal.
    statements: sparse, shape (n, words). weights: sparse, shape (m, words), of the proposals.
    """

    proposals: list[str]
    own: "NDArray[np.int64]"
    statements: Any
    weights: Any


def likeness(examples: Sequence[Example]) -> Likeness:
    """Vectors over the words of all statements and proposals but stop words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    proposals = list(dict.fromkeys(example.proposal for example in examples))
    numbers = {proposal: number for number, proposal in enumerate(proposals)}
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    vectors = vectorizer.fit_transform([example.statement for example in examples] + proposals)
    own = np.array([numbers[example.proposal] for example in examples])
    return Likeness(proposals, own, vectors[: len(examples)], vectors[len(examples) :])
