"""Inference: order is kept, each pair scored once, streams stay lazy, and a bundle needs little to be read."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stancekit import load
from stancekit.errors import StancekitError
from stancekit.inference.engine import batches, softmax
from stancekit.inference.model import WINDOW, StanceModel
from stancekit.inference.scorers import FloatArray, Scorer
from stancekit.modeling.pairs import IntArray, Pair
from stancekit.records import Proposal, Statement

ROOT = Path(__file__).parents[2]
STATEMENTS = ["Farmers called the wool tax a disgrace.", "Ok.", "Mayor Ilse Varn said the night tram deserves every coin it costs. " * 3]
PROPOSALS = ["The council should keep the wool tax.", "Keep the night tram."]


class Counting:
    """Hands batches on and keeps count of them."""

    name = "counting"
    alike = False
    streams = 1
    batch_tokens = 512

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.sizes: list[tuple[int, ...]] = []

    def logits(self, batch: Mapping[str, IntArray]) -> FloatArray:
        self.sizes.append(batch["input_ids"].shape)
        return self.scorer.logits(batch)

    @property
    def pairs(self) -> int:
        return sum(size[0] for size in self.sizes)


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> StanceModel:
    return load(tiny_bundle)


@pytest.fixture
def counted(model: StanceModel) -> tuple[StanceModel, Counting]:
    scorer = Counting(model.scorer)
    return StanceModel(model.folder, model.spec, scorer), scorer


def many(count: int) -> list[Pair]:
    rng = np.random.default_rng(9)
    return [(f"{STATEMENTS[kind]} {number}", PROPOSALS[number % 2]) for number, kind in enumerate(rng.integers(0, 3, count).tolist())]


def close(one: FloatArray, other: FloatArray) -> bool:
    return one.shape == other.shape and bool(np.abs(one - other).max(initial=0) < 1e-5)


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    """The code of docs/bundle.md and docs/python.md by the word behind ```python."""
    text = "".join((ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("bundle.md", "python.md"))
    return dict(re.findall(r"```python (\w+)\n(.*?)```", text, flags=re.DOTALL))


def test_grid_goes_statement_by_statement(model: StanceModel) -> None:
    answers = model.predict(STATEMENTS, PROPOSALS)
    assert [(answer.statement, answer.proposal) for answer in answers] == [(one, other) for one in STATEMENTS for other in PROPOSALS]
    for answer in answers:
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=3e-6)
        assert answer.confidence == max(answer.probabilities.values()) == answer.probabilities[answer.stance]
    assert model.predict([], PROPOSALS) == model.predict(STATEMENTS, []) == []


def test_the_model_tells_pairs_apart(model: StanceModel) -> None:
    # Else none of these tests would notice a changed order.
    logits = model.logits([(statement, proposal) for statement in STATEMENTS for proposal in PROPOSALS])
    assert np.abs(logits[:, None] - logits[None]).max(axis=-1)[~np.eye(6, dtype=bool)].min() > 1e-2


def test_pairs_grid_and_stream_agree(model: StanceModel) -> None:
    pairs = [(statement, proposal) for statement in STATEMENTS for proposal in PROPOSALS]
    grid = model.predict(STATEMENTS, PROPOSALS)
    assert model.predict_pairs(pairs) == list(model.predict_many(iter(pairs)))
    assert [(answer.stance, answer.probabilities) for answer in grid] == [
        (answer.stance, answer.probabilities) for answer in model.predict_pairs(pairs)
    ]
    # A statement keeps its id over all proposals, and a proposal over all statements.
    assert [(STATEMENTS[int(answer.statement_id) - 1], PROPOSALS[int(answer.proposal_id) - 1]) for answer in grid] == pairs
    assert [answer.statement_id for answer in model.predict_pairs(pairs)] == ["1", "2", "3", "4", "5", "6"]


def test_records_keep_what_they_brought(model: StanceModel) -> None:
    pair = (Statement("s7", STATEMENTS[0], "paper.txt", 10, 50), Proposal("tax", PROPOSALS[0]))
    row = next(model.predict_records([pair])).to_row()
    assert (row["statement_id"], row["proposal_id"], row["source"], row["start"], row["end"]) == ("s7", "tax", "paper.txt", 10, 50)
    assert row["statement"] == STATEMENTS[0]
    assert list(row["probabilities"]) == ["oppose", "neutral", "support"]


@pytest.mark.parametrize("count", [1, 2, 10_000])
def test_order_is_kept_for_few_and_many(model: StanceModel, count: int) -> None:
    pairs = many(count)
    answers = model.predict_pairs(pairs)
    assert [(answer.statement, answer.proposal) for answer in answers] == pairs
    rows = sorted({0, count // 3, count - 1})
    alone = [model.predict_pairs([pairs[row]])[0].confidence for row in rows]
    assert [answers[row].confidence for row in rows] == pytest.approx(alone, abs=1e-5)


def test_neighbours_in_a_batch_change_nothing(model: StanceModel) -> None:
    pairs = many(60)
    together = model.logits(pairs)
    alone = np.concatenate([model.logits([pair]) for pair in pairs])
    backwards = model.logits(pairs[::-1])[::-1]
    assert close(together, alone)
    assert close(together, backwards)


def test_each_distinct_pair_is_scored_once(counted: tuple[StanceModel, Counting]) -> None:
    model, scorer = counted
    pairs = many(40)
    told: list[int] = []
    repeated = model.logits(pairs * 5, lambda done=1, note="": told.append(done))
    assert scorer.pairs == 40
    assert close(repeated, np.tile(model.logits(pairs), (5, 1)))
    assert sum(told) == 200


def test_batches_are_bounded_and_of_like_length(counted: tuple[StanceModel, Counting]) -> None:
    model, scorer = counted
    model.logits(many(1000))
    assert all(rows * length <= scorer.batch_tokens for rows, length in scorer.sizes)
    assert [length for _, length in scorer.sizes] == sorted(length for _, length in scorer.sizes)


def test_batches_cover_every_row_once() -> None:
    lengths = sorted([3, 9, 9, 9, 500, 5000, 5000, *[4] * 600])
    cut = list(batches(lengths, 2048))
    assert [row for rows in cut for row in rows] == list(range(len(lengths)))
    assert all(len(rows) == 1 or len(rows) * lengths[rows[-1]] <= 2048 for rows in cut)
    assert len(cut) == 5
    assert list(batches([], 2048)) == []


def test_stream_takes_a_window_at_a_time(model: StanceModel) -> None:
    taken = 0

    def endless() -> Iterator[Pair]:
        nonlocal taken
        while True:
            taken += 1
            yield STATEMENTS[taken % 3], PROPOSALS[0]

    stream = model.predict_many(endless())
    assert taken == 0
    first = next(stream)
    assert (first.statement, taken) == (STATEMENTS[1], WINDOW)
    for _ in range(WINDOW):
        last = next(stream)
    assert (last.statement_id, taken) == (str(WINDOW + 1), 2 * WINDOW)


def test_threads_share_a_model(model: StanceModel) -> None:
    halves = [many(150), many(300)[150:]]
    expected = [model.logits(half) for half in halves]
    with ThreadPoolExecutor(2) as pool:
        for answers in (pool.map(model.logits, halves) for _ in range(5)):
            assert all(close(one, other) for one, other in zip(answers, expected, strict=True))


def test_run_and_bundle_agree(model: StanceModel, tiny_run: Path) -> None:
    run = load(tiny_run)
    assert run.scorer.name == "torch cpu fp32"
    assert close(run.logits(many(50)), model.logits(many(50)))


def test_softmax_bears_large_logits() -> None:
    rows = softmax(np.array([[1000.0, 0.0, -1000.0], [0.0, 0.0, 0.0]]))
    assert rows == pytest.approx(np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]]))


def test_empty_texts_are_refused_with_their_place(model: StanceModel) -> None:
    with pytest.raises(StancekitError, match="statement 2 is empty"):
        model.predict_pairs([("Ok.", "Keep it."), ("  ", "Keep it.")])
    with pytest.raises(StancekitError, match="statement 2 is empty"):
        model.logits([("Ok.", "Keep it."), ("", "Keep it.")])
    with pytest.raises(StancekitError, match="a proposal is empty"):
        model.predict(["Ok."], ["Keep it.", " "])
    late = [("Ok.", "Keep it.")] * WINDOW + [("", "Keep it.")]
    with pytest.raises(StancekitError, match=f"statement {WINDOW + 1} is empty"):
        list(model.predict_many(late))


def test_overlong_proposal_is_refused(model: StanceModel) -> None:
    with pytest.raises(StancekitError, match="a proposal is never cut"):
        model.predict(["Ok."], ["Keep the ferry. " * 30])


def test_text_in_place_of_a_list_is_refused(model: StanceModel) -> None:
    with pytest.raises(StancekitError, match="predict takes lists"):
        model.predict("Farmers rejected it.", PROPOSALS)
    with pytest.raises(StancekitError, match="predict takes lists"):
        model.predict(STATEMENTS, "Keep it.")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_device_that_is_not_there_is_an_error(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    with pytest.raises(StancekitError, match=f"device '{device}' is not on this machine"):
        load(tiny_bundle, device=device)


def test_what_is_no_model_is_refused(tmp_path: Path, tiny_encoder: Path, tiny_bundle: Path) -> None:
    with pytest.raises(StancekitError, match="is not a folder"):
        load(tmp_path / "nowhere")
    for folder in (tmp_path, tiny_encoder):
        with pytest.raises(StancekitError, match="is not a stancekit model"):
            load(folder)
    for name in ("stancekit.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((tiny_bundle / name).read_bytes())
    (tmp_path / "model.onnx").write_bytes((tiny_bundle / "model.onnx").read_bytes()[:5000])
    with pytest.raises(StancekitError, match=r"model\.onnx cannot be loaded"):
        load(tmp_path)


def test_bundle_is_read_without_torch_and_transformers(tiny_bundle: Path) -> None:
    code = (
        "import sys; from stancekit import load; "
        f"answer = load({str(tiny_bundle)!r}).predict(['Ok.'], ['Keep it.'])[0]; "
        "print(answer.stance, sorted({'torch', 'transformers', 'datasets', 'spacy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.stdout.split()[0] in ("oppose", "neutral", "support")
    assert done.stdout.split(maxsplit=1)[1].strip() == "[]"


def test_page_shows_how_to_read_a_bundle_without_stancekit(blocks: dict[str, str], model: StanceModel) -> None:
    code = blocks["plain"]
    assert "stancekit" not in code.replace("stancekit.json", "")
    assert "transformers" not in code
    for pairs in (None, many(7), [(STATEMENTS[2] * 9, PROPOSALS[0]), ("Ok.", PROPOSALS[1])]):
        told = code.replace('"runs/demo/bundle"', repr(str(model.folder)))
        if pairs is not None:
            line = re.search(r"^pairs = .*$", told, flags=re.MULTILINE)
            assert line is not None
            told = told.replace(line[0], f"pairs = {pairs!r}")
        names: dict[str, Any] = {}
        exec(told, names)
        assert close(names["logits"].astype(np.float64), model.logits(names["pairs"]))
        assert names["answers"] == [answer.stance.value for answer in model.predict_pairs(names["pairs"])]


def test_page_shows_the_python_interface(blocks: dict[str, str], model: StanceModel, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    # One namespace, as in a script: the function of the page reads its names.
    exec(blocks["api"].replace('"runs/demo/bundle"', repr(str(model.folder))), names)
    assert (len(names["grid"]), len(names["pairs"])) == (4, 2)
    assert "a proposal is empty" in capsys.readouterr().out


def test_page_shows_how_to_read_a_bundle_with_transformers(blocks: dict[str, str], model: StanceModel) -> None:
    names: dict[str, Any] = {}
    exec(blocks["transformers"].replace('"runs/demo/transformers"', repr(str(model.folder))), names)
    ours = model.predict(["The mayor praised the toll."], ["Lorries should pay the toll."])[0]
    told = names["answer"] if isinstance(names["answer"], dict) else names["answer"][0]
    assert told["label"] == ours.stance.value
    assert told["score"] == pytest.approx(ours.confidence, abs=1e-5)


def test_page_names_every_file_of_a_bundle(tiny_bundle: Path) -> None:
    text = (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in text for path in tiny_bundle.iterdir())
