"""The data card: its numbers are those of the corpus, and the card in the repository is up to date."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stancekit.data.corpus import LabelledArticle
from stancekit.errors import StancekitError
from stancekit.stance import Stance

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
BEGIN, END = "<!-- counts:begin -->", "<!-- counts:end -->"


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, found as it is when it runs."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("corpus_card")


def label(stance: str, rung: str, holder_id: str | None = "author") -> dict[str, object]:
    return {"proposal": "toll", "stance": stance, "holder": None, "holder_id": holder_id, "voice": "author", "tags": [rung]}


def article(name: str, field: str, labels: list[dict[str, object]]) -> LabelledArticle:
    return LabelledArticle.model_validate(
        {
            "id": name,
            "genre": "op-ed",
            "field": field,
            "outlet": "The Test",
            "date": "2031-01-01",
            "title": "Toll",
            "proposals": [{"id": "toll", "text": "The bridge should have a toll."}],
            "sentences": [{"text": "A sentence.", "labels": [entry]} for entry in labels],
        }
    )


@pytest.fixture
def located() -> list[tuple[str, LabelledArticle]]:
    first = article("first", "transport", [label("support", "explicit"), label("oppose", "implicit"), label("neutral", "fact", None)])
    second = article("second", "health", [label("support", "implicit")])
    return [("some/a.jsonl:1", first), ("some/b.jsonl:1", second)]


def test_the_card_in_the_repository_is_up_to_date(card: ModuleType) -> None:
    for path, wanted in card.card_files(DATA / "newsroom", DATA / "README.md").items():
        assert path.read_text(encoding="utf-8") == wanted, f"{path.name} is stale: run scripts/corpus_card.py"


def test_counts(card: ModuleType, located: list[tuple[str, LabelledArticle]]) -> None:
    counts = card.card_counts.count_corpus(located)
    assert (counts.whole.articles, counts.whole.sentences, counts.whole.pairs) == (2, 4, 4)
    assert counts.whole.stances == {Stance.SUPPORT: 2, Stance.OPPOSE: 1, Stance.NEUTRAL: 1}
    assert counts.proposals == 1, "the same text in two articles is one proposal"
    assert counts.holders == 0, "the writers are not counted"
    assert counts.rungs == {"explicit": 1, "implicit": 2}
    assert [tally.name for tally in counts.files] == ["a.jsonl", "b.jsonl"]
    assert [(tally.name, tally.pairs) for tally in counts.fields] == [("transport", 3), ("health", 1)]


def test_the_share_of_explicit_is_that_of_the_sides(card: ModuleType, located: list[tuple[str, LabelledArticle]]) -> None:
    markdown = card.card_counts.counts_markdown(card.card_counts.count_corpus(located), "card.svg")
    assert "Of the 3 sides taken, 33.3 % are explicit and 66.7 % implicit." in markdown
    assert "| transport | 1 | 3 | 3 | 33.3 % | 33.3 % | 33.3 % |" in markdown


def test_counts_replace_what_stood_between_the_markers(card: ModuleType) -> None:
    assert card.with_section(f"before\n{BEGIN}\nold\n{END}\nafter", "counts", "new\n", "README") == f"before\n{BEGIN}\nnew\n{END}\nafter"


@pytest.mark.parametrize("text", ["nothing", BEGIN, END, f"{END} {BEGIN}", f"{BEGIN} {END} {BEGIN} {END}"])
def test_missing_or_doubled_markers_are_refused(card: ModuleType, text: str) -> None:
    with pytest.raises(StancekitError, match="lacks the place"):
        card.with_section(text, "counts", "new", "README.md")


def test_the_figure_escapes_names_and_never_changes(card: ModuleType) -> None:
    rows = [card.ShareRow("a <b> & c", (1, 2, 1)), card.ShareRow("empty", (0, 0, 0))]
    drawn = card.share_figure(rows, "Title")
    assert "a &lt;b&gt; &amp; c" in drawn
    assert ">50</text>" in drawn
    assert drawn == card.share_figure(rows, "Title")


def test_check_names_a_stale_card_and_writing_mends_it(tmp_path: Path) -> None:
    readme, figure = tmp_path / "README.md", tmp_path / "card.svg"
    readme.write_text(f"card\n{BEGIN}\n{END}\n<!-- agreement:begin -->\n<!-- agreement:end -->\n", encoding="utf-8")
    command = [sys.executable, str(ROOT / "scripts" / "corpus_card.py"), "--readme", str(readme)]

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *options], capture_output=True, text=True, check=False)

    stale = run("--check")
    assert stale.returncode == 1
    assert "stale" in stale.stdout
    assert not figure.exists(), "a check writes nothing"
    assert run().returncode == 0
    assert run("--check").returncode == 0
    readme.write_text("no markers", encoding="utf-8")
    refused = run("--check")
    assert refused.returncode == 2
    assert "error:" in refused.stderr
