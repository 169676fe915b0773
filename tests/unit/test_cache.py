"""The cache: what was put in comes out to the last bit, keys tell apart what differs, and other files are refused."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stancekit.errors import StancekitError
from stancekit.inference.cache import Cache, keys_of


def test_answers_come_back_to_the_last_bit(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).dirichlet([1, 1, 1], 1200)
    keys = keys_of("model", [(f"s{number}", "p") for number in range(1200)])
    with Cache(tmp_path / "c.sqlite") as cache:
        cache.add(dict(zip(keys[:1100], rows, strict=False)))
    with Cache(tmp_path / "c.sqlite") as cache:
        found = cache.known(keys)
    assert set(found) == set(keys[:1100])
    assert all((found[key] == row).all() for key, row in zip(keys[:1100], rows, strict=False))


def test_keys_tell_models_and_pairs_apart() -> None:
    pairs = [("ab", "c"), ("a", "bc"), ("c", "ab"), ("abc", ""), ("ab", "C")]
    keys = keys_of("model", pairs)
    assert len({*keys, *keys_of("other", pairs)}) == 10
    assert keys == keys_of("model", pairs)


def test_a_key_keeps_its_first_answer(tmp_path: Path) -> None:
    (key,) = keys_of("model", [("s", "p")])
    with Cache(tmp_path / "c.sqlite") as cache:
        cache.add({key: np.array([0.5, 0.25, 0.25])})
        cache.add({key: np.array([0.1, 0.1, 0.8])})
        assert cache.known([key])[key].tolist() == [0.5, 0.25, 0.25]


def test_several_writers_make_and_fill_one_file(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"

    def fill(writer: int) -> None:
        with Cache(path) as cache:
            for turn in range(20):
                keys = keys_of("model", [(f"{writer}.{turn}.{number}", "p") for number in range(10)])
                cache.add(dict.fromkeys(keys, np.array([0.2, 0.3, 0.5])))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(fill, range(6)))
    assert sqlite3.connect(path).execute("SELECT count(*) FROM answers").fetchone() == (1200,)


def test_a_file_that_another_writer_is_making_is_waited_for(tmp_path: Path) -> None:
    def open_and_close(number: int) -> None:
        # Eight at a time meet at one new file, ten times over.
        with Cache(tmp_path / f"{number // 8}.sqlite"):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_close, range(80)))


def test_other_files_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    text, foreign, later, damaged = (tmp_path / name for name in ("a.txt", "b.sqlite", "c.sqlite", "d.sqlite"))
    text.write_text("The toll row, day by day.\n" * 100)
    with sqlite3.connect(foreign) as base:
        base.execute("CREATE TABLE recipes (name TEXT)")
    for path, change in ((later, "PRAGMA user_version=9"), (damaged, "UPDATE answers SET probabilities = x'00'")):
        with Cache(path) as cache:
            cache.add(dict.fromkeys(keys_of("model", [("s", "p")]), np.array([0.2, 0.3, 0.5])))
        with sqlite3.connect(path) as base:
            base.execute(change)
    before = {path: path.read_bytes() for path in (text, foreign)}
    for path, complaint in ((text, "is no cache"), (foreign, "something else"), (later, "version 9"), (tmp_path, "cannot be used")):
        with pytest.raises(StancekitError, match=complaint):
            Cache(path)
    with Cache(damaged) as cache, pytest.raises(StancekitError, match="an answer has another shape"):
        cache.known(keys_of("model", [("s", "p")]))
    assert {path: path.read_bytes() for path in before} == before
