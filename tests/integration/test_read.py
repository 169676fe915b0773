"""`stancekit read` over folders: what it takes, and that its files and its page tell the same."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROPOSAL = "[proposals]\ntoll = 'The council should keep the harbour toll.'\n"
TEXT = "Toll row in Orrin\n\nThe mayor said the toll deserves every coin. Ada Varga called it a disgrace. {}"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name, end in (("monday.txt", "Bakers fear it."), ("tuesday.md", "It opens at noon.")):
        (folder / name).write_text(TEXT.format(end), encoding="utf-8")
    # A folder of articles often holds tables about them.
    (folder / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "proposals.toml").write_text(PROPOSAL, encoding="utf-8")
    return folder


@pytest.fixture
def reading(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from stancekit.inference.model import StanceModel
    from stancekit.records import Prediction
    from stancekit.stance import Stance

    def sided(self: StanceModel, pairs: Any, advance: Any = None) -> list[Prediction]:
        stances = (Stance.SUPPORT, Stance.OPPOSE, Stance.OPPOSE, Stance.NEUTRAL)
        return [
            Prediction(one.id, one.text, asked.id, asked.text, stances[at % 4], 0.9, {}, one.source, one.start, one.end)
            for at, (one, asked) in enumerate(pairs)
        ]

    monkeypatch.setattr(StanceModel, "predict_records", sided)
    output = news.parent / "reading"
    asked = ["--proposals", news.parent / "proposals.toml", "--output", output]
    done = stancekit("read", tiny_bundle, news, news / "monday.txt", *asked)
    assert done.returncode == 0, done.stderr
    return output


def test_a_folder_gives_its_articles_once_and_none_of_its_tables(reading: Path) -> None:
    opinions = rows(reading / "opinions.jsonl")
    assert [(opinion["article"], opinion["holder_id"], opinion["stance"]) for opinion in opinions] == [
        ("monday", "monday.author", "support"),
        ("monday", "monday.mayor", "oppose"),
        ("monday", "ada-varga", "oppose"),
        ("tuesday", "tuesday.author", "support"),
        ("tuesday", "tuesday.mayor", "oppose"),
        ("tuesday", "ada-varga", "oppose"),
    ]


def test_the_page_draws_the_rows_of_the_summary(reading: Path) -> None:
    summary = rows(reading / "summary.jsonl")
    assert {row["holder_id"]: (row["oppose"], row["support"], row["stance"]) for row in summary} == {
        "monday.author": (0, 1, "support"),
        "monday.mayor": (1, 0, "oppose"),
        "ada-varga": (2, 0, "oppose"),
        "tuesday.author": (0, 1, "support"),
        "tuesday.mayor": (1, 0, "oppose"),
    }
    page = (reading / "report.html").read_text(encoding="utf-8")
    board = page[page.index("<tbody>") : page.index("</tbody>")]
    cells = re.findall(r'<a class="(\w+)".*?<span class="tally">(\d)</span>', board)
    assert sorted(cells) == sorted((row["stance"], str(row["oppose"] + row["support"])) for row in summary)


def test_the_page_says_how_far_the_model_can_be_trusted(reading: Path) -> None:
    page = (reading / "report.html").read_text(encoding="utf-8")
    note = page[page.index('<p class="note" role="note"') : page.index("</header>")]
    assert note.index("Read a sentence before you report what somebody thinks.") < note.index(
        "This model has not been judged on labelled data."
    )


def test_a_folder_without_an_article_is_refused(stancekit: Callable[..., Any], tiny_bundle: Path, news: Path) -> None:
    (news / "monday.txt").unlink()
    (news / "tuesday.md").unlink()
    done = stancekit("read", tiny_bundle, news, "--proposals", news.parent / "proposals.toml", "--output", news.parent / "reading")
    assert done.returncode == 2
    assert "holds no file to read" in done.stderr
    assert ".txt, .md" in done.stderr
    assert not (news.parent / "reading").exists()


def test_the_articles_of_the_demo_are_nothing_but_articles() -> None:
    folder = Path(__file__).parents[2] / "data" / "articles"
    assert {file.suffix for file in folder.iterdir()} == {".txt", ".toml"}


def test_an_article_is_not_asked_about_what_it_does_not_mention(reading: Path) -> None:
    from stancekit.stages.read import read

    asked = reading.parent / "both.toml"
    asked.write_text(PROPOSAL + "lamps = 'Street lamps should be switched off at midnight.'\n", encoding="utf-8")
    bundle = json.loads((reading / "manifest.json").read_text(encoding="utf-8"))["settings"]["bundle"]
    news = reading.parent / "news"
    found = read(Path(bundle), [news], asked, reading.parent / "gated")
    assert {opinion.proposal_id for opinion in found} == {"toll"}
    assert "2 times an article was not asked" in (reading.parent / "gated" / "report.html").read_text(encoding="utf-8")
    everything = read(Path(bundle), [news], asked, reading.parent / "open", min_overlap=0)
    assert {opinion.proposal_id for opinion in everything} == {"toll", "lamps"}
