"""Datelines: the day in the first words of a report."""

import pytest

from stancekit.news.heads import head_of
from stancekit.records import Article

TITLE = "Guild welcomes the toll\n\n"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Halmstrand, 3 September 2031 - The guild today welcomed the toll, after a long debate.", "2031-09-03"),
        ("Port Sarva, November 11, 2033 – The guild today welcomed the toll, after a long debate.", "2033-11-11"),
        # A sentence that tells of a day is no dateline.
        ("The guild said on 3 September 2031 that it welcomed the toll, after a long debate.", None),
        ("Halmstrand welcomed the toll of 3 September 2031 - the first that the guild had ever asked for.", None),
    ],
)
def test_a_dateline_without_an_agency_gives_the_day(line: str, day: str | None) -> None:
    head = head_of(Article("a", TITLE + line + "\n\nThe toll starts in May."))
    assert (head.date, head.outlet) == (day, None)
