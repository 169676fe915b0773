"""Tables of all kinds become examples, and every bad row is told with its place."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import Columns, PrepareConfig, SplitConfig, TableSource
from stancekit.data.cleaning import clean
from stancekit.data.importers import table
from stancekit.data.sources import Located, input_files, read_sources
from stancekit.data.splitting import split
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance
from stancekit.tables import write_rows

COLUMNS = Columns(statement="text", proposal="claim", stance="side", id="key", group="topic", holder="who", split="part")
ROWS: list[dict[str, Any]] = [
    {"key": "k1", "text": "Varn praised the toll.", "claim": "Keep the toll.", "side": "pro", "topic": "t", "who": "Varn", "part": "train"},
    {"key": "k2", "text": "Bakers fear  it.", "claim": "Keep the toll.", "side": "CON", "topic": "t", "who": "", "part": "dev"},
    {"key": "k3", "text": "It opens at noon.", "claim": "Keep the fair.", "side": "0", "topic": "u", "who": "", "part": "test"},
]


def source(columns: Columns = COLUMNS, **settings: Any) -> TableSource:
    return TableSource(format="table", name="made", path=Path(), columns=columns, **settings)


def imported(path: Path, columns: Columns = COLUMNS, **settings: Any) -> list[Located]:
    return list(table.read(source(columns, **settings), path))


def written(folder: Path, ending: str, rows: list[dict[str, Any]] = ROWS) -> Path:
    path = folder / f"x{ending}"
    if ending.endswith(".gz"):
        path.write_bytes(gzip.compress(written(folder, ending.removesuffix(".gz"), rows).read_bytes()))
    elif ending == ".tsv":
        path.write_text("\n".join("\t".join(cells) for cells in [list(rows[0]), *(list(row.values()) for row in rows)]) + "\n")
    else:
        write_rows(path, rows)
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ".tsv.gz", ".jsonl.gz"])
def test_the_same_table_gives_the_same_examples_in_every_format(tmp_path: Path, ending: str) -> None:
    found = imported(written(tmp_path, ending))
    assert [row.example for row in found] == [
        Example("made:k1", "Varn praised the toll.", "Keep the toll.", Stance.SUPPORT, "made", "made:t", "Varn"),
        Example("made:k2", "Bakers fear it.", "Keep the toll.", Stance.OPPOSE, "made", "made:t"),
        Example("made:k3", "It opens at noon.", "Keep the fair.", Stance.NEUTRAL, "made", "made:u"),
    ]
    assert [row.split for row in found] == ["train", "validation", "test"]
    first = 2 if ending.startswith((".csv", ".tsv")) else 1
    assert [row.where for row in found] == [f"{tmp_path / f'x{ending}'}:{line}" for line in range(first, first + 3)]


def test_rows_without_an_id_are_numbered(tmp_path: Path) -> None:
    found = imported(written(tmp_path, ".csv"), Columns(statement="text", proposal="claim", stance="side"), split="test")
    assert [row.example.id for row in found] == ["made:1", "made:2", "made:3"]
    assert {row.split for row in found} == {"test"}
    assert {row.example.group for row in found} == {None}


def test_labels_and_splits_may_be_spelled_in_the_sources_own_way(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "side": "thumbs up", "part": "fold-a"}, {**ROWS[1], "side": "0", "part": "fold-b"}]
    labels = {"Thumbs Up": Stance.SUPPORT, "0": Stance.OPPOSE}
    found = imported(written(tmp_path, ".csv", rows), labels=labels, splits={"fold-a": "train", "fold-b": "test"})
    assert [(row.example.stance, row.split) for row in found] == [(Stance.SUPPORT, "train"), (Stance.OPPOSE, "test")]


def test_missing_columns_are_told_beside_those_that_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [{"text": "a", "claim": "b", "stance": "pro"}])
    with pytest.raises(StancekitError) as caught:
        imported(path, Columns(statement="text", proposal="claim", stance="side", group="topic"))
    assert caught.value.problem == f"{path} has no column for stance = 'side', group = 'topic'"
    assert "'text', 'claim', 'stance'" in caught.value.fix


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_votes_are_counted_in_a_column_each(tmp_path: Path, ending: str) -> None:
    counts: list[tuple[Any, Any]] = [(2.0, 1), (3.0, 0), (None, None)]
    rows = [{**row, "n_for": yes, "n_against": no} for row, (yes, no) in zip(ROWS, counts, strict=True)]
    columns = COLUMNS.model_copy(update={"votes": {Stance.SUPPORT: "n_for", Stance.OPPOSE: "n_against"}})
    found = imported(written(tmp_path, ending, rows), columns)
    assert [row.example.votes for row in found] == [{"support": 2, "oppose": 1}, {"support": 3}, None]
    assert [Example.from_row(row.example.to_row(), "x").votes for row in found] == [row.example.votes for row in found]


def test_votes_that_are_no_counts_and_columns_without_them_are_told(tmp_path: Path) -> None:
    columns = COLUMNS.model_copy(update={"votes": {Stance.SUPPORT: "n_for"}})
    path = written(tmp_path, ".csv", [{**ROWS[0], "n_for": "two"}, {**ROWS[1], "n_for": "-1"}, {**ROWS[2], "n_for": "1.5"}])
    with pytest.raises(StancekitError) as caught:
        imported(path, columns)
    assert "has 3 problems" in str(caught.value)
    assert f"{path}:2  n_for is no number of votes but 'two'" in str(caught.value)
    with pytest.raises(StancekitError, match=r"no column for votes\.support = 'n_for'"):
        imported(written(tmp_path, ".csv", ROWS), columns)


def test_a_column_may_be_absent_from_some_rows_of_jsonl(tmp_path: Path) -> None:
    bare = {key: value for key, value in ROWS[0].items() if key != "who"}
    path = tmp_path / "x.jsonl"
    write_rows(path, [bare, {**ROWS[1], "who": "Brask"}])
    assert [row.example.holder for row in imported(path)] == [None, "Brask"]


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    rows = [ROWS[0], {**ROWS[1], "text": " ", "part": "train"}, {**ROWS[2], "side": "sideways"}, {**ROWS[0], "part": "holdout"}]
    path = written(tmp_path, ".csv", rows)
    with pytest.raises(StancekitError) as caught:
        imported(path)
    message = str(caught.value)
    assert "has 3 problems" in message
    assert f"{path}:3  text is empty" in message
    assert f"{path}:4  unknown stance 'sideways'; known are oppose, neutral, support" in message
    assert f"{path}:5  unknown split 'holdout'" in message
    assert "[sources.labels]" in message


@pytest.mark.parametrize("value", [None, ""])
def test_a_row_without_a_label_is_not_neutral(tmp_path: Path, value: str | None) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(path, [ROWS[0], {**ROWS[1], "side": value}])
    with pytest.raises(StancekitError, match=r"x\.jsonl:2  unknown stance"):
        imported(path)


@pytest.mark.parametrize("value", [7, ["a"], {"a": "b"}])
def test_a_text_must_be_text(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(path, [{**ROWS[0], "text": value}])
    with pytest.raises(StancekitError, match=r"x\.jsonl:1  text is no text but"):
        imported(path)


def prepare_config(folder: Path, *sources: dict[str, Any]) -> PrepareConfig:
    return PrepareConfig.model_validate({"name": "x", "output": "out", "raw": str(folder), "sources": sources})


def as_source(name: str, path: str, columns: Columns = COLUMNS) -> dict[str, Any]:
    return {"format": "table", "name": name, "path": path, "columns": columns.model_dump()}


def test_ids_given_twice_are_told_with_both_places(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [ROWS[0], ROWS[1], {**ROWS[2], "key": "k1"}])
    with pytest.raises(StancekitError) as caught:
        read_sources(prepare_config(tmp_path, as_source("made", "x.csv")))
    assert caught.value.problem == f"{path}:4 has the id 'made:k1' of {path}:2"


def test_two_sources_may_use_the_same_ids(tmp_path: Path) -> None:
    written(tmp_path, ".csv")
    found = read_sources(prepare_config(tmp_path, as_source("a", "x.csv"), as_source("b", "x.csv")))
    assert [row.example.id for row in found] == ["a:k1", "a:k2", "a:k3", "b:k1", "b:k2", "b:k3"]


def test_a_source_without_a_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("key,text,claim,side,topic,who,part\n")
    with pytest.raises(StancekitError, match=r"source made .* holds no example"):
        read_sources(prepare_config(tmp_path, as_source("made", "x.csv")))


def test_a_source_may_have_a_raw_folder_of_its_own(tmp_path: Path) -> None:
    for folder in ("raw", "own"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, ".csv")
    config = prepare_config(tmp_path / "raw", as_source("a", "x.csv"), {**as_source("b", "x.csv"), "raw": str(tmp_path / "own")})
    assert input_files(config) == [tmp_path / "raw" / "x.csv", tmp_path / "own" / "x.csv"]
    assert {row.where.rsplit(":", 1)[0] for row in read_sources(config)[3:]} == {str(tmp_path / "own" / "x.csv")}


def test_given_splits_are_kept_apart_over_sources_and_by_the_text_alone(tmp_path: Path) -> None:
    earlier = [{**ROWS[0], "part": "train"}, {**ROWS[1], "text": "  BAKERS  fear it.", "claim": "Other.", "part": "train"}]
    other = {"key": "k9", "text": "Nobody asked.", "claim": "keep the FAIR.", "side": "pro", "topic": "x", "who": "", "part": "train"}
    later = [{**ROWS[1], "claim": "Keep it.", "part": "dev"}, {**ROWS[2], "part": "test"}]
    write_rows(tmp_path / "a.csv", [*earlier, other, {**ROWS[0], "key": "k8", "side": "con", "text": "No."}])
    write_rows(tmp_path / "b.csv", later)
    config = prepare_config(tmp_path, as_source("a", "a.csv"), as_source("b", "b.csv"))
    splits = split(clean(read_sources(config), config.cleaning, published=True).kept, SplitConfig(method="given"), 1)
    assert [example.id for example in splits.examples["train"]] == ["a:k1", "a:k8"]
    assert splits.leaks == 2


def test_the_manifest_names_exactly_the_files_that_are_read(tmp_path: Path) -> None:
    release = ("perspectrum_with_answers_v1.0.json", "perspective_pool_v1.0.json", "dataset_split_v1.0.json")
    others = ("corpus/old/b.jsonl", "corpus/notes.json", "ps/notes.json")
    for name in ("corpus/a.jsonl", "x.csv", *(f"ps/{name}" for name in release), *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    sources = [
        {"format": "newsroom", "name": "n", "path": "corpus"}, as_source("t", "x.csv"), as_source("u", "absent.csv"),
        {"format": "perspectrum", "name": "p", "path": "ps"},
    ]  # fmt: skip
    names = {file.relative_to(tmp_path).as_posix() for file in input_files(prepare_config(tmp_path, *sources))}
    assert names == {"corpus/a.jsonl", "x.csv", *(f"ps/{name}" for name in release)}
