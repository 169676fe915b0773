"""Articles that are nearly the same text, such as wire copy under another headline, found while reading and without keeping texts."""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from stancekit.records import Article

# Runs of so many words are what two texts share or do not share.
RUN = 5
# Of all runs that two copies have, so many are in both. At 0.5 most copies with a new opening and a cut end are missed, at 0.3 articles
# are joined that merely quote the same letter (`benchmarks/duplicates.py`).
THRESHOLD = 0.4
# An estimate from so many minima is off by 0.043 there (one standard deviation).
MINIMA = 128
# So many of them tell at once which few of the articles read are worth a closer look, with hardly one that is a copy missed.
FIRST, SPREADS = 32, 3.0
SEED = 13
BLOCK = 4096
Minima = npt.NDArray[np.uint16]
_WORD = re.compile(r"\w+")


class Copies:
    """The texts read so far, as 256 bytes each, and which of them a next one copies.

    MinHash (Broder 1997) over runs of five words, its minima cut to 16 bits: two that differ look alike once in 65,536 times (Li & König
    2010). Each text is compared with all that were kept: tables of hashed bands take fifty times the memory, and 100,000 comparisons
    last half a millisecond.

    threshold: the share of runs that two texts must have in common among all that either has (Jaccard), in (0, 1].
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._least = FIRST * threshold - SPREADS * (FIRST * threshold * (1 - threshold)) ** 0.5
        self._ids: list[str] = []
        # One line a minimum, one column a text: a few lines are read of all texts.
        self._blocks: list[Minima] = []

    def group(self, article: Article) -> str | None:
        """What `find` finds; where that is None, the article is kept as one that others may copy."""
        minima = _minima(article)
        found = self._nearest(minima)
        if found is None and minima is not None:
            self._keep(article.id, minima)
        return found

    def find(self, article: Article) -> str | None:
        """The id of the kept article that has nearly the same text, of several the nearest; None where there is none.

        Stretches that are no article text are left out. A text of no words copies none.
        """
        return self._nearest(_minima(article))

    def _nearest(self, minima: Minima | None) -> str | None:
        if minima is None:
            return None
        # Of equals, the first that was read.
        likeness, at = max(((share, -at) for at, share in self._near(minima)), default=(0.0, 0))
        return self._ids[-at] if likeness >= self._threshold else None

    def _near(self, minima: Minima) -> Iterator[tuple[int, float]]:
        for number, block in enumerate(self._blocks):
            seen = block[:, : len(self._ids) - number * BLOCK]
            shared = (seen[:FIRST] == minima[:FIRST, None]).sum(axis=0, dtype=np.uint8)
            for at in np.flatnonzero(shared >= self._least):
                yield number * BLOCK + int(at), float((seen[:, at] == minima).mean())

    def _keep(self, article: str, minima: Minima) -> None:
        if len(self._ids) == len(self._blocks) * BLOCK:
            self._blocks.append(np.zeros((MINIMA, BLOCK), dtype=np.uint16))
        self._blocks[-1][:, len(self._ids) % BLOCK] = minima
        self._ids.append(article)


def runs_of(article: Article) -> frozenset[str]:
    """Every five words in a row, in lower case, without marks; all words where there are fewer. Empty where there are none."""
    text, parts, end = article.text, [], 0
    for start, stop in sorted(article.skipped):
        parts.append(text[end : max(start, end)])
        end = max(stop, end)
    words = _WORD.findall(" ".join([*parts, text[end:]]).lower())
    return frozenset(" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))) - {""}


def _minima(article: Article) -> Minima | None:
    from datasketch import MinHash

    runs = runs_of(article)
    if not runs:
        return None
    sketch = MinHash(num_perm=MINIMA, seed=SEED, scheme="affine32")
    sketch.update_batch([run.encode() for run in runs])
    return (np.asarray(sketch.hashvalues) & 0xFFFF).astype(np.uint16)
