"""Holders on both sides: conflicts in an article, changes of mind between articles, and what is neither."""

from dataclasses import replace

import pytest

from stancekit.news.changes import changes_of
from stancekit.records import ArticleFacts, Opinion
from stancekit.stance import Stance


def said(article: str, stance: str, start: int = 0, confidence: float = 0.9, holder_id: str | None = "ada-varga") -> Opinion:
    words = f"{article} {stance} {start}"
    return Opinion(article, "Ada Varga", holder_id, "toll", "The toll.", Stance(stance), confidence, words, start, start + 5, "r", "cited")


def on(*days: str | None) -> list[ArticleFacts]:
    return [ArticleFacts(name, date=day) for name, day in zip("abcdef", days, strict=False)]


def kinds(opinions: list[Opinion], facts: list[ArticleFacts]) -> list[str]:
    return [change.kind for change in changes_of(opinions, facts)]


def test_a_change_of_mind_shows_both_sentences_with_their_dates() -> None:
    facts = on("2026-03-01", "2026-01-01", "2026-02-01T10:00:00Z")
    opinions = [said("a", "support", 3, 0.8), said("a", "support", 9, 0.95), said("b", "oppose"), said("c", "oppose", 2)]
    (change,) = changes_of(opinions, facts)
    assert (change.kind, change.holder_id, change.holder, change.proposal_id) == ("change", "ada-varga", "Ada Varga", "toll")
    assert (change.before.sentence, change.before_date) == ("c oppose 2", "2026-02-01T10:00:00Z")
    assert (change.after.sentence, change.after_date) == ("a support 9", "2026-03-01")
    assert change.to_row()["before"]["stance"] == "oppose"


def test_both_sides_in_one_article_are_a_conflict_in_the_order_of_the_text() -> None:
    (change,) = changes_of([said("a", "support", 50), said("a", "oppose", 10)], on(None))
    assert (change.kind, change.before.start, change.after.start) == ("conflict", 10, 50)


def test_one_doubtful_sentence_among_many_is_neither_conflict_nor_wavering() -> None:
    """The side is that of the tallies, over all opinions: unsure ones show nothing, and yet they count."""
    facts = on("2026-01-01", "2026-01-01", "2026-01-01", "2026-01-01")
    loud = [said("a", "support", place) for place in range(0, 90, 9)]
    assert kinds([*loud, said("a", "oppose", 99)], facts) == []
    assert kinds([*loud[:2], said("a", "oppose", 99)], facts) == ["conflict"]
    unsure = [said("a", "support", place, confidence=0.5) for place in range(9, 90, 9)]
    assert kinds([loud[0], said("a", "oppose", 99), *unsure], facts) == []
    assert kinds([*(said(one, "support") for one in "abc"), said("d", "oppose")], facts) == []
    assert kinds([*(said(one, "support") for one in "ab"), said("d", "oppose")], facts) == ["wavering"]


def test_a_turn_in_time_is_a_change_though_most_articles_are_on_one_side() -> None:
    (change,) = changes_of([said(one, "support" if one == "d" else "oppose") for one in "abcd"], on(*(f"2026-01-0{n}" for n in "1234")))
    assert (change.kind, change.before.article, change.after.article) == ("change", "c", "d")


def test_an_article_whose_side_is_open_is_on_none_though_one_side_of_it_is_sure() -> None:
    opinions = [said("a", "oppose"), said("b", "support"), said("b", "oppose", 9, confidence=0.5)]
    assert kinds(opinions, on("2026-01-01", "2026-01-02")) == []
    assert kinds(opinions[:2], on("2026-01-01", "2026-01-02")) == ["change"]


def test_back_and_forth_on_one_day_or_without_dates_is_no_change() -> None:
    there_and_back = [said("a", "oppose"), said("b", "support"), said("c", "oppose")]
    assert kinds(there_and_back, on("2026-01-01", "2026-01-02", "2026-01-03")) == ["wavering"]
    assert kinds(there_and_back[:2], on("2026-01-01", "2026-01-01")) == ["wavering"]
    assert kinds(there_and_back[:2], on("2026-01-01", None)) == ["wavering"]
    assert kinds(there_and_back[:2], on("2026-01-01", "2026-01-02")) == ["change"]


def test_unsure_and_neutral_opinions_change_nothing() -> None:
    facts = on("2026-01-01", "2026-01-02")
    assert kinds([said("a", "oppose"), said("b", "support", confidence=0.69)], facts) == []
    assert kinds([said("a", "oppose"), replace(said("b", "support"), holder_confidence=0.4)], facts) == []
    assert kinds([said("a", "neutral"), said("b", "support")], facts) == []
    assert [one.kind for one in changes_of([said("a", "oppose"), said("b", "support", confidence=0.69)], facts, sure=0.6)] == ["change"]


def test_holders_of_one_article_and_unnamed_voices_do_not_change_across_articles() -> None:
    facts = on("2026-01-01", "2026-01-02")
    assert kinds([said("a", "oppose", holder_id="a.mayor"), said("b", "support", holder_id="b.mayor")], facts) == []
    assert kinds([said("a", "oppose", holder_id=None), said("b", "support", holder_id=None)], facts) == []
    assert kinds([said("a", "oppose", holder_id="a.mayor"), said("a", "support", 9, holder_id="a.mayor")], facts) == ["conflict"]


def test_an_article_with_both_sides_is_no_turn() -> None:
    opinions = [said("a", "oppose"), said("b", "oppose"), said("b", "support", 9), said("c", "support")]
    assert kinds(opinions, on("2026-01-01", "2026-01-02", "2026-01-03")) == ["conflict", "change"]


def test_a_copy_that_is_printed_late_turns_nobody_back() -> None:
    opinions = [said("a", "oppose"), said("b", "support"), replace(said("c", "oppose"), sentence="a oppose 0")]
    facts = on("2026-01-01", "2026-01-02", "2026-01-03")
    assert kinds(opinions, facts) == ["wavering"]
    assert kinds(opinions, [*facts[:2], replace(facts[2], copy_of="a")]) == ["change"]


def test_an_article_without_facts_is_refused() -> None:
    with pytest.raises(ValueError, match="'z'"):
        changes_of([said("z", "oppose")], on("2026-01-01"))
