"""A crew of several processes that each load the model once."""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic

from stancekit.errors import StancekitError
from stancekit.inference.cache import Cache
from stancekit.inference.crews import Alone, Crew, Duty, Given, Made
from stancekit.inference.model import StanceModel, load
from stancekit.inference.scorers import TorchScorer
from stancekit.inference.shards import Answerer
from stancekit.machine import cores

ENDING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """What makes an Answerer, in any process."""

    bundle: Path
    device: str
    min_confidence: float
    cache: Path | None

    def begin(self, closes: ExitStack, threads: int | None = None) -> Answerer:
        """See crews.Duty."""
        model = loaded(self.bundle, self.device, threads)
        cache = None if self.cache is None else closes.enter_context(Cache(self.cache))
        return Answerer(model, cache, self.min_confidence)


def loaded(bundle: Path, device: str, threads: int | None) -> StanceModel:
    """The model of a process that takes no more than so many threads, None for all there are. Raises StancekitError."""
    model = load(bundle, device, None, threads)
    if threads and isinstance(model.scorer, TorchScorer):
        import torch

        torch.set_num_threads(threads)
    return model


class Workers(Generic[Given, Made]):
    """Several processes. They are ended with `close`, and end by themselves when this one is no more.

    Raises StancekitError when one of them dies, and whatever it raised when its work fails.
    """

    def __init__(self, duty: Duty[Given, Made], count: int) -> None:
        threads = max(1, cores() // count)
        self._workers = [_Worker(number, duty, threads) for number in range(1, count + 1)]
        try:
            # Each tells what its model is as soon as it is loaded.
            self.identity, *_ = [worker.receive() for worker in self._workers]
        except BaseException:
            self.close()
            raise

    @property
    def pids(self) -> list[int]:
        """Their process ids, in the order of their numbers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def parts(self, work: Iterator[Given]) -> Iterator[Made]:
        """See crews.Crew."""
        busy = {worker for worker in self._workers if worker.begin(work)}
        while busy:
            for worker in _ready(busy):
                part = worker.receive()
                if not worker.begin(work):
                    busy.discard(worker)
                yield part

    def close(self) -> None:
        """End them all, whatever they are at."""
        for worker in self._workers:
            worker.end()


@contextmanager
def crew_here(duty: Duty[Given, Made], count: int) -> Iterator[Crew[Given, Made]]:
    """A crew of so many processes of this machine; of one, this process."""
    if count > 1:
        with closing(Workers(duty, count)) as several:
            yield several
    else:
        with ExitStack() as closes:
            yield Alone(duty.begin(closes))


class _Worker:
    """One process, seen from the one that gives it work."""

    def __init__(self, number: int, duty: Duty[Any, Any], threads: int) -> None:
        # Not forked: a copy of threads that hold locks may stand still for ever.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.number = number
        # At first with loading the model.
        self.busy = True
        self.process: SpawnProcess = context.Process(
            target=_work, args=(theirs, duty, threads), name=f"stancekit-worker-{number}", daemon=True
        )
        with _deaf():
            self.process.start()
        theirs.close()

    def begin(self, work: Iterator[Any]) -> bool:
        """Hand over the next piece of work; False when there is none left."""
        given = next(work, None)
        if given is None:
            return False
        try:
            self.connection.send(given)
        except OSError as fault:
            raise self._died() from fault
        self.busy = True
        return True

    def receive(self) -> Any:
        """What it has to say. Raises its fault, or StancekitError where it died."""
        try:
            answer = self.connection.recv()
        except (EOFError, OSError) as fault:
            raise self._died() from fault
        self.busy = False
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def end(self) -> None:
        """Stop it: at once where it is at work, else it may close what it has open. What it had finished has been taken."""
        self.connection.close()
        if self.busy:
            self.process.terminate()
        self.process.join(ENDING_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _died(self) -> StancekitError:
        self.process.join(ENDING_SECONDS)
        code = self.process.exitcode
        how = f"was ended by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with exit code {code}"
        return StancekitError(
            f"worker {self.number} (process {self.process.pid}) {how}",
            fix="start again: what is done is kept. SIGKILL mostly means that memory ran out: then use fewer --workers",
        )


def _ready(busy: set[_Worker]) -> Sequence[_Worker]:
    """Those that have something to say, or have died: both make their connection readable."""
    by_connection: dict[Connection, _Worker] = {worker.connection: worker for worker in busy}
    return [by_connection[one] for one in wait(list(by_connection)) if isinstance(one, Connection)]


def _work(connection: Connection, duty: Duty[Any, Any], threads: int) -> None:
    """The whole life of a worker."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A closed connection, or a broken one, means that nobody waits for more.
    with closing(connection), ExitStack() as closes, suppress(EOFError, OSError):
        try:
            hand = duty.begin(closes, threads)
            connection.send(hand.identity)
            while True:
                connection.send(hand.part(connection.recv()))
        except EOFError:
            raise
        except Exception as fault:
            fault.add_note(f"in a worker:\n{traceback.format_exc()}")
            connection.send(fault)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, which goes to all of a terminal: the first one tells the others what to do."""
    if threading.current_thread() is not threading.main_thread():
        # Signals are for the main thread alone to arrange.
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
