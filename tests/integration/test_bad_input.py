"""Every bad input gives one clear message and exit code 2, and nothing is written."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from stancekit.tables import read_rows, write_rows

Run = Callable[..., CompletedProcess[str]]
Words = list[str]
TOLL = "The council should keep the harbour toll."

PREPARE = """
name = "made"
output = "prepared"

[[sources]]
format = "table"
name = "made"
path = "data.csv"
columns = { statement = "statement", proposal = "proposal", stance = "stance" }
"""
TRAIN = """
encoder = "ENCODER"
output = "run"

[data]
train = "train.jsonl"
validation = "validation.jsonl"

[pairs]
max_length = 48

[hardware]
device = "cpu"
"""


def tree(folder: Path) -> dict[str, str | None]:
    """Every path below `folder` with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def place(tmp_path: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: sound data, configs, articles and proposals, of which each test breaks one."""
    monkeypatch.chdir(tmp_path)
    for name in ("train", "validation", "test"):
        shutil.copy(tiny_data / f"{name}.jsonl", tmp_path)
    rows = [row.values for name in ("train", "validation", "test") for row in read_rows(tiny_data / f"{name}.jsonl")]
    write_rows(tmp_path / "data.csv", rows)
    (tmp_path / "prepare.toml").write_text(PREPARE)
    (tmp_path / "train.toml").write_text(TRAIN)
    (tmp_path / "proposals.txt").write_text(f"{TOLL}\n")
    (tmp_path / "article.txt").write_text("Mayor Varn praised the toll. Bakers fear it.\n")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def refused(run: Run, place: Path, words: Words, complaint: str, stdin: bytes = b"") -> str:
    """Run, hold what every refusal has, and return the message."""
    before = tree(place)
    done = run(*words, stdin=stdin)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert done.stderr.count("error: ") == 1
    assert done.stderr.count("  fix: ") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert tree(place) == before
    return done.stderr


def cut_off(path: Path, rows: int = 3) -> Path:
    write_rows(path, [{"statement": f"s{number}", "proposal": "p", "stance": "pro"} for number in range(rows)])
    path.write_bytes(path.read_bytes()[:-30])
    return path


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


def output_in_use(place: Path) -> Words:
    (place / "prepared").mkdir()
    (place / "prepared" / "thesis.txt").write_text("years of work")
    return []


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


def unfinished_run(place: Path) -> Words:
    (place / "run" / "training").mkdir(parents=True)
    (place / "run" / "train.json").write_text("{}")
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


def rows_file(place: Path, *rows: dict[str, object]) -> Words:
    write_rows(place / "rows.jsonl", rows)
    return ["rows.jsonl"]


def text_file(place: Path, name: str, content: bytes) -> Words:
    (place / name).write_bytes(content)
    return [name]


WITH_PROPOSALS = ["--proposals", "proposals.txt"]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda place: [*rows_file(place, {"text": "a"}), *WITH_PROPOSALS], "rows.jsonl has no column 'statement'"),
        (lambda place: rows_file(place, {"statement": "a"}), "brings no proposal"),
        (lambda place: rows_file(place, {"statement": "a", "proposal": ""}), "rows.jsonl:1 has an empty proposal"),
        (lambda place: [*rows_file(place, {"statement": "a"}, {"statement": ""}), *WITH_PROPOSALS], "rows.jsonl:2 has no text"),
        (lambda place: [*text_file(place, "x.csv", b""), *WITH_PROPOSALS], "x.csv is empty"),
        (lambda place: [*text_file(place, "x.csv", b"statement\n"), *WITH_PROPOSALS], "x.csv holds no row"),
        (lambda place: [*text_file(place, "x.csv", b"statement\na\ncaf\xe9\n"), *WITH_PROPOSALS], "x.csv:3 is not UTF-8"),
        (lambda place: [*text_file(place, "x.txt", b"caf\xe9 opens.\n"), *WITH_PROPOSALS], "x.txt:1 is not UTF-8"),
        (lambda place: [*text_file(place, "x.txt", b" \n***\n"), *WITH_PROPOSALS], "x.txt has no sentence"),
        (lambda place: [*text_file(place, "x.txt", b""), *WITH_PROPOSALS], "x.txt has no sentence"),
        (lambda place: [cut_off(place / "x.parquet").name, *WITH_PROPOSALS], "x.parquet is not a readable Parquet file"),
        (lambda place: ["article.txt", "--proposals", *text_file(place, "p.csv", b"id,proposal\na,\n")], "proposal 'a' is empty"),
        (lambda place: ["article.txt", "--proposals", *text_file(place, "p.txt", b"")], "p.txt holds no proposal"),
        (lambda place: ["article.txt", "--proposals", *text_file(place, "p.txt", b"many words " * 40)], "80 tokens, 37 fit"),
        (lambda place: rows_file(place, {"statement": "a", "proposal": "many words " * 40}), "80 tokens, 37 fit"),
        (lambda _: ["absent.txt", *WITH_PROPOSALS], "absent.txt does not exist"),
        (lambda _: ["prepare.toml", *WITH_PROPOSALS], "has the ending '.toml'"),
        (lambda _: ["article.txt", *WITH_PROPOSALS, "--column", "body"], "--column 'body' is not ROLE=COLUMN"),
        (lambda _: ["article.txt", *WITH_PROPOSALS, "--output", "out.xlsx"], "unknown ending '.xlsx'"),
        (lambda place: [*rows_file(place, {"statement": "a"}), *WITH_PROPOSALS, "--output", "rows.jsonl"], "rows.jsonl is an input too"),
        (lambda _: ["article.txt", *WITH_PROPOSALS, "--output", "article.txt/out.csv"], "cannot write"),
        (lambda _: ["-", *WITH_PROPOSALS], "standard input is empty"),
    ],
)
@pytest.mark.parametrize("output", [None, "new/deeper/out.csv"])
def test_predict_refuses(
    stancekit: Run, place: Path, tiny_bundle: Path, damage: Callable[[Path], Words], complaint: str, output: str | None
) -> None:
    words = damage(place)
    if output is not None and "--output" not in words:
        words += ["--output", output]
    refused(stancekit, place, ["predict", str(tiny_bundle), *words], complaint)


def test_predict_refuses_bad_standard_input(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    words = ["predict", str(tiny_bundle), "-", *WITH_PROPOSALS]
    refused(stancekit, place, words, "<stdin>:2 is not JSON", stdin=b'{"statement": "a"}\n{"state\n')
    refused(stancekit, place, words, "<stdin>:1 is not UTF-8", stdin=b"A caf\xe9 opens.\n")


def no_bundle(place: Path) -> str:
    (place / "bundle").mkdir()
    return "bundle"


def damaged_bundle(place: Path) -> str:
    (place / "bundle").mkdir()
    (place / "bundle" / "stancekit.json").write_text("{}")
    return "bundle"


def run_that_stopped(place: Path) -> str:
    unfinished_run(place)
    return "run"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (no_bundle, "bundle is not a stancekit model"),
        (damaged_bundle, "bundle is not a stancekit model"),
        (lambda _: "absent", "absent is not a folder"),
        (lambda _: "article.txt", "article.txt is not a folder"),
        (run_that_stopped, "run is a run that has not finished"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ["predict", "MODEL", "article.txt", *WITH_PROPOSALS],
        ["read", "MODEL", "article.txt", *WITH_PROPOSALS],
        ["evaluate", "MODEL", "test.jsonl", "--output", "judged"],
        ["compare", "base", "MODEL", "test.jsonl", "--output", "compared"],
    ],
    ids=lambda words: words[0],
)
def test_what_is_no_model_is_refused(stancekit: Run, place: Path, damage: Callable[[Path], str], complaint: str, words: Words) -> None:
    model = damage(place)
    refused(stancekit, place, [model if word == "MODEL" else word for word in words], complaint)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda place: [*text_file(place, "x.txt", b"\n"), *WITH_PROPOSALS], "x.txt has no sentence"),
        (lambda _: ["data.csv", *WITH_PROPOSALS], "data.csv is not an article"),
        (lambda _: ["-", *WITH_PROPOSALS], "is not an article"),
        (lambda place: ["article.txt", "--proposals", *text_file(place, "p.toml", b'[proposals]\na = ""\n')], "proposal 'a' is empty"),
        (lambda place: ["article.txt", *WITH_PROPOSALS, "--output", "prepared", *output_in_use(place)], "was not made by `stancekit read`"),
    ],
)
def test_read_refuses(stancekit: Run, place: Path, tiny_bundle: Path, damage: Callable[[Path], Words], complaint: str) -> None:
    refused(stancekit, place, ["read", str(tiny_bundle), *damage(place)], complaint)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda place: [*text_file(place, "x.csv", b"id,statement,stance\n1,a,pro\n")], "x.csv:2 lacks proposal"),
        (lambda place: [*text_file(place, "x.csv", b"id,statement,proposal,stance\n1,a,p,sideways\n")], "x.csv:2 has stance 'sideways'"),
        (lambda place: [*text_file(place, "x.csv", b"")], "x.csv is empty"),
        (lambda place: [*text_file(place, "x.csv", b"id,statement,proposal,stance\n")], "x.csv holds no example"),
        (lambda place: ["test.jsonl", "--output", "prepared", *output_in_use(place)], "was not made by `stancekit evaluate`"),
    ],
)
def test_evaluate_refuses(stancekit: Run, place: Path, tiny_run: Path, damage: Callable[[Path], Words], complaint: str) -> None:
    refused(stancekit, place, ["evaluate", str(tiny_run), *damage(place)], complaint)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda place: [*text_file(place, "x.csv", b"id,statement,proposal\n1,a,p\n")], "x.csv:2 lacks stance"),
        (lambda place: [*text_file(place, "x.csv", b"id,statement,proposal,stance\n")], "x.csv holds no example"),
        (lambda _: ["absent.jsonl"], "absent.jsonl does not exist"),
        (lambda place: ["test.jsonl", "--output", "prepared", *output_in_use(place)], "was not made by `stancekit compare`"),
    ],
)
def test_compare_refuses(stancekit: Run, place: Path, tiny_run: Path, damage: Callable[[Path], Words], complaint: str) -> None:
    refused(stancekit, place, ["compare", str(tiny_run), "base", *damage(place)], complaint)


def test_export_refuses_what_is_no_finished_run(stancekit: Run, place: Path, tiny_bundle: Path, tiny_run: Path) -> None:
    refused(stancekit, place, ["export", str(tiny_bundle), "out"], "is not a finished run")
    unfinished_run(place)
    refused(stancekit, place, ["export", "run", "out"], "is not a finished run")
    output_in_use(place)
    refused(stancekit, place, ["export", str(tiny_run), "prepared"], "was not made by `stancekit export`")
    refused(stancekit, place, ["export", str(tiny_run), "out", "--rows", "absent.jsonl"], "absent.jsonl")


def test_check_tells_everything_and_changes_nothing(stancekit: Run, place: Path) -> None:
    edit(place / "prepare.toml", "output =", "ouput =")
    edit(place / "train.jsonl", '"oppose"', '"sideways"')
    (place / "data.csv").write_bytes(b"id,statement\n\xe9,a\n")
    message = refused(stancekit, place, ["check", "."], "did you mean output?")
    assert "has stance 'sideways'" in message
    assert "data.csv:2 is not UTF-8" in message


def test_a_command_line_that_makes_no_sense_ends_with_2(stancekit: Run, place: Path) -> None:
    for words in (["perdict"], ["predict"], ["export", "a", "b", "--format", "pickle"], ["evaluate", "a", "b", "--resamples", "5"]):
        done = stancekit(*words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_damaged_model_of_ours_is_refused(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    shutil.copytree(tiny_bundle, place / "bundle")
    spec = json.loads((place / "bundle" / "stancekit.json").read_text(encoding="utf-8"))
    (place / "bundle" / "stancekit.json").write_text(json.dumps({**spec, "format": 99}))
    refused(stancekit, place, ["predict", "bundle", "article.txt", *WITH_PROPOSALS], "has format 99")
    (place / "bundle" / "stancekit.json").write_text(json.dumps(spec))
    (place / "bundle" / "model.onnx").write_bytes(b"not a graph")
    refused(stancekit, place, ["predict", "bundle", "article.txt", *WITH_PROPOSALS], "model.onnx cannot be loaded")
