"""`stancekit read` killed and started again, by several processes, and on a cluster: always the same bytes."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import SOURCE
from stancekit.errors import StancekitError
from stancekit.inference import actors
from stancekit.inference.cluster import Cluster
from stancekit.inference.journal import claimed
from stancekit.reading.reader import ArticleReader, Limits, Read
from stancekit.records import Article
from stancekit.stages.read import Means, read

# A worker of a cluster takes one thread for its process, which here is that of all tests: the fixture gives the others back.
pytestmark = pytest.mark.usefixtures("one_thread")
ARTICLES = 42
# All answers are opinions, whatever the tiny model makes of them.
EVERYTHING = Limits(min_confidence=0.0, min_relevance=0.0)
WORDS = ["read", "BUNDLE", "news", "--proposals", "p.toml", "--output", "out", "--min-confidence", "0", "--min-relevance", "0"]
SIDES = ("Ada Varga called it a disgrace.", "Ada Varga has not decided on the toll.", "The ferrymen rejected it.")
CODE = """
import importlib, itertools, os, signal, sys
from stancekit.reading.reader import ArticleReader
real_read = ArticleReader.read
def noted(self, articles):
    with open('read.txt', 'a') as file:
        file.write(''.join(one.id + ' ' for one in articles))
    return real_read(self, articles)
ArticleReader.read = noted
module, name, call = {moment!r}
*inner, name = name.split('.')
holder = importlib.import_module(module)
for one in inner:
    holder = getattr(holder, one)
real, calls = getattr(holder, name), itertools.count(1)
def mortal(*words, **named):
    if next(calls) == call:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*words, **named)
setattr(holder, name, mortal)
sys.argv = ['stancekit', *{words!r}]
from stancekit.cli import main
main()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Path:
    """42 articles in a folder, one of them a copy and one in another language: three parts. `whole` is what comes of them undisturbed."""
    folder = tmp_path_factory.mktemp("engines")
    (folder / "news").mkdir()
    for number in range(ARTICLES):
        said = f"The mayor said the toll deserves every coin of the {number} it costs. {SIDES[number % 3]}"
        # A mark that ends a line for some, and no row.
        text = f"Toll row {number} in Orrin\n\n{said}\u2028It rained."
        (folder / "news" / f"a{number:02}.txt").write_text(text, encoding="utf-8")
    german = "Der Rat der Stadt sagte am Montag, dass er den Hafenzoll nicht erhoehen werde. " * 5
    (folder / "news" / "a20-latin.txt").write_text(german, encoding="utf-8")
    (folder / "p.toml").write_text("[proposals]\ntoll = 'The council should keep the harbour toll.'\nferry = 'Keep the ferry.'\n")
    with working_in(folder):
        read(tiny_bundle, [Path("news")], Path("p.toml"), Path("whole"), EVERYTHING)
    assert len((folder / "whole" / "opinions.jsonl").read_text().split("\n")) > 10
    return folder


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That folder to work in; outputs other than `whole` go when the test ends."""
    import shutil

    monkeypatch.chdir(place)
    yield place
    for path in place.iterdir():
        if path.name not in ("news", "p.toml", "whole"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def outputs(folder: Path) -> dict[str, bytes]:
    """All but the manifest, which has times in it."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def leavings(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()} - {"news", "p.toml", "whole", "out", "read.txt"}


