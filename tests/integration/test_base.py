"""The stance model that ships: small enough, remade by a config, usable by its name, and honest about what it saw."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from conftest import WriteJsonl
from gates import UNTIMED
from stancekit import load
from stancekit.config import PrepareConfig, TrainConfig, load_config
from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.manifest import sha256
from stancekit.modeling import embedded
from stancekit.modeling.embedded import base_model
from stancekit.modeling.encoders import load_encoder, locate_encoder
from stancekit.modeling.provenance import verdict_of
from stancekit.stages.evaluate import evaluate
from stancekit.stages.export import export
from stancekit.stages.prepare import prepare
from stancekit.stages.train import train
from stancekit.tables import read_rows

ROOT = Path(__file__).parents[2]
CAP = 25_000_000
# Sentences that leave no doubt, of no real people.
PLAIN = [
    ("The islanders rejected the ferry toll as unfair and asked for it to be scrapped.", "Ferry passengers should pay a toll.", "oppose"),
    ("The harbour council backs the ferry toll and wants it to start in May.", "Ferry passengers should pay a toll.", "support"),
    ("The ferry toll must be abolished, the union demanded.", "The ferry toll should be abolished.", "support"),
    ("The valley's farmers welcomed the plan to dam the river.", "The river should be dammed.", "support"),
    ("The valley's farmers fought the plan to dam the river.", "The river should be dammed.", "oppose"),
    ("The guild called the night tram a waste of money.", "The night tram should run.", "oppose"),
    ("The museum opens at nine on weekdays.", "The night tram should run.", "neutral"),
    ("The committee meets again on Thursday.", "The river should be dammed.", "neutral"),
]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((base_model() / "manifest.json").read_text(encoding="utf-8"))
    return content


def test_it_fits_into_the_package(manifest: dict[str, Any]) -> None:
    files = {path.name: path for path in base_model().iterdir()}
    assert sum(path.stat().st_size for path in files.values()) <= CAP
    assert {path.suffix for path in files.values()} <= {".json", ".md", ".safetensors"}
    assert manifest["outputs"] == {name: sha256(path) for name, path in files.items() if name != "manifest.json"}


def test_it_is_remade_by_the_config_that_ships(manifest: dict[str, Any]) -> None:
    config = load_config(ROOT / "configs/train/base.toml", TrainConfig)
    # Keys that came later have the values that hold where they are absent.
    assert TrainConfig.model_validate(manifest["recipe"]) == config
    trained_on = {one["path"] for one in manifest["trained_on"]}
    assert trained_on == {"data/processed/entailment/train.jsonl", "data/processed/union/train.jsonl"}


def test_every_set_it_learned_from_has_a_licence_and_none_is_non_commercial(manifest: dict[str, Any]) -> None:
    licences = {one["name"]: one["licence"] for one in manifest["sets"]}
    configs = [load_config(ROOT / f"configs/prepare/{name}.toml", PrepareConfig) for name in ("entailment", "union")]
    stated = {source.name: source.licence for config in configs for source in config.sources}
    assert licences.items() <= stated.items()
    assert not [name for name, licence in licences.items() if not licence or "-NC" in licence]
    card = (base_model() / "README.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in card for name in licences)
    assert 'license: "cc-by-sa-4.0"' in card


def test_plain_sentences_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    answers = load("base", device="cpu").predict_pairs([(statement, proposal) for statement, proposal, _ in PLAIN])
    right = sum(answer.stance.value == stance for answer, (*_, stance) in zip(answers, PLAIN, strict=True))
    # When it was made it read seven: where a council "backs" a toll it is in doubt. A later one must not read fewer.
    assert right >= 7


def test_predict_knows_it_by_name(stancekit: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The harbour council rejected the ferry toll.", encoding="utf-8")
    (tmp_path / "p.txt").write_text("Ferry passengers should pay a toll.", encoding="utf-8")
    done = stancekit("predict", "base", tmp_path / "a.txt", "--proposals", tmp_path / "p.txt", "--output", tmp_path / "o.jsonl")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8"))["stance"] == "oppose"
    assert verdict_of(Path("base")) is not None


def test_a_training_starts_from_it_and_goes_out_in_the_same_form(
    tiny_config: Callable[..., Any], tiny_data: Path, tmp_path: Path, write_jsonl: WriteJsonl
) -> None:
    assert locate_encoder("base") == str(base_model())
    rows = (tiny_data / "train.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    few = write_jsonl(tmp_path / "few.jsonl", [json.loads(row) for row in rows])
    data = {"train": str(few), "validation": str(few)}
    # Much smaller steps would be rounded away in float16, and the export refused.
    optim = {"epochs": 1, "batch_size": 4, "learning_rate": 1e-4}
    train(tiny_config(tmp_path / "run", encoder="base", data=data, optim=optim, model={"frozen": "embeddings"}))
    export(tmp_path / "run", tmp_path / "bundle", form="compact", gate=UNTIMED)
    assert sum(path.stat().st_size for path in (tmp_path / "bundle").iterdir()) < CAP
    before, after = (load(path, "cpu").probabilities([(one, two) for one, two, _ in PLAIN]) for path in ("base", tmp_path / "bundle"))
    assert 0 < abs(before - after).max() < 0.9
    with pytest.raises(StancekitError, match="is a stance model with head 'cls'"):
        load_encoder("base", "mean")


def test_what_it_saw_is_known_and_the_tests_are_not_among_it(tmp_path: Path, write_jsonl: WriteJsonl) -> None:
    seen = Seen.read(base_model())
    prepare(load_config(ROOT / "configs/prepare/newsroom.toml", PrepareConfig, [f"raw={ROOT}", f"output={tmp_path / 'data'}"]))
    for part in ("validation", "test"):
        assert seen.count(read_examples(tmp_path / "data" / f"{part}.jsonl")) == {"proposal": 0, "statement": 0}
    real = [example for example in read_examples(tmp_path / "data/train.jsonl") if not example.made]
    assert seen.count(real) == {"proposal": len(real), "statement": len(real)}
    # A third of the rows is enough for an interval.
    third = [row.values for row in read_rows(tmp_path / "data/validation.jsonl")][::3]
    metrics = evaluate(Path("base"), write_jsonl(tmp_path / "third.jsonl", third))
    assert metrics["seen_in_training"] == {"proposal": 0, "statement": 0}
    assert metrics["macro_f1"]["low"] > 0.4


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "__file__", str(tmp_path / "modeling" / "embedded.py"))
    with pytest.raises(StancekitError, match="lacks the model 'base'"):
        load("base")
