"""A crew on a Ray cluster: actors that each load the model once, and take one piece of work after another as they come free.

For work that comes as a stream, in pieces that cannot be named before they are there. Ray Data would want all of them at once.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, Protocol

from stancekit.errors import StancekitError, reason
from stancekit.inference.cluster import Cluster, Failure, Placed, connected, room_for
from stancekit.inference.crews import Duty, Given, Given_contra, Made, Made_co
from stancekit.inference.model import answering_hash, model_folder
from stancekit.progress import LOG

# How often a piece of work may be lost, and how often in a row an actor may die before it begins.
TRIES = 3
# Of an actor on CPUs.
THREADS = 1


class PlacedDuty(Duty[Given_contra, Made_co], Placed, Protocol[Given_contra, Made_co]):
    """A duty that tells its device."""


class Actor:
    """What Ray makes on a worker. It never raises: what Ray makes of an exception tells nothing of what is to be done."""

    def __init__(self, duty: Duty[Any, Any]) -> None:
        self._duty = duty
        self._hand: Any = None

    def begin(self) -> Any:
        """Load the model; a Failure where that raises. Before it is done nothing is given to it: it may wait for a machine for ever."""
        return self._tried(self._load)

    def part(self, given: Any) -> Any:
        """See crews.Hand; a Failure where that raises."""
        return self._tried(lambda: self._hand.part(given))

    def _load(self) -> None:
        self._hand = self._duty.begin(ExitStack(), THREADS)

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except StancekitError as fault:
            return Failure(None, fault.problem, fault.fix)
        except Exception as fault:
            return Failure(None, f"{type(fault).__name__}: {reason(fault)}")


class Actors(Generic[Given, Made]):
    """See crews.Crew. A cluster is connected to when there is something to do. workers: actors, None for all of the cluster."""

    def __init__(self, duty: PlacedDuty[Given, Made], bundle: Path, workers: int | None, address: str | None) -> None:
        self._duty, self._workers, self._address = duty, workers, address
        # The device that they find is not known yet; what was asked for is.
        self.identity = hashlib.sha256(f"ray {duty.device} {answering_hash(model_folder(bundle))}".encode()).hexdigest()

    def parts(self, work: Iterator[Given]) -> Iterator[Made]:
        """See crews.Crew. Raises StancekitError at the end for what was lost three times, after all else is done."""
        first = next(work, None)
        if first is None:
            return
        with connected(self._address, self._workers) as cluster:
            yield from _Shift[Given, Made](cluster, cluster.placed(self._duty), chain([first], work)).parts()


@dataclass(slots=True)
class _Piece(Generic[Given]):
    """A piece of work, and what was lost of it so far. fault: the last one."""

    given: Given
    lost: int = 0
    fault: str = ""


class _Shift(Generic[Given, Made]):
    """The actors of one connection, and what each is at."""

    def __init__(self, cluster: Cluster, duty: PlacedDuty[Given, Made], work: Iterator[Given]) -> None:
        self._ray, self._duty, self._work = cluster.ray, duty, work
        self._most = cluster.wanted(duty.device)
        # One that died has its work done by another, and Ray would wait for the machine that it was on.
        options = {"max_restarts": 0, "max_task_retries": 0, **room_for(duty.device, THREADS)}
        self._kind = self._ray.remote(**options)(Actor)
        self._waiting: deque[_Piece[Given]] = deque()
        self._given_up: list[_Piece[Given]] = []
        # What each call will give, with the actor, and its piece: None while it begins.
        self._calls: dict[Any, tuple[Any, _Piece[Given] | None]] = {}
        self._stillborn = 0

    def parts(self) -> Iterator[Made]:
        try:
            self._waiting.extend(map(_Piece, islice(self._work, self._most)))
            for _ in range(len(self._waiting)):
                self._hire()
            while self._waiting or any(piece is not None for _, piece in self._calls.values()):
                [ready], _ = self._ray.wait(list(self._calls), num_returns=1)
                actor, piece = self._calls.pop(ready)
                result = self._result(ready, actor)
                if isinstance(result, Failure):
                    self._failed(result, piece)
                elif piece is not None:
                    self._stillborn = 0
                    yield result
                    self._employ(actor)
                else:
                    self._employ(actor)
            self._tell()
        finally:
            for actor, _ in self._calls.values():
                self._dismiss(actor)

    def _hire(self) -> None:
        actor = self._kind.remote(self._duty)
        self._calls[actor.begin.remote()] = actor, None

    def _employ(self, actor: Any) -> None:
        piece = self._waiting.popleft() if self._waiting else next(map(_Piece, self._work), None)
        if piece is None:
            self._dismiss(actor)
        else:
            self._calls[actor.part.remote(piece.given)] = actor, piece

    def _dismiss(self, actor: Any) -> None:
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor)

    def _result(self, ready: Any, actor: Any) -> Any:
        try:
            result = self._ray.get(ready)
        except self._ray.exceptions.RayError as fault:
            result = Failure(None, f"{type(fault).__name__}: {reason(fault)}")
        if isinstance(result, Failure):
            # Whatever is wrong with it, another process begins anew.
            self._dismiss(actor)
        return result

    def _failed(self, failure: Failure, piece: _Piece[Given] | None) -> None:
        if failure.fix is not None:
            raise StancekitError(f"a worker stopped: {failure.problem}", fix=failure.fix)
        if piece is None:
            self._stillborn += 1
            if self._stillborn == TRIES * self._most:
                raise StancekitError(f"no worker begins: {failure.problem}", fix="mend that and start again: what is done is kept")
        else:
            LOG.warning("a worker is lost, and another takes its work: %s", failure.problem)
            piece.lost, piece.fault = piece.lost + 1, failure.problem
            if piece.lost < TRIES:
                self._waiting.append(piece)
            else:
                self._given_up.append(piece)
                self._waiting.extend(map(_Piece, islice(self._work, 1)))
        self._hire()

    def _tell(self) -> None:
        for piece in self._given_up:
            raise StancekitError(
                f"{len(self._given_up)} pieces of work failed {TRIES} times, the first with: {piece.fault}",
                fix="mend that and start again: all else is done and kept. A worker that dies mostly lacks memory: use fewer --workers",
            )
