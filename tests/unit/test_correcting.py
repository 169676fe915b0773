"""Labelled pairs on disk to a correction: which rows count, and which of them are one article's."""

from pathlib import Path
from typing import Any, cast

import numpy as np

from stancekit.inference.model import StanceModel
from stancekit.news.correction import Correction
from stancekit.stages.correcting import correction_by
from stancekit.stance import STANCES


class Knowing:
    """A model that reads the answer off the text."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def probabilities(self, pairs: list[tuple[str, str]]) -> Any:
        self.asked = pairs
        return np.array([[float(stance.value in statement) for stance in STANCES] for statement, _ in pairs])


def rows(articles: int, made: bool = False) -> list[dict[str, Any]]:
    return [
        {"statement": f"{stance.value} {number}", "proposal": "P", "stance": stance.value, "made": made}
        | {"group": f"article {number % articles}"}
        for number in range(40)
        for stance in STANCES
    ]


def corrected(path: Path, model: Knowing) -> Correction | str:
    return correction_by(path, cast(StanceModel, model))


def numbered(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"id": str(number)} for number, row in enumerate(given)]


def test_the_models_own_answers_make_the_correction_and_made_pairs_do_not(tmp_path: Path, write_jsonl: Any) -> None:
    model = Knowing()
    found = corrected(write_jsonl(tmp_path / "news.jsonl", numbered([*rows(10), *rows(10, made=True)])), model)
    assert isinstance(found, Correction)
    assert found.confusion.tolist() == np.eye(3).tolist()
    assert len(model.asked) == 120


def test_pairs_of_one_group_are_of_one_article(tmp_path: Path, write_jsonl: Any) -> None:
    found = corrected(write_jsonl(tmp_path / "news.jsonl", numbered(rows(4))), Knowing())
    assert found == "the labelled pairs are of fewer than 5 articles"


def test_a_file_of_made_pairs_alone_gives_none(tmp_path: Path, write_jsonl: Any) -> None:
    found = corrected(write_jsonl(tmp_path / "news.jsonl", numbered(rows(10, made=True))), Knowing())
    assert found == "fewer than 30 labelled pairs are oppose or neutral or support"
