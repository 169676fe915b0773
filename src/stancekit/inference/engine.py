"""Scoring many pairs: each distinct one once, batches of like length, the caller's order restored."""

from collections.abc import Iterator, Sequence

import numpy as np

from stancekit.inference.scorers import FloatArray, Scorer
from stancekit.modeling.pairs import Pair, PairTokenizer
from stancekit.progress import Advance
from stancekit.stance import STANCES

# Tokens a batch, padding included. Larger ones gain nothing on a CPU and cost memory.
BATCH_TOKENS = 2048
BATCH_PAIRS = 256


def score(scorer: Scorer, tokenizer: PairTokenizer, pairs: Sequence[Pair], advance: Advance | None = None) -> FloatArray:
    """Logits of shape (len(pairs), 3), in the order of `pairs`. Proposals must have been checked."""
    distinct = list(dict.fromkeys(pairs))
    logits = np.empty((len(distinct), len(STANCES)))
    encodings = tokenizer.encode(distinct)
    # Sorting by length saves the padding; the stable sort makes batches the same on every machine.
    order = sorted(range(len(distinct)), key=lambda index: len(encodings[index].ids))
    for members in batches([len(encodings[index].ids) for index in order]):
        indices = [order[member] for member in members]
        logits[indices] = scorer.logits(tokenizer.batch([encodings[index] for index in indices]))
        if advance is not None:
            advance(len(indices))
    if advance is not None:
        advance(len(pairs) - len(distinct))
    place = {pair: index for index, pair in enumerate(distinct)}
    return logits[[place[pair] for pair in pairs]] if pairs else logits


def batches(lengths: Sequence[int]) -> Iterator[range]:
    """Cut ascending lengths into ranges of at most BATCH_TOKENS padded tokens and BATCH_PAIRS pairs."""
    start = 0
    for end, length in enumerate(lengths):
        if end > start and ((end - start + 1) * length > BATCH_TOKENS or end - start == BATCH_PAIRS):
            yield range(start, end)
            start = end
    if start < len(lengths):
        yield range(start, len(lengths))


def softmax(logits: FloatArray) -> FloatArray:
    """Row-wise probabilities, shape kept."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
