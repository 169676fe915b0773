"""Configs tell all their faults at once, in the words of the file."""

from pathlib import Path
from typing import Any

import pytest

from stancekit.config import NewsroomSource, PrepareConfig, TableSource, TrainConfig, load_config
from stancekit.errors import StancekitError
from stancekit.stance import Stance

TRAIN = """
encoder = "minilm"
output = "runs/x"

[data]
train = "train.jsonl"
validation = "validation.jsonl"
"""
PREPARE = """
name = "x"
output = "out"

[[sources]]
format = "table"
name = "a"
path = "a.csv"
columns = { statement = "text", proposal = "claim", stance = "side" }
labels = { "thumbs up" = "support" }

[[sources]]
format = "newsroom"
name = "b"
path = "b"
"""


@pytest.fixture
def train_toml(tmp_path: Path) -> Path:
    path = tmp_path / "train.toml"
    path.write_text(TRAIN)
    return path


@pytest.fixture
def prepare_toml(tmp_path: Path) -> Path:
    path = tmp_path / "prepare.toml"
    path.write_text(PREPARE)
    return path


def faults_of(path: Path, model: Any, overrides: list[str] | None = None) -> str:
    with pytest.raises(StancekitError) as caught:
        load_config(path, model, overrides)
    return str(caught.value)


def test_a_config_is_read_with_its_defaults(train_toml: Path) -> None:
    config = load_config(train_toml, TrainConfig)
    assert config.data.train == Path("train.jsonl")
    assert (config.seed, config.optim.batch_size, config.hardware.device) == (13, 32, "auto")


def test_sources_are_told_apart_by_their_format(prepare_toml: Path) -> None:
    table, newsroom = load_config(prepare_toml, PrepareConfig).sources
    assert isinstance(table, TableSource)
    assert table.labels == {"thumbs up": Stance.SUPPORT}
    assert isinstance(newsroom, NewsroomSource)


def test_set_takes_toml_values_and_bare_text_under_dotted_keys(train_toml: Path) -> None:
    config = load_config(
        train_toml,
        TrainConfig,
        [
            "seed=7",
            "optim.epochs=0.5",
            "encoder=some-org/some-model",
            "output = runs/a=b",
            'logging.report_to=["tensorboard"]',
            "data.train='my train.jsonl'",
        ],
    )
    assert (config.seed, config.optim.epochs, config.encoder) == (7, 0.5, "some-org/some-model")
    assert config.output == Path("runs/a=b")
    assert config.logging.report_to == ["tensorboard"]
    assert config.data.train == Path("my train.jsonl")
    assert config.data.validation == Path("validation.jsonl")


def test_a_name_that_looks_like_a_number_or_a_day_is_still_a_name(prepare_toml: Path) -> None:
    assert load_config(prepare_toml, PrepareConfig, ["name=2031"]).name == "2031"
    assert load_config(prepare_toml, PrepareConfig, ["name=2031-05-01"]).name == "2031-05-01"
    assert load_config(prepare_toml, PrepareConfig, ["output=2031-05-01"]).output == Path("2031-05-01")


@pytest.mark.parametrize("nonsense", ["nonsense", "=1", "encoder.deeper=1", " = 2"])
def test_set_without_a_usable_key_is_refused(train_toml: Path, nonsense: str) -> None:
    message = faults_of(train_toml, TrainConfig, [nonsense])
    assert "--set" in message
    assert "optim.epochs" in message


def test_a_set_key_that_is_unknown_is_a_fault_like_any_other(train_toml: Path) -> None:
    assert "optim.epoch  unknown key, did you mean epochs?" in faults_of(train_toml, TrainConfig, ["optim.epoch=1"])


def test_all_faults_stand_in_one_message(train_toml: Path) -> None:
    train_toml.write_text(
        """
ouput = "runs/x"
seed = -1
[data]
train = "train.jsonl"
validaton = "v.jsonl"
[optim]
epochs = 0
learning_rate = nan
scheduler = "zigzag"
"""
    )
    message = faults_of(train_toml, TrainConfig)
    for line in (
        f"{train_toml} has 9 problems",
        "encoder  missing",
        "output  missing",
        "ouput  unknown key, did you mean output?",
        "seed  should be greater than or equal to 0, got -1",
        "data.validation  missing",
        "data.validaton  unknown key, did you mean validation?",
        "optim.epochs  should be greater than 0, got 0",
        "optim.learning_rate  should be",
        "optim.scheduler  should be 'linear', 'cosine' or 'constant_with_warmup', got 'zigzag'",
        "fix: edit these keys and run again",
    ):
        assert line in message


