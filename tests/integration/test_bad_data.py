"""Every bad config, data file and encoder gives one clear message and exit code 2, and nothing is written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import TOLL, Run, Words, cut_off, edit, output_in_use, refused, unfinished_run


def missing_column(place: Path) -> Words:
    edit(place / "data.csv", "id,statement,", "id,sentence,")
    return []


def unknown_label(place: Path) -> Words:
    edit(place / "data.csv", ",oppose,", ",sideways,")
    return []


def empty_file(place: Path) -> Words:
    (place / "data.csv").write_bytes(b"")
    return []


def header_alone(place: Path) -> Words:
    (place / "data.csv").write_text("statement,proposal,stance\n")
    return []


def wrong_encoding(place: Path) -> Words:
    content = (place / "data.csv").read_text(encoding="utf-8").replace("Mayor Ilse Varn", "Mayor Ilsé Varn", 1)
    (place / "data.csv").write_bytes(content.encode("windows-1252"))
    return []


def one_class(place: Path) -> Words:
    content = (place / "data.csv").read_text(encoding="utf-8")
    (place / "data.csv").write_text(content.replace(",oppose,", ",support,").replace(",neutral,", ",support,"), encoding="utf-8")
    return []


def one_proposal(place: Path) -> Words:
    lines = (place / "data.csv").read_text(encoding="utf-8").splitlines()
    (place / "data.csv").write_text("\n".join(lines[:7]) + "\n", encoding="utf-8")
    return []


def all_contradictory(place: Path) -> Words:
    (place / "data.csv").write_text("statement,proposal,stance\na,p,pro\na,p,con\n")
    return []


def unknown_key(place: Path) -> Words:
    edit(place / "prepare.toml", "output =", "ouput =")
    return []


def broken_parquet(place: Path) -> Words:
    cut_off(place / "data.parquet")
    edit(place / "prepare.toml", "data.csv", "data.parquet")
    return []


def no_table(place: Path) -> Words:
    (place / "data.csv").unlink()
    return []


def set_nonsense(place: Path) -> Words:
    return ["--set", "nonsense"]


def output_is_a_file(place: Path) -> Words:
    return ["--set", "output=train.toml"]


def output_below_a_file(place: Path) -> Words:
    return ["--set", "output=train.toml/prepared"]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (missing_column, "data.csv has no column for statement = 'statement'"),
        (unknown_label, "unknown stance 'sideways'"),
        (empty_file, "data.csv is empty"),
        (header_alone, "data.csv) holds no example"),
        (wrong_encoding, "data.csv:2 is not UTF-8 (byte 0xe9)"),
        (one_class, "every training example is support"),
        (one_proposal, "split validation would be empty"),
        (all_contradictory, "no example is left"),
        (unknown_key, "ouput  unknown key, did you mean output?"),
        (broken_parquet, "data.parquet is not a readable Parquet file"),
        (no_table, "data.csv does not exist"),
        (set_nonsense, "--set 'nonsense' has no KEY=VALUE"),
        (output_in_use, "prepared exists and was not made by `stancekit prepare`"),
        (output_is_a_file, "train.toml exists and was not made by"),
        (output_below_a_file, "cannot write"),
    ],
)
def test_prepare_refuses(stancekit: Run, place: Path, damage: Callable[[Path], Words], complaint: str) -> None:
    refused(stancekit, place, ["prepare", "prepare.toml", *damage(place)], complaint)


def test_a_refused_prepare_keeps_what_the_last_one_made(stancekit: Run, place: Path) -> None:
    assert stancekit("prepare", "prepare.toml").returncode == 0
    unknown_label(place)
    refused(stancekit, place, ["prepare", "prepare.toml"], "sideways")


def hub_id(place: Path) -> Words:
    return ["--set", "encoder=no-such-organisation/no-such-model"]


def no_encoder(place: Path) -> Words:
    return ["--set", "encoder=not an id at all"]


def bad_encoder_folder(place: Path) -> Words:
    (place / "encoder").mkdir()
    return ["--set", "encoder=./encoder"]


def damaged_encoder(place: Path) -> Words:
    (place / "encoder").mkdir()
    (place / "encoder" / "config.json").write_text("{")
    return ["--set", "encoder=./encoder"]


def one_class_to_train_on(place: Path) -> Words:
    for stance in ("oppose", "neutral"):
        edit(place / "train.jsonl", f'"{stance}"', '"support"')
    return []


def overlong_proposal(place: Path) -> Words:
    edit(place / "train.jsonl", TOLL, f"{TOLL} {'very much so ' * 30}")
    return []


def empty_proposal(place: Path) -> Words:
    edit(place / "validation.jsonl", '"The council should keep the stone mill."', '" "')
    return []


def run_in_use(place: Path) -> Words:
    (place / "run").mkdir()
    (place / "run" / "thesis.txt").write_text("years of work")
    return []


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (hub_id, "encoder 'no-such-organisation/no-such-model' is not"),
        (no_encoder, "there is no encoder 'not an id at all'"),
        (bad_encoder_folder, "encoder './encoder' is not a model folder"),
        (damaged_encoder, "encoder './encoder' cannot be loaded"),
        (one_class_to_train_on, "every example is support"),
        (overlong_proposal, "tokens, 37 fit beside a statement (max_length 48)"),
        (empty_proposal, "lacks proposal"),
        (run_in_use, "run is in use"),
        (unfinished_run, "go on with --resume"),
        (lambda _: ["--set", "pairs.max_length=65"], "pairs.max_length is 65"),
        (lambda _: ["--set", "optim.epoch=1"], "optim.epoch  unknown key, did you mean epochs?"),
        (lambda _: ["--set", "hardware.device=cuda", "--set", "hardware.precision=fp16"], "device 'cuda' is not on this machine"),
        (lambda _: ["--set", "logging.report_to=['no_such_tracker']"], "no_such_tracker"),
        (lambda _: ["--set", "data.train=absent.jsonl"], "absent.jsonl does not exist"),
    ],
)
def test_train_refuses(stancekit: Run, place: Path, tiny_encoder: Path, damage: Callable[[Path], Words], complaint: str) -> None:
    edit(place / "train.toml", "ENCODER", tiny_encoder.as_posix())
    refused(stancekit, place, ["train", "train.toml", *damage(place)], complaint)


def test_train_refuses_a_finished_run(stancekit: Run, place: Path, tiny_encoder: Path, tiny_run: Path) -> None:
    edit(place / "train.toml", "ENCODER", tiny_encoder.as_posix())
    shutil.copytree(tiny_run, place / "run")
    refused(stancekit, place, ["train", "train.toml"], "run holds a finished run")
    refused(stancekit, place, ["train", "train.toml", "--resume"], "run holds a finished run")
