"""Folds share nothing, are alike, hang on their seed, and are refused where rows hang together too much."""

from collections import Counter

import pytest

from stancekit.data.folds import folds_of
from stancekit.data.ties import keys
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import STANCES


def rows(count: int = 240) -> list[Example]:
    """Four pairs a proposal; every second proposal shares an article with the one before it, every eighth a sentence with the next."""
    examples = []
    for row in range(count):
        proposal = row // 4
        text = f"shared {proposal // 8}" if proposal % 8 < 2 and row % 4 == 0 else f"sentence {row}"
        examples.append(Example(str(row), text, f"proposal {proposal}", STANCES[row % 3], group=f"article {proposal // 2}"))
    return examples


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_no_proposal_text_or_group_is_in_two_folds(count: int) -> None:
    examples = rows()
    folds = folds_of(examples, count, 13)
    assert set(folds.tolist()) == set(range(count))
    homes: dict[tuple[str, str], set[int]] = {}
    for example, fold in zip(examples, folds.tolist(), strict=True):
        for key in keys(example):
            homes.setdefault(key, set()).add(fold)
    assert {len(found) for found in homes.values()} == {1}


def test_every_fold_has_much_the_same_stances() -> None:
    examples = rows()
    counts = Counter((fold, example.stance) for fold, example in zip(folds_of(examples, 4, 13).tolist(), examples, strict=True))
    assert len(counts) == 12
    assert max(counts.values()) - min(counts.values()) <= 8


def test_the_seed_decides_which_rows_go_together() -> None:
    one, same, other = (folds_of(rows(), 4, seed).tolist() for seed in (13, 13, 14))
    assert one == same
    assert one != other


def test_as_many_folds_as_there_are_clusters_and_no_more() -> None:
    examples = [Example(str(row), f"sentence {row}", f"proposal {row % 3}", STANCES[row // 3 % 3]) for row in range(27)]
    assert len(set(folds_of(examples, 3, 1).tolist())) == 3
    with pytest.raises(StancekitError, match="tie the 27 pairs together, too much for 4 folds: the proposal 'proposal 0' alone is that of"):
        folds_of(examples, 4, 1)


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(StancekitError, match="the commonest stance has 2 pairs, too few for 3 folds"):
        folds_of([Example(str(row), f"s {row}", f"p {row}", STANCES[row % 3]) for row in range(6)], 3, 1)
