"""Opinions: what counts as one, whose it is, in which order, and the positions that sum them up."""

import numpy as np
import pytest

from stancekit.errors import StancekitError
from stancekit.news.attributions import Attribution, Holder
from stancekit.news.opinions import summarise
from stancekit.news.stances import Cue
from stancekit.reading.opinions import KEPT_OUT, Found, opinions_of
from stancekit.records import Article, Opinion, Proposal, Statement
from stancekit.stance import STANCES, Stance

ARTICLE = Article(id="toll", text="x" * 100)
OTHER = Article(id="tram.day", text="x" * 100)
VARGA = Holder("Ada Varga", "ada-varga", 0, 5, "cited", "speech-verb", proper=True)
MAYOR = Holder("mayor", "mayor", 0, 9, "cited", "speech-verb")
UNKNOWN = Holder("she", None, 0, 3, "cited", "pronoun")


UNDECIDED = Cue("has not decided", 0, 15, "decide", 0)


def found(
    number: int,
    stance: Stance,
    holder: Holder = VARGA,
    confidence: float = 0.9,
    proposal: str = "toll",
    cue: Cue | None = None,
    share: float = 1.0,
) -> Found:
    statement = Statement(f"toll:{number}", f"Sentence {number}.", None, number * 10, number * 10 + 9)
    chances = np.array([confidence if one is stance else (1 - confidence) / 2 for one in STANCES])
    return Found(statement, Proposal(proposal, f"The {proposal}."), Attribution(holder, 0, 9, cue, 0.8), chances, share)


def test_sides_at_or_above_the_confidence_become_opinions_in_the_order_of_the_text() -> None:
    said = [found(2, Stance.OPPOSE, confidence=0.6), found(1, Stance.SUPPORT, confidence=0.7), found(3, Stance.SUPPORT, confidence=0.59)]
    opinions = opinions_of(ARTICLE, said, 0.6)
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
    assert (first.start, first.end, first.holder_confidence, first.cue) == (10, 19, 0.8, None)
    assert first.probabilities == pytest.approx({"oppose": 0.15, "neutral": 0.15, "support": 0.7})


def test_the_authors_own_are_of_the_article() -> None:
    (opinion,) = opinions_of(ARTICLE, [found(1, Stance.SUPPORT, Holder.author())], 0.5)
    assert (opinion.holder, opinion.holder_id, opinion.voice) == (None, "toll.author", "author")


def test_a_statement_without_offsets_is_refused() -> None:
    lost = found(1, Stance.SUPPORT)._replace(statement=Statement("s", "Text."))
    with pytest.raises(StancekitError, match="no offsets"):
        opinions_of(ARTICLE, [lost], 0.5)


def test_neutral_is_an_opinion_only_where_the_cue_says_so() -> None:
    assert opinions_of(ARTICLE, [found(1, Stance.NEUTRAL)], 0.5) == []
    (one,) = opinions_of(ARTICLE, [found(1, Stance.NEUTRAL, cue=UNDECIDED)], 0.5)
    assert (one.stance, one.cue) == (Stance.NEUTRAL, "has not decided")


def test_who_keeps_out_does_so_toward_what_the_article_is_about_and_a_side_is_taken_toward_anything() -> None:
    given = [
        found(1, Stance.NEUTRAL, cue=UNDECIDED),
        found(1, Stance.NEUTRAL, cue=UNDECIDED, proposal="tram", share=KEPT_OUT - 0.01),
        found(2, Stance.OPPOSE, cue=UNDECIDED, proposal="tram", share=KEPT_OUT - 0.01),
    ]
    assert [(one.proposal_id, one.stance) for one in opinions_of(ARTICLE, given, 0.5)] == [
        ("toll", Stance.NEUTRAL),
        ("tram", Stance.OPPOSE),
    ]


def test_two_voices_of_a_sentence_that_are_one_holder_are_one_opinion_the_surer() -> None:
    (one,) = opinions_of(ARTICLE, [found(1, Stance.SUPPORT, confidence=0.6), found(1, Stance.OPPOSE, confidence=0.8)], 0.5)
    assert (one.stance, one.confidence) == (Stance.OPPOSE, 0.8)
    assert len(opinions_of(ARTICLE, [found(1, Stance.SUPPORT), found(1, Stance.OPPOSE, MAYOR)], 0.5)) == 2


def said(article: Article, *holders: Holder, stances: tuple[Stance, ...] = (Stance.SUPPORT,) * 4) -> list[Opinion]:
    return opinions_of(article, [found(number, *each) for number, each in enumerate(zip(stances, holders, strict=False), 1)], 0.5)


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
    given = [found(number, Stance.SUPPORT, confidence=sure) for number, sure in ((1, 0.7), (2, 0.8), (3, 0.8))]
    (one,) = summarise(opinions_of(ARTICLE, given, 0.5))
    assert (one.support, one.oppose, one.stance) == (3, 0, "support")
    assert (one.holder, one.sentence, one.confidence, one.start) == ("Ada Varga", "Sentence 2.", 0.8, 20)


@pytest.mark.parametrize("third", [Stance.SUPPORT, Stance.OPPOSE])
def test_a_holder_on_both_sides_is_mixed_whichever_are_more(third: Stance) -> None:
    opinions = said(ARTICLE, VARGA, VARGA, VARGA, stances=(Stance.SUPPORT, Stance.OPPOSE, third))
    (one,) = summarise(opinions)
    assert (one.stance, one.oppose, one.support) == ("mixed", 1 + (third is Stance.OPPOSE), 1 + (third is Stance.SUPPORT))


def test_every_proposal_has_its_own_position_and_unknown_voices_have_no_name() -> None:
    they = Holder("they", None, 0, 4, "cited", "pronoun")
    given = [
        found(1, Stance.SUPPORT),
        found(1, Stance.OPPOSE, proposal="tram"),
        found(2, Stance.OPPOSE, UNKNOWN),
        found(3, Stance.OPPOSE, they),
    ]
    positions = summarise(opinions_of(ARTICLE, given, 0.5))
    assert [(one.holder, one.holder_id, one.proposal_id, one.stance, one.oppose) for one in positions] == [
        ("Ada Varga", "ada-varga", "toll", "support", 0),
        ("Ada Varga", "ada-varga", "tram", "oppose", 1),
        (None, None, "toll", "oppose", 2),
    ]


def test_opinions_do_not_hang_on_the_order_of_predictions() -> None:
    given = [found(n, Stance.SUPPORT if n % 2 else Stance.OPPOSE, VARGA if n < 4 else UNKNOWN, 0.6 + n / 100) for n in range(1, 7)]
    assert opinions_of(ARTICLE, given, 0.5) == opinions_of(ARTICLE, given[::-1], 0.5)


def test_the_keys_of_an_opinion_are_those_that_others_rely_on() -> None:
    keys = (
        "article holder holder_id proposal_id proposal stance confidence sentence start end rule voice holder_confidence cue probabilities "
        "source_start source_end"
    )
    assert list(said(ARTICLE, VARGA)[0].to_row()) == keys.split()
