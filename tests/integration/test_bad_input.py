"""Every bad input to a model gives one clear message and exit code 2, and nothing is written."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import Run, Words, cut_off, edit, output_in_use, refused, unfinished_run
from stancekit.tables import write_rows


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
        (lambda place: [*rows_file(place, {"statement": "a"}, {"statement": ""}), *WITH_PROPOSALS, "--strict"], "rows.jsonl:2 has no text"),
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
        (
            lambda place: [*rows_file(place, {"statement": "a"}), *WITH_PROPOSALS, "--output", "rows.jsonl"],
            "rows.jsonl is read by this command",
        ),
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
    words = ["predict", str(tiny_bundle), "-", *WITH_PROPOSALS, "--strict"]
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
        (lambda place: [*text_file(place, "x.txt", b"\n"), *WITH_PROPOSALS], "none of the articles can be read: x.txt: it has no text"),
        (lambda _: ["data.csv", *WITH_PROPOSALS], "data.csv has no column of texts, only id, statement"),
        (lambda _: ["-", *WITH_PROPOSALS], "<stdin>: it has no text"),
        (lambda _: ["absent.txt", *WITH_PROPOSALS], "absent.txt does not exist"),
        (lambda place: [*text_file(place, "x.pdf", b"%PDF"), *WITH_PROPOSALS], "x.pdf has the ending '.pdf'"),
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