def test_faults_inside_a_source_are_named_as_in_the_file(prepare_toml: Path) -> None:
    content = PREPARE.replace("statement =", "statment =").replace('path = "b"', 'path = "b"\npaht = "c"')
    prepare_toml.write_text(content)
    message = faults_of(prepare_toml, PrepareConfig)
    assert "sources.0.columns.statement  missing" in message
    assert "sources.0.columns.statment  unknown key, did you mean statement?" in message
    assert "sources.1.paht  unknown key, did you mean path?" in message
    assert "has 3 problems" in message


def test_a_source_needs_a_known_format(prepare_toml: Path) -> None:
    prepare_toml.write_text(PREPARE.replace('"newsroom"', '"newspaper"').replace('format = "table"\n', ""))
    message = faults_of(prepare_toml, PrepareConfig)
    assert "sources.0.format  missing" in message
    assert "sources.1.format  should be one of table, newsroom, perspectrum, seesaw, got 'newspaper'" in message


def test_two_sources_may_not_share_a_name(prepare_toml: Path) -> None:
    prepare_toml.write_text(PREPARE.replace('name = "b"', 'name = "a"'))
    assert "sources  two have the name 'a'" in faults_of(prepare_toml, PrepareConfig)


def test_a_split_must_leave_something_for_training(prepare_toml: Path) -> None:
    message = faults_of(prepare_toml, PrepareConfig, ["split.validation=0.5", "split.test=0.5"])
    assert "split  validation = 0.5 and test = 0.5 leave nothing for training" in message


WITHOUT = TRAIN.replace('train = "train.jsonl"\n', "")
MIX = WITHOUT + '[[data.mix]]\npath = "a.jsonl"\ncap = 10\n[[data.mix]]\npath = "b.jsonl"\n'


def test_training_data_is_one_file_or_a_mix(train_toml: Path) -> None:
    assert load_config(train_toml, TrainConfig).data.files == [Path("train.jsonl"), Path("validation.jsonl")]
    train_toml.write_text(MIX)
    data = load_config(train_toml, TrainConfig, ["data.temperature=2"]).data
    assert [(one.path, one.cap) for one in data.training] == [(Path("a.jsonl"), 10), (Path("b.jsonl"), None)]
    assert (data.temperature, data.train) == (2, None)
    assert data.files == [Path("a.jsonl"), Path("b.jsonl"), Path("validation.jsonl")]


@pytest.mark.parametrize(
    ("content", "override", "complaint"),
    [
        (WITHOUT, "seed=1", "data  give either train, one file, or mix, a list of them; neither is there"),
        (MIX, "data.train=c.jsonl", "data  give either train, one file, or mix, a list of them; both are there"),
        (MIX.replace("b.jsonl", "a.jsonl"), "seed=1", "data  mix names a.jsonl twice: what weighs more is set by cap and temperature"),
        (MIX, "data.temperature=0.5", "data.temperature  should be greater than or equal to 1, got 0.5"),
        (TRAIN, "data.temperature=2", "data  temperature is of a mix, and there is none"),
        (MIX.replace("cap", "cup"), "seed=1", "data.mix.0.cup  unknown key, did you mean cap?"),
        (MIX.replace("cap = 10", "cap = 0"), "seed=1", "data.mix.0.cap  should be greater than 0, got 0"),
    ],
)  # fmt: skip
def test_a_mix_that_cannot_be_is_told(train_toml: Path, content: str, override: str, complaint: str) -> None:
    train_toml.write_text(content)
    assert complaint in faults_of(train_toml, TrainConfig, [override])


def test_a_config_must_be_there_and_be_toml(tmp_path: Path) -> None:
    assert "does not exist" in faults_of(tmp_path / "absent.toml", TrainConfig)
    assert "does not exist" in faults_of(tmp_path, TrainConfig)
    broken = tmp_path / "broken.toml"
    broken.write_text('encoder = "minilm\n')
    message = faults_of(broken, TrainConfig)
    assert "is not TOML" in message
    assert "line 1" in message


def test_a_config_never_changes(train_toml: Path) -> None:
    config = load_config(train_toml, TrainConfig)
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3  # type: ignore[misc]
