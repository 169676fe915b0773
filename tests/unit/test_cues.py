"""Cues: the side they take, what turns them round, and what they speak of."""

import importlib.util

import pytest

from stancekit.news.parser import parse
from stancekit.news.stances import Cue, keeps_out, read_cue

pytestmark = pytest.mark.skipif(importlib.util.find_spec("spacy") is None, reason="spaCy is not installed")


def cue(sentence: str, word: str) -> Cue:
    (doc,) = parse([sentence])
    return read_cue(next(token for token in doc if token.text == word))


@pytest.mark.parametrize(
    ("sentence", "word", "polarity", "content"),
    [
        ("The council rejects the toll.", "rejects", -1, "the toll"),
        ("The mayor backs the tram line.", "backs", 1, "the tram line"),
        ("He warned against a ban on nets.", "warned", -1, "a ban on nets"),
        ("The council voted against the fee.", "voted", -1, "the fee"),
        ("The governor ruled out a tax rise.", "ruled", -1, "a tax rise"),
        ("Councillors called for a new bridge.", "called", 1, "a new bridge"),
        ("The farmers are wary of the dam.", "are", -1, "the dam"),
        ("The minister is in favour of the wall.", "is", 1, "the wall"),
        ("Merrow's opposition to the treaty is old.", "opposition", -1, "the treaty"),
        ("The plan, backed by Merrow, would cost 4 million.", "backed", 1, "The plan"),
        ("The plan was welcomed by the teachers' union.", "welcomed", 1, "The plan"),
        ("The plan, which the mayor opposes, costs 4 million.", "opposes", -1, "The plan"),
        ("The minister publicly distanced Merrow from the plan.", "distanced", -1, "the plan"),
        ("The union thanked the mayor for closing the road.", "thanked", 1, "closing the road"),
        ("She called the plan unacceptable.", "called", -1, "the plan"),
        ("She described the proposal as premature.", "described", -1, "the proposal"),
        ("The mayor said the plan was a grave mistake.", "said", -1, "the plan"),
        ("The mayor said the plan would cost 4 million.", "said", None, "the plan would cost 4 million"),
        ("He warned that a ban would ruin the port.", "warned", None, "a ban would ruin the port"),
        ("She opposes it.", "opposes", -1, None),
    ],
)
def test_a_cue_has_a_side_and_speaks_of_something(sentence: str, word: str, polarity: int | None, content: str | None) -> None:
    found = cue(sentence, word)
    assert found.polarity == polarity
    assert (None if found.content is None else sentence[slice(*found.content)]) == content


@pytest.mark.parametrize(
    ("sentence", "word", "polarity"),
    [
        ("The mayor did not back the tram line.", "back", -1),
        ("Ministers never supported the toll.", "supported", -1),
        ("Few residents support the toll.", "support", -1),
        ("The union refuses to back the bill.", "refuses", -1),
        ("The union refuses to back the bill.", "back", -1),
        ("The union no longer opposes the bill.", "opposes", 1),
        ("The governor did not rule out a tax rise.", "rule", 1),
        ("He has no quarrel with the fee.", "has", 1),
        ("The mayor is not ready to support the fee.", "is", -1),
    ],
)
def test_negation_turns_a_cue_round(sentence: str, word: str, polarity: int) -> None:
    found = cue(sentence, word)
    assert (found.polarity, found.negated) == (polarity, True)


def test_without_reservation_turns_nothing_round() -> None:
    found = cue("The towns welcomed the railway without reservation.", "welcomed")
    assert (found.polarity, found.negated) == (1, False)


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Mayor Ada Vell declined to say how she would vote.", "declined"),
        ("The author declined to say which side she took.", "declined"),
        ("The senator has not decided whether to sign the bill.", "decided"),
        ("The Greens have yet to take a position on the bridge.", "have"),
        ("The ministry has no opinion on the levy.", "has"),
        ("The bank reserved its position on the fee.", "reserved"),
        ("The bishop abstained.", "abstained"),
        ("He stopped short of backing the toll.", "stopped"),
        ("She said that she had not decided.", "said"),
        ("The club said it had heard both sides and took no position.", "said"),
        ("The ministry denied that it supports the toll.", "denied"),
    ],
)
def test_a_voice_that_keeps_out(sentence: str, word: str) -> None:
    assert keeps_out(cue(sentence, word))


def test_whoever_says_or_denies_something_else_does_not_keep_out() -> None:
    assert not keeps_out(None)
    assert not keeps_out(cue("The mayor said the plan would cost 4 million.", "said"))
    assert cue("The ministry denied that the dam is safe.", "denied").polarity == -1


def test_reports_and_wishes_take_the_side_of_their_own_words() -> None:
    assert cue("She said she opposes the plan.", "said").polarity == -1
    assert cue("The union wants to scrap the fee.", "wants").polarity == -1
    other = cue("The union wants the fee to go.", "wants")
    assert (other.polarity, other.asks) == (1, True)
    # What is granted is not what is held.
    assert cue("She conceded that it was a mistake.", "conceded").polarity is None


def test_of_several_demands_the_first_is_the_content() -> None:
    sentence = "President Iven Toll has demanded that Ostrel remain outside the pact, adopt neutrality, and withdraw from the delta."
    found = cue(sentence, "demanded")
    assert found.asks
    assert found.content is not None
    assert sentence[slice(*found.content)] == "Ostrel remain outside the pact"


def test_the_words_of_a_cue_stand_where_it_says() -> None:
    sentence = "The governor did not rule out a tax rise."
    found = cue(sentence, "rule")
    assert sentence[found.start : found.end] == found.text == "did not rule out"
    moved = found.shifted(10)
    assert (moved.start, moved.end, moved.content) == (found.start + 10, found.end + 10, (40, 50))
    assert cue("She opposes it.", "opposes").shifted(10).content is None


def test_odd_text_raises_nothing() -> None:
    for text in ("", "  ", "!!!", "no", "Yes to tolls", "Russia Rejects Pylons", "said said said", '"', "not not not back", "—–…"):
        for doc in parse([text]):
            for token in doc:
                found = read_cue(token)
                assert 0 <= found.start <= found.end <= len(text)