def started(bundle: Path, moment: tuple[str, str, int]) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own that kills itself as this function is called for the so-manieth time."""
    words = [str(bundle) if word == "BUNDLE" else word for word in WORDS]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", CODE.format(moment=moment, words=words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)


NEVER = ("stancekit.files", "sweep", -1)


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (("stancekit.inference.journal", "Journal.keep", 2), 1),  # the second part is written, and not yet taken
        (("stancekit.stages.read", "write_rows", 3), 3),  # the output is half there, under its scratch name
        (("stancekit.inference.journal", "Journal.close", 1), 3),  # all is in its place, and the parts are still there
    ],
    ids=["reading", "writing", "written"],
)
def test_a_killed_reading_goes_on_and_reads_no_part_again(here: Path, tiny_bundle: Path, moment: tuple[str, str, int], kept: int) -> None:
    killed = started(tiny_bundle, moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len((here / ".out.parts" / "journal.jsonl").read_text().splitlines()) == 1 + kept
    before = len((here / "read.txt").read_text().split())
    again = started(tiny_bundle, NEVER)
    assert again.returncode == 0, again.stderr
    times = Counter((here / "read.txt").read_text().split())
    # A kill costs no more than the part that was at work.
    assert set(times) == {f"a{number:02}" for number in range(ARTICLES)}
    assert sum(times.values()) == before + ARTICLES - min(ARTICLES, 16 * kept)
    assert outputs(here / "out") == outputs(here / "whole")
    assert not leavings(here)


def test_parts_of_another_reading_are_not_taken(here: Path, tiny_bundle: Path, caplog: pytest.LogCaptureFixture) -> None:
    def interrupted(limits: Limits) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("stancekit.stages.read.atomic_folder", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), limits)

    interrupted(Limits(min_confidence=0.9))
    assert (here / ".out.parts").is_dir()
    read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING)
    assert "another min_confidence, min_relevance: starting anew" in caplog.text
    assert outputs(here / "out") == outputs(here / "whole")


def test_what_is_kept_serves_another_format(here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("stancekit.stages.read._write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING)
    monkeypatch.setattr(ArticleReader, "read", lambda *_: pytest.fail("it was read before"))
    read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING, form="csv")
    assert (here / "out" / "opinions.csv").exists()


def test_standard_input_is_read_anew(here: Path, stancekit: Callable[..., Any], tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["read", tiny_bundle, "-", *WORDS[3:]]
    with monkeypatch.context() as patch:
        patch.setattr("stancekit.stages.read._write", lambda *_: (_ for _ in ()).throw(StancekitError("full disk", fix="none")))
        assert stancekit(*words, stdin=b"The mayor praised the toll.").returncode == 2
    done = stancekit(*words, stdin=b"Ada Varga called the toll a disgrace.")
    assert done.returncode == 0, done.stderr
    assert "disgrace" in (here / "out" / "report.html").read_text()
    assert "praised" not in (here / "out" / "report.html").read_text()


def test_a_folder_has_one_reading_at_a_time_and_none_where_something_else_is(here: Path, tiny_bundle: Path) -> None:
    with claimed(Path("out")), pytest.raises(StancekitError, match=r"out is being written by process \d+"):
        read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING)
    (here / "out").mkdir()
    (here / "out" / "thesis.doc").write_text("years")
    with pytest.raises(StancekitError, match="was not made by `stancekit read`"):
        read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING)
    assert (here / "out" / "thesis.doc").read_text() == "years"
    assert not leavings(here)


def test_an_article_that_cannot_be_read_is_noted_and_its_neighbours_are_read(
    here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ArticleReader.read

    def failing(self: ArticleReader, articles: Sequence[Article]) -> list[Read]:
        if any(one.id == "a03" for one in articles):
            raise ZeroDivisionError("by a03")
        return real(self, articles)

    monkeypatch.setattr(ArticleReader, "read", failing)
    read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING)
    notes = [json.loads(line) for line in (here / "out" / "notes.jsonl").read_text().splitlines()]
    assert notes[0] == {"source": "news/a03.txt", "problem": "stancekit cannot read it: ZeroDivisionError: by a03", "fix": None}
    articles = [json.loads(line)["id"] for line in (here / "out" / "articles.jsonl").read_text().splitlines()]
    assert articles == [f"a{number:02}" for number in range(ARTICLES) if number != 3]


def test_several_processes_give_the_same_bytes(here: Path, tiny_bundle: Path) -> None:
    read(tiny_bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING, means=Means(workers=2))
    assert outputs(here / "out") == outputs(here / "whole")
    assert not leavings(here)


def travelled(value: Any) -> Any:
    """As it comes to another process."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 (what this test made)


@dataclass(frozen=True, eq=False)
class Call:
    """What is to be done by an actor, numbered from 0."""

    actor: int
    name: str
    method: Callable[..., Any]
    given: Sequence[Any]


class RayError(Exception):
    """What ray raises where an actor is lost."""


