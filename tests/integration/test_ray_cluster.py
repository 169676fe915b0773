"""Real Ray clusters on this machine: a node killed in the middle, a driver killed in the middle, and the output of the local engine."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stancekit.stages.predict import predict
from stancekit.stages.predict_ray import Means, predict_ray
from stancekit.tables import read_rows

ray = pytest.importorskip("ray")
# Starting a node takes as long as importing ray some ten times; on a busy machine that is minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
TEXT = "Farmers called the wool tax a disgrace and want it stopped at once by the council of the town"
WORDS = TEXT.split()
# A worker that is late is not dead, one that is gone is missed within seconds, and none stands behind all else on the machine.
PATIENT = {"agent_register_timeout_ms": 120_000, "health_check_failure_threshold": 5, "worker_niceness": 0}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """24,000 rows, one of them bad, in one file, and two proposals."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for name, value in PATIENT.items():
        monkeypatch.setenv(f"RAY_{name}", str(value))
    lines = [json.dumps({"statement": f"{number}. {' '.join(WORDS[: 2 + number % 17])}"}) for number in range(24000)]
    lines[6000] = "no JSON"
    (tmp_path / "x.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "p.txt").write_text("The council should keep the wool tax.\nKeep the night tram.\n")
    return tmp_path


def until(there: Callable[[], Any], seconds: float = 400) -> None:
    """Return when `there()` holds. Fails when it does not in time."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        threading.Event().wait(0.1)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def workers(folder: Path) -> set[str]:
    """Who has made parts so far."""
    return {json.loads(receipt.read_text())["worker"] for receipt in folder.glob("_done-*.json")}


@pytest.fixture
def cluster(place: Path) -> Iterator[Any]:
    """Two nodes of one core each."""
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 80_000_000}
    made = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    made.add_node(**small)
    yield made
    ray.shutdown()
    made.shutdown()


def test_a_node_dies_in_the_middle_and_nothing_is_missing(cluster: Any, place: Path, tiny_bundle: Path) -> None:
    predict(tiny_bundle, [Path("x.jsonl")], Path("p.txt"), place / "local.jsonl")
    killed: list[int] = []

    def kill() -> None:
        until(lambda: len(workers(place / "out")) == 2)
        killed.append(len(parts(place / "out")))
        cluster.remove_node(cluster.list_all_nodes()[1], allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    means = Means(address=cluster.address, part_pairs=240, part_format="jsonl")
    outcome = predict_ray(tiny_bundle, [f"file://{place}/x.jsonl"], Path("p.txt"), f"file://{place}/out", means=means)
    killer.join()
    made = parts(place / "out")
    assert killed
    assert killed[0] < len(made)
    assert (outcome.answers, outcome.rejected) == (2 * 23999, 1)
    rows = [row.values for part in made for row in read_rows(part)]
    expected = [row.values for row in read_rows(place / "local.jsonl")]
    assert [{**row, "source": "x.jsonl"} for row in rows] == expected


def test_a_reading_loses_a_worker_and_comes_to_the_same_bytes(place: Path, tiny_bundle: Path) -> None:
    """On a cluster of its own, by the command line: 160 articles are ten parts, and the process that has one of them is killed."""
    (place / "news").mkdir()
    for number in range(160):
        (place / "news" / f"a{number:03}.txt").write_text(
            f"Wool\n\nAda Varga has not decided on tax {number}. {TEXT} {number} times. Rain fell."
        )
    words = ["news", "--proposals", "p.txt", "--min-relevance", "0", "--output"]
    command = [sys.executable, "-m", "stancekit", "read", str(tiny_bundle), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([*command, "local"], env=environment, check=True, capture_output=True)
    by_ray = [*command, "out", "--engine", "ray", "--workers", "2"]
    journal = place / ".out.parts" / "journal.jsonl"
    running = subprocess.Popen(by_ray, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until(lambda: journal.exists() or running.poll() is not None)
    for pid in sorted(actors_of(running.pid))[:1]:
        os.kill(pid, signal.SIGKILL)
    _, told = running.communicate(timeout=400)
    assert running.returncode == 0, told
    assert "a worker is lost, and another takes its work" in told
    for path in (place / "local").iterdir():
        if path.name != "manifest.json":
            assert path.read_bytes() == (place / "out" / path.name).read_bytes(), path.name
    assert not list(place.glob(".out*"))


def actors_of(driver: int) -> list[int]:
    """Processes below it that Ray has named for an actor of ours."""
    every = {int(path.name): path for path in Path("/proc").glob("[0-9]*")}
    found = []
    for pid, path in every.items():
        try:
            title = (path / "cmdline").read_bytes()
            above = pid
            while above not in (0, 1, driver):
                above = int((Path("/proc") / str(above) / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if above == driver and title.startswith(b"ray::Actor"):
            found.append(pid)
    return found


def test_a_job_goes_on_after_its_driver_was_killed(place: Path, tiny_bundle: Path) -> None:
    """On a cluster of its own, by the command line."""
    words = ["x.jsonl", "--proposals", "p.txt", "--engine", "ray", "--output", "out.jsonl", "--part-pairs", "240", "--workers", "1"]
    command = [sys.executable, "-m", "stancekit", "predict", str(tiny_bundle), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    scratch = place / ".out.jsonl.ray-parts"
    first = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: len(parts(scratch)) >= 3 or first.poll() is not None)
    assert first.poll() is None, first.stderr.read() if first.stderr else ""
    first.send_signal(signal.SIGKILL)
    first.communicate()
    kept = {path: path.stat().st_mtime_ns for path in scratch.glob("_done-*")}
    assert len(kept) >= 2
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "pairs were there from before" in again.stderr
    predict(tiny_bundle, [Path("x.jsonl")], Path("p.txt"), place / "local.jsonl")
    assert (place / "out.jsonl").read_bytes() == (place / "local.jsonl").read_bytes()
    assert not scratch.exists()
