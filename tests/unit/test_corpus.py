"""The newsroom corpus meets its requirements, and each rule of its validator refuses an article that breaks it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import NewsroomSource
from stancekit.data.corpus import LabelledArticle, read_corpus
from stancekit.data.importers import newsroom
from stancekit.data.promises import Promises, broken, census
from stancekit.errors import StancekitError

TEXT = "She called the toll a disgrace, but the dockers want it."

Article = dict[str, Any]


def label(proposal: str, stance: str, holder: str, tags: list[str]) -> dict[str, Any]:
    start = TEXT.index(holder)
    return {
        "proposal": proposal,
        "stance": stance,
        "holder": holder,
        "holder_id": "lise-farrow" if holder == "She" else "dockers",
        "span": [start, start + len(holder)],
        "voice": "cited",
        "tags": tags,
    }


GOOD: Article = {
    "id": "toll-bridge",
    "genre": "local paper",
    "field": "transport",
    "outlet": "The Test",
    "date": "2031-02-28",
    "title": "Toll",
    "proposals": [{"id": "toll", "text": "The bridge should have a toll."}, {"id": "ferry", "text": "The ferry should be kept."}],
    "sentences": [
        {
            "text": TEXT,
            "labels": [
                label("toll", "oppose", "She", ["explicit", "reported", "pronoun", "two-voices"]),
                label("ferry", "neutral", "She", ["reported", "pronoun", "off-topic"]),
            ],
            "also": [label("toll", "support", "the dockers", ["explicit", "reported"])],
            "readings": [
                {"reader": "one", "holder": "She", "stances": {"toll": "oppose", "ferry": "neutral"}, "rungs": {"toll": "explicit"}},
                {"reader": "two", "holder": None, "stances": {"toll": "neutral", "ferry": "neutral"}},
            ],
        }
    ],
}


def written(folder: Path, *articles: Article) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return path


def first(article: Article) -> dict[str, Any]:
    return article["sentences"][0]["labels"][0]  # type: ignore[no-any-return]


def second(article: Article) -> dict[str, Any]:
    return article["sentences"][0]["labels"][1]  # type: ignore[no-any-return]


def further(article: Article) -> dict[str, Any]:
    return article["sentences"][0]["also"][0]  # type: ignore[no-any-return]


def readings(article: Article) -> list[dict[str, Any]]:
    return article["sentences"][0]["readings"]  # type: ignore[no-any-return]


def by_author(entry: dict[str, Any], **changes: Any) -> None:
    entry.pop("span")
    entry.update({"holder": None, "holder_id": "author", "voice": "author", **changes})


BREAKS: dict[str, tuple[Callable[[Article], Any], str]] = {
    "unknown key": (lambda a: a.update(extra=1), "extra"),
    "missing key": (lambda a: a.pop("outlet"), "outlet"),
    "id not a slug": (lambda a: a.update(id="Toll Bridge"), "pattern"),
    "no such day": (lambda a: a.update(date="2031-02-30"), "no day of the calendar"),
    "blank text": (lambda a: a["sentences"][0].update(text=" "), "text"),
    "no sentence": (lambda a: a.update(sentences=[]), "sentences"),
    "proposal id twice": (lambda a: a["proposals"][1].update(id="toll"), "an id stands twice"),
    "proposal text twice": (lambda a: a["proposals"][1].update(text=a["proposals"][0]["text"]), "a text stands twice"),
    "proposal unlabelled": (lambda a: a["sentences"][0]["labels"].pop(), "instead of one for each"),
    "foreign proposal in also": (lambda a: further(a).update(proposal="tunnel"), "not one of the article's"),
    "unknown stance": (lambda a: first(a).update(stance="against"), "stance"),
    "unknown voice": (lambda a: first(a).update(voice="narrator"), "voice"),
    "unknown tag": (lambda a: first(a)["tags"].append("sarcasm"), "tags"),
    "tag twice": (lambda a: first(a)["tags"].append("explicit"), "a tag stands twice"),
    "span beside the holder": (lambda a: first(a).update(span=[1, 4]), "not 'She'"),
    "span cuts a word": (lambda a: further(a).update(holder="the docker", span=[36, 46]), "cuts a word"),
    "span missing": (lambda a: first(a).pop("span"), "go together"),
    "cited by nobody": (lambda a: by_author(first(a), voice="cited"), "needs holder"),
    "author with a holder": (lambda a: first(a).update(voice="author"), "author's voice has no holder"),
    "author cited": (lambda a: further(a).update(holder_id="author"), "holder_id author in a cited voice"),
    "author reported": (lambda a: by_author(first(a), tags=["explicit", "reported", "two-voices"]), "neither pronoun nor reported"),
    "side of nobody": (lambda a: by_author(first(a), holder_id=None, tags=["explicit", "two-voices"]), "needs a holder_id"),
    "denied side": (lambda a: first(a).update(voice="denied"), "a denied voice is neutral"),
    "pronoun untold": (lambda a: first(a)["tags"].remove("pronoun"), "needs the tag pronoun"),
    "side without rung": (lambda a: first(a)["tags"].remove("explicit"), "exactly one of the tags"),
    "side with both rungs": (lambda a: first(a)["tags"].append("implicit"), "exactly one of the tags"),
    "side that is a fact": (lambda a: first(a)["tags"].append("fact"), "cannot be fact"),
    "neutral with a rung": (lambda a: second(a)["tags"].append("implicit"), "neutral cannot be implicit"),
    "neutral that rebuts": (lambda a: second(a)["tags"].append("rebuttal"), "neutral cannot be rebuttal"),
    "neutral that hangs on a negation": (lambda a: second(a)["tags"].append("negation"), "only where the voice is denied"),
    "neutral of no kind": (lambda a: second(a)["tags"].remove("off-topic"), "neutral needs one of"),
    "off-topic fact": (lambda a: second(a)["tags"].append("fact"), "leaves no room for fact"),
    "two voices untold": (lambda a: first(a)["tags"].remove("two-voices"), "go together"),
    "two voices, but one": (lambda a: a["sentences"][0].pop("also"), "go together"),
    "further voice without a side": (lambda a: further(a).update(stance="neutral", tags=["hedge"]), "a voice in also has a side"),
    "further voice with two-voices": (lambda a: further(a)["tags"].append("two-voices"), "not the tag two-voices"),
    "relation to nothing before it": (lambda a: a["proposals"][0].update(relation={"kind": "rival", "to": "ferry"}), "stand before it"),
    "unknown relation": (lambda a: a["proposals"][1].update(relation={"kind": "cousin", "to": "toll"}), "relation.kind"),
    "one reading alone": (lambda a: readings(a).pop(), "two and more of different readers"),
    "two readings of one reader": (lambda a: readings(a)[1].update(reader="one"), "two and more of different readers"),
    "reading without a stance": (lambda a: readings(a)[0]["stances"].pop("ferry"), "has stances for ['toll']"),
    "reading without a rung": (lambda a: readings(a)[0].update(rungs={}), "has rungs for []"),
    "unknown split": (lambda a: a.update(split="dev"), "split"),
    "one holder, two labels": (lambda a: further(a).update(holder_id="lise-farrow"), "labelled 2 times"),
}


def test_a_good_article_passes(tmp_path: Path) -> None:
    ((where, article),) = read_corpus(written(tmp_path, GOOD))
    assert where.endswith("articles.jsonl:1")
    assert article.id == "toll-bridge"
    assert article.sentences[0].votes("toll") == {"oppose": 1, "neutral": 1}
    assert article.sentences[0].votes("ferry") == {"neutral": 2}


@pytest.mark.parametrize("name", BREAKS)
def test_each_rule_refuses_what_breaks_it(name: str, tmp_path: Path) -> None:
    damage, message = BREAKS[name]
    bad = copy.deepcopy(GOOD)
    damage(bad)
    with pytest.raises(StancekitError) as refusal:
        read_corpus(written(tmp_path, bad))
    assert message in refusal.value.problem
    assert "articles.jsonl:1" in refusal.value.problem


def test_an_article_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="stands at"):
        read_corpus(written(tmp_path, GOOD, GOOD))


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    one, other = copy.deepcopy(GOOD), {**copy.deepcopy(GOOD), "id": "other"}
    first(one)["span"] = [1, 4]
    other["date"] = "2031-13-01"
    with pytest.raises(StancekitError) as refusal:
        read_corpus(written(tmp_path, one, other))
    assert "2 problems" in refusal.value.problem


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"no \.jsonl file"):
        read_corpus(tmp_path)


def test_splits_are_given_to_all_articles_or_to_none(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"split is missing, and in 1 of 2 articles"):
        read_corpus(written(tmp_path, {**GOOD, "split": "test"}, {**GOOD, "id": "other"}))


def test_a_text_stands_in_one_split(tmp_path: Path) -> None:
    with pytest.raises(StancekitError) as refusal:
        read_corpus(written(tmp_path, {**GOOD, "split": "test"}, {**GOOD, "id": "other", "split": "train"}))
    assert "The bridge should have a toll." in refusal.value.problem
    assert "is in split train here, and in test at" in refusal.value.problem
    assert "3 problems" in refusal.value.problem


def test_readings_and_splits_reach_the_examples(tmp_path: Path) -> None:
    path = written(tmp_path, {**GOOD, "split": "validation"})
    rows = list(newsroom.read(NewsroomSource(format="newsroom", name="n", path=path), path))
    assert {row.split for row in rows} == {"validation"}
    assert rows[0].example.votes == {"oppose": 1, "neutral": 1}


def test_a_broken_promise_is_told_with_its_figures() -> None:
    article = LabelledArticle.model_validate(GOOD)
    promises = Promises(articles=2, pairs=2, stance_share=0.5, explicit_share=1, contrasted=0.5, read_twice=1, shortest_article=3)
    assert list(broken(promises, census([article]))) == [
        "articles: 1, and 2 are promised",
        "stance_share of support: 0.0% (0 of 2), and 50.0% are promised",
        "contrasted: 0.0% (0 of 1), and 50.0% are promised",
        "toll-bridge has 1 sentences, outside of 3 to any",
    ]
    related = copy.deepcopy(GOOD)
    related["proposals"][1]["relation"] = {"kind": "negation", "to": "toll"}
    counted = census([LabelledArticle.model_validate(related)])
    assert (counted.contrasted, counted.reworded, counted.read_twice) == (1, 0, 2)
    assert list(broken(Promises(contrasted=1, read_twice=1), counted)) == []
