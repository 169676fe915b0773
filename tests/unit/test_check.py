"""`stancekit check` knows each kind of file, and tells the faults of all of them."""

import gzip
from pathlib import Path

import pytest

from stancekit.data.corpus import read_corpus
from stancekit.errors import StancekitError
from stancekit.stages.check import check
from stancekit.tables import read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]
SOUND = {"id": "1", "statement": "s", "proposal": "p", "stance": "support"}


def kinds(path: Path) -> list[str]:
    return [found.kind for found in check(path)]


def test_the_projects_own_configs_and_corpus_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    # Paths in configs start from where the command is run.
    monkeypatch.chdir(ROOT)
    assert set(kinds(ROOT / "configs")) >= {"prepare config", "train config", "search config"}
    assert kinds(ROOT / "data" / "newsroom") == ["promises", "corpus"]
    assert kinds(next((ROOT / "data" / "newsroom").glob("*.jsonl"))) == ["corpus"]


def test_promises_are_held_against_the_corpus_beside_them(tmp_path: Path) -> None:
    article = next(row.values for row in read_rows(next((ROOT / "data" / "newsroom").glob("*.jsonl"))))
    write_rows(tmp_path / "a.jsonl", [article])
    (tmp_path / "corpus.toml").write_text("[promises]\narticles = 1\n")
    assert kinds(tmp_path) == ["promises", "corpus"]
    (tmp_path / "corpus.toml").write_text("[promises]\narticles = 2\nfields = 3\n")
    with pytest.raises(StancekitError) as caught:
        check(tmp_path)
    assert "articles: 1, and 2 are promised" in str(caught.value)
    assert "fields: 1, and 3 are promised" in str(caught.value)
    # The check said no, as with --shortcuts; a fault of a file is the user's to mend.
    assert caught.value.exit_code == 1
    (tmp_path / "b.csv").write_text("id,proposal\n")
    with pytest.raises(StancekitError) as both:
        check(tmp_path)
    assert both.value.exit_code == 2
    (tmp_path / "b.csv").unlink()
    (tmp_path / "corpus.toml").write_text("[promises]\nartcles = 2\n")
    with pytest.raises(StancekitError, match=r"artcles  unknown key, did you mean articles\?"):
        check(tmp_path)


def test_examples_and_proposals_are_told_apart(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND, {**SOUND, "id": "2", "stance": "con"}])
    write_rows(tmp_path / "b.csv", [{"id": "toll", "proposal": "The bridge should have a toll."}])
    (tmp_path / "c.toml").write_text('[proposals]\ntoll = "The bridge should have a toll."\n')
    found = check(tmp_path)
    assert [item.kind for item in found] == ["examples", "proposals", "proposals"]
    assert found[0].summary == "2 pairs (oppose 50%, neutral 0%, support 50%)"
    assert found[1].summary == "1 proposals"


def packed(path: Path) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def test_compressed_files_are_checked_like_others(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND, {**SOUND, "id": "2", "stance": "con"}])
    write_rows(tmp_path / "b.csv", [{"id": "toll", "proposal": "The bridge should have a toll."}])
    write_rows(tmp_path / "corpus" / "a.jsonl", [article("toll")])
    write_rows(tmp_path / "corpus" / "b.jsonl", [article("tram")])
    for name in ("a.jsonl", "b.csv", "corpus/a.jsonl"):
        packed(tmp_path / name)
    assert kinds(tmp_path) == ["examples", "proposals", "corpus"]
    # Beside one that is not compressed it is one corpus, for a prepare config too.
    assert len(read_corpus(tmp_path / "corpus")) == 2
    write_rows(tmp_path / "corpus" / "b.jsonl", [article("toll")])
    with pytest.raises(StancekitError, match=r"article id 'toll' stands at .*a\.jsonl\.gz:1 too"):
        check(tmp_path)
    (tmp_path / "a.jsonl.gz").write_bytes((tmp_path / "a.jsonl.gz").read_bytes()[:-9])
    with pytest.raises(StancekitError, match="not a readable gzip file"):
        check(tmp_path / "a.jsonl.gz")


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND, SOUND, {**SOUND, "id": "3", "statement": " "}])
    (tmp_path / "b.toml").write_text('encoder = "minilm"\nouput = "x"\n')
    (tmp_path / "c.toml").write_text("[[sources]]\n")
    (tmp_path / "d.csv").write_text("id,statement,proposal,stance\n")
    with pytest.raises(StancekitError) as caught:
        check(tmp_path)
    message = str(caught.value)
    for line in (
        "a.jsonl:2 has the id '1' of",
        "a.jsonl:3 lacks statement",
        "ouput  unknown key, did you mean output?",
        "data  missing",
        "sources.0.format  missing",
        "d.csv holds no row",
    ):
        assert line in message


