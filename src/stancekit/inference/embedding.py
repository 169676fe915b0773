"""Sentences as vectors by all-MiniLM-L6-v2 (Reimers & Gurevych 2019) in 8-bit integers, on the CPU and without torch.

The graph ships with this package (export/embedder.py writes it); word embeddings and weights are
read from the encoder's own file.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stancekit.inference.engine import batches
from stancekit.inference.filling import filled
from stancekit.inference.scorers import CPU_TOKENS, LEFT_APART, session_options
from stancekit.machine import cores
from stancekit.modeling.embedded import embedded_encoder

Vectors = npt.NDArray[np.float32]
GRAPH = Path(__file__).parents[1] / "embedder" / "minilm.int8.onnx"
WIDTH = 384
# Tokens of a sentence; what is longer is most often no sentence, and its beginning tells what it is about.
LONGEST = 128
# Sentences tokenized and sorted together.
WINDOW = 4096
WEIGHTS = "model.safetensors"
WORDS = "embeddings.word_embeddings.weight"


class Embedder:
    """Mean of the last hidden states, of length 1. A sentence has the same vector, to the last bit, beside any others.

    threads: None for every core.
    """

    def __init__(self, graph: Path = GRAPH, threads: int | None = None) -> None:
        import onnxruntime as ort

        encoder = embedded_encoder()
        self._tokenizer, self._words = _vocabulary(encoder)
        self._session = ort.InferenceSession(
            filled(graph, encoder / WEIGHTS), session_options(), providers=["CPUExecutionProvider"], disabled_optimizers=LEFT_APART
        )
        self._threads = threads or cores()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), 384), rows of length 1. Each distinct text is computed once."""
        distinct = list(dict.fromkeys(texts))
        vectors = np.empty((len(distinct), WIDTH), dtype=np.float32)
        with ThreadPoolExecutor(self._threads, "stancekit-embedder") as pool:
            for start in range(0, len(distinct), WINDOW):
                self._window(distinct[start : start + WINDOW], vectors[start : start + WINDOW], pool)
        place = {text: number for number, text in enumerate(distinct)}
        return vectors[[place[text] for text in texts]] if texts else vectors

    def _window(self, texts: Sequence[str], into: Vectors, pool: ThreadPoolExecutor) -> None:
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
        shares = [[order[member] for member in members] for members in batches([len(ids[number]) for number in order], CPU_TOKENS)]
        for share, found in zip(shares, pool.map(lambda share: self._batch([ids[number] for number in share]), shares), strict=True):
            into[share] = found

    def _batch(self, rows: Sequence[Sequence[int]]) -> Vectors:
        tokens = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for row, ids in enumerate(rows):
            tokens[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        hidden: Vectors = self._session.run(["hidden"], {"words": self._words[tokens], "attention_mask": mask})[0]
        return np.stack([_pooled(states[: len(ids)]) for states, ids in zip(hidden, rows, strict=True)])


def _pooled(states: Vectors) -> Vectors:
    # Hidden states are the same in any batch, and summed by themselves so is what comes of them.
    mean = states.mean(axis=0)
    return np.asarray(mean / np.sqrt((mean * mean).sum()))


@cache
def _vocabulary(folder: Path) -> tuple[Any, Vectors]:
    from safetensors import safe_open
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=LONGEST)
    # Text from outside is data, see PairTokenizer.
    tokenizer.encode_special_tokens = True
    with safe_open(folder / WEIGHTS, "np") as weights:
        return tokenizer, weights.get_tensor(WORDS)
