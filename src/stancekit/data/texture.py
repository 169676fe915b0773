"""What a collection of texts is made of: repeated sentences, and how varied its words are."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

# Long enough to hold a word with its ends, short enough that one changed word leaves most of a sentence's grams alone.
GRAM = 5
CHUNK = 512


class Repeat(NamedTuple):
    """Two texts that are nearly the same: their places in the sequence, and what they share, in [0, 1]."""

    first: int
    second: int
    similarity: float


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return re.findall(r"\w+", text.lower())


class Repeats(NamedTuple):
    """How many pairs of texts are nearly the same, and the closest of them, closest first."""

    pairs: int
    closest: list[Repeat]


def near_duplicates(texts: Sequence[str], homes: Sequence[str], threshold: float = 0.5, most: int = 20) -> Repeats:
    """Pairs of texts of two homes whose sets of character 5-grams overlap (Jaccard) by `threshold` or more.

    homes: what each text belongs to (an article): texts of one home are not compared. All pairs are counted, `most` of
    them kept: a text that stands in a thousand articles makes half a million. Exact, not by hashing: fine for some ten
    thousand texts.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    if len(texts) < 2:
        return Repeats(0, [])
    grams = CountVectorizer(analyzer="char_wb", ngram_range=(GRAM, GRAM), binary=True, dtype=np.float32).fit_transform(texts)
    _, numbers = np.unique(np.asarray(homes), return_inverse=True)
    chunks = [_of_chunk(grams, numbers, start, threshold, most) for start in range(0, len(texts), CHUNK)]
    closest = sorted((repeat for chunk in chunks for repeat in chunk.closest), key=lambda repeat: (-repeat.similarity, *repeat[:2]))
    return Repeats(sum(chunk.pairs for chunk in chunks), closest[:most])


def _of_chunk(grams: Any, homes: np.ndarray[Any, Any], start: int, threshold: float, most: int) -> Repeats:
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    chunk = grams[start : start + CHUNK]
    shared = (chunk @ grams.T).toarray()
    union = sizes[start : start + CHUNK, None] + sizes[None, :] - shared
    similarity = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    rows = np.arange(start, start + len(similarity))[:, None]
    each_once = (rows < np.arange(grams.shape[0])) & (homes[rows] != homes)
    found = np.argwhere((similarity >= threshold) & each_once)
    # A stable sort: among equals the order of the texts stays.
    closest = found[np.argsort(-similarity[tuple(found.T)], kind="stable")[:most]]
    return Repeats(len(found), [Repeat(start + int(row), int(other), float(similarity[row, other])) for row, other in closest])


class Variety(NamedTuple):
    """Shares in [0, 1] of what does not repeat, in a sample of a fixed number of words; higher is more varied.

    type_token: different words among all. distinct_2, distinct_3: different word pairs and triples among all
    (Li et al. 2016).
    """

    type_token: float
    distinct_2: float
    distinct_3: float


def variety(texts: Sequence[str], sample: int, draws: int, rng: np.random.Generator) -> Variety:
    """The mean over `draws` samples of whole texts with `sample` words: all three fall with length, so only equal samples compare.

    Raises ValueError where the texts have fewer words than a sample.
    """
    tokenized = [words(text) for text in texts]
    if sum(map(len, tokenized)) < sample:
        raise ValueError(f"the texts have fewer than {sample} words")
    rows = [_of_sample([tokenized[text] for text in rng.permutation(len(texts))], sample) for _ in range(draws)]
    return Variety(*(float(value) for value in np.mean(rows, axis=0)))


def _of_sample(texts: Sequence[Sequence[str]], sample: int) -> list[float]:
    counts, seen = [0, 0, 0], [set[tuple[str, ...]]() for _ in range(3)]
    for text in texts:
        if counts[0] >= sample:
            break
        kept = text[: sample - counts[0]]
        # An n-gram never spans two texts.
        for size in (1, 2, 3):
            grams = list(zip(*(kept[start:] for start in range(size)), strict=False))
            counts[size - 1] += len(grams)
            seen[size - 1].update(grams)
    return [len(kinds) / count if count else 0.0 for kinds, count in zip(seen, counts, strict=True)]
