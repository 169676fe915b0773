"""The command line from end to end on tiny models: results, streams, formats, and how it ends."""

import csv
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancekit import __version__
from stancekit.evaluation.baselines import BASELINES
from stancekit.tables import read_rows, write_rows

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]
PROPOSALS = ["The council should keep the night tram.", "The council should keep the wool tax."]
ARTICLE = "Tram row in Orrin\n\nMayor Varn praised the night tram. Bakers called it a disgrace.\n"
MAIN = "from stancekit.cli import main; main()"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "proposals.txt").write_text("\n".join(PROPOSALS) + "\n")
    (tmp_path / "tram.txt").write_text(ARTICLE)
    write_rows(tmp_path / "rows.jsonl", [{"id": f"r{number}", "statement": text} for number, text in enumerate(statements(), 1)])
    return tmp_path


def statements() -> list[str]:
    # Of many lengths and with repeats, so that sorting by length and scoring once would show in the order.
    return [("Bakers welcomed the night tram " * (number * 7 % 5 + 1)).strip() + "." for number in range(23)]


def fresh(*words: object, code: str | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run in an interpreter of its own."""
    start = ["-m", "stancekit"] if code is None else ["-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **options.pop("env", {})}
    command = [sys.executable, *start, *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, env=environment, encoding="utf-8", **options)


def rows_in(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_answers_come_in_the_order_of_the_input(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    done = stancekit("predict", tiny_bundle, "rows.jsonl", "tram.txt", "--proposals", "proposals.txt")
    assert done.returncode == 0
    rows = rows_in(done.stdout)
    asked = [f"r{number}" for number in range(1, 24)] + ["tram:1", "tram:2", "tram:3"]
    assert [(row["statement_id"], row["proposal_id"]) for row in rows] == [(key, proposal) for key in asked for proposal in ("p1", "p2")]
    assert [row["statement"] for row in rows[:46:2]] == statements()
    assert list(rows[0]) == [
        "statement_id", "statement", "proposal_id", "proposal", "stance", "confidence", "probabilities", "source", "start", "end",
    ]  # fmt: skip
    for row in rows:
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert row["confidence"] == max(row["probabilities"].values()) == row["probabilities"][row["stance"]]
    cut = [row for row in rows if row["source"] == "tram.txt"]
    assert [ARTICLE[row["start"] : row["end"]] for row in cut] == [row["statement"] for row in cut]


def test_all_formats_carry_the_same_rows(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    words = ["predict", tiny_bundle, "rows.jsonl", "tram.txt", "--proposals", "proposals.txt"]
    printed = rows_in(stancekit(*words).stdout)
    for ending in ("jsonl", "parquet", "csv"):
        done = stancekit(*words, "--output", f"new/out.{ending}")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.endswith(f"wrote 52 predictions to new/out.{ending}\n")
    for ending in ("jsonl", "parquet"):
        assert [row.values for row in read_rows(place / "new" / f"out.{ending}")] == printed
    with (place / "new" / "out.csv").open(newline="", encoding="utf-8") as file:
        for row, expected in zip(csv.DictReader(file), printed, strict=True):
            shares = expected.pop("probabilities")
            expected |= {f"probabilities.{stance}": share for stance, share in shares.items()}
            assert row == {key: "" if value is None else str(value) for key, value in expected.items()}


def test_rows_may_bring_their_own_proposals(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    write_rows(place / "own.csv", [{"body": "a", "claim": PROPOSALS[1]}, {"body": "b", "claim": PROPOSALS[0]}])
    done = stancekit("predict", tiny_bundle, "own.csv", "--column", "statement=body", "--column", "proposal=claim")
    assert [(row["statement"], row["proposal"]) for row in rows_in(done.stdout)] == [("a", PROPOSALS[1]), ("b", PROPOSALS[0])]


def test_standard_input_takes_rows_and_text(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    words = ["predict", tiny_bundle, "-", "--proposals", "proposals.txt"]
    jsonl = (place / "rows.jsonl").read_bytes()
    assert [row["statement_id"] for row in rows_in(stancekit(*words, stdin=jsonl).stdout)[::2]] == [f"r{number}" for number in range(1, 24)]
    of_text = rows_in(stancekit(*words, stdin=ARTICLE.encode()).stdout)
    assert [ARTICLE[row["start"] : row["end"]] for row in of_text] == [row["statement"] for row in of_text]
    assert {row["source"] for row in of_text} == {"<stdin>"}


def test_low_confidence_may_be_left_out(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    words = ["predict", tiny_bundle, "rows.jsonl", "--proposals", "proposals.txt"]
    every = rows_in(stancekit(*words).stdout)
    limit = sorted(row["confidence"] for row in every)[len(every) // 2]
    assert rows_in(stancekit(*words, "--min-confidence", limit).stdout) == [row for row in every if row["confidence"] >= limit]


def test_articles_in_tables_are_cut_on_request(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    write_rows(place / "bodies.csv", [{"id": "a", "body": ARTICLE}])
    done = stancekit("predict", tiny_bundle, "bodies.csv", "--cut", "--column", "statement=body", "--proposals", "proposals.txt")
    assert [row["statement_id"] for row in rows_in(done.stdout)[::2]] == ["a:1", "a:2", "a:3"]


def test_quiet_says_nothing_beside_the_result(stancekit: Run, place: Path, tiny_bundle: Path) -> None:
    words = ["predict", tiny_bundle, "rows.jsonl", "--proposals", "proposals.txt"]
    loud = stancekit(*words)
    assert "wrote 46 predictions to standard output" in loud.stderr
    for quiet in (stancekit("--quiet", *words), stancekit(*words, "--quiet")):
        assert quiet.stderr == ""
        assert quiet.stdout == loud.stdout
    assert stancekit("--quiet", "predict", tiny_bundle, "absent", "--proposals", "proposals.txt").stderr.startswith("error: ")


PREPARE = """
name = "made"
output = "prepared"
[[sources]]
format = "table"
name = "made"
path = "PATH"
columns = { statement = "statement", proposal = "proposal", stance = "stance" }
"""


def test_prepare_train_evaluate_and_export_in_a_row(stancekit: Run, place: Path, tiny_data: Path, tiny_encoder: Path) -> None:
    rows = [row.values for name in ("train", "validation", "test") for row in read_rows(tiny_data / f"{name}.jsonl")]
    write_rows(place / "data.jsonl", rows)
    (place / "prepare.toml").write_text(PREPARE.replace("PATH", "data.jsonl"))
    (place / "train.toml").write_text(
        f'encoder = "{tiny_encoder.as_posix()}"\noutput = "run"\n'
        '[data]\ntrain = "prepared/train.jsonl"\nvalidation = "prepared/validation.jsonl"\n'
        '[pairs]\nmax_length = 48\n[optim]\nepochs = 1\n[hardware]\ndevice = "cpu"\n'
    )
    report = json.loads(stancekit("prepare", "prepare.toml", "--json").stdout)
    assert report == json.loads((place / "prepared" / "report.json").read_text(encoding="utf-8"))
    assert sum(part["examples"] for part in report["splits"].values()) == len(rows)
    assert "made" in stancekit("prepare", "prepare.toml").stdout
    metrics = json.loads(stancekit("train", "train.toml", "--set", "optim.batch_size=16", "--json").stdout)
    assert metrics["validation"]["n"] == report["splits"]["validation"]["examples"]
    assert json.loads((place / "run" / "train.json").read_text(encoding="utf-8"))["optim"]["batch_size"] == 16
    judged = json.loads(stancekit("evaluate", "run", "prepared/test.jsonl", "--output", "judged", "--resamples", 100, "--json").stdout)
    assert judged["n"] == report["splits"]["test"]["examples"]
    assert set(judged["baselines"]) == set(BASELINES)
    exported = stancekit("export", "run", "bundle", "--format", "safetensors")
    assert exported.returncode == 0, exported.stderr
    for folder, stage in (("prepared", "prepare"), ("run", "train"), ("judged", "evaluate"), ("bundle", "export")):
        assert json.loads((place / folder / "manifest.json").read_text(encoding="utf-8"))["stage"] == stage
    assert "prepared/train.jsonl: examples" in stancekit("check", "prepared").stdout


def test_prepare_twice_gives_the_same_bytes(stancekit: Run, place: Path, tiny_data: Path) -> None:
    (place / "prepare.toml").write_text(PREPARE.replace("PATH", (tiny_data / "train.jsonl").as_posix()))
    files = [place / "prepared" / f"{name}.jsonl" for name in ("train", "validation", "test")]
    stancekit("prepare", "prepare.toml")
    first = [file.read_bytes() for file in files]
    stancekit("prepare", "prepare.toml")
    assert [file.read_bytes() for file in files] == first
    stancekit("prepare", "prepare.toml", "--set", "seed=99")
    assert [file.read_bytes() for file in files] != first


def test_compressed_data_is_prepared_and_scored_as_if_it_were_not(stancekit: Run, place: Path, tiny_data: Path, tiny_bundle: Path) -> None:
    (place / "data.jsonl").write_bytes((tiny_data / "train.jsonl").read_bytes())
    (place / "data.jsonl.gz").write_bytes(gzip.compress((place / "data.jsonl").read_bytes()))
    parts, answers = [], []
    for name in ("data.jsonl", "data.jsonl.gz"):
        (place / "prepare.toml").write_text(PREPARE.replace("PATH", f'{name}"\nlicence = "CC0'))
        report = json.loads(stancekit("prepare", "prepare.toml", "--json").stdout)
        assert report["sources"] == {"made": {"read": 60, "kept": 60, "licence": "CC0"}}
        assert "<td>CC0</td>" in (place / "prepared" / "report.html").read_text(encoding="utf-8")
        inputs = json.loads((place / "prepared" / "manifest.json").read_text(encoding="utf-8"))["inputs"]
        assert inputs == {name: hashlib.sha256((place / name).read_bytes()).hexdigest()}
        parts.append((place / "prepared" / "train.jsonl").read_bytes())
        answers.append([{**row, "source": None} for row in rows_in(stancekit("predict", tiny_bundle, name).stdout)])
        assert f"{name}: examples, 60 pairs" in stancekit("check", name).stdout
    assert parts[0] == parts[1]
    assert answers[0] == answers[1]
    (place / "data.jsonl.gz").write_bytes((place / "data.jsonl.gz").read_bytes()[:-20])
    for words in (["predict", tiny_bundle, "data.jsonl.gz"], ["prepare", "prepare.toml"], ["check", "data.jsonl.gz"]):
        done = stancekit(*words)
        assert done.returncode == 2
        assert "data.jsonl.gz is not a readable gzip file" in done.stderr


def test_the_module_is_the_console_command() -> None:
    for words in (["--version"], ["--help"], ["check", "configs"], ["check", "absent"]):
        module, console = fresh(*words, cwd=ROOT), fresh(*words, code=f"import sys; sys.argv[0] = 'stancekit'; {MAIN}", cwd=ROOT)
        assert module.returncode == console.returncode
        # The padding of the help depends on the length of the name.
        assert module.stdout.replace("python -m stancekit", "stancekit").split() == console.stdout.split()
        assert module.stderr == console.stderr
    assert fresh("--version").stdout == f"stancekit {__version__}\n"


def test_bad_data_is_refused_before_torch_is_loaded(place: Path, tiny_run: Path, tiny_encoder: Path) -> None:
    write_rows(place / "bad.jsonl", [{"text": "a"}])
    (place / "train.toml").write_text(
        f'encoder = "{tiny_encoder.as_posix()}"\noutput = "run"\n[data]\ntrain = "bad.jsonl"\nvalidation = "bad.jsonl"\n'
    )
    code = f"import sys, atexit; atexit.register(lambda: print('torch' in sys.modules)); {MAIN}"
    for words in (
        ["predict", tiny_run, "tram.txt", "bad.jsonl", "--proposals", "proposals.txt"],
        ["evaluate", tiny_run, "bad.jsonl"],
        ["train", "train.toml"],
    ):
        done = fresh(*words, code=code, cwd=place)
        assert (done.returncode, done.stdout) == (2, "False\n"), done.stderr


def test_a_reader_that_leaves_early_is_no_error(place: Path, tiny_bundle: Path) -> None:
    many = place / "many.jsonl"
    write_rows(many, ({"statement": f"Bakers welcomed the tram for the {number}th time."} for number in range(3000)))
    command = [sys.executable, "-m", "stancekit", "predict", str(tiny_bundle), str(many), "--proposals", "proposals.txt"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=place, env=environment) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read().decode()
        assert running.wait(timeout=60) == 0
    assert json.loads(first)["statement_id"] == "1"
    assert errors == ""


def test_a_reader_that_leaves_before_the_first_row_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for words in (["check", "configs"], ["--help"], ["--version"]):
        command = [sys.executable, "-m", "stancekit", *words]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, env=environment, timeout=60, check=False)
        assert (done.returncode, done.stderr.decode()) == (0, "")
    os.close(writing)


def test_letters_beyond_ascii_come_out_on_any_console(place: Path, tiny_bundle: Path) -> None:
    write_rows(place / "x.jsonl", [{"statement": "Sæl “opens”."}])
    done = fresh("predict", tiny_bundle, "x.jsonl", "--proposals", "proposals.txt", cwd=place, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert rows_in(done.stdout)[0]["statement"] == "Sæl “opens”."


def test_an_interruption_says_what_is_left(place: Path) -> None:
    # Ctrl-C comes while the model is loaded, which takes as long as it takes the signal to come.
    slow = "import stancekit.inference.workers as at, time; at.load = lambda *_: (print('loading', flush=True), time.sleep(60))"
    command = [sys.executable, "-c", f"{slow}; {MAIN}", "predict", "base", "tram.txt", "--proposals", "proposals.txt"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": place, "env": environment, "text": True}
    # Tests in the background of a shell have Ctrl-C ignored, and hand that on to what they start.
    with subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "loading\n"
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=50)
    assert running.returncode == 130
    assert errors.startswith("interrupted; nothing half-written is left")


def test_a_full_disk_is_no_bug(stancekit: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device", "prepared/train.jsonl")

    monkeypatch.setattr("stancekit.stages.check.check", full)
    done = stancekit("check", ".")
    assert done.returncode == 2
    assert done.stderr.startswith("error: prepared/train.jsonl: No space left on device\n  fix: ")
