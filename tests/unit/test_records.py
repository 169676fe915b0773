"""Records keep what they carry on the way through a file."""

from pathlib import Path
from typing import Any

import pytest

from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.records import Example, Opinion, Prediction, class_counts, normalized
from stancekit.stance import Stance
from stancekit.tables import read_rows, write_rows

FULL = Example(
    id="a:1", statement="Oda Brask rejected the toll.", proposal="The toll should be kept.", stance=Stance.OPPOSE, source="a", group="a:g",
    holder="Oda Brask", voice="cited", tags=("explicit", "reported"), votes={"oppose": 3, "neutral": 1}, made=True,
    field="health",
)  # fmt: skip
BARE = Example("a:2", "Ferries sail at noon.", "The ferry should be kept.", Stance.NEUTRAL)


def row(**changes: Any) -> dict[str, Any]:
    return {"id": "1", "statement": "s", "proposal": "p", "stance": "support", **changes}


@pytest.mark.parametrize("example", [FULL, BARE])
@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_an_example_comes_back_from_a_file_as_it_was(tmp_path: Path, example: Example, ending: str) -> None:
    write_rows(tmp_path / f"x{ending}", [example.to_row()])
    assert read_examples(tmp_path / f"x{ending}") == [example]


def test_a_bare_example_has_no_empty_keys() -> None:
    assert set(BARE.to_row()) == {"id", "statement", "proposal", "stance"}


def test_blank_cells_of_a_csv_file_are_absent(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id,statement,proposal,stance,group,holder,tags,votes,made\n1,s,p,pro,,,,,\n2,t,p,con,g,h,"fact, hedge",,True\n')
    first, second = read_examples(path)
    assert first == Example("1", "s", "p", Stance.SUPPORT)
    assert second == Example("2", "t", "p", Stance.OPPOSE, group="g", holder="h", tags=("fact", "hedge"), made=True)


def test_made_false_in_csv_is_false() -> None:
    assert Example.from_row(row(made="False"), "x:1").made is False


@pytest.mark.parametrize("missing", ["id", "statement", "proposal", "stance"])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_row_without_a_needed_value_is_refused_with_its_place(missing: str, value: str | None) -> None:
    with pytest.raises(StancekitError, match=rf"^data\.jsonl:7 lacks {missing}"):
        Example.from_row(row(**{missing: value}), "data.jsonl:7")


def test_a_zero_is_an_id() -> None:
    assert Example.from_row(row(id=0), "x:1").id == "0"


@pytest.mark.parametrize("votes", ["3", 3, ["support"], {"sideways": 1}, {"support": -1}, {"support": 1.5}, {"support": True}])
def test_votes_must_be_counts_a_stance(votes: object) -> None:
    with pytest.raises(StancekitError, match=r"^x:1 has votes "):
        Example.from_row(row(votes=votes), "x:1")


def test_stances_without_a_vote_may_be_null() -> None:
    assert Example.from_row(row(votes={"support": 2, "oppose": None}), "x:1").votes == {"support": 2}


@pytest.mark.parametrize("tags", [5, True, {"a": 1}, ["fact", 5], ["fact", None]])
def test_tags_must_be_words(tags: object) -> None:
    with pytest.raises(StancekitError, match=r"^x:1 has tags "):
        Example.from_row(row(tags=tags), "x:1")


def test_an_examples_file_is_told_all_its_faults_at_once(tmp_path: Path) -> None:
    write_rows(tmp_path / "x.jsonl", [row(), row(), row(id="3", stance="sideways"), row(id="4", statement=" ")])
    with pytest.raises(StancekitError) as caught:
        read_examples(tmp_path / "x.jsonl")
    message = str(caught.value)
    assert "has 3 problems" in message
    assert "x.jsonl:2 has the id '1' of" in message
    assert "x.jsonl:3 has stance 'sideways'" in message
    assert "x.jsonl:4 lacks statement" in message


def test_an_examples_file_without_a_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,statement,proposal,stance\n")
    with pytest.raises(StancekitError, match="holds no example"):
        read_examples(tmp_path / "x.csv")


def test_a_prediction_has_every_key_in_every_format(tmp_path: Path) -> None:
    shares = {"oppose": 0.1, "neutral": 0.2, "support": 0.7}
    row = Prediction("1", "s", "p1", "p", Stance.SUPPORT, 0.7, shares).to_row()
    assert row["stance"] == "support"
    for ending in (".jsonl", ".parquet"):
        write_rows(tmp_path / f"x{ending}", [row])
        assert [found.values for found in read_rows(tmp_path / f"x{ending}")] == [row]


def test_an_opinion_names_its_stance_by_its_word() -> None:
    opinion = Opinion("a", None, None, "p1", "p", Stance.OPPOSE, 0.9, "s", 0, 1, "author", "author")
    assert opinion.to_row()["stance"] == "oppose"
    assert opinion.to_row()["holder"] is None


def test_texts_that_differ_in_case_and_space_are_the_same_text() -> None:
    assert normalized(" The  TOLL\u00a0must\n go") == normalized("the toll must go")


def test_counts_hold_every_stance() -> None:
    assert class_counts([FULL]) == {Stance.OPPOSE: 1, Stance.NEUTRAL: 0, Stance.SUPPORT: 0}
