"""The space of a search: what it may hold, and what is said of configs that it could make and nobody could train."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import Dimension, SearchConfig, TrainConfig, load_config, load_search, train_config
from stancekit.config.writing import toml_text
from stancekit.errors import StancekitError
from stancekit.stages.check import check

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "configs" / "search" / "small.toml"
HEAD = """
encoder = "minilm"
output = "runs/search"
[data]
train = "train.jsonl"
validation = "validation.jsonl"
"""


def written(tmp_path: Path, search: str, above: str = HEAD) -> Path:
    path = tmp_path / "search.toml"
    path.write_text(f"{above}\n[search]\n{search}", encoding="utf-8")
    return path


def faults(tmp_path: Path, space: str, above: str = HEAD) -> list[str]:
    path = written(tmp_path, f"[search.space]\n{space}", above)
    with pytest.raises(StancekitError) as caught:
        load_search(path)
    first, *found = caught.value.problem.splitlines()
    assert first.startswith(f"{path} has {len(found)} problem")
    assert caught.value.fix == "edit these keys and run again"
    return [fault.strip() for fault in found]


def test_dotted_keys_are_read_with_and_without_quotes(tmp_path: Path) -> None:
    space = 'optim.epochs = { low = 1, high = 4 }\n"optim.batch_size" = { choices = [16, 32] }\nmodel.lora.rank = { choices = [4, 8] }'
    config = load_search(written(tmp_path, f"[search.space]\n{space}"))
    assert {key: dimension.samples for key, dimension in config.search.space.items()} == {
        "optim.epochs": [1, 4],
        "optim.batch_size": [16, 32],
        "model.lora.rank": [4, 8],
    }
    assert (
        load_search(written(tmp_path, f"[search.space]\n{space}"), ["search.space.optim.epochs.high=6"]).search.space["optim.epochs"].high
        == 6
    )


@pytest.mark.parametrize(
    ("space", "fault"),
    [
        ("optim.learning_rat = { low = 1e-5, high = 1e-3 }", "search.space.optim.learning_rat  unknown key, did you mean learning_rate?"),
        ("optim.learning_rate = { low = 0.0, high = 1e-3 }", "search.space.optim.learning_rate  should be greater than 0, got 0.0"),
        ("optim.dropout = { low = 0.1, high = 1.0 }", "search.space.optim.dropout  should be less than 1, got 1.0"),
        ('model.head = { choices = ["cls", "max"] }', "search.space.model.head  should be 'cls', 'mean' or 'nli', got 'max'"),
        ("optim.epochs = { low = 4, high = 2 }", "search.space.optim.epochs  low should be below high, got 4 and 2"),
        ("optim.epochs = { low = 0, high = 2, log = true }", "search.space.optim.epochs  low should be above 0 where log is set, got 0"),
        ("optim.epochs = { low = 1 }", "search.space.optim.epochs  give either low and high (and log, if wanted), or choices"),
        ("optim.epochs = {}", "search.space.optim.epochs  give either low and high (and log, if wanted), or choices"),
        ("optim.epochs = { low = 1, high = 2, choices = [1, 2] }", "search.space.optim.epochs  give either low and high"),
        ("optim.epochs = { choices = [2, 2.0] }", "search.space.optim.epochs  choices should be two or more that differ"),
        ("optim.epochs = { low = 1, hihg = 2 }", "search.space.optim.epochs.hihg  unknown key, did you mean high?"),
        ("optim.epochs = { low = 1, high = nan }", "search.space.optim.epochs.high"),
        ('optim.epochs = { low = "1", high = 2 }', "search.space.optim.epochs.low"),
        ("seed = { low = 1, high = 9 }", "search.space.seed  is not for trying"),
        ('data.validation = { choices = ["a", "b"] }', "search.space.data.validation  is not for trying"),
        ("seed.more = { low = 1, high = 9 }", "search.space  seed.more = 1: search.space.seed.more: a part of seed.more is not a table"),
        ("teacher.weight = { low = 0.1, high = 0.9 }", "search.space  teacher.weight = 0.1: teacher.model  missing"),
    ],
)
def test_a_space_that_nobody_could_train_is_refused(tmp_path: Path, space: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(tmp_path, space, above=f"seed = 13\n{HEAD}"))


def test_fractions_are_refused_where_whole_numbers_are_wanted(tmp_path: Path) -> None:
    assert "optim.batch_size" in faults(tmp_path, "optim.batch_size = { low = 8.0, high = 32.0 }")[0]
    config = load_search(written(tmp_path, "[search.space]\noptim.batch_size = { low = 8, high = 32 }"))
    assert config.search.space["optim.batch_size"].range == (8, 32)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "optim.warmup = { low = 0.0, high = 1.0 }\noptim.wamup = { low = 0.0, high = 0.5 }")
    assert [fault.split("  ")[0] for fault in found] == ["search.space.optim.warmup", "search.space.optim.wamup"]


def test_keys_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    found = faults(tmp_path, "loss.r_drop = { choices = [0.0, 1.0] }\noptim.dropout = { choices = [0.0, 0.1] }")
    assert found == ["search.space  loss.r_drop = 1.0, optim.dropout = 0.0: " + found[0].split(": ", 1)[1]]
    assert "compares two passes under dropout" in found[0]


@pytest.mark.parametrize(
    ("search", "fault"),
    [
        ("seeds = [13, 14]", "search.seeds should differ from each other and from seed"),
        ("seeds = [14, 14]", "search.seeds should differ from each other and from seed"),
        ("seeds = [14]", "search.seeds  "),
        ("trials = 0", "search.trials  should be greater than 0, got 0"),
        ("time_limit = 0", "search.time_limit  should be greater than 0, got 0"),
        ("pruner = { kind = 'hyperband' }", "search.pruner.kind  should be 'median' or 'none', got 'hyperband'"),
    ],
)
def test_settings_of_the_search_are_checked(tmp_path: Path, search: str, fault: str) -> None:
    path = written(tmp_path, f"{search}\nspace = {{ optim.epochs = {{ low = 1, high = 2 }} }}")
    with pytest.raises(StancekitError) as caught:
        load_search(path)
    assert fault in caught.value.problem


def test_a_search_without_a_space_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"search\.space  missing"):
        load_search(written(tmp_path, "trials = 3"))


@pytest.mark.parametrize(
    ("dimension", "inside", "outside"),
    [
        ({"low": 1, "high": 4}, [1, 4, 3.0], [0, 5, 2.5, True, "2", None]),
        ({"low": 0.0, "high": 0.5}, [0, 0.25, 0.5], [0.6, False, None]),
        ({"choices": [1, "a", True]}, [1, 1.0, "a", True], [False, 2, "b", None]),
    ],
    ids=["whole", "fractions", "choices"],
)
def test_a_dimension_knows_what_it_holds(dimension: dict[str, Any], inside: list[Any], outside: list[Any]) -> None:
    made = Dimension.model_validate(dimension)
    assert [made.holds(value) for value in inside] == [True] * len(inside)
    assert [made.holds(value) for value in outside] == [False] * len(outside)


def test_a_trial_changes_what_it_tries_and_nothing_else(tmp_path: Path) -> None:
    stages = '[[stages]]\nname = "a"\noptim = { epochs = 1 }\n'
    config = load_search(
        written(tmp_path, "space = { optim.epochs = { low = 1, high = 4 } }", f"{HEAD}\n[optim]\nbatch_size = 8\n{stages}")
    )
    made = train_config(config, {"optim.epochs": 4, "optim.learning_rate": 0.5}, tmp_path / "run", seed=7)
    assert (made.optim.epochs, made.optim.learning_rate, made.optim.batch_size, made.seed) == (4, 0.5, 8, 7)
    # The stage sets its epochs alone, so it follows the run in all else.
    assert (made.stage(made.stages[0]).optim.epochs, made.stage(made.stages[0]).optim.learning_rate) == (1, 0.5)
    assert type(made) is TrainConfig


def test_a_config_written_as_toml_reads_the_same(tmp_path: Path) -> None:
    text = 'tab\t "quoted" \\ \x7f ümlaut 🙂'
    values = {
        "encoder": text,
        "output": "runs/a",
        "seed": 3,
        "data": {"mix": [{"path": "a b.jsonl", "cap": 5}, {"path": "c.jsonl", "cap": None}], "temperature": 2.0, "validation": "v"},
        "optim": {"learning_rate": 1.5e-05, "dropout": None},
        "loss": {"soft_labels": True},
        "logging": {"report_to": []},
        "stages": [{"name": "a", "optim": {"epochs": 0.5}, "stopping": {}}],
    }
    path = tmp_path / "written.toml"
    path.write_text(toml_text(values, "stancekit train written.toml\n\nA heading."), encoding="utf-8")
    assert path.read_text(encoding="utf-8").startswith("# stancekit train written.toml\n#\n# A heading.\n\n")
    assert load_config(path, TrainConfig) == TrainConfig.model_validate(values)
    assert "cap" not in tomllib.loads(path.read_text(encoding="utf-8"))["data"]["mix"][1]


def test_check_knows_a_search_config(tmp_path: Path) -> None:
    found = check(SMALL)
    assert [(one.kind, one.summary.split(";")[0]) for one in found] == [("search config", "sound")]
    with pytest.raises(StancekitError, match=r"search\.space\.optim\.epoch  unknown key, did you mean epochs\?"):
        check(written(tmp_path, "space = { optim.epoch = { low = 1, high = 2 } }"))
    elsewhere = str(tmp_path / "nowhere")
    with pytest.raises(StancekitError, match="there is no folder"):
        check(written(tmp_path, f"space = {{ encoder = {{ choices = ['minilm', '{elsewhere}'] }} }}"))


def test_the_shipped_search_starts_from_the_shipped_recipe() -> None:
    small, quick = load_config(SMALL, SearchConfig), load_config(ROOT / "configs" / "train" / "quick.toml", TrainConfig)
    assert (small.encoder, small.pairs, small.model, small.optim, small.loss) == (
        quick.encoder,
        quick.pairs,
        quick.model,
        quick.optim,
        quick.loss,
    )
    assert all(small.search.space[key].holds(value) for key, value in {"optim.learning_rate": 1e-4, "model.frozen": "embeddings"}.items())
