"""A job in parts, as `--engine ray` does it, with this process in place of a cluster: same output as the local engine, resumed, refused."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median_high
from typing import Any

import pyarrow.parquet as pq
import pytest

from stancekit.errors import StancekitError
from stancekit.inference.cluster import Actor, Failure, _counted, _result
from stancekit.inference.distributed import Count, Done, Job
from stancekit.inference.journal import claimed
from stancekit.inference.pieces import Piece
from stancekit.stages import predict_ray as stage
from stancekit.stages.predict import predict
from stancekit.stages.predict_ray import Means, predict_ray
from stancekit.tables import read_rows

# A worker of a cluster takes one thread for its process, which here is that of all tests: the fixture gives the others back.
pytestmark = pytest.mark.usefixtures("one_thread")

PROPOSALS = "The council should keep the wool tax.\nKeep the night tram.\n"


class Here:
    """A cluster of one, that can be told to lose what it is given. rounds: pieces of each round."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.counted = 0
        self.lose: Callable[[int, int], Failure | bool | None] = lambda _round, _number: False

    def placed(self, job: Job) -> Job:
        return job

    def counts(self, pieces: Sequence[Piece], job: Job) -> Iterator[Count]:
        self.counted += len(pieces)
        for piece in reversed(pieces):
            yield _result(_counted({"piece": [told(piece)]}, job)["result"][0], Count)

    def parts(self, pieces: Sequence[Piece], job: Job) -> Iterator[Done | Failure]:
        self.rounds.append([piece.number for piece in pieces])
        actor = Actor(job)
        for piece in reversed(pieces):
            lost = self.lose(len(self.rounds), piece.number)
            if isinstance(lost, Failure):
                yield lost
            elif lost is False:
                yield _result(actor({"piece": [told(piece)]})["result"][0], Done)


def told(piece: Piece) -> str:
    from dataclasses import asdict

    return json.dumps(asdict(piece))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    cluster = Here()

    @contextmanager
    def connected(_address: str | None, _workers: int | None) -> Iterator[Here]:
        yield cluster

    monkeypatch.setattr(stage, "connected", connected)
    return cluster


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """JSONL with bad rows, Parquet, CSV and an article; 50 good rows or sentences, two proposals."""
    from stancekit.tables import write_rows

    monkeypatch.chdir(tmp_path)
    words = ["Farmers", "called", "the", "wool", "tax", "a", "disgrace", "and", "want", "it", "stopped"]
    lines = [
        json.dumps({"statement": " ".join(words[: 1 + number % 11]), "id": f"r{number}" if number % 3 else None}) for number in range(30)
    ]
    lines[7:7] = ["no JSON", "", json.dumps({"statement": " "})]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines) + "\n")
    write_rows(tmp_path / "in" / "b.parquet", [{"statement": f"Bakers fear toll {number}."} for number in range(15)])
    write_rows(tmp_path / "in" / "c.csv", [{"statement": 'Mayor Varn praised it, "loudly".', "source": "Post"}])
    (tmp_path / "in" / "d.txt").write_text("The council met on Friday.\n\nMayor Varn praised the toll. Bakers fear it. Nobody spoke.\n")
    (tmp_path / "p.txt").write_text(PROPOSALS)
    return tmp_path


def by_ray(bundle: Path, output: object, **options: Any) -> Any:
    means = Means(part_pairs=options.pop("part_pairs", 12), part_format=options.pop("part_format", "jsonl"))
    return predict_ray(bundle, options.pop("inputs", ["in"]), Path("p.txt"), str(output), means=means, **options)


def middle_confidence(bundle: Path, place: Path) -> float:
    """A limit that some answers pass and some do not, whatever this machine made of the tiny model."""
    predict(bundle, [Path("in")], Path("p.txt"), place / "every.jsonl")
    return median_high(float(row.values["confidence"]) for row in read_rows(place / "every.jsonl"))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("form", ["onnx", "torch"])
