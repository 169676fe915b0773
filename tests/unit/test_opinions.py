"""Opinions: what counts as one, in which order, and the rows that sum them up."""

import pytest

from stancekit.errors import StancekitError
from stancekit.news.holders import Holder
from stancekit.news.opinions import opinions_of, summarise
from stancekit.records import Article, Prediction
from stancekit.stance import Stance

ARTICLE = Article(id="toll", text="x" * 100)
VARGA = Holder("Ada Varga", "ada-varga", 0, 5, "cited", "speech-verb")
UNKNOWN = Holder("she", None, 0, 3, "cited", "pronoun")


def prediction(number: int, stance: Stance, confidence: float = 0.9, proposal: str = "toll", start: int | None = None) -> Prediction:
    place = number * 10 if start is None else start
    chances = {item.value: confidence if item is stance else (1 - confidence) / 2 for item in Stance}
    return Prediction(
        f"toll:{number}", f"Sentence {number}.", proposal, f"The {proposal}.", stance, confidence, chances, None, place, place + 9
    )


def test_sides_at_or_above_the_confidence_become_opinions_in_the_order_of_the_text() -> None:
    predictions = [prediction(2, Stance.OPPOSE, 0.6), prediction(1, Stance.SUPPORT, 0.7), prediction(3, Stance.SUPPORT, 0.59)]
    opinions = opinions_of(ARTICLE, predictions, {"toll:1": VARGA, "toll:2": VARGA, "toll:3": VARGA}, 0.6)
    assert [(opinion.sentence, opinion.stance, opinion.confidence) for opinion in opinions] == [
        ("Sentence 1.", Stance.SUPPORT, 0.7),
        ("Sentence 2.", Stance.OPPOSE, 0.6),
    ]
    first = opinions[0]
    assert (first.article, first.holder, first.holder_id, first.voice, first.rule) == (
        "toll",
        "Ada Varga",
        "ada-varga",
        "cited",
        "speech-verb",
    )
    assert (first.start, first.end) == (10, 19)


def test_neutral_sentences_are_kept_on_wish_and_only_from_cited_voices() -> None:
    predictions = [prediction(1, Stance.NEUTRAL), prediction(2, Stance.NEUTRAL)]
    holders = {"toll:1": VARGA, "toll:2": Holder.author()}
    assert opinions_of(ARTICLE, predictions, holders, 0.5) == []
    assert [opinion.sentence for opinion in opinions_of(ARTICLE, predictions, holders, 0.5, keep_neutral=True)] == ["Sentence 1."]


def test_a_sentence_without_a_holder_is_the_authors() -> None:
    (opinion,) = opinions_of(ARTICLE, [prediction(1, Stance.SUPPORT)], {}, 0.5)
    assert (opinion.holder, opinion.holder_id, opinion.voice) == (None, "author", "author")


def test_a_prediction_without_offsets_is_refused() -> None:
    lost = Prediction("s", "Text.", "toll", "The toll.", Stance.SUPPORT, 0.9, {})
    with pytest.raises(StancekitError, match="no offsets"):
        opinions_of(ARTICLE, [lost], {}, 0.5)


def test_a_row_has_counts_the_leading_side_and_its_surest_sentence() -> None:
    predictions = [prediction(1, Stance.SUPPORT, 0.7), prediction(2, Stance.SUPPORT, 0.8), prediction(3, Stance.OPPOSE, 0.95)]
    (row,) = summarise(opinions_of(ARTICLE, predictions, dict.fromkeys(("toll:1", "toll:2", "toll:3"), VARGA), 0.5))
    assert (row["support"], row["oppose"], row["neutral"], row["stance"]) == (2, 1, 0, "support")
    assert (row["holder"], row["sentence"], row["confidence"], row["start"]) == ("Ada Varga", "Sentence 2.", 0.8, 20)


def test_level_sides_are_mixed_and_show_the_surest_sentence_of_either() -> None:
    predictions = [prediction(1, Stance.SUPPORT, 0.7), prediction(2, Stance.OPPOSE, 0.8)]
    (row,) = summarise(opinions_of(ARTICLE, predictions, {"toll:1": VARGA, "toll:2": VARGA}, 0.5))
    assert (row["stance"], row["sentence"]) == ("mixed", "Sentence 2.")


def test_rows_are_one_a_holder_and_proposal_and_voices_without_a_name_share_one() -> None:
    predictions = [
        prediction(1, Stance.SUPPORT),
        prediction(1, Stance.OPPOSE, proposal="tram"),
        prediction(2, Stance.OPPOSE),
        prediction(3, Stance.OPPOSE),
    ]
    holders = {"toll:1": VARGA, "toll:2": UNKNOWN, "toll:3": Holder("they", None, 0, 4, "cited", "pronoun")}
    rows = summarise(opinions_of(ARTICLE, predictions, holders, 0.5))
    assert [(row["holder"], row["holder_id"], row["proposal_id"], row["stance"]) for row in rows] == [
        ("Ada Varga", "ada-varga", "toll", "support"),
        ("Ada Varga", "ada-varga", "tram", "oppose"),
        (None, None, "toll", "oppose"),
    ]
    assert rows[2]["oppose"] == 2


def test_the_rows_do_not_hang_on_the_order_of_predictions() -> None:
    predictions = [prediction(n, Stance.SUPPORT if n % 2 else Stance.OPPOSE, 0.6 + n / 100) for n in range(1, 7)]
    holders = {f"toll:{n}": VARGA if n < 4 else UNKNOWN for n in range(1, 7)}
    forward = opinions_of(ARTICLE, predictions, holders, 0.5)
    assert opinions_of(ARTICLE, predictions[::-1], holders, 0.5) == forward
    assert summarise(forward) == summarise(opinions_of(ARTICLE, predictions[::-1], holders, 0.5))
