"""What can be judged beside a run or a bundle: a folder of seeds, a file of answers, a published entailment model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from comparisons import answer_rows
from stancekit import load
from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.evaluation.intervals import Bootstrap
from stancekit.manifest import stage_of
from stancekit.stages.evaluate import Wanted, evaluate
from stancekit.stages.seeds import told, train_seeds
from stancekit.stages.train import train
from stancekit.stance import Stance
from stancekit.tables import read_rows, write_rows

Configured = Callable[..., TrainConfig]
QUICK = Wanted(Bootstrap(resamples=100))


def test_each_seed_has_its_own_run(tiny_family: Path, tiny_config: Configured, tmp_path: Path) -> None:
    result = json.loads((tiny_family / "seeds.json").read_text(encoding="utf-8"))
    assert list(result["validation"]["by_seed"]) == ["3", "4", "5"]
    assert "over 3 seeds" in told(result)
    metrics = train(tiny_config(tmp_path / "alone", seed=4, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.003}))
    assert metrics["validation"]["macro_f1"] == result["validation"]["by_seed"]["4"]
    one, two = ((folder / "checkpoint/model.safetensors").read_bytes() for folder in (tiny_family / "seed-4", tmp_path / "alone"))
    assert one == two


def test_all_seeds_are_judged_and_the_first_is_shown(tiny_family: Path, tiny_data: Path, tmp_path: Path) -> None:
    data = tiny_data / "validation.jsonl"
    metrics = evaluate(tiny_family, data, tmp_path / "evaluation", wanted=QUICK)
    alone = {seed: evaluate(tiny_family / f"seed-{seed}", data, wanted=QUICK) for seed in (3, 4, 5)}
    assert metrics["seeds"]["by_seed"] == {
        str(seed): {key: one[key]["value"] for key in ("macro_f1", "accuracy", "mcc", "f_avg")} for seed, one in alone.items()
    }
    assert metrics["seeds"]["mean"]["accuracy"] == pytest.approx(np.mean([one["accuracy"]["value"] for one in alone.values()]), abs=1e-6)
    assert metrics["confusion"] == alone[3]["confusion"]
    assert metrics["weights_sha256"] == alone[3]["weights_sha256"]
    assert metrics["baselines"] == alone[3]["baselines"]
    assert metrics["verdict"].startswith("Over 3 seeds")


def test_a_family_goes_on_where_it_stopped(
    tiny_family: Path, tiny_config: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stancekit.stages import seeds

    config = tiny_config(tmp_path / "runs", seed=3, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.003})
    trained: list[int] = []

    def once(one: TrainConfig, resume: bool) -> dict[str, Any]:
        if one.seed == 5 and not resume:
            raise KeyboardInterrupt
        trained.append(one.seed)
        return train(one, resume)

    monkeypatch.setattr(seeds, "train", once)
    with pytest.raises(KeyboardInterrupt):
        train_seeds(config, 3)
    assert stage_of(tmp_path / "runs") is None
    result = train_seeds(config, 3, resume=True)
    assert trained == [3, 4, 5]
    assert result == json.loads((tiny_family / "seeds.json").read_text(encoding="utf-8"))


def test_folders_in_use_are_refused_before_anything_is_trained(tiny_family: Path, tiny_config: Configured) -> None:
    config = tiny_config(tiny_family, seed=3)
    with pytest.raises(StancekitError, match="is finished"):
        train_seeds(config, 3)
    with pytest.raises(StancekitError, match="was started with another optim"):
        train_seeds(config, 3, resume=True)


def test_a_family_is_no_model_by_itself(tiny_family: Path) -> None:
    with pytest.raises(StancekitError, match="holds 3 runs, one a seed") as fault:
        load(tiny_family)
    assert "seed-3" in str(fault.value)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_file_of_answers_is_judged_as_the_model_that_gave_them(ending: str, tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    data, file = tiny_data / "validation.jsonl", tmp_path / f"answers.{ending}"
    by_run = evaluate(tiny_run, data, tmp_path / "evaluation", wanted=QUICK)
    write_rows(file, (row.values for row in read_rows(tmp_path / "evaluation/predictions.jsonl")))
    by_file = evaluate(file, data, train=[tiny_data / "train.jsonl"], wanted=QUICK)
    same = ("macro_f1", "confusion", "per_proposal", "baselines", "errors", "slices")
    assert {key: by_file[key] for key in same} == {key: by_run[key] for key in same}
    assert by_file["calibration"]["measures"] == by_run["calibration"]["measures"]
    assert by_file["scorer"] == "a file of answers"


def answers(tiny_data: Path) -> list[dict[str, Any]]:
    examples = read_examples(tiny_data / "test.jsonl")
    return answer_rows(examples, [Stance.NEUTRAL] * len(examples))


def test_answers_given_twice_are_one_and_other_pairs_are_left_alone(tiny_data: Path, tmp_path: Path) -> None:
    rows = answers(tiny_data)
    other = {"statement": "Nobody asked.", "proposal": "Keep it."}
    write_rows(tmp_path / "answers.jsonl", [*rows, *rows, {**other, "stance": "oppose"}, {**other, "stance": "support"}])
    assert evaluate(tmp_path / "answers.jsonl", tiny_data / "test.jsonl", wanted=QUICK)["n"] == len(rows)


def test_of_equal_probabilities_the_stance_is_meant_and_stays_so_when_written_again(tiny_data: Path, tmp_path: Path) -> None:
    even = {"oppose": 0.39999999, "neutral": 0.39999998, "support": 0.2}
    rows = [{**row, "stance": "neutral", "probabilities": {**even, "neutral": 0.4, "oppose": 0.4}} for row in answers(tiny_data)]
    # Equal to the decimals that are written, though not beyond.
    rows[0]["stance"], rows[0]["probabilities"] = "oppose", even
    write_rows(tmp_path / "even.jsonl", rows)
    evaluate(tmp_path / "even.jsonl", tiny_data / "test.jsonl", tmp_path / "first")
    metrics = evaluate(tmp_path / "first" / "predictions.jsonl", tiny_data / "test.jsonl", tmp_path / "again")
    written = [json.loads(line)["stance"] for line in (tmp_path / "again" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written == [row["stance"] for row in rows]
    assert sum(column[1] for column in metrics["confusion"]) == len(rows) - 1


def test_labels_alone_are_judged_without_confidence(tiny_data: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "answers.jsonl", answers(tiny_data))
    metrics = evaluate(tmp_path / "answers.jsonl", tiny_data / "test.jsonl", tmp_path / "evaluation", wanted=QUICK)
    assert metrics["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert metrics["calibration"] is None
    assert (tmp_path / "evaluation/report.html").is_file()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda rows: rows[1:], "has no answer to 1 of 6 examples"),
        (lambda rows: [*rows, {**rows[0], "stance": "support"}], r"answers\.jsonl:7 gives the pair of .*answers\.jsonl:1 another answer"),
        (lambda rows: [{**rows[0], "stance": "maybe"}, *rows[1:]], r"answers\.jsonl:1 has stance 'maybe'"),
        (lambda rows: [{**rows[0], "proposal": ""}, *rows[1:]], r"answers\.jsonl:1 lacks proposal"),
        (lambda rows: [{**rows[0], "probabilities": {"oppose": 0.1, "neutral": 0.8, "support": 0.1}}, *rows[1:]], "lacks probabilities"),
        (lambda rows: [{**row, "probabilities": {"oppose": 0.8, "neutral": 0.1, "support": 0.1}} for row in rows], "beside the stance"),
        (lambda rows: [{**row, "probabilities": {"oppose": 0.1, "neutral": 0.8, "support": 0.8}} for row in rows], "sum of 1"),
        (lambda rows: [{**row, "probabilities": {"oppose": 0.1, "neutral": "much", "support": 0.1}} for row in rows], "'much'"),
    ],
)
def test_a_bad_file_of_answers_is_told(damage: Callable[[Any], Any], complaint: str, tiny_data: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "answers.jsonl", damage(answers(tiny_data)))
    with pytest.raises(StancekitError, match=complaint):
        evaluate(tmp_path / "answers.jsonl", tiny_data / "test.jsonl", wanted=QUICK)