def test_a_file_has_the_bytes_of_the_local_engine(
    here: Here, place: Path, tiny_bundle: Path, tiny_run: Path, ending: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancekit.inference.pieces.ROW_BYTES", 40)
    bundle = tiny_bundle if form == "onnx" else tiny_run
    expected = predict(bundle, [Path("in")], Path("p.txt"), place / f"local.{ending}", device="cpu")
    outcome = by_ray(bundle, place / f"ray.{ending}", device="cpu")
    assert len(here.rounds[0]) > 5
    assert (outcome.answers, outcome.rejected) == (expected.answers, expected.rejected) == (100, 2)
    assert (place / f"ray.{ending}").read_bytes() == (place / f"local.{ending}").read_bytes()
    assert (place / f"ray.{ending}.rejected.jsonl").read_bytes() == (place / f"local.{ending}.rejected.jsonl").read_bytes()
    assert not list(place.glob(".ray*"))


def test_a_file_has_one_writer_whatever_its_engine(here: Here, place: Path, tiny_bundle: Path) -> None:
    with claimed(place / "out.jsonl"), pytest.raises(StancekitError, match=r"out\.jsonl is being written by process \d+"):
        by_ray(tiny_bundle, place / "out.jsonl")
    assert by_ray(tiny_bundle, place / "out.jsonl").answers == 100
    assert not list(place.glob(".out*"))


@pytest.mark.parametrize("part_format", ["jsonl", "parquet"])
def test_a_folder_has_parts_that_make_up_the_same_rows(here: Here, place: Path, tiny_bundle: Path, part_format: str) -> None:
    limit = middle_confidence(tiny_bundle, place)
    predict(tiny_bundle, [Path("in")], Path("p.txt"), place / "local.parquet", min_confidence=limit)
    expected = [row.values for row in read_rows(place / "local.parquet")]
    outcome = by_ray(tiny_bundle, "out", part_format=part_format, min_confidence=limit)
    parts = sorted(place.glob(f"out/part-*.{part_format}"))
    assert len(parts) > 3
    assert [row.values for part in parts if part.stat().st_size for row in read_rows(part)] == expected
    assert 0 < outcome.answers == len(expected) < 100
    assert sum(1 for path in place.glob("out/rejected-*.jsonl") for _ in read_rows(path)) == outcome.rejected == 2
    names = {path.name for path in (place / "out").iterdir()}
    assert {"manifest.json", "_SUCCESS", "_job.json"} <= names
    assert not [name for name in names if name.startswith(("_done", "."))]
    manifest = json.loads((place / "out" / "manifest.json").read_text())
    assert [one["part"] for one in manifest["parts"]] == [part.name for part in parts]
    assert sum(one["answers"] for one in manifest["parts"]) == manifest["answers"] == outcome.answers
    if part_format == "parquet":
        assert {str(pq.read_schema(part)) for part in parts} == {str(pq.read_schema(place / "local.parquet"))}


def test_urls_in_and_out(here: Here, place: Path, tiny_bundle: Path) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    files.makedirs("/job/in", exist_ok=True)
    for name in ("a.jsonl", "b.parquet"):
        files.put_file(str(place / "in" / name), f"/job/in/{name}")
    local = predict(tiny_bundle, [Path("in/a.jsonl"), Path("in/b.parquet")], Path("p.txt"), place / "local.jsonl")
    outcome = by_ray(tiny_bundle, "memory://job/out", inputs=["memory://job/in"], part_pairs=12)
    assert (outcome.answers, outcome.rejected) == (local.answers, local.rejected)
    parts = sorted(path for path in files.ls("/job/out", detail=False) if "/part-" in path)
    rows = [json.loads(line) for part in parts for line in files.cat_file(part).splitlines()]
    expected = [row.values for row in read_rows(place / "local.jsonl")]
    assert [{**row, "source": row["source"].removeprefix("memory://job/")} for row in rows] == expected
    assert files.exists("/job/out/_SUCCESS")
    files.rm("/job", recursive=True)


def lost_after(rounds: int, numbers: set[int]) -> Callable[[int, int], bool | None]:
    """In the first rounds nothing is heard of these pieces."""
    return lambda at, number: None if at <= rounds and number in numbers else False


def test_pieces_of_workers_that_died_are_done_in_another_round(here: Here, place: Path, tiny_bundle: Path) -> None:
    here.lose = lost_after(2, {1, 3})
    by_ray(tiny_bundle, "out.jsonl")
    predict(tiny_bundle, [Path("in")], Path("p.txt"), place / "local.jsonl")
    assert [set(one) for one in here.rounds[1:]] == [{1, 3}, {1, 3}]
    assert (place / "out.jsonl").read_bytes() == (place / "local.jsonl").read_bytes()


def test_a_piece_that_never_gets_done_ends_the_work_and_the_others_are_kept(here: Here, place: Path, tiny_bundle: Path) -> None:
    here.lose = lambda _, number: Failure(2, "OSError: disk is full") if number == 2 else False
    with pytest.raises(StancekitError, match=r"part 2 .* failed 3 times: OSError: disk is full"):
        by_ray(tiny_bundle, "out")
    assert not (place / "out" / "_SUCCESS").exists()
    here.lose = lambda _, __: False
    here.rounds.clear()
    outcome = by_ray(tiny_bundle, "out")
    assert here.rounds == [[2]]
    assert (outcome.answers, outcome.before > 80) == (100, True)


def test_a_finished_job_is_not_done_again_and_needs_no_cluster(here: Here, place: Path, tiny_bundle: Path) -> None:
    first = by_ray(tiny_bundle, "out")
    rounds = len(here.rounds)
    again = by_ray(tiny_bundle, "out")
    assert len(here.rounds) == rounds
    assert (again.answers, again.rejected, again.before) == (first.answers, first.rejected, 100)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"min_confidence": 0.5}, "min_confidence"), ({"part_pairs": 20}, "version"), ({"inputs": ["in/b.parquet"]}, "inputs")],
)
def test_a_folder_of_another_job_is_refused(here: Here, place: Path, tiny_bundle: Path, change: dict[str, Any], named: str) -> None:
    by_ray(tiny_bundle, "out")
    before = {path.name: path.read_bytes() for path in (place / "out").iterdir()}
    with pytest.raises(StancekitError, match=f"another {named}"):
        by_ray(tiny_bundle, "out", **change)
    assert {path.name: path.read_bytes() for path in (place / "out").iterdir()} == before


