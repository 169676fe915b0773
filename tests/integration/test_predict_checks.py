"""`predict` tells what is wrong with its files before it looks for the model, and never writes a file without columns."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stancekit.errors import StancekitError
from stancekit.inference.model import SHAPE
from stancekit.stages.predict import predict
from stancekit.tables import read_rows, write_rows

ASKED = "The bridge should have a toll.\n"


@pytest.fixture
def proposals(tmp_path: Path) -> Path:
    (tmp_path / "proposals.txt").write_text(ASKED)
    return tmp_path / "proposals.txt"


@pytest.mark.parametrize("damage", [{"statement": " "}, {"statement": None}, {"proposal": ""}, {"proposal": None}])
def test_a_bad_row_far_down_is_found_before_the_model_is_looked_for(tmp_path: Path, damage: dict[str, Any]) -> None:
    row: dict[str, Any] = {"statement": "Bakers fear it.", "proposal": "The toll should be kept."}
    write_rows(tmp_path / "x.jsonl", [row] * 3000 + [{**row, **damage}])
    with pytest.raises(StancekitError, match=r"x\.jsonl:3001 has "):
        predict(tmp_path / "no-model", [tmp_path / "x.jsonl"], None, tmp_path / "out.csv", strict=True)


def test_a_bad_file_after_a_sound_one_is_found_too(tmp_path: Path, proposals: Path) -> None:
    (tmp_path / "a.txt").write_text("Bakers fear it.\n")
    (tmp_path / "b.txt").write_text("***\n")
    with pytest.raises(StancekitError, match=r"b\.txt has no sentence"):
        predict(tmp_path / "no-model", [tmp_path / "a.txt", tmp_path / "b.txt"], proposals, tmp_path / "out.csv", strict=True)


def test_an_own_proposal_too_long_for_the_model_is_found_before_anything_is_scored(tmp_path: Path, tiny_bundle: Path) -> None:
    rows = [{"statement": "Bakers fear it.", "proposal": proposal} for proposal in ("The toll should be kept.", "many words " * 40)]
    write_rows(tmp_path / "x.jsonl", rows)

    def no_row(answers: Iterable[dict[str, Any]]) -> int:
        return pytest.fail("scored before all proposals were looked at")

    with pytest.raises(StancekitError, match="80 tokens"):
        predict(tiny_bundle, [tmp_path / "x.jsonl"], None, no_row, strict=True)


def test_an_empty_proposal_column_does_not_matter_beside_proposals(tmp_path: Path, tiny_bundle: Path, proposals: Path) -> None:
    (tmp_path / "x.csv").write_text("statement,proposal\nBakers fear it.,\nThe mayor praised it.,The toll should be kept.\n")
    assert predict(tiny_bundle, [tmp_path / "x.csv"], proposals, tmp_path / "out.jsonl").answers == 2
    assert {row.values["proposal"] for row in read_rows(tmp_path / "out.jsonl")} == {ASKED.strip()}


def test_a_file_without_an_answer_has_the_columns_of_answers(tmp_path: Path, tiny_bundle: Path, proposals: Path) -> None:
    (tmp_path / "x.txt").write_text("Bakers fear it.\n")
    for ending in ("csv", "parquet"):
        some, none = tmp_path / f"some.{ending}", tmp_path / f"none.{ending}"
        assert predict(tiny_bundle, [tmp_path / "x.txt"], proposals, some).answers == 1
        assert predict(tiny_bundle, [tmp_path / "x.txt"], proposals, none, min_confidence=1.1).answers == 0
        assert list(read_rows(none)) == []
    assert (tmp_path / "none.csv").read_text() == (tmp_path / "some.csv").read_text().splitlines(keepends=True)[0]
    assert pq.read_schema(tmp_path / "none.parquet").equals(pq.read_schema(tmp_path / "some.parquet"))
    assert set(SHAPE) == set(next(read_rows(tmp_path / "some.parquet")).values)
