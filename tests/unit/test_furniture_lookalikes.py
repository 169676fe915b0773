"""What is no article text goes, and sentences that begin alike stay."""

import pytest

from stancekit.news.furniture import rule_of


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Advertisement", "advert"),
        ("Read more: Council rejects the toll", "more"),
        ("Photo: Harl Binney/Nordhav Press", "caption"),
        ("Share this article with a friend", "share"),
        ("Follow us on Chirp for all the news.", "follow"),
        ("Sign up for our newsletter: The Morning Tide.", "newsletter"),
        ("Readers' comments are closed on this story.", "comments"),
        ("https://velden.example/toll", "address"),
    ],
)
def test_furniture_goes_by_its_rule(line: str, rule: str) -> None:
    assert rule_of(line) == rule


@pytest.mark.parametrize(
    "line",
    [
        "Like others in the trade, she opposes it.",
        "Follow the money, said Varga.",
        "Photo finishes are rare, he said.",
        "Advertisement revenue fell.",
        "Advertising-free schools are his aim.",
        "Comments by the minister do not change the law.",
        "Register offices will close in June.",
        "Copyright law must change.",
        "Terms of the truce were rejected by Moscow.",
        "Loading of grain ships stopped on Monday.",
        "Published by the ministry on Monday, the report condemns the ban.",
        "Tell us the truth, the widow demands.",
        "Getty Images sued the firm.",
        "The government takes no responsibility for the dam.",
    ],
)
def test_look_alikes_stay(line: str) -> None:
    assert rule_of(line) is None


def test_a_long_line_of_marks_costs_no_time() -> None:
    assert rule_of("-" * 300_000) is None
    assert rule_of("@" * 300_000) is None
