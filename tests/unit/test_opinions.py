"""Opinions: what counts as one, whose it is, in which order, and the positions that sum them up."""

import pytest

from stancekit.errors import StancekitError
from stancekit.news.holders import Holder
from stancekit.news.opinions import opinions_of, summarise
from stancekit.records import Article, Opinion, Prediction
from stancekit.stance import Stance

ARTICLE = Article(id="toll", text="x" * 100)
OTHER = Article(id="tram.day", text="x" * 100)
VARGA = Holder("Ada Varga", "ada-varga", 0, 5, "cited", "speech-verb", proper=True)
MAYOR = Holder("mayor", "mayor", 0, 9, "cited", "speech-verb")
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


def test_a_sentence_without_a_holder_is_the_authors() -> None:
    (opinion,) = opinions_of(ARTICLE, [prediction(1, Stance.SUPPORT)], {}, 0.5)
    assert (opinion.holder, opinion.holder_id, opinion.voice) == (None, "toll.author", "author")


def test_a_prediction_without_offsets_is_refused() -> None:
    lost = Prediction("s", "Text.", "toll", "The toll.", Stance.SUPPORT, 0.9, {})
    with pytest.raises(StancekitError, match="no offsets"):
        opinions_of(ARTICLE, [lost], {}, 0.5)


def test_neutral_sentences_are_no_opinions() -> None:
    assert opinions_of(ARTICLE, [prediction(1, Stance.NEUTRAL)], {"toll:1": VARGA}, 0.5) == []


def said(article: Article, *holders: Holder, stances: tuple[Stance, ...] = (Stance.SUPPORT,) * 4) -> list[Opinion]:
    predictions = [prediction(number, stance) for number, stance in enumerate(stances[: len(holders)], 1)]
    return opinions_of(article, predictions, {f"toll:{number}": holder for number, holder in enumerate(holders, 1)}, 0.5)


def test_only_a_proper_name_is_the_same_holder_in_two_articles() -> None:
    voices = (VARGA, MAYOR, Holder.author(), UNKNOWN)
    assert [opinion.holder_id for opinion in said(ARTICLE, *voices)] == ["ada-varga", "toll.mayor", "toll.author", None]
    positions = summarise([*said(ARTICLE, *voices), *said(OTHER, *voices)])
    assert [(one.holder_id, one.article, one.support, one.of_one_article) for one in positions] == [
        ("ada-varga", "toll", 2, False),
        ("toll.mayor", "toll", 1, True),
        ("toll.author", "toll", 1, True),
        (None, "toll", 1, True),
        ("tram.day.mayor", "tram.day", 1, True),
        ("tram.day.author", "tram.day", 1, True),
        (None, "tram.day", 1, True),
    ]


def test_a_position_has_the_counts_and_its_surest_sentence() -> None:
    predictions = [prediction(1, Stance.SUPPORT, 0.7), prediction(2, Stance.SUPPORT, 0.8), prediction(3, Stance.SUPPORT, 0.8)]
    (one,) = summarise(opinions_of(ARTICLE, predictions, dict.fromkeys(("toll:1", "toll:2", "toll:3"), VARGA), 0.5))
    assert (one.support, one.oppose, one.stance) == (3, 0, "support")
    assert (one.holder, one.sentence, one.confidence, one.start) == ("Ada Varga", "Sentence 2.", 0.8, 20)


@pytest.mark.parametrize("third", [Stance.SUPPORT, Stance.OPPOSE])
def test_a_holder_on_both_sides_is_mixed_whichever_are_more(third: Stance) -> None:
    opinions = said(ARTICLE, VARGA, VARGA, VARGA, stances=(Stance.SUPPORT, Stance.OPPOSE, third))
    (one,) = summarise(opinions)
    assert (one.stance, one.oppose, one.support) == ("mixed", 1 + (third is Stance.OPPOSE), 1 + (third is Stance.SUPPORT))


def test_every_proposal_has_its_own_position_and_unknown_voices_have_no_name() -> None:
    predictions = [
        prediction(1, Stance.SUPPORT),
        prediction(1, Stance.OPPOSE, proposal="tram"),
        *map(prediction, (2, 3), [Stance.OPPOSE] * 2),
    ]
    holders = {"toll:1": VARGA, "toll:2": UNKNOWN, "toll:3": Holder("they", None, 0, 4, "cited", "pronoun")}
    positions = summarise(opinions_of(ARTICLE, predictions, holders, 0.5))
    assert [(one.holder, one.holder_id, one.proposal_id, one.stance, one.oppose) for one in positions] == [
        ("Ada Varga", "ada-varga", "toll", "support", 0),
        ("Ada Varga", "ada-varga", "tram", "oppose", 1),
        (None, None, "toll", "oppose", 2),
    ]


def test_opinions_do_not_hang_on_the_order_of_predictions() -> None:
    predictions = [prediction(n, Stance.SUPPORT if n % 2 else Stance.OPPOSE, 0.6 + n / 100) for n in range(1, 7)]
    holders = {f"toll:{n}": VARGA if n < 4 else UNKNOWN for n in range(1, 7)}
    assert opinions_of(ARTICLE, predictions, holders, 0.5) == opinions_of(ARTICLE, predictions[::-1], holders, 0.5)


def test_the_keys_of_an_opinion_are_those_that_others_rely_on() -> None:
    keys = (
        "article holder holder_id proposal_id proposal stance confidence sentence start end rule voice holder_confidence cue probabilities"
    )
    assert list(said(ARTICLE, VARGA)[0].to_row()) == keys.split()