class Ray:
    """As much of ray as a crew of actors uses, in this process.

    lose: the calls, from 1, that are lost with their actor. nowhere: so many actors never get a place to begin.
    """

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, lose: Callable[[int, str], bool] = lambda _call, _name: False, nowhere: int = 0) -> None:
        self.lose, self.nowhere, self.calls, self.hired, self.alive = lose, nowhere, 0, 0, 0

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def remote(self, **options: Any) -> Callable[[type], Any]:
        assert options["num_cpus"] == 1
        return lambda kind: SimpleNamespace(remote=lambda duty: self._hire(kind(travelled(duty))))

    def _hire(self, actor: Any) -> Any:
        called = {name: self._call(self.hired, name, getattr(actor, name)) for name in ("begin", "part")}
        self.hired, self.alive = self.hired + 1, self.alive + 1
        return SimpleNamespace(**called)

    def _call(self, actor: int, name: str, method: Callable[..., Any]) -> Any:
        return SimpleNamespace(remote=lambda *given: Call(actor, name, method, travelled(given)))

    def wait(self, calls: list[Call], num_returns: int) -> tuple[list[Call], list[Call]]:
        placed = [call for call in calls if call.actor >= self.nowhere]
        # All begin, and then the last comes first: results are in no order.
        chosen = next((call for call in placed if call.name == "begin"), placed[-1])
        assert num_returns == 1
        return [chosen], [call for call in calls if call is not chosen]

    def get(self, call: Call) -> Any:
        self.calls += 1
        if self.lose(self.calls, call.name):
            raise RayError("the machine is gone")
        return travelled(call.method(*call.given))

    def kill(self, _actor: Any) -> None:
        self.alive -= 1


def by_ray(bundle: Path, monkeypatch: pytest.MonkeyPatch, ray: Ray) -> None:
    @contextmanager
    def connected(_address: str | None, workers: int | None) -> Iterator[Cluster]:
        yield Cluster(ray, workers)

    monkeypatch.setattr(actors, "connected", connected)
    read(bundle, [Path("news")], Path("p.toml"), Path("out"), EVERYTHING, means=Means("ray"))


@pytest.mark.parametrize("nowhere", [0, 1])
def test_a_cluster_gives_the_same_bytes(here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, nowhere: int) -> None:
    ray = Ray(nowhere=nowhere)
    by_ray(tiny_bundle, monkeypatch, ray)
    # Each begins and there are three parts; who never begins has none of them.
    assert (ray.hired, ray.calls, ray.alive) == (2, 5 - nowhere, 0)
    assert outputs(here / "out") == outputs(here / "whole")
    assert not leavings(here)


def test_what_lost_workers_had_is_done_by_others(here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first dies before it has begun, the next with its first part.
    ray = Ray(lambda call, _name: call in (1, 3))
    by_ray(tiny_bundle, monkeypatch, ray)
    assert ray.hired == 4
    assert ray.alive == 0
    assert outputs(here / "out") == outputs(here / "whole")


def test_a_part_that_never_gets_done_costs_no_other(here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        real = ArticleReader.read

        def failing(self: ArticleReader, articles: Sequence[Article]) -> list[Read]:
            if articles[0].id == "a00":
                raise OSError("the disk is gone")
            return real(self, articles)

        patch.setattr(ArticleReader, "read", failing)
        with pytest.raises(StancekitError, match=r"1 pieces of work failed 3 times, the first with: OSError: the disk is gone"):
            by_ray(tiny_bundle, patch, Ray())
    assert not (here / "out").exists()
    ray = Ray()
    by_ray(tiny_bundle, monkeypatch, ray)
    # One to begin, and one for the part that was left.
    assert (ray.hired, ray.calls) == (1, 2)
    assert outputs(here / "out") == outputs(here / "whole")


def test_a_cluster_on_which_nobody_begins_ends_the_reading(here: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StancekitError, match=r"no worker begins: RayError: the machine is gone"):
        by_ray(tiny_bundle, monkeypatch, Ray(lambda _call, name: name == "begin"))
    assert not leavings(here)


def test_without_ray_it_is_told_what_to_install(
    here: Path, stancekit: Callable[..., Any], tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    done = stancekit("read", tiny_bundle, *WORDS[2:], "--engine", "ray")
    assert done.returncode == 2
    assert "pip install 'stancekit[ray]'" in done.stderr
    assert not leavings(here)
