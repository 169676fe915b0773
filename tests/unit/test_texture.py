"""Texts that repeat are found exactly, and variety is compared on equal samples."""

import numpy as np
import pytest

from stancekit.data.texture import near_duplicates, variety, words

SENTENCES = [
    "Judgment was reserved until the ninth of May.",
    "The ferry sails at noon, and the harbour master waves.",
    "Judgment was reserved until the tenth of May.",
    "Nobody in the valley had asked for a second bridge.",
]


def test_a_changed_word_does_not_hide_a_repeat() -> None:
    (found,) = near_duplicates(SENTENCES, list("abcd")).closest
    assert (found.first, found.second) == (0, 2)
    assert 0.5 <= found.similarity < 1


def test_texts_of_one_home_are_not_compared() -> None:
    assert near_duplicates(SENTENCES, list("abad")) == (0, [])
    assert near_duplicates(SENTENCES[:1], ["a"]) == (0, [])


def test_similarity_is_the_jaccard_index_of_character_grams() -> None:
    # "abcdef" padded with blanks has the grams " abcd", "abcde", "bcdef", "cdef "; "abcdeg" shares two of its four.
    (found,) = near_duplicates(["abcdef", "abcdeg"], ["x", "y"], threshold=0.3).closest
    assert found.similarity == pytest.approx(2 / 6)


def test_chunks_miss_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"sentence with the number {number} and its own tail {number * 7919}" for number in range(9)] + ["again the same"] * 3
    homes = [str(number) for number in range(len(texts))]
    whole = near_duplicates(texts, homes, threshold=0.4)
    monkeypatch.setattr("stancekit.data.texture.CHUNK", 2)
    assert near_duplicates(texts, homes, threshold=0.4) == whole
    assert len([repeat for repeat in whole.closest if repeat.similarity == 1]) == 3


def test_all_repeats_are_counted_and_the_closest_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["nearly the same text one", "nearly the same text two", *["the very same text"] * 40]
    homes = [str(number) for number in range(len(texts))]
    monkeypatch.setattr("stancekit.data.texture.CHUNK", 7)
    found = near_duplicates(texts, homes, most=3)
    assert found.pairs == 40 * 39 // 2 + 1
    assert [repeat[:2] for repeat in found.closest] == [(2, 3), (2, 4), (2, 5)]


def test_variety_falls_where_words_repeat() -> None:
    rng = np.random.default_rng(1)
    same = variety(["the cat sat on the mat"] * 4, 20, 5, rng)
    other = variety(["a quick fox", "some lazy dogs lie", "rain fell over seven hills", "no ship sailed that grey day at all"], 20, 5, rng)
    assert other.type_token == 1 > same.type_token
    assert same.type_token == pytest.approx(5 / 20)
    assert other.distinct_2 == other.distinct_3 == 1 > same.distinct_2


def test_grams_do_not_span_texts() -> None:
    assert variety(["one two", "two one"], 4, 1, np.random.default_rng(0)).distinct_2 == 1
    assert variety(["one two", "two one"], 4, 1, np.random.default_rng(0)).distinct_3 == 0


def test_too_few_words_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 10 words"):
        variety(["one two"], 10, 1, np.random.default_rng(0))
    assert words("The Mayor's 3 cats") == ["the", "mayor", "s", "3", "cats"]
