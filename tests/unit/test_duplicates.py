"""Near-copies of articles: which are grouped, with which, and that the same reading gives the same groups."""

import random

from stancekit.news.duplicates import Copies, runs_of
from stancekit.records import Article

WORDS = [f"word{number}" for number in range(400)]


def text(seed: int, length: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def test_a_cut_copy_under_another_opening_is_grouped_with_the_first() -> None:
    copies = Copies()
    assert copies.group(Article("first", text(1))) is None
    assert copies.group(Article("other", text(2))) is None
    short = " ".join(["A note from the desk.", *text(1).split()[10:160]])
    assert copies.group(Article("cut", short)) == "first"
    assert copies.group(Article("marks", text(1).upper().replace(" ", ", "))) == "first"


def test_a_copy_of_a_copy_belongs_to_the_first_of_all() -> None:
    copies = Copies()
    words = text(1).split()
    given = [copies.group(Article(name, " ".join(words[:end]))) for name, end in (("a", 200), ("b", 150), ("c", 120))]
    assert given == [None, "a", "a"]


def test_of_several_the_nearest_is_named_and_of_equals_the_first() -> None:
    copies = Copies(threshold=0.9)
    words = text(1).split()
    far, near = " ".join([*words[:150], *text(3, 50).split()]), " ".join(words)
    assert copies.group(Article("far", far)) is None
    assert copies.group(Article("near", near)) is None
    loose = Copies(threshold=0.3)
    for name, body in (("far", far), ("near", text(9))):
        loose.group(Article(name, body))
    assert loose.find(Article("next", near)) == "far"
    assert copies.find(Article("next", near)) == "near"


def test_the_threshold_decides() -> None:
    half = " ".join(text(1).split()[:100])
    found = []
    for threshold in (0.3, 0.7):
        copies = Copies(threshold)
        copies.group(Article("whole", text(1)))
        found.append(copies.group(Article("half", half)))
    assert found == ["whole", None]


def test_finding_keeps_nothing() -> None:
    copies = Copies()
    assert copies.find(Article("a", text(1))) is None
    assert copies.group(Article("b", text(1))) is None
    assert copies.group(Article("c", text(1))) == "b"


def test_stretches_that_are_no_article_text_do_not_make_a_copy() -> None:
    advert = text(7, 300)
    given = [Article(str(seed), f"{advert} {text(seed, 60)}", skipped=((0, len(advert)),)) for seed in (1, 2)]
    copies = Copies()
    assert [copies.group(one) for one in given] == [None, None]
    copies = Copies()
    assert [copies.group(Article(one.id, one.text)) for one in given] == [None, "1"]


def test_texts_of_few_words_or_none() -> None:
    copies = Copies()
    short = [("empty", "..."), ("also", ""), ("two", "Toll rises."), ("again", "toll rises"), ("three", "Toll falls again.")]
    assert [copies.group(Article(*one)) for one in short] == [None, None, None, "two", None]
    assert runs_of(Article("x", "— …")) == frozenset()


def test_overlapping_stretches_are_left_out_once() -> None:
    article = Article("x", "one two three four five six seven eight nine ten", skipped=((8, 18), (4, 13)))
    assert runs_of(article) == {"one five six seven eight", "five six seven eight nine", "six seven eight nine ten"}


def test_more_than_a_block_of_articles_is_searched() -> None:
    copies = Copies()
    for number in range(4200):
        copies.group(Article(f"n{number}", f"notice {number} of the harbour office on berth {number * 7} and crane {number * 11}"))
    assert copies.group(Article("early", "Notice 3 of the harbour office, on berth 21 and crane 33.")) == "n3"
    assert copies.group(Article("late", "Notice 4150 of the harbour office, on berth 29050 and crane 45650.")) == "n4150"
