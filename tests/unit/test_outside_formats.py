"""PERSPECTRUM and the newsroom corpus, in their own files, become examples."""

import json
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import NewsroomSource, PerspectrumSource
from stancekit.data.importers import newsroom, perspectrum
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance
from stancekit.tables import write_rows

CLAIMS = [
    {
        "cId": 1,
        "text": "The harbour  should be dredged",
        "perspectives": [
            {"pids": [10, 11], "stance_label_3": "SUPPORT", "stance_label_5": "SUPPORT"},
            {"pids": [12], "stance_label_3": "UNDERMINE", "stance_label_5": "MILDLY_UNDERMINE"},
        ],
    },
    {"cId": 2, "text": "Gulls should be fed", "perspectives": [{"pids": [12], "stance_label_3": "UNDERMINE"}]},
]
POOL = [
    {"pId": 10, "text": "Ships run aground there"},
    {"pId": 11, "text": "It brings trade"},
    {"pId": 12, "text": "It harms the\nwildlife"},
]


def perspectrum_folder(folder: Path, claims: Any = CLAIMS, pool: Any = POOL, splits: Any = None) -> Path:
    contents = {perspectrum.CLAIMS: claims, perspectrum.POOL: pool, perspectrum.SPLIT: splits or {"1": "train", "2": "dev"}}
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def perspectives(folder: Path) -> list[Located]:
    return list(perspectrum.read(PerspectrumSource(format="perspectrum", name="p", path=Path()), folder))


def test_perspectrum_gives_an_example_a_perspective(tmp_path: Path) -> None:
    found = perspectives(perspectrum_folder(tmp_path))
    assert [(row.example.statement, row.example.stance, row.split) for row in found] == [
        ("Ships run aground there", Stance.SUPPORT, "train"),
        ("It brings trade", Stance.SUPPORT, "train"),
        ("It harms the wildlife", Stance.OPPOSE, "train"),
        ("It harms the wildlife", Stance.OPPOSE, "validation"),
    ]
    assert found[0].example.proposal == "The harbour should be dredged"
    assert [row.example.group for row in found] == ["p:1", "p:1", "p:1", "p:2"]
    assert len({row.example.id for row in found}) == 4
    assert "claim 1 perspective 10" in found[0].where


@pytest.mark.parametrize(
    "damage",
    [
        {"pool": POOL[:1]},
        {"pool": [{"id": 10}]},
        {"pool": {"10": "a text"}},
        {"splits": {"1": "train"}},
        {"splits": {"1": "train", "2": "holdout"}},
        {"claims": [{"cId": 1, "text": "x"}]},
        {"claims": [{**CLAIMS[1], "perspectives": [{"pids": [12], "stance_label_3": "UNSURE"}]}]},
    ],
)
def test_perspectrum_files_that_do_not_fit_together_are_refused(tmp_path: Path, damage: dict[str, Any]) -> None:
    perspectrum_folder(tmp_path, **damage)
    with pytest.raises(StancekitError, match="is not PERSPECTRUM"):
        perspectives(tmp_path)


def test_perspectrum_needs_its_three_files(tmp_path: Path) -> None:
    perspectrum_folder(tmp_path)
    (tmp_path / perspectrum.POOL).write_text('[\n{"pId": ')
    with pytest.raises(StancekitError, match=r"pool.*:2 is not JSON"):
        perspectives(tmp_path)
    (tmp_path / perspectrum.POOL).unlink()
    with pytest.raises(StancekitError, match="does not exist"):
        perspectives(tmp_path)


def test_the_newsroom_gives_an_example_a_label(tmp_path: Path) -> None:
    label = {
        "proposal": "toll",
        "stance": "oppose",
        "holder": "Brask",
        "holder_id": "brask",
        "span": [0, 5],
        "voice": "cited",
        "tags": ["explicit", "reported"],
    }
    article = {
        "id": "a1", "genre": "report", "field": "transport", "outlet": "The Test", "date": "2031-05-01", "title": "Toll",
        "proposals": [{"id": "toll", "text": "Keep the toll."}],
        "sentences": [{"text": "Brask rejects the toll.", "labels": [label]}],
    }  # fmt: skip
    path = tmp_path / "a.jsonl"
    write_rows(path, [article])
    (found,) = newsroom.read(NewsroomSource(format="newsroom", name="n", path=Path()), path)
    assert found == Located(
        f"{path}:1",
        Example(
            "n:a1:1:toll",
            "Brask rejects the toll.",
            "Keep the toll.",
            Stance.OPPOSE,
            "n",
            "n:a1",
            "Brask",
            "cited",
            ("explicit", "reported"),
            field="transport",
        ),
        None,
    )
