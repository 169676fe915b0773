"""The articles with hand-written gold say what they claim, and are compared with what was read as documented."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from article_gold import Compared, faults_of, measure, positions_of, row_of
from article_texts import Row, WrittenGold, overlaps, read_gold, same_name, seen_text, shared_words
from stancekit.stance import Stance

FOLDER = Path(__file__).parents[1] / "data" / "articles"
GOLD = sorted(FOLDER.glob("*.expected.json"))
TITLES = [file.name.removesuffix(".expected.json") for file in GOLD]


def test_every_article_has_its_gold() -> None:
    articles = [file for file in FOLDER.iterdir() if not file.name.endswith(".json")]
    assert sorted(file.stem for file in articles) == TITLES
    assert {ending: sum(file.suffix == ending for file in articles) for ending in (".txt", ".md", ".html")} == {
        ".txt": 8,
        ".md": 3,
        ".html": 5,
    }


@pytest.mark.parametrize("file", GOLD, ids=TITLES)
def test_gold_has_the_form_of_the_shared_example(file: Path) -> None:
    gold = json.loads(file.read_text(encoding="utf-8"))
    assert set(gold) == {"article", "title", "date", "outlet", "proposals", "opinions", "not_part_of_the_article", "silent"}
    assert date.fromisoformat(gold["date"])
    for row in gold["opinions"]:
        assert (
            {"proposal", "holder", "names", "stance", "evidence"}
            <= set(row)
            <= {"proposal", "holder", "names", "stance", "evidence", "optional"}
        )
        assert row["holder"] in row["names"]
        stances = [row["stance"]] if isinstance(row["stance"], str) else row["stance"]
        assert stances
        assert set(stances) <= set(Stance)


@pytest.mark.parametrize("file", GOLD, ids=TITLES)
def test_gold_stands_in_the_article(file: Path) -> None:
    gold = read_gold(file)
    assert [(row.names[0], one) for row in gold.rows for one in row.evidence if gold.text.count(one) != 1] == []
    assert [one for one in gold.furniture if gold.text.count(one) != 1] == []
    assert [row.names[0] for row in gold.rows if not row.evidence] == []
    voices = [*(row.names for row in gold.rows), *(names for _, names in gold.silent)]
    assert [names for names in voices if not any(name.lower() in gold.text.lower() for name in names)] == []


@pytest.mark.parametrize("file", GOLD, ids=TITLES)
def test_evidence_is_no_furniture_and_a_holder_has_one_row_a_proposal(file: Path) -> None:
    gold = read_gold(file)
    assert [one for row in gold.rows for one in row.evidence if overlaps(gold.text, one, gold.furniture)] == []
    asked = {proposal for row in gold.rows for proposal in [row.proposal]} | {proposal for proposal, _ in gold.silent}
    assert asked == set(gold.proposals)
    rows = [(row.proposal, name) for row in gold.rows for name in row.names]
    assert len(rows) == len(set(rows))
    silent = [(proposal, name) for proposal, names in gold.silent for name in names]
    assert not {(row.proposal, name) for row in gold.rows for name in row.names} & set(silent)


@pytest.mark.parametrize("file", GOLD, ids=TITLES)
def test_articles_are_long_and_varied_enough(file: Path) -> None:
    gold = read_gold(file)
    assert 350 <= len(gold.text.split()) <= 700
    assert 2 <= len(gold.proposals) <= 3
    assert len({row.names[0] for row in gold.rows}) >= 5
    assert len({row.stances for row in gold.rows}) >= 3
    assert len(gold.furniture) >= 3


def test_a_page_is_seen_without_its_head_and_scripts(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>T</title></head><body><p>One <b>b</b>ig\nword&rsquo;s</p><p>Two</p><script>x</script></body></html>"
    )
    assert seen_text(page) == "One big word's Two"


def test_names_match_by_words() -> None:
    assert same_name("The Reed\u2019s Guild", "Reed Guild")
    assert not same_name("Reed", "Reed Guild")
    assert shared_words("Ada Reed", "Dr Reed") == 1
    assert shared_words("Ada Reed", "Ina Reed") == 0
    assert shared_words("the", "the Reed") == 0


def opinion(**changes: Any) -> dict[str, Any]:
    return {
        "proposal_id": "p",
        "holder": "Reed",
        "voice": "cited",
        "stance": "support",
        "confidence": 0.9,
        "sentence": "Yes to it.",
        **changes,
    }


ROWS = (
    Row("p", ("Ada Reed",), ("support",), ("Yes to",)),
    Row("p", ("Guild of Reeds",), ("oppose",), ("No to",)),
    Row("p", ("Moor",), ("neutral",), ("Perhaps",), optional=True),
)


def compared(*opinions: dict[str, Any]) -> Compared:
    text = "Yes to it. No to it. Perhaps. Follow us."
    gold = WrittenGold(Path("a.txt"), text, {"p": "P"}, ROWS, ("Follow us",), (("p", ("Lund",)),))
    found = tuple(positions_of(opinions))
    furniture = tuple(one["sentence"] for one in opinions if overlaps(text, one["sentence"], gold.furniture))
    return Compared(gold, found, tuple(row_of(one, ROWS) for one in found), furniture, None)


def test_all_that_is_right_scores_one() -> None:
    one = compared(opinion(), opinion(holder="Guild of Reeds", stance="oppose", sentence="No to it."))
    scores = measure([one])
    assert scores["position"] == scores["holder"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert (scores["evidence_right"], scores["furniture_used"]) == (1.0, 0)
    assert faults_of(one) == []


def test_faults_are_counted_by_kind() -> None:
    one = compared(
        opinion(stance="oppose", sentence="No to it."),
        opinion(holder="Lund"),
        opinion(voice="author", holder="Author", sentence="Follow us."),
    )
    scores = measure([one])
    assert scores["position"]["recall"] == 0.0
    assert scores["holder"] == {"precision": 0.3333, "recall": 0.5, "f1": 0.4}
    assert scores["furniture_used"] == 1
    assert [fault["kind"] for fault in faults_of(one)] == [
        "missed: other stance found (support)",
        "missed: holder not found (oppose)",
        "alarm: wrong stance",
        "alarm: takes no stance",
        "alarm: author taken for a holder",
        "furniture",
    ]


def test_what_is_optional_counts_neither_way_unless_it_is_wrong() -> None:
    plain, right, wrong = (measure([compared(opinion(), *more)]) for more in ([], [moor("neutral")], [moor("oppose")]))
    assert right == plain
    assert wrong["position"]["precision"] == 0.5


def moor(stance: str) -> dict[str, Any]:
    return opinion(holder="Moor", stance=stance, sentence="Perhaps.")


def test_two_names_of_one_row_are_both_right_and_said_to_be_split() -> None:
    scores = measure([compared(opinion(), opinion(holder="Ada Reed"))])
    assert (scores["position"]["precision"], scores["position"]["recall"], scores["split"]) == (1.0, 0.5, 1)


def test_the_stance_with_more_confidence_is_the_position() -> None:
    found = positions_of([opinion(confidence=0.5), opinion(stance="oppose", confidence=0.8), opinion(confidence=0.4)])
    assert [(one.stance, len(one.sentences)) for one in found] == [("support", 2)]


def test_evidence_in_the_wrong_place_is_not_right() -> None:
    assert measure([compared(opinion(sentence="No to it."))])["evidence_right"] == 0.0
