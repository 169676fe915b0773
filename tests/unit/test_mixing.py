"""Several training sets become one: sizes by cap and temperature, rows by the seed."""

from collections import Counter

import numpy as np
import pytest

from stancekit.data.mixing import counts, drawn, mixed, shares

SETS = [[f"a{number}" for number in range(100)], [f"b{number}" for number in range(10)], ["c0"]]


def mix(caps: list[int | None], temperature: float, seed: int = 1) -> list[list[str]]:
    return mixed(SETS, caps, temperature, np.random.default_rng(seed))


def test_shares_are_those_of_the_formula() -> None:
    assert shares([900, 100], 1) == pytest.approx([0.9, 0.1])
    # 900^(1/2) = 30 and 100^(1/2) = 10.
    assert shares([900, 100], 2) == pytest.approx([0.75, 0.25])
    assert shares([900, 100], 1e9) == pytest.approx([0.5, 0.5])


def test_counts_are_whole_and_keep_the_total() -> None:
    assert counts([900, 100], 2) == [750, 250]
    assert counts([3, 3, 1], 1e9) == [3, 2, 2]
    rng = np.random.default_rng(3)
    for _ in range(300):
        sizes = rng.integers(1, 5000, size=int(rng.integers(1, 8))).tolist()
        temperature = float(rng.uniform(1, 10))
        found = counts(sizes, temperature)
        assert sum(found) == sum(sizes)
        assert counts(sizes, 1) == sizes
        exact = [share * sum(sizes) for share in shares(sizes, temperature)]
        assert all(abs(count - number) < 1 for count, number in zip(found, exact, strict=True))


def test_without_cap_and_temperature_a_mix_is_the_sets_one_after_the_other() -> None:
    assert mix([None, None, None], 1) == SETS


def test_a_cap_takes_that_many_rows_and_a_larger_one_all() -> None:
    first, second, third = mix([30, 500, None], 1)
    assert (len(first), second, third) == (30, SETS[1], SETS[2])
    assert len(set(first)) == 30
    assert set(first) < set(SETS[0])
    assert first == sorted(first, key=SETS[0].index), "a set stays in its own order"


def test_a_set_that_gets_more_than_it_has_is_repeated_whole_and_topped_up() -> None:
    first, second, third = mix([None, None, None], 3)
    assert len(first) + len(second) + len(third) == 111
    assert len(set(first)) == len(first) < 100
    # 100, 10 and 1 to the third root are 4.64, 2.15 and 1: 66.1, 30.7 and 14.2 of 111.
    assert (len(first), len(second), len(third)) == (66, 31, 14)
    times = Counter(second)
    assert set(times) == set(SETS[1])
    assert set(times.values()) == {3, 4}
    assert Counter(third) == {"c0": 14}


def test_the_cap_counts_before_the_temperature() -> None:
    even = mix([10, None, None], 1e9)
    assert [len(rows) for rows in even] == [7, 7, 7]
    assert sum(map(len, mix([40, 5, None], 2))) == 46


def test_one_seed_gives_one_mix_and_another_seed_another() -> None:
    assert mix([30, None, None], 2, seed=4) == mix([30, None, None], 2, seed=4)
    assert mix([30, None, None], 2, seed=4) != mix([30, None, None], 2, seed=5)


def test_drawing_all_draws_nothing() -> None:
    rng = np.random.default_rng(1)
    before = rng.bit_generator.state
    assert drawn(SETS[1], 10, rng) == SETS[1]
    assert rng.bit_generator.state == before
