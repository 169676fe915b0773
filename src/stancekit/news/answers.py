"""What the model answered to all pairs it was asked, in numbers that do not grow with the sentences: corrections start from these.

Opinions will not do: they are the sure ones, and those with a side, so that labelled pairs do not tell how they were answered.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from stancekit.news.correction import FloatArray, IntArray
from stancekit.records import Prediction
from stancekit.stance import STANCES

WIDTH = 2 * len(STANCES)


class Answers:
    """Sums of an article's answers by proposal: 52 bytes each, whatever the number of sentences."""

    def __init__(self) -> None:
        self._articles: dict[str, int] = {}
        self._numbers: dict[str, array[int]] = {}
        self._sums: dict[str, array[float]] = {}

    def add(self, article: str, sums: Mapping[str, Sequence[float]]) -> None:
        """Take in what `sums_of` gave. An article may come in several parts."""
        number = self._articles.setdefault(article, len(self._articles))
        for proposal, values in sums.items():
            self._numbers.setdefault(proposal, array("I")).append(number)
            self._sums.setdefault(proposal, array("d")).extend(values)

    @property
    def proposals(self) -> list[str]:
        """The ids of those that were asked about, in the order in which they first were."""
        return list(self._numbers)

    def asked(self, proposal: str) -> set[str]:
        """The articles that were asked about a proposal."""
        numbers = set(self._numbers[proposal])
        return {article for article, number in self._articles.items() if number in numbers}

    def by_key(self, proposal: str, keys: Mapping[str, str]) -> dict[str, tuple[IntArray, FloatArray]]:
        """For each key its articles' answers: how many were each stance, and their summed probabilities, both of shape (articles, 3).

        keys: of the articles that count; others are left out.
        """
        names = list(dict.fromkeys(keys.values()))
        place = {name: at for at, name in enumerate(names)}
        of_article = np.array([place[keys[one]] if one in keys else -1 for one in self._articles], dtype=np.int64)
        numbers = np.frombuffer(self._numbers[proposal], dtype=np.uintc).astype(np.int64)
        sums = np.zeros((len(self._articles), WIDTH))
        np.add.at(sums, numbers, np.frombuffer(self._sums[proposal]).reshape(-1, WIDTH))
        asked = np.flatnonzero((sums.sum(axis=1) > 0) & (of_article >= 0))
        if not len(asked):
            return {}
        order = asked[np.argsort(of_article[asked], kind="stable")]
        keyed, starts = np.unique(of_article[order], return_index=True)
        parts = np.split(sums[order], starts[1:])
        half = len(STANCES)
        return {names[at]: (part[:, :half].astype(np.int64), part[:, half:]) for at, part in zip(keyed, parts, strict=True)}


def sums_of(predictions: Iterable[Prediction]) -> dict[str, list[float]]:
    """By proposal: how many answers were each stance, then their summed probabilities, in the order of STANCES.

    predictions: an article's, the model's own, before cues or a least confidence change them.
    """
    found: dict[str, list[float]] = {}
    for one in predictions:
        sums = found.setdefault(one.proposal_id, [0.0] * WIDTH)
        sums[one.stance.label_id] += 1
        for at, stance in enumerate(STANCES, len(STANCES)):
            sums[at] += one.probabilities[stance.value]
    return found