def test_there_must_be_something_to_check(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(StancekitError, match=r"does not exist|nothing to check"):
            check(path)


def prepare_config(folder: Path, table: str = "x.csv", column: str = "text") -> Path:
    (folder / "prepare.toml").write_text(
        f'name = "x"\noutput = "out"\nraw = "{(folder / "raw").as_posix()}"\n[[sources]]\nformat = "table"\nname = "x"\npath = "{table}"\n'
        f'columns = {{ statement = "{column}", proposal = "proposal", stance = "stance" }}\n'
    )
    return folder / "prepare.toml"


def train_config(folder: Path, encoder: str = "minilm") -> Path:
    paths = "\n".join(f'{name} = "{(folder / f"{name}.jsonl").as_posix()}"' for name in ("train", "validation"))
    (folder / "train.toml").write_text(f'encoder = "{encoder}"\noutput = "out"\n[data]\n{paths}\n')
    return folder / "train.toml"


def test_every_file_of_a_mix_is_checked(tmp_path: Path) -> None:
    path = train_config(tmp_path)
    mix = "".join(f'[[data.mix]]\npath = "{(tmp_path / name).as_posix()}"\n' for name in ("a.jsonl", "b.jsonl"))
    lines = [line for line in path.read_text().splitlines() if not line.startswith("train = ")]
    path.write_text("\n".join([*lines, mix]))
    write_rows(tmp_path / "a.jsonl", [{**SOUND, "stance": "sideways"}])
    with pytest.raises(StancekitError, match=r"a\.jsonl:1 has stance 'sideways'"):
        check(path)
    write_rows(tmp_path / "a.jsonl", [SOUND])
    assert check(path)[0].summary == f"sound; not prepared yet: {tmp_path / 'b.jsonl'}, {tmp_path / 'validation.jsonl'}"


def test_a_prepare_config_is_checked_with_its_data(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "x.csv").write_text("text,proposal,stance\na,p,pro\nb,p,con\n")
    assert check(prepare_config(tmp_path))[0].summary == "sound; 2 pairs (oppose 50%, neutral 0%, support 50%)"
    with pytest.raises(StancekitError, match="no column for statement = 'body'"):
        check(prepare_config(tmp_path, column="body"))
    with pytest.raises(StancekitError, match=r"y\.csv does not exist"):
        check(prepare_config(tmp_path, table="y.csv"))
    (tmp_path / "raw" / "x.csv").write_text("text,proposal,stance\na,p,pro\nb,p,sideways\n")
    with pytest.raises(StancekitError, match=r"x\.csv:3 .*unknown stance 'sideways'"):
        check(prepare_config(tmp_path))


def test_a_source_with_a_raw_folder_of_its_own_is_looked_for_there(tmp_path: Path) -> None:
    path = prepare_config(tmp_path)
    path.write_text(path.read_text().replace('name = "x"\npath', f'name = "x"\nraw = "{(tmp_path / "own").as_posix()}"\npath'))
    (tmp_path / "raw").mkdir()
    assert check(path)[0].summary == f"sound; not checked: no data at {tmp_path / 'own'}"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "x.csv").write_text("text,proposal,stance\na,p,pro\n")
    assert check(path)[0].summary == "sound; 1 pairs (oppose 0%, neutral 0%, support 100%)"


