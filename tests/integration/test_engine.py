"""Batches: halved where memory does not suffice, of one shape where answers must not depend on their neighbours."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stancekit import load
from stancekit.errors import StancekitError
from stancekit.inference.engine import ALIKE_PAIRS, alike_batches, score
from stancekit.inference.model import StanceModel
from stancekit.inference.scorers import FloatArray, OnnxScorer, Scorer, TorchScorer
from stancekit.inference.shards import Answerer
from stancekit.modeling.pairs import IntArray, Pair
from stancekit.records import Proposal, Statement

PAIRS: list[Pair] = [(f"Bakers in street {number} fear {'it ' * (number % 9)}.", f"Keep toll {number % 3}.") for number in range(70)]
WORDS = [
    lambda: MemoryError(),
    lambda: RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    lambda: RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    lambda: RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer of size 99"),
    lambda: RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"),
]


class Narrow:
    """Hands batches on that have at most so many rows, and fails on larger ones as if memory were short."""

    name = "narrow"
    alike = False
    counted = True
    streams = 1
    batch_tokens = 2048

    def __init__(self, scorer: Scorer, most: int, fault: Callable[[], Exception]) -> None:
        self.scorer, self.most, self.fault = scorer, most, fault
        self.shapes: list[tuple[int, ...]] = []

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        self.shapes.append(batch["input_ids"].shape)
        if len(batch["input_ids"]) > self.most:
            raise self.fault()
        return self.scorer.logits(batch)


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> StanceModel:
    return load(tiny_bundle)


@pytest.mark.parametrize("fault", WORDS)
@pytest.mark.parametrize("most", [1, 13])
def test_a_batch_is_halved_until_it_fits(model: StanceModel, fault: Callable[[], Exception], most: int) -> None:
    scorer = Narrow(model.scorer, most, fault)
    assert np.allclose(StanceModel(model.folder, model.spec, scorer).logits(PAIRS), model.logits(PAIRS), atol=1e-5)
    assert max(rows for rows, _ in scorer.shapes) > 2 * most
    assert sum(rows for rows, _ in scorer.shapes if rows <= most) == len(PAIRS)


def test_one_pair_that_does_not_fit_is_told(model: StanceModel) -> None:
    with pytest.raises(StancekitError, match=r"not enough memory for one pair of \d+ tokens"):
        StanceModel(model.folder, model.spec, Narrow(model.scorer, 0, MemoryError)).logits(PAIRS)


def test_other_faults_are_no_reason_to_halve(model: StanceModel) -> None:
    scorer = Narrow(model.scorer, 1, lambda: RuntimeError("shapes cannot be broadcast"))
    with pytest.raises(RuntimeError, match="broadcast"):
        StanceModel(model.folder, model.spec, scorer).logits(PAIRS)
    assert len(scorer.shapes) == 1


class Meeting(Narrow):
    """Answers batches of one pair, and each when as many as it has streams have come."""

    streams = 3
    batch_tokens = 1

    def __init__(self, scorer: Scorer, most: int) -> None:
        super().__init__(scorer, most, lambda: RuntimeError("shapes cannot be broadcast"))
        self.meeting = threading.Barrier(self.streams)

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        self.meeting.wait(timeout=60)
        return super().logits(batch)


def test_streams_are_at_work_at_the_same_time_and_keep_the_order(model: StanceModel) -> None:
    told: list[int] = []
    logits = score(Meeting(model.scorer, 1), model.tokenizer, PAIRS[:69], lambda done=1, note="": told.append(done))
    assert np.array_equal(logits, model.logits(PAIRS[:69]))
    assert sum(told) == 69


class Failing(Narrow):
    """Fails at its first batch; all others wait until that has been told."""

    streams = 2
    batch_tokens = 1

    def __init__(self, scorer: Scorer) -> None:
        super().__init__(scorer, 0, lambda: RuntimeError("shapes cannot be broadcast"))
        self.told, self.first = threading.Event(), threading.Lock()

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        if not self.first.acquire(blocking=False):
            self.told.wait(timeout=60)
        return super().logits(batch)


def test_a_fault_in_a_stream_ends_the_rest(model: StanceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Failing(model.scorer)
    leave = ThreadPoolExecutor.__exit__

    def told(self: ThreadPoolExecutor, *fault: Any) -> bool | None:
        # What was still waiting has been given up by now.
        scorer.told.set()
        return leave(self, *fault)

    monkeypatch.setattr(ThreadPoolExecutor, "__exit__", told)
    with pytest.raises(RuntimeError, match="broadcast"):
        score(scorer, model.tokenizer, PAIRS)
    assert len(scorer.shapes) <= 3


class Counted:
    """A session that counts how many runs there are at a time."""

    def __init__(self, session: Any) -> None:
        self.session, self.lock, self.now, self.most = session, threading.Lock(), 0, 0

    def run(self, names: Any, inputs: Any) -> Any:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        answer = self.session.run(names, inputs)
        with self.lock:
            self.now -= 1
        return answer


def test_all_that_is_asked_at_a_time_shares_the_threads(tiny_bundle: Path) -> None:
    model = load(tiny_bundle, "cpu", threads=2)
    assert isinstance(model.scorer, OnnxScorer)
    session = Counted(model.scorer._session)
    model.scorer._session = session
    with ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda _: model.logits(PAIRS), range(12)))) == 12
    assert session.most == 2


def test_alike_batches_have_a_shape_that_hangs_on_their_length_alone(model: StanceModel) -> None:
    scorer = Narrow(model.scorer, 99, MemoryError)
    logits = score(scorer, model.tokenizer, PAIRS, alike=True)
    assert {rows for rows, _ in scorer.shapes} == {ALIKE_PAIRS}
    lengths = [len(encoding.ids) for encoding in model.tokenizer.encode(PAIRS)]
    assert {length for _, length in scorer.shapes} == set(lengths)
    assert np.allclose(logits, model.logits(PAIRS), atol=1e-5)
    # Where their number does not matter none is scored for nothing.
    scorer.counted, scorer.shapes = False, []
    assert np.allclose(score(scorer, model.tokenizer, PAIRS, alike=True), logits, atol=1e-5)
    assert sum(rows for rows, _ in scorer.shapes) == len(PAIRS)
    assert {length for _, length in scorer.shapes} == set(lengths)
    cut = list(alike_batches(sorted(lengths)))
    assert [row for rows in cut for row in rows] == list(range(len(lengths)))
    assert list(alike_batches([])) == []


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("alike", [False, True])
def test_neighbours_change_no_bit_of_an_answer(tiny_bundle: Path, tiny_run: Path, alike: bool) -> None:
    model = load(tiny_run if alike else tiny_bundle)
    together = score(model.scorer, model.tokenizer, PAIRS, alike=alike)
    for rows in (range(0, 70, 3), range(69, -1, -1), [5]):
        apart = score(model.scorer, model.tokenizer, [PAIRS[row] for row in rows], alike=alike)
        assert (apart == together[list(rows)]).all()


def test_torch_on_a_cpu_keeps_the_bits_in_alike_batches_alone(tiny_run: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tiny_run, "cpu").scorer.alike
    assert not load(tiny_bundle).scorer.alike
    # No GPU is needed to ask a scorer of one.
    monkeypatch.setattr("stancekit.modeling.devices.resolve_device", lambda _: "meta")
    assert not TorchScorer(tiny_run / "checkpoint", "cuda", "fp32").alike


@pytest.mark.parametrize("alike", [False, True])
def test_jobs_take_alike_batches_where_they_keep_the_bits(model: StanceModel, alike: bool) -> None:
    scorer = Narrow(model.scorer, 99, MemoryError)
    scorer.alike = alike
    answerer = Answerer(StanceModel(model.folder, model.spec, scorer), None, 0.0)
    answers, _ = answerer.answers([(Statement("s", statement), Proposal("p", proposal)) for statement, proposal in PAIRS])
    assert [(answer.statement, answer.proposal) for answer in answers] == PAIRS
    assert ({rows for rows, _ in scorer.shapes} == {ALIKE_PAIRS}) == alike


def test_streams_of_several_threads_do_not_mix(model: StanceModel) -> None:
    alone = [list(model.predict_many(PAIRS[part::4])) for part in range(4)]
    together: list[list[object]] = [[] for _ in range(4)]
    start = threading.Barrier(4)

    def read(part: int) -> None:
        start.wait()
        for _ in range(5):
            together[part] = list(model.predict_many(iter(PAIRS[part::4])))

    threads = [threading.Thread(target=read, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
