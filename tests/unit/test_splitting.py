"""No split leaks, whatever the data look like, and what cannot be split is refused."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sklearn.model_selection import StratifiedGroupKFold

from stancekit.config import SplitConfig, SplitName
from stancekit.data import folds
from stancekit.data.audit import audit
from stancekit.data.cleaning import Cleaned, Contradiction
from stancekit.data.sources import Located
from stancekit.data.splitting import SPLITS, Splits, shared, split
from stancekit.data.ties import connected, keys, resampling_units
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.reports.data import data_page
from stancekit.stance import STANCES, Stance

GROUPED, GIVEN = SplitConfig(), SplitConfig(method="given")


def example(number: int, statement: str, proposal: str, stance: Stance, group: str | None = None) -> Example:
    return Example(str(number), statement, proposal, stance, source="made", group=group)


def located(examples: list[Example], names: list[SplitName] | None = None) -> list[Located]:
    return [Located(f"f.csv:{number}", item, names[number] if names else None) for number, item in enumerate(examples)]


def random_rows(seed: int, size: int, given: bool = False) -> list[Located]:
    """Rows that share proposals, statements and groups across each other at random, so that chains come about."""
    rng = random.Random(seed)
    proposals, statements, groups = (rng.randint(1, size) for _ in range(3))
    examples = [
        example(
            number,
            rng.choice(("s{}", " S{}", "s{} ")).format(rng.randrange(statements)),
            f"p{rng.randrange(proposals)}",
            rng.choice(STANCES),
            f"g{rng.randrange(groups)}" if rng.random() < 0.3 else None,
        )
        for number in range(size)
    ]
    return located(examples, [rng.choice(SPLITS) for _ in examples] if given else None)


def separate_rows(size: int = 60) -> list[Located]:
    return located([example(number, f"s{number}", f"p{number // 2}", STANCES[number % 3]) for number in range(size)])


def try_split(rows: list[Located], config: SplitConfig, seed: int) -> Splits | None:
    try:
        return split(rows, config, seed)
    except StancekitError:
        return None


def ids(splits: Splits, name: SplitName) -> list[str]:
    return [item.id for item in splits.examples[name]]


@pytest.mark.parametrize("given", [False, True])
def test_nothing_stands_in_two_splits_over_many_random_data_sets(given: bool) -> None:
    made = Counter[bool]()
    for seed in range(150):
        rows = random_rows(seed, size=random.Random(seed).randint(1, 80), given=given)
        result = try_split(rows, GIVEN if given else GROUPED, seed)
        made[result is not None] += 1
        if result is not None:
            assert shared(result.examples) == {"proposal": 0, "statement": 0, "group": 0}
            kept = [item.id for part in result.examples.values() for item in part]
            assert len(set(kept)) == len(kept) == len(rows) - result.leaks
            assert all(result.examples.values())
    # Neither outcome may be so rare that it goes untested.
    assert made[True] > 20
    assert made[False] > 10


def test_shared_tells_what_leaks() -> None:
    a, b, c = example(1, "s1", "p1", Stance.SUPPORT, "g"), example(2, "S1", "p2", Stance.OPPOSE, "g"), example(3, "s3", "p1", Stance.OPPOSE)
    assert shared({"train": [a], "validation": [b], "test": [c]}) == {"proposal": 1, "statement": 1, "group": 1}


def test_a_chain_over_texts_stays_together() -> None:
    chain = [
        example(0, "s0", "p0", Stance.SUPPORT),
        example(1, "s1", "P0 ", Stance.OPPOSE),
        example(2, "s1", "p2", Stance.OPPOSE, "g"),
        example(3, "s3", "p3", Stance.NEUTRAL, "g"),
    ]
    apart = [example(4, "s4", "p4", Stance.NEUTRAL), example(5, "s5", "p5", Stance.NEUTRAL, "h")]
    labels = connected([*chain, *apart])
    assert len(set(labels[:4])) == 1
    assert len(set(labels)) == 3


def test_a_proposal_that_reads_like_a_statement_ties_nothing() -> None:
    one, other = example(0, "the toll", "p0", Stance.SUPPORT), example(1, "s1", "the toll", Stance.OPPOSE)
    assert set(keys(one)).isdisjoint(keys(other))


def test_on_request_a_text_ties_on_either_side() -> None:
    one, other = example(0, "the toll", "p0", Stance.SUPPORT), example(1, "s1", "The  toll", Stance.OPPOSE)
    assert len(set(connected([one, other]))) == 2
    assert len(set(connected([one, other], either_side=True))) == 1
    rest = [row._replace(split=SPLITS[number // 2 % 3]) for number, row in enumerate(separate_rows(20))]
    # The test part stays whole, so it is the training pair that goes.
    rows = [
        *located([replace(one, statement="a toll", proposal="x"), replace(other, statement="y", proposal="A  toll")], ["train", "test"]),
        *rest,
    ]
    assert split(rows, GIVEN, 1).leaks == 0
    assert split(rows, SplitConfig(method="given", either_side=True), 1).leaks == 1


@pytest.mark.parametrize("seed", range(4))
def test_pairs_with_their_sides_exchanged_stay_together_on_request(seed: int) -> None:
    pairs = [(f"a{number}", f"b{number}") for number in range(60)]
    both = [pair for one in pairs for pair in (one, one[::-1])]
    rows = located([example(number, *pair, STANCES[number % 3]) for number, pair in enumerate(both)])

    def torn(either_side: bool) -> int:
        parts = split(rows, SplitConfig(either_side=either_side), seed).examples.values()
        return sum(len({item.statement for item in part} ^ {item.proposal for item in part}) for part in parts)

    assert torn(either_side=True) == 0
    assert torn(either_side=False) > 0


def test_one_seed_gives_one_split_and_two_seeds_give_two() -> None:
    rows = separate_rows()
    first, again, other = split(rows, GROUPED, 1), split(rows, GROUPED, 1), split(rows, GROUPED, 2)
    assert first == again
    assert ids(first, "test") != ids(other, "test")


def test_shares_and_classes_come_out_as_asked() -> None:
    result = split(separate_rows(300), SplitConfig(validation=0.1, test=0.3), 5)
    shares = [len(result.examples[name]) / 300 for name in SPLITS]
    assert shares == pytest.approx([0.6, 0.1, 0.3], abs=0.02)
    for part in result.examples.values():
        counts = Counter(item.stance for item in part)
        assert max(counts.values()) - min(counts.values()) <= 5


def one_large_group(size: int, large: int) -> list[Located]:
    numbers = range(size)
    return located([example(row, f"s{row}", "big" if row < large else f"p{row // 5}", STANCES[row % 3]) for row in numbers])


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_group_is_trained_on_and_sizes_come_near_the_shares(seed: int) -> None:
    result = split(one_large_group(1000, 500), SplitConfig(validation=0.15, test=0.2), seed)
    assert [len(result.examples[name]) for name in SPLITS] == pytest.approx([650, 150, 200], abs=30)
    assert {item.proposal for item in result.examples["train"]} >= {"big"}
    for part in result.examples.values():
        counts = Counter(item.stance for item in part)
        assert max(counts.values()) - min(counts.values()) <= len(part) / 10


def test_many_groups_are_dealt_in_bundles_and_small_shares_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    # Three hypotheses a premise, as entailment pairs come, and some of them with two premises.
    examples = [example(row, f"s{row // 3}", f"p{row % 5_970}", STANCES[row % 3]) for row in range(6_000)]
    dealt: list[int] = []
    original = StratifiedGroupKFold.split

    def counting(self: Any, pairs: Any, stances: Any, groups: Any) -> Any:
        dealt.append(len(set(groups)))
        return original(self, pairs, stances, groups)

    monkeypatch.setattr(folds, "MOST_BUNDLES", 150)
    monkeypatch.setattr(StratifiedGroupKFold, "split", counting)
    config = SplitConfig(validation=0.04, test=0.06)
    result = split(located(examples), config, 4)
    assert dealt == [150]
    assert shared(result.examples) == {"proposal": 0, "statement": 0, "group": 0}
    assert (result.groups, result.largest_group) == (1_990, 6)
    assert [len(result.examples[name]) / 6_000 for name in SPLITS] == pytest.approx([0.9, 0.04, 0.06], abs=0.006)
    for part in result.examples.values():
        counts = Counter(item.stance for item in part)
        assert max(counts.values()) - min(counts.values()) <= len(part) / 25
    assert ids(result, "test") != ids(split(located(examples), config, 5), "test")


def test_a_large_group_is_not_always_tested_on() -> None:
    # Two groups are of one mind and twice as large as a fold: one is trained on, the other stands where the draw puts it.
    examples = [example(row, f"s{row}", f"p{row // 5}", STANCES[row % 3]) for row in range(1000)]
    large = [replace(item, proposal=f"large {row // 100}", stance=Stance.SUPPORT) for row, item in enumerate(examples[:200])]
    groups = [*large, *examples[200:]]
    homes = Counter(
        name for seed in range(30) for name, part in split(located(groups), GROUPED, seed).examples.items() for item in part[:200]
        if item.statement in ("s0", "s100")
    )  # fmt: skip
    assert set(homes) == set(SPLITS)


@pytest.mark.parametrize("shares", [(0.6, 0.1), (0.1, 0.6), (0.45, 0.45), (0.01, 0.01)])
@pytest.mark.parametrize("size", [15, 20, 60, 400])
def test_no_split_is_left_empty_whatever_the_shares(size: int, shares: tuple[float, float]) -> None:
    config = SplitConfig(test=shares[0], validation=shares[1])
    assert all(split(one_large_group(size, size // 4), config, 3).examples.values())


def test_examples_keep_the_order_of_the_data() -> None:
    result = split(separate_rows(), GROUPED, 1)
    for name in SPLITS:
        assert ids(result, name) == sorted(ids(result, name), key=int)


@pytest.mark.parametrize("size", [9, 12, 24])
def test_few_examples_a_class_can_be_split(size: int) -> None:
    rows = located([example(number, f"s{number}", f"p{number}", STANCES[number % 3]) for number in range(size)])
    assert all(split(rows, GROUPED, 1).examples.values())


def test_data_in_one_piece_cannot_be_split() -> None:
    rows = located([example(number, f"s{number}", "the same proposal", STANCES[number % 3]) for number in range(30)])
    with pytest.raises(StancekitError, match="split validation would be empty: 30 examples in 1 groups"):
        split(rows, GROUPED, 1)


def test_training_on_a_single_class_is_refused() -> None:
    rows = located([example(number, f"s{number}", f"p{number}", Stance.SUPPORT) for number in range(30)])
    with pytest.raises(StancekitError, match="every training example is support"):
        split(rows, GROUPED, 1)


def test_nothing_left_after_cleaning_is_refused() -> None:
    for config in (GROUPED, GIVEN):
        with pytest.raises(StancekitError, match="no example is left"):
            split([], config, 1)


def test_given_splits_keep_the_test_whole_and_take_leaks_out_of_the_earlier_one() -> None:
    examples = [
        example(0, "s0", "p0", Stance.SUPPORT),
        example(1, "s1", "p1", Stance.OPPOSE),
        example(2, "S9", "p2", Stance.OPPOSE),  # its statement is in the test
        example(3, "s3", "p3", Stance.OPPOSE),  # its proposal is in validation
        example(4, "s4", "p9", Stance.SUPPORT),  # its proposal is in the test
        example(5, "s5", "p3", Stance.SUPPORT),
        example(6, "s9", "p9", Stance.SUPPORT),
        example(7, "s9", "p8", Stance.SUPPORT),
    ]
    names: list[SplitName] = ["train", "train", "train", "train", "validation", "validation", "test", "test"]
    result = split(located(examples, names), GIVEN, 1)
    assert (ids(result, "train"), ids(result, "validation"), ids(result, "test")) == (["0", "1"], ["5"], ["6", "7"])
    assert result.leaks == 3


def test_given_needs_a_split_of_every_row_and_rows_in_every_split() -> None:
    rows = random_rows(3, 20)
    with pytest.raises(StancekitError, match=r"f\.csv:0 has no split \(20 rows in all\)"):
        split(rows, GIVEN, 1)
    with pytest.raises(StancekitError, match="split validation would be empty") as caught:
        split([row._replace(split="test" if number < 5 else "train") for number, row in enumerate(separate_rows())], GIVEN, 1)
    assert "split.method = grouped" in caught.value.fix


def test_the_audit_counts_what_there_is() -> None:
    rows = separate_rows()
    twins = [
        row._replace(example=example(100 + number, "s0", f"twin {number}", Stance.SUPPORT, f"g{number}"))
        for number, row in enumerate(rows[:2])
    ]
    read = [*rows, *twins]
    splits = split(read, GROUPED, 1)
    contradictions = [Contradiction("s", "p", {"support": ["f:1"], "oppose": ["f:2"]})] * 250
    report: dict[str, Any] = audit("made", [*read, rows[0]], Cleaned(read, 1, contradictions, 500), splits, {})
    assert report["sources"] == {"made": {"read": 63, "kept": 62}}
    assert report["dropped"] == {"exact_repeats": 1, "contradictions": 500, "leaks": 0, "long_proposals": 0}
    assert len(report["contradictions"]) == 250, "the page refers to report.json for those that it leaves out"
    assert "50 more stand in report.json" in data_page(report)
    assert "Licence" not in data_page(report)
    licensed = audit("made", read, Cleaned(read, 0, [], 0), splits, {}, {"made": "CC BY <4.0>", "absent": "MIT"})
    assert licensed["sources"] == {"made": {"read": 62, "kept": 62, "licence": "CC BY <4.0>"}}
    assert "<td>CC BY &lt;4.0&gt;</td>" in data_page(licensed)
    assert sum(sizes["examples"] for sizes in report["splits"].values()) == 62
    assert sum(sum(sizes["classes"].values()) for sizes in report["splits"].values()) == 62
    assert sum(sizes["proposals"] for sizes in report["splits"].values()) == 32
    # "s0" stands under p0 and under both twins: three homes for one statement.
    assert report["kept_apart"]["shared_statements"] == 1
    assert report["kept_apart"]["largest_group"] == 4
    assert report["still_shared"] == {"proposal": 0, "statement": 0, "group": 0}


def test_what_shares_a_proposal_or_a_group_is_drawn_as_one() -> None:
    speakers = [example(row, "the same words", f"p{row % 4}", Stance.SUPPORT, f"speaker {row % 6}") for row in range(12)]
    units = resampling_units(speakers)
    # Speakers 0, 2 and 4 speak on p0 and p2, speakers 1, 3 and 5 on p1 and p3; the statement would tie all, and is left apart.
    assert units.numbers == [units.numbers[row % 2] for row in range(12)]
    assert len(set(units.numbers)) == 2
    assert units.words == "proposals, joined where they share an article or group"
    assert units.apart == 12


def test_what_shares_a_statement_is_drawn_as_one_where_enough_is_left_to_draw() -> None:
    # Three statements stand under two proposals each, the others under one.
    rows = [example(row, f"s{row % 7}", f"p{row}", Stance.SUPPORT) for row in range(10)]
    units = resampling_units(rows)
    assert units.numbers[:3] == units.numbers[7:]
    assert len(set(units.numbers)) == 7
    assert units.words == "proposals; also joined where they share a statement"
    assert units.apart == 0
    # Two statements under every proposal tie all of them together.
    grid = [example(row, f"s{row % 2}", f"p{row // 2}", Stance.SUPPORT) for row in range(20)]
    units = resampling_units([*grid, example(20, "by itself", "p0", Stance.SUPPORT)])
    assert (len(set(units.numbers)), units.words, units.apart) == (10, "proposals", 20)
    grouped = resampling_units([example(row, "s", f"p{row}", Stance.SUPPORT, "one speaker") for row in range(6)])
    assert (len(set(grouped.numbers)), grouped.apart) == (6, 6)


def test_without_groups_proposals_are_drawn() -> None:
    units = resampling_units([example(row, "s", ("The toll.", "the  TOLL.", "The ferry.")[row], Stance.SUPPORT) for row in range(3)])
    assert units.numbers[0] == units.numbers[1] != units.numbers[2]
    assert units.words == "proposals"


def test_where_all_hangs_together_proposals_are_drawn_and_it_says_so() -> None:
    units = resampling_units([example(row, "s", f"p{row // 2}", Stance.SUPPORT, "one speaker") for row in range(6)])
    assert len(set(units.numbers)) == 3
    assert units.words == "proposals, although their groups tie all of them together"
    alone = resampling_units([example(row, "s", "p", Stance.SUPPORT, "one speaker") for row in range(6)])
    assert len(set(alone.numbers)) == 1
