"""Scoring many pairs: each distinct one once, batches of like length, the caller's order restored."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from stancekit.errors import StancekitError
from stancekit.inference.scorers import FloatArray, Scorer
from stancekit.modeling.pairs import Pair, PairTokenizer
from stancekit.progress import Advance
from stancekit.stance import STANCES

if TYPE_CHECKING:
    from tokenizers import Encoding

# Pairs of a batch where all have the same length: few enough that the last one of a length is not mostly filled up.
ALIKE_PAIRS = 8
# torch and ONNX Runtime have no error class in common for it; these are their words, and those of their allocators.
NO_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory|failed to allocate|bad[ _]alloc", re.IGNORECASE)


def score(
    scorer: Scorer, tokenizer: PairTokenizer, pairs: Sequence[Pair], advance: Advance | None = None, alike: bool = False
) -> FloatArray:
    """Logits of shape (len(pairs), 3), in the order of `pairs`. Proposals must have been checked.

    alike: score each pair in a batch of its own length, and of a fixed number where the scorer is `counted`, so that no other pair changes
    the last bits of its answer. Raises StancekitError where memory does not suffice for one pair.
    """
    distinct = list(dict.fromkeys(pairs))
    logits = np.empty((len(distinct), len(STANCES)))
    encodings = tokenizer.encode(distinct)
    # Sorting by length saves the padding; the stable sort makes batches the same on every machine.
    order = sorted(range(len(distinct)), key=lambda index: len(encodings[index].ids))
    lengths = [len(encodings[index].ids) for index in order]
    cut = alike_batches(lengths) if alike else batches(lengths, scorer.batch_tokens)
    shares = [[order[member] for member in members] for members in cut]

    def answer(indices: Sequence[int]) -> FloatArray:
        batch = [encodings[index] for index in indices]
        # A batch that is not full is filled with its last pair.
        filled = batch + batch[-1:] * (ALIKE_PAIRS - len(batch)) if alike and scorer.counted else batch
        return _halved(scorer, tokenizer, filled)[: len(batch)]

    # Closed at once where the work is broken off, so that nothing more of it begins.
    with closing(_at_once(scorer.streams, answer, shares)) as found:
        for indices, answers in zip(shares, found, strict=True):
            logits[indices] = answers
            if advance is not None:
                advance(len(indices))
    if advance is not None:
        advance(len(pairs) - len(distinct))
    place = {pair: index for index, pair in enumerate(distinct)}
    return logits[[place[pair] for pair in pairs]] if pairs else logits


def _at_once(streams: int, answer: Callable[[Sequence[int]], FloatArray], shares: Sequence[Sequence[int]]) -> Generator[FloatArray]:
    """Answers to all shares in their order, `streams` of them at work at a time."""
    if min(streams, len(shares)) < 2:
        yield from map(answer, shares)
        return
    with ThreadPoolExecutor(streams, "stancekit-stream") as pool:
        yield from pool.map(answer, shares)


def batches(lengths: Sequence[int], most: int) -> Iterator[range]:
    """Cut ascending lengths into ranges of at most `most` tokens, padding included, or of one length that is more by itself."""
    start = 0
    for end, length in enumerate(lengths):
        if end > start and (end - start + 1) * length > most:
            yield range(start, end)
            start = end
    if start < len(lengths):
        yield range(start, len(lengths))


def alike_batches(lengths: Sequence[int]) -> Iterator[range]:
    """Cut ascending lengths into ranges of one length each, at most ALIKE_PAIRS long."""
    start = 0
    for end in range(1, len(lengths) + 1):
        if end == len(lengths) or lengths[end] != lengths[start] or end - start == ALIKE_PAIRS:
            yield range(start, end)
            start = end


def _halved(scorer: Scorer, tokenizer: PairTokenizer, batch: "Sequence[Encoding]") -> FloatArray:
    """Logits of one batch; where memory does not suffice, of its halves."""
    try:
        return scorer.logits(tokenizer.batch(batch))
    except Exception as fault:
        if not _is_memory(fault):
            raise
        if len(batch) == 1:
            raise StancekitError(
                f"there is not enough memory for one pair of {len(batch[0].ids)} tokens",
                fix="end other programs, use fewer --workers, or --device cpu in place of a GPU",
            ) from fault
    # Out here the fault is gone, and with it what the failed batch had taken.
    middle = len(batch) // 2
    return np.concatenate([_halved(scorer, tokenizer, half) for half in (batch[:middle], batch[middle:])])


def _is_memory(fault: Exception) -> bool:
    return isinstance(fault, MemoryError) or NO_MEMORY.search(str(fault)) is not None


def softmax(logits: FloatArray) -> FloatArray:
    """Row-wise probabilities, shape kept."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
