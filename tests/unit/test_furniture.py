"""What is left out of an article by rules over its lines, and what is kept: invented lines of the kinds that newspapers print."""

import json
from pathlib import Path

import pytest

from stancekit.news.articles import cut_article, read_article
from stancekit.news.furniture import rule_of

SHARED = Path(__file__).parents[3] / "shared" / "articles"

LEFT_OUT = {
    "Advertisement": "advert",
    "Read more: Council delays the harbour toll": "more",
    "Related roundup: The toll": "more",
    "MORE: Bakers block the harbour gate": "more",
    "Write to Ada Varga at ada.varga@orrin.example": "contact",
    "Scroll down for video": "more",
    "WE RECOMMEND": "more",
    "Photo: Ada Varga at the harbour gate": "caption",
    "[Image via Orrin Gazette]": "caption",
    "Share on Facebook": "share",
    "Follow us on WhatsApp:": "follow",
    "Sign up for our morning newsletter": "newsletter",
    "The comments posted here are not from Orrin Live. Kindly refrain from using obscene words in your comments.": "comments",
    "Sorry we are not currently accepting comments on this article.": "comments",
    "We use cookies to make this site better.": "cookies",
    "© 2031 Orrin Gazette. All rights reserved.": "copyright",
    "By Ada Varga and Tom Osk": "byline",
    "https://orrin.example/channel/0029": "address",
    '<a href="https://orrin.example/tolls">Tolls</a>': "address",
    "(Reporting by Ada Varga; editing by Tom Osk)": "credit",
    "Tom Osk and the Harbour Wire contributed to this report.": "credit",
    "This is a developing story. Refresh the page for more.": "update",
    "This post has been updated.": "update",
    "Source: Orrin Gazette": "origin",
    "via Harbour Wire": "origin",
    "[Harbour Wire]": "origin",
    "— Orrin Baths (@orrinbaths) March 3, 2031": "signature",
}
KEPT = (
    "Photo albums of the old harbour should be burnt, said Varga.",
    "Photo: Orrin“The toll must go before the summer is out,” she said.",
    "Comments by the mayor angered the bakers.",
    "Share prices fell after the council backed the toll.",
    "Follow the money, Varga told the council on Tuesday.",
    "Subscribers of the water board oppose the new fee.",
    "Related cases in Sarva were dropped, the court said.",
    "More ministers oppose the toll.",
    "Write to your mayor and reject the toll, Varga told them.",
    "Special envoys rejected the plan.",
    "Sources: the toll will stay, and nothing else is on the table.",
    "Via the harbour road, farmers reached the capital to protest.",
    "This is a story about a toll that nobody wants.",
    "The post was updated by the ministry after Varga objected.",
    "Osk contributed to the fund that opposes the toll.",
    "Sorry is not enough, said Varga.",
    "Recommended by the panel, the toll was rejected by voters.",
    "By Monday the council had dropped the plan.",
    "[The mayor] rejects it.",
)


@pytest.mark.parametrize(("line", "rule"), LEFT_OUT.items())
def test_furniture_is_left_out_by_the_rule_of_its_kind(line: str, rule: str) -> None:
    assert rule_of(line) == rule


@pytest.mark.parametrize("line", KEPT)
def test_a_sentence_that_begins_like_furniture_stays(line: str) -> None:
    assert rule_of(line) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["a@", "— ", "via ", "<a ", "[", "-", "By A "])
def test_a_line_of_a_million_marks_is_soon_told(piece: str) -> None:
    assert rule_of(piece * (1_000_000 // len(piece))) is None


def test_no_line_left_out_is_a_sentence_and_the_text_stays_as_given(tmp_path: Path) -> None:
    lines = ["Toll row in Orrin", "The mayor rejects the toll.", *LEFT_OUT, "Toll row in Orrin", "Bakers back it."]
    path = tmp_path / "toll.txt"
    path.write_text("\n\n".join(lines), encoding="utf-8")
    article = read_article(path)
    assert article.text == "\n\n".join(lines)
    assert [one.text for one in cut_article(article)] == ["Toll row in Orrin", "The mayor rejects the toll.", "Bakers back it."]
    assert [article.text[start:end] for start, end in article.skipped] == [*LEFT_OUT, "Toll row in Orrin"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data")
def test_what_is_marked_as_no_part_of_the_shared_article_is_no_sentence() -> None:
    path = SHARED / "foreign-troops-ukraine.txt"
    marked = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))["not_part_of_the_article"]
    read = [one.text for one in cut_article(read_article(path))]
    assert len(read) > 10
    assert not [text for text in read for part in marked if part in text]