def test_data_that_is_still_to_come_is_told(tmp_path: Path) -> None:
    assert check(prepare_config(tmp_path))[0].summary == f"sound; not checked: no data at {tmp_path / 'raw'}"
    absent = f"{tmp_path / 'train.jsonl'}, {tmp_path / 'validation.jsonl'}"
    assert check(train_config(tmp_path))[0].summary == f"sound; not prepared yet: {absent}"
    for name in ("train", "validation"):
        write_rows(tmp_path / f"{name}.jsonl", [SOUND])
    assert check(train_config(tmp_path))[0].summary == "sound"


@pytest.mark.parametrize("encoder", ["./absent", "/absent/encoder", "~/absent/encoder", "runs/quick/checkpoint-of-old"])
def test_an_encoder_folder_that_is_not_there_is_a_fault(tmp_path: Path, encoder: str) -> None:
    write_rows(tmp_path / "train.jsonl", [{**SOUND, "stance": "sideways"}])
    with pytest.raises(StancekitError) as caught:
        check(train_config(tmp_path, encoder))
    assert f"there is no folder {encoder}" in caught.value.problem
    assert "stance 'sideways'" in caught.value.problem, "all faults are told together"


def test_an_encoder_may_be_a_folder_or_a_name_on_the_hub(tmp_path: Path) -> None:
    for encoder in (tmp_path.as_posix(), "organisation/model"):
        assert check(train_config(tmp_path, encoder))[0].kind == "train config"


def test_hidden_folders_and_runs_are_not_walked(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [SOUND])
    for folder in (".venv", ".git", "runs", "deep/runs"):
        write_rows(tmp_path / folder / "bad.jsonl", [{"a": 1}])
    assert [found.path for found in check(tmp_path)] == [tmp_path / "a.jsonl"]


def article(name: str) -> dict[str, object]:
    fact = {"proposal": "toll", "stance": "neutral", "holder": None, "holder_id": None, "voice": "author", "tags": ["fact"]}
    return {
        "id": name, "genre": "report", "field": "transport", "outlet": "The Test", "date": "2031-01-01", "title": "Toll",
        "proposals": [{"id": "toll", "text": "The bridge should have a toll."}],
        "sentences": [{"text": "It opens at noon.", "labels": [fact]}],
    }  # fmt: skip


@pytest.mark.parametrize("folder", ["", "corpus", "deep/corpus"])
def test_an_article_id_given_twice_in_a_corpus_is_found_wherever_it_lies(tmp_path: Path, folder: str) -> None:
    write_rows(tmp_path / "other.csv", [SOUND])
    write_rows(tmp_path / folder / "a.jsonl", [article("toll")])
    write_rows(tmp_path / folder / "b.jsonl", [article("toll")])
    with pytest.raises(StancekitError, match=r"b\.jsonl:1 .*article id 'toll' stands at .*a\.jsonl:1 too"):
        check(tmp_path)
    write_rows(tmp_path / folder / "b.jsonl", [article("tram")])
    assert [(found.path.name, found.kind) for found in check(tmp_path)] == [
        ("other.csv", "examples"),
        ((tmp_path / folder).name, "corpus"),
    ]


@pytest.mark.parametrize("head", ["\ufeff", "\n", "\ufeff\n \n"])
def test_a_corpus_is_known_behind_a_byte_order_mark_and_blank_lines(tmp_path: Path, head: str) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.jsonl", [article("toll")])
    (tmp_path / "a.jsonl").write_text(head + (tmp_path / "a.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(StancekitError, match="article id 'toll' stands at"):
        check(tmp_path)
