"""Made rows: their labels, their ids, their number, and that nothing held out comes into training through them."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from stancekit.config import AugmentationConfig, PrepareConfig
from stancekit.console import prepare_table
from stancekit.data.augmentation.making import Made, augmented
from stancekit.data.augmentation.neutrals import MASKS
from stancekit.data.augmentation.voicing import VERBS
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.files import read_text
from stancekit.news.parser import parse
from stancekit.records import Example
from stancekit.stages.prepare import prepare
from stancekit.stance import Stance

SIDES = (Stance.SUPPORT, Stance.OPPOSE, Stance.NEUTRAL)
# No rule negates the last three; none rewords a duty, a verdict, a question and a scope.
PROPOSALS = (
    "The harbour toll should be abolished.", "The night tram ought to run at dawn.", "The dyke must be raised.",
    "We should ban wool imports.", "The lantern market deserves a roof.", "Nobody should own the ferry.",
    "Should the quarry close?", "The school garden should only open in May.",
)  # fmt: skip
REFUSED = 3


def rows(proposals: Iterable[str] = PROPOSALS) -> list[Example]:
    return [
        Example(
            f"x:{place}:{number}",
            f"Voice {number} has a word to say on matter {place}.",
            proposal,
            stance,
            group=f"g{place}",
            holder="Ada",
            voice="cited",
            tags=("implicit",),
            votes={stance.value: 2, "neutral" if stance is not Stance.NEUTRAL else "oppose": 1},
        )
        for place, proposal in enumerate(proposals)
        for number, stance in enumerate(SIDES)
    ]


def made_of(training: list[Example], held_out: Iterable[Example] = (), seed: int = 1, **shares: Any) -> Made:
    return augmented(training, list(held_out), AugmentationConfig(**shares), seed, parse)


def pairs(made: Made) -> list[tuple[str, Example]]:
    """The id of the row that each made row came from, and the made row."""
    return [(row.id.split(":", 2)[2], row) for row in made.examples]


def test_a_negated_proposal_swaps_sides_and_votes_and_keeps_the_voice() -> None:
    training = rows()
    known = {row.id: row for row in training}
    made = made_of(training, negated=1)
    assert {row.stance for row in made.examples} == set(SIDES)
    for old, row in pairs(made):
        was = known[old]
        swapped = {"support": "oppose", "oppose": "support", "neutral": "neutral"}
        assert row.stance.value == swapped[was.stance.value]
        assert row.votes == {swapped[name]: count for name, count in (was.votes or {}).items()}
        assert row.proposal != was.proposal
        assert (row.statement, row.group, row.holder, row.voice, row.tags) == (was.statement, was.group, "Ada", "cited", ("implicit",))


def test_a_reworded_proposal_keeps_everything_else() -> None:
    training = rows()
    known = {row.id: row for row in training}
    made = made_of(training, reworded=1)
    assert made.examples
    for old, row in pairs(made):
        was = known[old]
        assert row.proposal != was.proposal
        assert (row.stance, row.votes, row.holder, row.voice, row.tags) == (was.stance, was.votes, was.holder, was.voice, was.tags)


def test_a_masked_row_was_on_a_side_and_is_neutral() -> None:
    training = rows()
    known = {row.id: row for row in training}
    made = made_of(training, masked=1)
    assert len(made.examples) == 16, "two of three rows are on a side"
    assert len({row.proposal for row in made.examples}) > 2
    for old, row in pairs(made):
        assert known[old].stance is not Stance.NEUTRAL
        assert row.proposal in MASKS
        assert (row.stance, row.holder, row.voice, row.tags, row.votes) == (Stance.NEUTRAL, None, None, (), None)


def test_a_voiced_statement_reports_a_stance_on_its_own_proposal() -> None:
    training = rows()
    known = {row.id: row for row in training}
    made = made_of(training, voiced=1)
    assert {row.stance for row in made.examples} == set(Stance)
    assert len({row.proposal for row in made.examples}) > 2
    for old, row in pairs(made):
        assert (row.proposal, row.group, row.source) == (known[old].proposal, known[old].group, known[old].source)
        assert (row.holder, row.voice, row.tags, row.votes, row.made) == (None, None, (), None, True)
        verb = next(verb for verb in VERBS[row.stance] if f" {verb} the " in row.statement)
        clause = row.statement.split(f" {verb} the ", 1)[1].split(" that ", 1)[1]
        assert clause.rstrip(".").lower() == row.proposal.rstrip(".").lower()


@pytest.mark.parametrize("kind", ["foreign", "negated", "reworded", "masked", "voiced"])
def test_a_share_decides_how_many_and_ids_tell_how(kind: str) -> None:
    shares: dict[str, Any] = {kind: 0.25}
    made = made_of(rows(), **shares)
    assert made.counts[kind]["wanted"] == made.counts[kind]["made"] == len(made.examples) == 6
    assert [row.id.split(":")[:2] for row in made.examples] == [[kind, str(number)] for number in range(1, 7)]
    assert all(row.made for row in made.examples)
    assert made.counts.keys() == {kind}


def test_what_no_rule_fits_is_counted_and_makes_no_row() -> None:
    made = made_of(rows(), negated=1, reworded=1)
    assert made.counts["negated"] == {"wanted": 24, "made": 3 * (len(PROPOSALS) - REFUSED), "no_rule": 3 * REFUSED}
    assert made.counts["reworded"]["no_rule"] == 12
    assert not any(row.proposal.endswith("?") for row in made.examples)


def test_nothing_is_asked_of_the_parser_unless_rules_are_wanted() -> None:
    def refuse(texts: Iterable[str]) -> Any:
        raise AssertionError(f"parsed {list(texts)}")

    config = AugmentationConfig(foreign=0.5, hard=0.5, masked=0.5)
    assert augmented(rows(), [], config, 1, refuse).examples
    with pytest.raises(AssertionError, match="parsed"):
        augmented(rows(), [], AugmentationConfig(reworded=0.1), 1, refuse)


def test_no_share_makes_nothing() -> None:
    assert made_of(rows()) == Made([], {})


def test_the_seed_decides_and_kinds_do_not_stir_each_other() -> None:
    training = rows()
    both = made_of(training, negated=0.4, masked=0.4)
    assert both == made_of(training, negated=0.4, masked=0.4)
    assert both != made_of(training, negated=0.4, masked=0.4, seed=2)
    assert [row for row in both.examples if row.id.startswith("masked")] == made_of(training, masked=0.4).examples


HELD = [
    ("negated", "the harbour toll should NOT be abolished"),
    ("negated", "The harbour toll should be kept"),
    ("reworded", "“The harbour toll should not be kept.”"),
    ("reworded", "The harbour toll ought to be abolished!"),
    ("reworded", "It would be right for the harbour toll to be abolished."),
    ("masked", MASKS[0]),
]


@pytest.mark.parametrize(("kind", "proposal"), HELD)
def test_no_row_brings_a_held_out_proposal_into_training(kind: str, proposal: str) -> None:
    training = rows(PROPOSALS[:1] if kind != "masked" else PROPOSALS)

    def words(text: str) -> str:
        return "".join(filter(str.isalnum, text.lower()))

    def proposals(held_out: list[Example]) -> Counter[str]:
        return Counter(words(row.proposal) for seed in range(15) for row in made_of(training, held_out, seed, **{kind: 1}).examples)

    assert proposals([])[words(proposal)] > 0, "it would have been made"
    assert proposals([Example("h", "Else.", proposal, Stance.SUPPORT)])[words(proposal)] == 0


def test_no_pair_is_made_that_is_there_or_that_another_kind_made() -> None:
    training = rows(["Boxing should be banned.", "Boxing should not be banned."])
    for row in rows(["Boxing should be allowed."]):
        training.append(Example(f"z{row.id}", row.statement, row.proposal, Stance.NEUTRAL))
    for seed in range(10):
        made = made_of(training, seed=seed, negated=1, reworded=1, masked=1)
        keys = [(row.statement, row.proposal.lower().rstrip(".")) for row in [*training, *made.examples]]
        assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_one_group_makes_no_foreign_proposal() -> None:
    with pytest.raises(StancekitError, match="hard neutrals cannot be made"):
        made_of(rows(PROPOSALS[:1]), hard=0.5)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ValidationError):
        AugmentationConfig(hard=share)


@pytest.fixture
def prepared(tmp_path: Path, write_jsonl: Callable[..., Path]) -> Callable[..., tuple[dict[str, Any], dict[str, list[Example]]]]:
    """Run prepare over three given splits with these shares: the report, and the rows of each split as written."""
    parts = {"train": PROPOSALS, "validation": ("The harbour toll should not be abolished.",), "test": ("The tram is late.",)}
    table = [
        {"text": f"{part} {row.statement}", "claim": row.proposal, "side": row.stance.value, "topic": f"{part}{row.group}", "part": part}
        for part, proposals in parts.items()
        for row in rows(proposals)
    ]
    path = write_jsonl(tmp_path / "rows.jsonl", table)
    columns = {"statement": "text", "proposal": "claim", "stance": "side", "group": "topic", "split": "part"}

    def run(**shares: float) -> tuple[dict[str, Any], dict[str, list[Example]]]:
        source = {"format": "table", "name": "t", "path": path, "columns": columns}
        values = {"name": "n", "output": tmp_path / "out", "sources": [source], "split": {"method": "given"}, "augmentation": shares}
        report = prepare(PrepareConfig.model_validate(values))
        return report, {part: read_examples(tmp_path / "out" / f"{part}.jsonl") for part in parts}

    return run


def test_prepare_makes_rows_for_training_alone_and_reports_them(prepared: Callable[..., Any], tmp_path: Path) -> None:
    _, plain = prepared()
    report, parts = prepared(foreign=0.25, negated=1, reworded=0.5, masked=0.25)
    assert parts["validation"] == plain["validation"]
    assert parts["test"] == plain["test"]
    assert parts["train"][: len(plain["train"])] == plain["train"]
    made = parts["train"][len(plain["train"]) :]
    kinds = Counter(row.id.split(":")[0] for row in made)
    assert kinds == {kind: count["made"] for kind, count in report["augmentation"].items()}
    assert all(row.made for row in made)
    assert report["splits"]["train"]["made"] == kinds.total()
    assert report["still_shared"] == {"proposal": 0, "statement": 0, "group": 0}
    page = read_text(tmp_path / "out" / "report.html")
    assert "Made for training" in page
    assert "No rule fits" in page
    assert f"{kinds.total()} training pairs are made (6 foreign, {kinds['negated']} negated" in str(prepare_table(report).caption)


def test_prepare_says_nothing_of_made_rows_where_there_are_none(prepared: Callable[..., Any], tmp_path: Path) -> None:
    report, _ = prepared()
    assert report["augmentation"] == {}
    assert "Made for training" not in read_text(tmp_path / "out" / "report.html")
