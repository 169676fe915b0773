"""The card of one seed of several: all seeds stand in it, and which of them the bundle is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev
from subprocess import CompletedProcess
from typing import Any

import pytest

from stancekit.errors import StancekitError
from stancekit.evaluation.intervals import Bootstrap
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.export import export

Run = Callable[..., CompletedProcess[str]]
QUICK = Wanted(Bootstrap(resamples=100))
SEEDS = (3, 4, 5)


@pytest.fixture(scope="module")
def judged(tiny_family: Path, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The metrics.json of all seeds, whose scores are made to differ. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("judged")
    metrics = evaluate(tiny_family, tiny_data / "test.jsonl", wanted=QUICK)
    # Models so small may all answer alike, and no test could tell one seed's score from another's.
    by_seed = {str(seed): {"macro_f1": seed / 10, "accuracy": seed / 10 + 0.05} for seed in SEEDS}
    (folder / "metrics.json").write_text(json.dumps({**metrics, "seeds": {**metrics["seeds"], "by_seed": by_seed}}), encoding="utf-8")
    return folder / "metrics.json"


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def card(bundle: Path) -> str:
    return (bundle / "README.md").read_text(encoding="utf-8")


def table(bundle: Path) -> dict[str, list[str]]:
    """The rows about seeds by their first cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in card(bundle).splitlines() if line.startswith("|")]
    start = next(number for number, row in enumerate(rows) if row[0] == "seed")
    return {first: rest for first, *rest in rows[start : start + 3 + len(SEEDS) + 1]}


def written(*values: float | None) -> list[str]:
    return ["unknown" if value is None else f"{value:.3f}" for value in values]


def validation(family: Path) -> list[float]:
    return [read(family / f"seed-{seed}/metrics.json")["validation"]["macro_f1"] for seed in SEEDS]


def test_a_card_has_the_validation_of_every_seed(tiny_family: Path, tmp_path: Path) -> None:
    export(tiny_family / "seed-4", tmp_path / "bundle", "safetensors")
    values = validation(tiny_family)
    assert table(tmp_path / "bundle") == {
        "seed": ["validation"],
        "---": ["---"],
        "3": written(values[0]),
        "4 (this one)": written(values[1]),
        "5": written(values[2]),
        "mean": written(mean(values)),
        "standard deviation": written(stdev(values)),
    }
    assert "**This is seed 4**, one of 3 trainings that differ in their seed alone." in card(tmp_path / "bundle")
    assert read(tmp_path / "bundle/manifest.json")["seeds"]["own"] == "4"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_evaluation_of_all_seeds_is_the_card_of_each(seed: int, tiny_family: Path, judged: Path, tmp_path: Path) -> None:
    export(tiny_family / f"seed-{seed}", tmp_path / "bundle", "safetensors", evaluation=judged)
    metrics, text, manifest = read(judged), card(tmp_path / "bundle"), read(tmp_path / "bundle/manifest.json")
    rows = table(tmp_path / "bundle")
    assert rows.pop("seed") == ["validation", "test"]
    pairs = [written(reached, one / 10) for reached, one in zip(validation(tiny_family), SEEDS, strict=True)]
    assert [rows[f"{one} (this one)" if one == seed else str(one)] for one in SEEDS] == pairs
    assert (rows["mean"][1], rows["standard deviation"][1]) == ("0.400", "0.100")
    # What was judged in full is the first seed, whichever this is.
    assert "They are of seed 3 alone." in text
    assert "| seed 3 | value |" in text
    assert f"name: macro-F1, value: 0.{seed}000" in text
    assert f"name: accuracy, value: 0.{seed}500" in text
    assert manifest["verdict"] == ("" if seed == 3 else f"This is seed {seed}. ") + metrics["verdict"]
    assert manifest["verdict"] in text
    assert "only what this seed reached" not in text


def test_an_evaluation_of_one_seed_says_that_it_is_of_one(tiny_family: Path, tiny_data: Path, tmp_path: Path) -> None:
    metrics = evaluate(tiny_family / "seed-5", tiny_data / "test.jsonl", tmp_path / "judged", wanted=QUICK)
    export(tiny_family / "seed-5", tmp_path / "bundle", "safetensors", evaluation=tmp_path / "judged/metrics.json")
    rows, values = table(tmp_path / "bundle"), validation(tiny_family)
    assert [rows["3"], rows["4"]] == [written(values[0], None), written(values[1], None)]
    assert rows["5 (this one)"] == written(values[2], metrics["macro_f1"]["value"])
    assert rows["mean"] == written(mean(values), None)
    assert "They are of seed 5 alone." in card(tmp_path / "bundle")
    assert "only what this seed reached is known" in card(tmp_path / "bundle")


def test_a_run_by_itself_has_no_table_of_seeds(tiny_bundle: Path) -> None:
    assert "This is seed" not in card(tiny_bundle)
    assert read(tiny_bundle / "manifest.json")["seeds"] is None


def test_the_evaluation_must_be_of_this_training(tiny_family: Path, judged: Path, tmp_path: Path) -> None:
    metrics = read(judged)
    assert list(metrics["weights_by_seed"]) == [str(seed) for seed in SEEDS]
    assert metrics["weights_by_seed"]["3"] == metrics["weights_sha256"]
    weights = metrics["weights_by_seed"]
    turned = {**metrics, "weights_by_seed": {**weights, "4": weights["5"], "5": weights["4"]}}
    (tmp_path / "turned.json").write_text(json.dumps(turned), encoding="utf-8")
    with pytest.raises(StancekitError, match="judges another model"):
        export(tiny_family / "seed-4", tmp_path / "bundle", "safetensors", evaluation=tmp_path / "turned.json")
    assert not (tmp_path / "bundle").exists()


def test_a_folder_of_seeds_is_not_exported(stancekit: Run, tiny_family: Path, tmp_path: Path) -> None:
    done = stancekit("export", tiny_family, tmp_path / "bundle")
    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.split())
    assert f"{tiny_family} holds 3 runs, one a seed" in told
    assert f"name one of them, such as {tiny_family / 'seed-3'}" in told
    assert not (tmp_path / "bundle").exists()


def test_what_stands_beside_the_seeds_disturbs_nothing(tiny_family: Path, tiny_data: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_family, tmp_path / "runs")
    export(tmp_path / "runs/seed-4", tmp_path / "runs/seed-4-bundle", "safetensors")
    metrics = evaluate(tmp_path / "runs", tiny_data / "test.jsonl", wanted=QUICK)
    assert list(metrics["seeds"]["by_seed"]) == [str(seed) for seed in SEEDS]
