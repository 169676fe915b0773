"""Pieces of a job on a Ray cluster, by Ray Data: counted by tasks, answered by actors that each keep the model."""

import json
import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from stancekit.errors import StancekitError, reason
from stancekit.inference.answering import Answering
from stancekit.inference.distributed import Count, Done, Job, count, make
from stancekit.inference.pieces import Piece
from stancekit.machine import cores

# The pieces that an actor has: the one it is at, and one so that it need not wait.
IN_FLIGHT = 2
# Bytes. No data goes through the object store, only the pieces' names and counts.
OBJECT_STORE = 100 * 2**20


@dataclass(frozen=True, slots=True)
class Failure:
    """A piece that could not be done; number None: nor what was left of the round. fix: None where it may go well another time."""

    number: int | None
    problem: str
    fix: str | None = None


class Placed(Protocol):
    """A dataclass with the device that its work is for."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def device(self) -> str:
        """See stancekit.inference.model.load."""


Placeable = TypeVar("Placeable", bound=Placed)


class Actor:
    """What `map_batches` makes of a job on each worker: a batch is one piece, as JSON."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.answering: Answering | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Do the pieces of a batch. It never raises: what Ray makes of an exception tells nothing of pieces."""
        return _each(batch, self._done)

    def _done(self, piece: Piece) -> dict[str, Any]:
        # Here and not when it is made: an actor that cannot load the model can still say so.
        self.answering = self.answering or self.job.answering()
        return asdict(make(piece, self.job, self.answering))


def _counted(batch: dict[str, Any], job: Job) -> dict[str, Any]:
    return _each(batch, lambda piece: asdict(count(piece, job)))


def _each(batch: dict[str, Any], work: Any) -> dict[str, Any]:
    results = []
    for text in batch["piece"]:
        piece = Piece.from_row(json.loads(text))
        try:
            results.append(work(piece))
        except StancekitError as fault:
            results.append(asdict(Failure(piece.number, fault.problem, fault.fix)))
        except Exception as fault:
            results.append(asdict(Failure(piece.number, f"{type(fault).__name__}: {reason(fault)}")))
    return {"result": [json.dumps(one) for one in results]}


class Cluster:
    """A cluster that is connected to. workers: actors at a time, None for as many as there are GPUs, or cores where no GPU is used."""

    def __init__(self, ray: Any, workers: int | None) -> None:
        self.ray = ray
        self._workers = workers

    def placed(self, job: Placeable) -> Placeable:
        """The job, or anything with a device, for what this cluster has: `auto` is its GPUs where there are some."""
        if job.device != "auto":
            return job
        return replace(job, device="cuda" if self._resource("GPU") else "cpu")

    def _resource(self, kind: str) -> int:
        return int(self.ray.cluster_resources().get(kind, 0))

    def wanted(self, device: str) -> int:
        """How many actors are to work at a time."""
        return self._workers or max(1, self._resource("GPU" if device == "cuda" else "CPU"))

    def counts(self, pieces: Sequence[Piece], job: Job) -> Iterator[Count | Failure]:
        """What each piece holds, in any order."""
        found = self._dataset(pieces).map_batches(partial(_counted, job=job), batch_size=1, num_cpus=1)
        return (_result(row, Count) for row in _rows(found))

    def parts(self, pieces: Sequence[Piece], job: Job) -> Iterator[Done | Failure]:
        """What came of each piece, in any order. Those of workers that died are missing."""
        from ray.data import ActorPoolStrategy

        pool = ActorPoolStrategy(size=min(self.wanted(job.device), len(pieces)), max_tasks_in_flight_per_actor=IN_FLIGHT)
        # With restarts, which are usual, a pool waits for ever for the machine of an actor that is gone, and holds back its pieces.
        asked = {"batch_size": 1, "compute": pool, "fn_constructor_args": (job,), "max_restarts": 0, **room_for(job.device, job.threads)}
        with warnings.catch_warnings():
            # Of max_restarts, which has no other place yet.
            warnings.filterwarnings("ignore", message=".*ray_remote_args")
            answered = self._dataset(pieces).map_batches(Actor, **asked)
        try:
            for row in _rows(answered):
                yield _result(row, Done)
        except self.ray.exceptions.RayError as fault:
            # So ends a round in which an actor dies before it has begun.
            yield Failure(None, f"{type(fault).__name__}: {reason(fault)}")

    def _dataset(self, pieces: Sequence[Piece]) -> Any:
        from ray.data import from_items

        return from_items([{"piece": json.dumps(asdict(piece))} for piece in pieces], override_num_blocks=len(pieces))


def room_for(device: str, threads: int | None) -> dict[str, int]:
    """What an actor takes of a machine."""
    return {"num_gpus": 1} if device == "cuda" else {"num_cpus": threads or 1}


def _rows(dataset: Any) -> Iterable[str]:
    for batch in dataset.iter_batches(batch_size=None, prefetch_batches=0):
        yield from batch["result"]


def _result(text: str, kind: Any) -> Any:
    row = json.loads(text)
    if "problem" in row:
        return Failure(**row)
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})


@contextmanager
def connected(address: str | None, workers: int | None) -> Iterator[Cluster]:
    """Ray at `address` or RAY_ADDRESS; where neither is given, one of this machine's own that ends with the block.

    Raises StancekitError where ray is not installed, or nobody answers at the address.
    """
    # Read when ray is imported: nothing is told to anybody outside.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as fault:
        raise StancekitError(f"--engine ray needs ray: {reason(fault)}", fix="pip install 'stancekit[ray]'") from fault
    with _session(ray, address or os.environ.get("RAY_ADDRESS"), workers), _quiet(ray):
        yield Cluster(ray, workers)


@contextmanager
def _session(ray: Any, address: str | None, workers: int | None) -> Iterator[None]:
    if ray.is_initialized():
        # A program of our caller's: it ends what it began.
        yield
        return
    told = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address=address, **told)
        else:
            size = {"num_cpus": max(cores(), workers or 1), "object_store_memory": OBJECT_STORE}
            ray.init(address="local", include_dashboard=False, **size, **told)
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as fault:
        raise StancekitError(
            f"there is no Ray cluster at {address or 'this machine'}: {reason(fault)}",
            fix="start one with `ray start --head`, or mend the address",
        ) from fault
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _quiet(ray: Any) -> Iterator[None]:
    """Progress is shown by us, and lost pieces are counted by us: Ray's own words stay in its log files."""
    context, log = ray.data.DataContext.get_current(), logging.getLogger("ray.data")
    before = context.enable_progress_bars, context.max_errored_blocks
    context.enable_progress_bars, context.max_errored_blocks = False, -1
    hidden = [handler for handler in log.handlers if isinstance(handler, logging.StreamHandler)]
    levels = [handler.level for handler in hidden]
    for handler in hidden:
        handler.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        context.enable_progress_bars, context.max_errored_blocks = before
        for handler, level in zip(hidden, levels, strict=True):
            handler.setLevel(level)
