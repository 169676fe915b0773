"""What a model was trained on, as hashes of its texts: an evaluation elsewhere can tell what is no test, without the texts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stancekit.errors import StancekitError, reason
from stancekit.records import Example, normalized

NAME = "seen.safetensors"
# Of a million texts, one in a million others is taken for one of them.
HASH_BYTES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """Hashes of the proposals and of the statements of some rows; texts that differ in case or white space only count as the same."""

    proposal: frozenset[bytes] = frozenset()
    statement: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, examples: Iterable[Example]) -> "Seen":
        """What rows hold."""
        rows = list(examples)
        return cls(frozenset(_hash(one.proposal) for one in rows), frozenset(_hash(one.statement) for one in rows))

    @classmethod
    def read(cls, folder: Path) -> "Seen":
        """What `write` left in a bundle, nothing where there is no such file. Raises StancekitError for a damaged one."""
        from safetensors.numpy import load_file

        if not (folder / NAME).is_file():
            return cls()
        try:
            kept = load_file(folder / NAME)
            return cls(*(frozenset(row.tobytes() for row in kept[kind]) for kind in ("proposal", "statement")))
        except Exception as fault:  # safetensors has errors of its own, with no common base
            raise StancekitError(f"{folder / NAME} cannot be read: {reason(fault)}", fix="export the bundle again") from fault

    def write(self, folder: Path) -> None:
        """Write `seen.safetensors`: two uint8 arrays of shape (n, 5), in order."""
        from safetensors.numpy import save

        arrays = {kind: np.frombuffer(b"".join(sorted(getattr(self, kind))), np.uint8) for kind in ("proposal", "statement")}
        content = save({kind: array.reshape(-1, HASH_BYTES) for kind, array in arrays.items()})
        (folder / NAME).write_bytes(content)

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(self.proposal | other.proposal, self.statement | other.statement)

    def __bool__(self) -> bool:
        return bool(self.proposal or self.statement)

    def count(self, examples: Iterable[Example]) -> dict[str, int]:
        """How many rows have a proposal, and how many a statement, that is among these."""
        rows = list(examples)
        proposals = sum(_hash(one.proposal) in self.proposal for one in rows)
        return {"proposal": proposals, "statement": sum(_hash(one.statement) in self.statement for one in rows)}


def _hash(text: str) -> bytes:
    return hashlib.blake2b(normalized(text).encode(), digest_size=HASH_BYTES).digest()
