"""The scoring class of clusters: any form of batch gives what `predict` gives, and the recipe of the docs works on frames."""

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stancekit.errors import StancekitError
from stancekit.inference.answering import Answering, answer_schema
from stancekit.inference.model import SHAPE, answering_hash, load
from stancekit.records import Proposal
from stancekit.stages.predict import predict
from stancekit.tables import read_rows, write_rows

ROOT = Path(__file__).parents[2]
PROPOSALS = (Proposal("p1", "The council should keep the wool tax."), Proposal("p2", "Keep the night tram."))
ROWS: list[dict[str, Any]] = [
    {"statement_id": "a:1", "statement": "Farmers called the wool tax a disgrace.", "source": "a.txt", "start": 0, "end": 39},
    {"statement_id": "r2", "statement": "Ok.", "source": None, "start": None, "end": None},
    {"statement_id": "r3", "statement": "Mayor Ilse Varn said the night tram deserves it.", "source": "Post", "start": None, "end": None},
]


@pytest.fixture(scope="module")
def expected(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the command writes, offsets apart: tables have none."""
    place = tmp_path_factory.mktemp("answering")
    write_rows(place / "x.jsonl", [{**row, "id": row["statement_id"], "source": row["source"] or "-"} for row in ROWS])
    write_rows(place / "p.csv", [{"id": one.id, "proposal": one.text} for one in PROPOSALS])
    predict(tiny_bundle, [place / "x.jsonl"], place / "p.csv", place / "out.jsonl")
    answers = [row.values for row in read_rows(place / "out.jsonl")]
    given = {row["statement_id"]: {name: row[name] for name in ("source", "start", "end")} for row in ROWS}
    return [{**answer, **given[answer["statement_id"]]} for answer in answers]


def columns() -> dict[str, Any]:
    return {name: np.array([row[name] for row in ROWS], dtype=object) for name in ROWS[0]}


def test_an_arrow_table(tiny_bundle: Path, expected: list[dict[str, Any]]) -> None:
    answers = Answering(tiny_bundle, PROPOSALS)(pa.Table.from_pylist(ROWS))
    assert isinstance(answers, pa.Table)
    assert answers.schema == answer_schema()
    assert answers.to_pylist() == expected


def test_a_frame(tiny_bundle: Path, expected: list[dict[str, Any]]) -> None:
    answers = Answering(tiny_bundle, PROPOSALS)(pd.DataFrame(ROWS))
    assert isinstance(answers, pd.DataFrame)
    assert list(answers.columns) == list(SHAPE)
    assert pa.Table.from_pandas(answers, schema=answer_schema(), preserve_index=False).to_pylist() == expected


def test_a_dict_of_columns(tiny_bundle: Path, expected: list[dict[str, Any]]) -> None:
    answers = Answering(tiny_bundle, PROPOSALS)(columns())
    assert [dict(zip(answers, values, strict=True)) for values in zip(*answers.values(), strict=True)] == expected


@pytest.mark.parametrize(
    "batch", [pa.Table.from_pylist(ROWS).slice(0, 0), pd.DataFrame(ROWS[:0]), {name: column[:0] for name, column in columns().items()}]
)
def test_an_empty_batch_has_the_columns_of_answers(tiny_bundle: Path, batch: Any) -> None:
    answers = Answering(tiny_bundle, PROPOSALS)(batch)
    assert list(answers.column_names if isinstance(answers, pa.Table) else answers) == list(SHAPE)


def test_rows_with_proposals_of_their_own(tiny_bundle: Path) -> None:
    rows = [{"statement": ROWS[0]["statement"], "proposal": PROPOSALS[1].text, "proposal_id": None}]
    (answer,) = Answering(tiny_bundle)(pa.Table.from_pylist(rows)).to_pylist()
    assert (answer["statement_id"], answer["proposal_id"], answer["proposal"]) == ("1", PROPOSALS[1].text, PROPOSALS[1].text)
    assert answer["probabilities"] == load(tiny_bundle).predict_pairs([(ROWS[0]["statement"], PROPOSALS[1].text)])[0].probabilities


@pytest.mark.parametrize(
    ("row", "proposals", "problem"),
    [
        ({"statement": " "}, PROPOSALS, "row 1 of a batch has no text"),
        ({"statement": float("nan")}, PROPOSALS, "row 1 of a batch has no text"),
        ({"statement": "Bakers fear it."}, None, "brings no proposal"),
        ({"statement": "Bakers fear it.", "proposal": "many words " * 40}, None, "80 tokens"),
    ],
)
def test_what_cannot_be_asked_is_told(tiny_bundle: Path, row: dict[str, Any], proposals: Any, problem: str) -> None:
    with pytest.raises(StancekitError, match=problem):
        Answering(tiny_bundle, proposals)(pd.DataFrame([row]))


def test_a_copy_for_another_process_is_without_the_model(tiny_bundle: Path, expected: list[dict[str, Any]]) -> None:
    answering = Answering(tiny_bundle, PROPOSALS)
    before = len(pickle.dumps(answering))
    answering(pa.Table.from_pylist(ROWS))
    copy = pickle.dumps(answering)
    assert len(copy) == before < 2000
    assert pickle.loads(copy)(pa.Table.from_pylist(ROWS)).to_pylist() == expected  # noqa: S301


def test_the_schema_is_that_of_files(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("Mayor Varn praised the toll.\n")
    (tmp_path / "p.txt").write_text("The toll should be kept.\n")
    predict(tiny_bundle, [tmp_path / "x.txt"], tmp_path / "p.txt", tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").equals(answer_schema())


def test_the_hash_of_a_model_hangs_on_what_answers(tiny_bundle: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(tiny_bundle, copy)
    assert answering_hash(copy) == answering_hash(tiny_bundle)
    (copy / "README.md").write_text("another card")
    assert answering_hash(copy) == answering_hash(tiny_bundle)
    (copy / "calibration.json").write_text((copy / "calibration.json").read_text() + " ")
    assert answering_hash(copy) != answering_hash(tiny_bundle)


def recipe(bundle: Path) -> dict[str, Any]:
    text = (ROOT / "docs" / "cluster-inference.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python spark\n(.*?)```", text, re.DOTALL)
    assert "runs/demo/bundle" in code
    module: dict[str, Any] = {}
    exec(compile(code.replace("runs/demo/bundle", str(bundle)), "docs/cluster-inference.md", "exec"), module)
    return module


def test_the_recipe_for_spark_answers_frames(tiny_bundle: Path) -> None:
    module = recipe(tiny_bundle)
    frames = [pd.DataFrame(ROWS[:2]), pd.DataFrame(ROWS[2:])]
    answered = list(module["answers"](iter(frames)))
    assert [len(frame) for frame in answered] == [4, 2]
    declared = [part.split()[0].rstrip(":") for part in re.sub(r"struct<.*?>", "struct", module["SCHEMA"]).split(",")]
    assert list(answered[0].columns) == declared
    by_hand = load(tiny_bundle).predict([row["statement"] for row in ROWS], [one.text for one in module["PROPOSALS"]])
    assert pd.concat(answered)["confidence"].tolist() == [answer.confidence for answer in by_hand]


def test_the_recipe_runs_in_spark(tiny_bundle: Path) -> None:
    pyspark = pytest.importorskip("pyspark")
    module = recipe(tiny_bundle)
    spark = pyspark.sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    rows = spark.createDataFrame([(row["statement_id"], row["statement"]) for row in ROWS], "statement_id string, statement string")
    assert rows.mapInPandas(module["answers"], module["SCHEMA"]).count() == 6
    spark.stop()
