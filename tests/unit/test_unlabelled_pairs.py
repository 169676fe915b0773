"""Pairs for a teacher: of near proposals, none that is labelled, seeded, and in a file of their own."""

import itertools
from pathlib import Path

from stancekit.config import PrepareConfig
from stancekit.data.augmentation.pairing import NEAREST, related_pairs
from stancekit.files import read_text
from stancekit.inference.inputs import TableLayout, read_statements
from stancekit.records import Example
from stancekit.stages.prepare import prepare
from stancekit.stance import Stance
from stancekit.tables import json_line, read_rows

# Two proposals on the harbour, one on the trams, which share no word of weight with it.
HARBOUR = ("The harbour toll should be doubled.", "The harbour should be dredged.")
TRAM = "Night trams should run hourly."
COLUMNS = {"statement": "statement", "proposal": "proposal", "stance": "stance"}


def rows(count: int = 6) -> list[Example]:
    return [
        Example(f"{place}:{number}", f"Keeper {number} spoke of topic {place}.", proposal, Stance.SUPPORT, group=f"g{place}")
        for place, proposal in enumerate([*HARBOUR, TRAM])
        for number in range(count)
    ]


def test_a_statement_meets_the_near_proposals_only() -> None:
    pairs = related_pairs(rows(), 1, seed=3)
    assert {pair.proposal for pair in pairs} == set(HARBOUR)
    own = {example.statement: example.proposal for example in rows()}
    assert all(own[pair.statement] != pair.proposal for pair in pairs)
    # Each of the twelve harbour rows has one such proposal, and no pair stands twice.
    assert len(pairs) == len({(pair.statement, pair.proposal) for pair in pairs}) == 12


def test_pairs_that_have_a_label_are_not_asked_for() -> None:
    known = Example("k", "keeper 0 spoke of topic 0.", HARBOUR[1], Stance.OPPOSE)
    pairs = related_pairs([*rows(), known], 1, seed=3)
    assert ("Keeper 0 spoke of topic 0.", HARBOUR[1]) not in {(pair.statement, pair.proposal) for pair in pairs}


def test_as_many_as_asked_for_and_the_same_for_a_seed() -> None:
    assert related_pairs(rows(), 0, seed=3) == []
    few = related_pairs(rows(), 0.25, seed=3)
    assert len(few) == round(0.25 * 18)
    assert few == related_pairs(rows(), 0.25, seed=3) != related_pairs(rows(), 0.25, seed=4)
    assert [pair.id.split(":")[:2] for pair in few] == [["unlabelled", str(number + 1)] for number in range(len(few))]


def test_no_more_than_the_nearest_are_drawn() -> None:
    many = [
        Example(f"{one}", f"Word on the harbour, {one}.", f"The harbour needs a {one}.", Stance.NEUTRAL)
        for one in ("".join(letters) for letters in itertools.product("bcdf", "aeio"))
    ]
    statements = [pair.statement for pair in related_pairs(many, 1, seed=1)]
    assert len(statements) == 16
    assert len(related_pairs(many * 20, 1, seed=1)) <= len(many) * NEAREST


def table(path: Path) -> Path:
    lines = (
        json_line({"statement": f"Keeper {number} spoke of {work}.", "proposal": f"The harbour should be {work}.", "stance": stance})
        for work in ("dredged", "widened", "closed", "roofed", "sold", "lit", "fenced", "paved", "drained", "renamed")
        for number, stance in enumerate(("support", "oppose", "neutral"))
    )
    path.write_text("".join(lines), encoding="utf-8")
    return path


def prepared(folder: Path, share: float) -> Path:
    source = {"format": "table", "name": "t", "path": str(table(folder / "t.jsonl")), "columns": COLUMNS}
    settings = {"name": "toy", "output": str(folder / "out"), "sources": [source], "augmentation": {"unlabelled": share}}
    prepare(PrepareConfig.model_validate(settings))
    return folder / "out"


def test_prepare_writes_a_table_that_a_teacher_reads(tmp_path: Path) -> None:
    folder = prepared(tmp_path, 0.5)
    training = {(row["statement"], row["proposal"]) for _, row in read_rows(folder / "train.jsonl")}
    read = list(read_statements([folder / "unlabelled.jsonl"], TableLayout()))
    pairs = {(one.text, one.proposal.text) for one in read if one.proposal}
    assert len(pairs) == len(read) > 5
    assert not pairs & training
    assert {statement for statement, _ in pairs} <= {statement for statement, _ in training}
    assert f"{len(read)} pairs without a label" in read_text(folder / "report.html")


def test_there_is_no_such_file_where_none_are_asked_for(tmp_path: Path) -> None:
    folder = prepared(tmp_path, 0)
    assert not (folder / "unlabelled.jsonl").exists()
    assert "without a label" not in read_text(folder / "report.html")
