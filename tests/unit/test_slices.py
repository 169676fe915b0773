"""Slices: every cut has the rows that it should, scored by themselves, and too small parts are left out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import indices
from stancekit.evaluation.slices import parts_of, slices
from stancekit.records import Example
from stancekit.stance import STANCES

QUICK = Bootstrap(resamples=100)


def rows(count: int = 60, **more: Any) -> list[Example]:
    plain = Example("0", "One two three.", "Proposal 0 should pass.", STANCES[0])
    several = (replace(plain, proposal=f"Proposal {row % 10} should pass.", stance=STANCES[row % 3]) for row in range(count))
    return [replace(one, **more) for one in several]


def cuts(examples: list[Example], share_wrong: float = 0.3) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    gold = indices([one.stance for one in examples])
    rng = np.random.default_rng(5)
    predicted = np.where(rng.random(len(gold)) < share_wrong, (gold + 1) % 3, gold)
    units = [int(one.proposal.split()[1]) for one in examples]
    found = slices(examples, predicted, units, QUICK)
    return {one["by"]: {row["name"]: row for row in one["rows"]} for one in found}


def test_a_part_is_scored_as_scikit_learn_scores_its_rows_alone() -> None:
    examples = [*rows(source="a"), *rows(40, source="b")]
    gold = indices([one.stance for one in examples])
    predicted = np.where(np.arange(100) % 4 == 0, (gold + 1) % 3, gold)
    found = slices(examples, predicted, list(range(10)) * 10, QUICK)
    part = next(one for one in found if one["by"] == "source")["rows"][1]
    assert (part["name"], part["n"], part["proposals"], sum(part["classes"].values())) == ("b", 40, 10, 40)
    assert part["macro_f1"]["value"] == pytest.approx(f1_score(gold[60:], predicted[60:], average="macro"), abs=1e-6)
    assert part["macro_f1"]["low"] <= part["macro_f1"]["value"] <= part["macro_f1"]["high"]


def test_tags_overlap_and_a_tag_given_twice_counts_once() -> None:
    found = cuts([*rows(20, tags=("irony", "irony")), *rows(30, tags=("irony", "hedge")), *rows(10)])["tag"]
    assert {name: row["n"] for name, row in found.items()} == {"irony": 50, "hedge": 30}


def test_fields_are_those_that_the_rows_name() -> None:
    found = cuts([*rows(20, field="health"), *rows(30, field="transport"), *rows(15)])["field"]
    assert {name: row["n"] for name, row in found.items()} == {"transport": 30, "health": 20}
    assert "field" not in cuts(rows())


def test_an_example_stands_in_the_parts_that_know_it() -> None:
    (bare,) = rows(1)
    assert parts_of(bare) == {"length": ["1 to 10 words"], "made": ["as published"]}
    full = replace(bare, source="wire", field="health", tags=("irony", "hedge"), voice="cited", votes={"support": 2}, made=True)
    assert parts_of(full) == {
        "source": ["wire"],
        "field": ["health"],
        "tag": ["irony", "hedge"],
        "voice": ["cited"],
        "length": ["1 to 10 words"],
        "agreement": ["all readers agree"],
        "made": ["made by rule"],
    }


def test_lengths_are_bands_of_words() -> None:
    texts = {10: "w " * 10, 15: "w " * 15, 31: "w " * 31}
    found = cuts([one for count, text in texts.items() for one in rows(count, statement=text)])["length"]
    assert {name: row["n"] for name, row in found.items()} == {"more than 30 words": 31, "11 to 20 words": 15, "1 to 10 words": 10}


def test_readers_agree_for_the_most_part_or_are_divided() -> None:
    votes = ({"support": 2}, {"support": 2, "oppose": 1}, {"support": 1, "oppose": 1}, {"support": 1}, None)
    found = cuts([one for number, vote in enumerate(votes) for one in rows(10 + number, votes=vote)])["agreement"]
    assert {name: row["n"] for name, row in found.items()} == {"all readers agree": 10, "most readers agree": 11, "readers are divided": 12}


def test_one_part_is_no_cut_and_small_parts_are_left_out() -> None:
    assert "source" not in cuts(rows(source="a"))
    assert "source" not in cuts([*rows(source="a"), *rows(9, source="b")])
    assert set(cuts([*rows(source="a"), *rows(10, source="b")])["source"]) == {"a", "b"}


def test_a_part_of_one_unit_has_no_interval() -> None:
    lone = [replace(one, proposal="Proposal 11 should pass.") for one in rows(12, source="b")]
    found = cuts([*rows(source="a"), *lone])["source"]
    assert found["b"]["accuracy"]["low"] is None
    assert found["a"]["accuracy"]["low"] is not None
