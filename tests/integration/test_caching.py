"""`predict --cache`: only what is new is scored, and a model or proposal that changed finds nothing of another."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from stancekit import load
from stancekit.inference.scorers import FloatArray, OnnxScorer
from stancekit.modeling.pairs import IntArray
from stancekit.stages.predict import Outcome, predict
from stancekit.tables import write_rows


class Scored:
    """Counts pairs that a model was asked."""

    pairs = 0

    def taken(self) -> int:
        """How many since the last time."""
        count, self.pairs = self.pairs, 0
        return count


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> Scored:
    counter, real = Scored(), OnnxScorer.logits

    def counting(self: OnnxScorer, batch: Mapping[str, IntArray]) -> FloatArray:
        counter.pairs += len(batch["input_ids"])
        return real(self, batch)

    monkeypatch.setattr(OnnxScorer, "logits", counting)
    return counter


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "proposals.txt").write_text("Keep the toll.\nBuild the tram.\n")
    return tmp_path


def statements(place: Path, *numbers: int) -> None:
    write_rows(place / "rows.jsonl", [{"statement": f"Bakers in street {number} fear it."} for number in numbers])


def run(bundle: Path, output: str = "out.jsonl", cache: str | None = "c.sqlite", workers: int = 1) -> Outcome:
    asked = Path("rows.jsonl"), Path("proposals.txt"), Path(output)
    return predict(bundle, [asked[0]], asked[1], asked[2], cache=None if cache is None else Path(cache), workers=workers)


def test_only_what_is_new_is_scored(place: Path, tiny_bundle: Path, scored: Scored) -> None:
    statements(place, 1, 2, 3)
    assert (run(tiny_bundle).cached, scored.taken()) == (0, 6)
    first = Path("out.jsonl").read_bytes()
    assert (run(tiny_bundle).cached, scored.taken()) == (6, 0)
    assert Path("out.jsonl").read_bytes() == first
    statements(place, 2, 3, 4)
    assert (run(tiny_bundle).cached, scored.taken()) == (4, 2)
    mixed = Path("out.jsonl").read_bytes()
    run(tiny_bundle, cache=None)
    assert Path("out.jsonl").read_bytes() == mixed
    outcome = run(tiny_bundle, workers=2)
    assert (outcome.cached, Path("out.jsonl").read_bytes()) == (6, mixed)
    # Nothing that SQLite keeps beside an open file is left.
    assert [path.name for path in place.glob("c.sqlite*")] == ["c.sqlite"]


def test_a_pair_that_comes_twice_is_scored_once(place: Path, tiny_bundle: Path, scored: Scored) -> None:
    statements(place, 1, 1, 1)
    assert (run(tiny_bundle).cached, scored.taken()) == (0, 2)


def test_a_changed_proposal_costs_its_own_pairs_alone(place: Path, tiny_bundle: Path, scored: Scored) -> None:
    statements(place, 1, 2, 3)
    run(tiny_bundle)
    scored.taken()
    (place / "proposals.txt").write_text("Keep the toll.\nBuild the tram now.\n")
    assert (run(tiny_bundle).cached, scored.taken()) == (3, 3)
    # Its id is no part of the question.
    (place / "proposals.csv").write_text("id,proposal\nnew-name,Keep the toll.\n")
    assert predict(tiny_bundle, [place / "rows.jsonl"], place / "proposals.csv", place / "b.csv", cache=place / "c.sqlite").cached == 3


def test_a_changed_bundle_finds_nothing_and_a_copy_everything(place: Path, tiny_bundle: Path, scored: Scored) -> None:
    statements(place, 1, 2, 3)
    run(tiny_bundle)
    scored.taken()
    copy = place / "copy"
    shutil.copytree(tiny_bundle, copy)
    (copy / "README.md").write_text("Another card.\n")
    assert (run(copy).cached, scored.taken()) == (6, 0)
    spec = json.loads((copy / "stancekit.json").read_text())
    (copy / "stancekit.json").write_text(json.dumps({**spec, "max_length": spec["max_length"] - 1}))
    assert (run(copy).cached, scored.taken()) == (0, 6)
    # And the first one still has its own.
    assert (run(tiny_bundle).cached, scored.taken()) == (6, 0)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "calibration.json", "stancekit.json"])
def test_identity_hangs_on_each_file_that_answers_come_from(tmp_path: Path, tiny_bundle: Path, name: str) -> None:
    shutil.copytree(tiny_bundle, tmp_path / "bundle")
    model = load(tmp_path / "bundle")
    assert model.identity == load(tiny_bundle).identity
    before = model.identity
    with (tmp_path / "bundle" / name).open("ab") as file:
        file.write(b" ")
    # Of the files as they are now; a loaded model keeps the identity that it had.
    assert type(model)(model.folder, model.spec, model.scorer).identity != before
    assert model.identity == before


def test_identity_tells_how_a_model_is_run(tiny_bundle: Path) -> None:
    assert load(tiny_bundle, precision="fp32").identity != load(tiny_bundle).identity
