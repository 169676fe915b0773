"""SEESAW's three folders become examples: topics alone, votes counted, neutral where a topic is named and nobody took a side."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import PrepareConfig, SeesawSource, load_config
from stancekit.data.importers import seesaw
from stancekit.data.sources import Located, input_files, read_sources
from stancekit.errors import StancekitError
from stancekit.records import Example
from stancekit.stance import Stance

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT.parent / "shared" / "raw" / "seesaw"
SENTENCES = [
    "Mayor Varn  wants the harbour tolls gone.",
    "The council's harbour toll was voted in nine years ago.",
    "Brask called it theft, while Varn's rivals praised it.",
    "The Toll Office opens at noon.",
    "A toll is paid at the harbour.",
]


def triplet(subject: str, sentiment: str, target: str, annotators: str) -> dict[str, Any]:
    return {"id": 0, "subject": subject, "sentiment": sentiment, "object": target, "annotators": list(annotators)}


def entity(name: str, *types: str) -> list[Any]:
    return [name, list(types), ["Main"] * len(types), list("ABCD"[: len(types)])]


ENTITIES = [
    entity("Varn", "People"),
    entity("harbour toll", "Topic", "Topic"),
    entity("Toll Office", "Organization"),
    entity("dredging", "Topic", "Event"),
    entity("toll", "Event", "Topic", "Topic"),
]
MARKED = {
    "0": [
        triplet("Varn", "NEG", "harbour toll", "AB"),
        triplet("Varn", "NEG", "Toll Office", "A"),
        triplet("Varn", "POS", "dredging", "A"),
    ],
    "2": [
        triplet("Brask", "NEG", "harbour toll", "A"),
        triplet("Not in the list", "POS", "harbour toll", "A"),
        triplet("Varn", "NEG", "toll", "B"),
        triplet("Brask", "NEG", "toll", "AC"),
        triplet("None", "POS", "toll", "A"),
    ],
}


def release(folder: Path, entities: Any = ENTITIES, marked: Any = MARKED, sentences: Any = SENTENCES, split: str = "valid") -> Path:
    contents: dict[str, Any] = {
        "annotations/TRIPLET_007_DOCUMENT_1.json": {"entity lists": entities, "sentence-level stances": marked},
        "articles/TRIPLET_007_DOCUMENT_1.json": {"text": [{"id": number, "text": text} for number, text in enumerate(sentences)]},
        "meta/TRIPLET_007.json": {"Split": split},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder


def imported(folder: Path) -> list[Located]:
    return list(seesaw.read(SeesawSource(format="seesaw", name="s", path=Path()), folder))


def test_an_example_is_a_sentence_and_a_topic(tmp_path: Path) -> None:
    first = imported(release(tmp_path))[0]
    assert first == Located(
        f"{tmp_path / 'annotations/TRIPLET_007_DOCUMENT_1.json'} sentence 0",
        Example(
            "s:007:1:0:harbour toll",
            "Mayor Varn wants the harbour tolls gone.",
            "harbour toll",
            Stance.OPPOSE,
            "s",
            "s:007",
            "Varn",
            votes={"oppose": 2},
        ),
        "validation",
    )


def test_only_what_most_annotators_typed_as_a_topic_is_a_proposal(tmp_path: Path) -> None:
    assert {row.example.proposal for row in imported(release(tmp_path))} == {"harbour toll", "toll"}


def test_votes_are_annotators_and_an_even_vote_is_left_out(tmp_path: Path) -> None:
    third = [row.example for row in imported(release(tmp_path)) if ":2:" in row.example.id]
    # One annotator saw both sides of the harbour toll; toll has A, B and C against and A for it.
    assert [(one.proposal, one.stance, one.votes, one.holder) for one in third] == [
        ("toll", Stance.OPPOSE, {"oppose": 3, "support": 1}, "Brask")
    ]


def test_several_subjects_of_one_annotator_are_one_vote(tmp_path: Path) -> None:
    marked = {"0": [triplet("Brask", "POS", "toll", "A"), triplet("Varn", "POS", "toll", "A"), triplet("Odo", "NEG", "toll", "B")]}
    assert not [row for row in imported(release(tmp_path, marked=marked)) if row.example.stance is not Stance.NEUTRAL]


def test_a_holder_that_the_annotators_did_not_list_is_absent(tmp_path: Path) -> None:
    marked = {"0": [triplet("None", "POS", "toll", "A"), triplet("Not in the list", "POS", "toll", "AB")]}
    (found,) = [row.example for row in imported(release(tmp_path, marked=marked)) if row.example.stance is Stance.SUPPORT]
    assert (found.holder, found.votes) == (None, {"support": 2})


def test_neutral_sentences_name_their_topic_without_a_stance(tmp_path: Path) -> None:
    neutral = [row.example for row in imported(release(tmp_path)) if row.example.stance is Stance.NEUTRAL]
    assert [(one.id, one.votes, one.holder) for one in neutral] == [
        ("s:007:1:1:harbour toll", None, None),
        ("s:007:1:4:toll", None, None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The toll stays.", True),
        ("All TOLLS stay.", True),
        ("The toll’s friends cheer.", True),
        ("The toll-free road is closed.", True),
        ("Bells are tolling.", False),
        ("The Toll Office is closed.", False),
        ("The Toll Office collects the toll.", True),
        ("", False),
    ],
)
def test_a_topic_is_named_outside_longer_names_only(text: str, expected: bool) -> None:
    assert seesaw.named("toll", text, ["toll", "Toll Office"]) is expected


def test_scattered_words_do_not_name_a_topic() -> None:
    assert seesaw.named("harbour toll", "The harbour tolls rose.", [])
    assert not seesaw.named("harbour toll", "A toll is paid at the harbour.", [])
    assert not seesaw.named("…", "Nothing is said.", [])


@pytest.mark.parametrize(
    "damage",
    [
        {"split": "holdout"},
        {"entities": [["toll"]]},
        {"marked": {"0": [{"object": "toll"}]}},
        {"marked": {"0": [triplet("Varn", "MIXED", "toll", "A")]}},
        {"marked": {"9": [triplet("Varn", "NEG", "toll", "A")]}},
        {"sentences": [None]},
        {"marked": []},
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path: Path, damage: dict[str, Any]) -> None:
    with pytest.raises(StancekitError, match="is not SEESAW"):
        imported(release(tmp_path, **damage))


def test_missing_broken_and_foreign_files_are_told(tmp_path: Path) -> None:
    release(tmp_path)
    article = tmp_path / "articles/TRIPLET_007_DOCUMENT_1.json"
    article.write_text('{\n"text": ')
    with pytest.raises(StancekitError, match=r"DOCUMENT_1\.json:2 is not JSON"):
        imported(tmp_path)
    article.unlink()
    with pytest.raises(StancekitError, match="does not exist"):
        imported(tmp_path)
    (tmp_path / "annotations/notes.json").write_text("{}")
    (tmp_path / "annotations/TRIPLET_007_DOCUMENT_1.json").unlink()
    with pytest.raises(StancekitError, match=r"notes\.json is not named"):
        imported(tmp_path)


def test_the_manifest_names_the_files_of_the_three_folders(tmp_path: Path) -> None:
    release(tmp_path)
    (tmp_path / "README.md").touch()
    config = PrepareConfig.model_validate(
        {"name": "x", "output": "out", "raw": str(tmp_path), "sources": [{"format": "seesaw", "name": "s", "path": "."}]}
    )
    assert {file.relative_to(tmp_path).as_posix() for file in input_files(config)} == {
        "annotations/TRIPLET_007_DOCUMENT_1.json",
        "articles/TRIPLET_007_DOCUMENT_1.json",
        "meta/TRIPLET_007.json",
    }


def test_the_train_stories_as_published_keep_their_counts() -> None:
    if not RAW.is_dir():
        pytest.skip("no shared data")
    rows = read_sources(load_config(ROOT / "configs" / "prepare" / "seesaw.toml", PrepareConfig, [f"raw={RAW}"]))
    assert Counter((row.split, row.example.stance.value) for row in rows) == {
        ("train", "oppose"): 523,
        ("train", "support"): 398,
        ("train", "neutral"): 254,
    }
