"""An article is asked only about proposals whose words it shares."""

import pytest

from stancekit.news.relevance import content_words, word_overlap
from stancekit.records import Article, Proposal

ARTICLE = Article("rockets", "Holm Noss split over rockets\n\nThe islands launched a hearing on the airfield, and the wardens objected.")


@pytest.mark.parametrize(
    ("proposal", "overlap"),
    [
        ("Rockets should be launched from Holm Noss.", 1.0),
        ("A rocket should launch.", 1.0),
        ("The wardens should build a sea wall.", 0.25),
        ("Street lamps should be switched off.", 0.0),
        ("It should be so.", 1.0),
    ],
)
def test_overlap_is_the_share_of_content_words(proposal: str, overlap: float) -> None:
    assert word_overlap(ARTICLE, Proposal("p", proposal)) == pytest.approx(overlap)


def test_function_words_and_numbers_do_not_count() -> None:
    assert content_words("The 40 of them should be on it") == frozenset()
    assert content_words("Café owners") == {"café", "owner"}
