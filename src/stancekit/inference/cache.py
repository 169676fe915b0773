"""Answers kept over runs, in one SQLite file: a pair that a model has answered once costs a look-up.

A key is a hash over the model's identity, the statement and the proposal, so another model, another text or another wording never finds
an answer that is not its own. Several processes may share a file. Answers of a model that rounds by what else is in its batch
(activations quantized as they come) are those of the batch that they were first scored in.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np

from stancekit.errors import StancekitError, reason
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import Pair
from stancekit.stance import STANCES

# "stnc": what tells this kind of SQLite file from all others.
APPLICATION = 0x73746E63
VERSION = 1
KEY_BYTES = 16
# SQLite takes so many values in one question in every build.
ASKED_AT_ONCE = 500
# How long another process may hold the file; it does so for the milliseconds of one shard's answers.
PATIENCE_SECONDS = 60.0


def keys_of(identity: str, pairs: Sequence[Pair]) -> list[bytes]:
    """One key a pair. identity: of the model, see StanceModel.identity."""
    return [_key(identity, *pair) for pair in pairs]


def _key(*texts: str) -> bytes:
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    for text in texts:
        # Each with its length before it: ("ab", "c") and ("a", "bc") are two pairs.
        raw = text.encode()
        digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.digest()


class Cache:
    """An open cache; made where there is none. Raises StancekitError for a file that is damaged or something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            # Transactions begin where this class says so.
            self._base = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._base.close()
            raise

    def __enter__(self) -> "Cache":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._base.close()

    def known(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """The probabilities, shape (3,), of those keys that have any."""
        found: dict[bytes, FloatArray] = {}
        with self._told():
            for start in range(0, len(keys), ASKED_AT_ONCE):
                part = keys[start : start + ASKED_AT_ONCE]
                marks = ",".join("?" * len(part))
                for key, value in self._base.execute(f"SELECT key, probabilities FROM answers WHERE key IN ({marks})", part):
                    found[key] = self._row(value)
        return found

    def add(self, answers: Mapping[bytes, FloatArray]) -> None:
        """Keep probabilities of shape (3,) by key, all or none of them. A key that is there keeps what it has."""
        rows = [(key, np.asarray(row, dtype="<f8").tobytes()) for key, row in answers.items()]
        with self._told(), self._transaction():
            self._base.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)

    def _row(self, value: object) -> FloatArray:
        if not isinstance(value, bytes) or len(value) != 8 * len(STANCES):
            raise StancekitError(f"{self.path} is damaged: an answer has another shape", fix="remove it; it is made anew")
        return np.frombuffer(value, dtype="<f8").astype(np.float64)

    def _prepare(self) -> None:
        # Read by one statement, so of one moment: another writer may be making this very file.
        application, version, tables = self._base.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if not application and not tables:
            self._make()
        elif application != APPLICATION:
            raise StancekitError(f"{self.path} is a SQLite file of something else", fix="name another file with --cache")
        elif version != VERSION:
            raise StancekitError(f"{self.path} is a cache of version {version}, not {VERSION}", fix="name another file with --cache")
        # After a power cut the last answers may be missing, and no more than that.
        self._base.execute("PRAGMA synchronous=NORMAL")

    def _make(self) -> None:
        # Readers and a writer do not wait for one another.
        _patiently(self._base, "PRAGMA journal_mode=WAL")
        with self._transaction():
            self._base.execute("CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, probabilities BLOB NOT NULL) WITHOUT ROWID")
            self._base.execute(f"PRAGMA application_id={APPLICATION}")
            self._base.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as fault:
            raise StancekitError(f"{self.path} cannot be used: {reason(fault)}", fix="check its folder and the space there") from fault
        except sqlite3.DatabaseError as fault:
            fix = "name another file with --cache; where this was a cache, remove it, and it is made anew"
            raise StancekitError(f"{self.path} is no cache, or a damaged one: {reason(fault)}", fix) from fault


def _patiently(base: sqlite3.Connection, statement: str) -> None:
    # SQLite does not wait by itself where two processes turn a new file into a WAL one at the same time.
    last = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            base.execute(statement)
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.01)
        else:
            return
