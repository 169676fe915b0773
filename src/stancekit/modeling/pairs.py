"""True pairs (statement, proposal) as token ids. The statement may be cut, the proposal never is."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stancekit.errors import StancekitError, reason

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Pair = tuple[str, str]
IntArray = npt.NDArray[np.int64]

# A statement cut to fewer tokens than this says nothing any more.
LEAST_STATEMENT = 8


class PairTokenizer:
    """Fast tokenization of pairs, without transformers or torch."""

    def __init__(self, tokenizer: "Tokenizer", max_length: int, pad_id: int, inputs: Sequence[str]) -> None:
        # Encoders are published with truncation and padding of their own (MiniLM: both to 128, longest first, which
        # may cut the proposal), so both are set here whatever was stored.
        tokenizer.enable_truncation(max_length=max_length, strategy="only_first")
        tokenizer.no_padding()
        # Text from outside is data: a "[SEP]" in a statement must not begin the proposal.
        tokenizer.encode_special_tokens = True
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.pad_id = pad_id
        self.inputs = tuple(inputs)

    @classmethod
    def of_folder(cls, folder: Path, max_length: int, pad_id: int, inputs: Sequence[str]) -> "PairTokenizer":
        """From the `tokenizer.json` in `folder`. Raises StancekitError when it is absent."""
        from tokenizers import Tokenizer

        path = folder / "tokenizer.json"
        if not path.is_file():
            raise StancekitError(f"{path} is missing", fix="export the model again; stancekit needs a fast tokenizer")
        try:
            return cls(Tokenizer.from_file(str(path)), max_length, pad_id, inputs)
        except Exception as fault:  # the library raises nothing narrower
            raise StancekitError(f"{path} cannot be loaded: {reason(fault)}", fix="export the model again; it may be cut short") from fault

    def check_proposals(self, proposals: Iterable[str]) -> None:
        """Raise StancekitError for an empty proposal, or one that leaves no room for a statement."""
        room = self.max_length - LEAST_STATEMENT - self.tokenizer.num_special_tokens_to_add(is_pair=True)
        distinct = list(dict.fromkeys(proposals))
        # The length in characters tells nothing: byte-level tokenizers make up to four tokens of one.
        for proposal, encoding in zip(distinct, self.tokenizer.encode_batch(distinct, add_special_tokens=False), strict=True):
            if not proposal.strip() or not encoding.ids:
                raise StancekitError("a proposal is empty", fix="give every proposal a text: a claim with a side")
            length = len(encoding.ids) + sum(len(rest.ids) for rest in encoding.overflowing)
            if length > room:
                raise StancekitError(
                    f"the proposal {proposal[:60]!r}... has {length} tokens, {room} fit beside a statement (max_length {self.max_length})",
                    fix="word it shorter, or train with a larger pairs.max_length: a proposal is never cut",
                )

    def fits(self, proposal: str) -> bool:
        """Whether `check_proposals` takes it."""
        try:
            self.check_proposals([proposal])
        except StancekitError:
            return False
        return True

    def encode(self, pairs: Sequence[Pair]) -> "list[Encoding]":
        """One encoding a pair; proposals must have been checked."""
        encodings: list[Encoding] = self.tokenizer.encode_batch(list(pairs))
        return encodings

    def columns(self, encoding: "Encoding") -> dict[str, list[int]]:
        """The model's inputs of one pair, unpadded."""
        every = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        return {name: every[name] for name in self.inputs}

    def batch(self, encodings: "Sequence[Encoding]") -> dict[str, IntArray]:
        """The model's inputs, each of shape (n, longest), padded on the right."""
        longest = max(len(encoding.ids) for encoding in encodings)
        fill = {"input_ids": self.pad_id, "attention_mask": 0, "token_type_ids": 0}
        arrays = {name: np.full((len(encodings), longest), fill[name], dtype=np.int64) for name in self.inputs}
        for row, encoding in enumerate(encodings):
            for name, values in self.columns(encoding).items():
                arrays[name][row, : len(values)] = values
        return arrays


def model_inputs(config: Any) -> tuple[str, ...]:
    """Names of the inputs a transformers config asks for: token types only where it tells two of them apart."""
    types = (getattr(config, "type_vocab_size", 0) or 0) > 1
    return ("input_ids", "attention_mask", "token_type_ids") if types else ("input_ids", "attention_mask")