def test_a_folder_with_other_files_is_refused(here: Here, place: Path, tiny_bundle: Path) -> None:
    (place / "out").mkdir()
    (place / "out" / "thesis.doc").write_text("years")
    with pytest.raises(StancekitError, match="no parts"):
        by_ray(tiny_bundle, "out")


def test_hidden_parts_of_a_changed_job_are_made_anew(here: Here, place: Path, tiny_bundle: Path) -> None:
    here.lose = lambda _, number: Failure(2, "gone") if number == 2 else False
    with pytest.raises(StancekitError):
        by_ray(tiny_bundle, "out.jsonl")
    here.lose = lambda _, __: False
    here.rounds.clear()
    (place / "p.txt").write_text("The stone mill should close.\n")
    outcome = by_ray(tiny_bundle, "out.jsonl")
    assert outcome.before == 0
    assert {row.values["proposal"] for row in read_rows(place / "out.jsonl")} == {"The stone mill should close."}


def test_strict_refuses_before_anything_is_scored(here: Here, place: Path, tiny_bundle: Path) -> None:
    with pytest.raises(StancekitError, match=r"in/a\.jsonl:8 is not JSON"):
        by_ray(tiny_bundle, "out", strict=True)
    assert here.rounds == []
    assert not (place / "out").exists()


def test_strict_refuses_what_an_earlier_start_set_aside(here: Here, place: Path, tiny_bundle: Path) -> None:
    by_ray(tiny_bundle, "out")
    with pytest.raises(StancekitError, match=r"in/a\.jsonl:8 is not JSON"):
        by_ray(tiny_bundle, "out", strict=True)


def test_large_inputs_are_counted_by_the_cluster(here: Here, place: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "COUNTED_HERE", 10)
    predict(tiny_bundle, [Path("in")], Path("p.txt"), place / "local.jsonl")
    by_ray(tiny_bundle, "out.jsonl")
    assert here.counted > 3
    assert (place / "out.jsonl").read_bytes() == (place / "local.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("inputs", "output", "problem"),
    [
        (["in"], "s3://bucket/out.jsonl", "one file"),
        (["in"], "in/a.jsonl", "is an input"),
        (["in"], "in", "is an input"),
        (["-"], "out", "standard input"),
        (["nowhere"], "out", "does not exist"),
    ],
)
def test_what_cannot_be_is_refused(here: Here, place: Path, tiny_bundle: Path, inputs: list[str], output: str, problem: str) -> None:
    with pytest.raises(StancekitError, match=problem):
        by_ray(tiny_bundle, output, inputs=inputs)
    assert here.rounds == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["in", "--engine", "ray"], "no standard output"),
        (["in", "--engine", "ray", "--output", "out", "--cache", "c.sqlite"], "--cache is a file of one machine"),
        (["s3://bucket/x.jsonl", "--output", "out.jsonl"], "s3://bucket/x.jsonl is a URL"),
        (["in", "--output", "s3://bucket/out.jsonl"], "s3://bucket/out.jsonl is a URL"),
    ],
)
def test_each_engine_refuses_what_it_cannot_do(
    stancekit: Callable[..., Any], place: Path, tiny_bundle: Path, words: list[str], problem: str
) -> None:
    done = stancekit("predict", tiny_bundle, *words, "--proposals", "p.txt")
    assert done.returncode == 2
    assert problem in done.stderr
    assert not list(place.glob("out*"))


def test_without_ray_it_is_told_what_to_install(
    stancekit: Callable[..., Any], place: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    done = stancekit("predict", tiny_bundle, "in", "--proposals", "p.txt", "--engine", "ray", "--output", "out")
    assert done.returncode == 2
    assert "pip install 'stancekit[ray]'" in done.stderr


def test_the_command_hands_all_on_to_the_cluster(stancekit: Callable[..., Any], here: Here, place: Path, tiny_bundle: Path) -> None:
    words = ["--engine", "ray", "--output", "out", "--part-pairs", "12", "--part-format", "jsonl", "--min-confidence", "0.4"]
    done = stancekit("predict", tiny_bundle, "in", "--proposals", "p.txt", *words)
    assert done.returncode == 0, done.stderr
    assert "rows rejected: 2, see out" in done.stderr
    by_ray(tiny_bundle, "again", min_confidence=0.4)
    for part in (place / "again").glob("part-*"):
        assert part.read_bytes() == (place / "out" / part.name).read_bytes()
