"""Made articles and the opinions in them, for tests of the page about a reading."""

from typing import Any

from stancekit.news.opinions import summarise
from stancekit.records import Article, Opinion, Proposal
from stancekit.reports.reading import Reading, reading_page
from stancekit.stance import Stance

GUARDS = Proposal("guards", "Guards should stay")
ARTICLE = Article("a", "One stands. Two falls.\n\nThree waits,\nand waits.", "wire.txt", "A day in Vane")


def opinion(article: Article, start: int, end: int, stance: str = "support", holder: str | None = "Ida Brandvold", **other: Any) -> Opinion:
    values = {
        "holder_id": holder,
        "proposal_id": "guards",
        "proposal": "Guards should stay",
        "confidence": 0.87,
        "sentence": article.text[start:end],
        "rule": "said",
        "voice": "cited",
    }
    return Opinion(article=article.id, holder=holder, stance=Stance(stance), start=start, end=end, **{**values, **other})


def page_of(articles: list[Article], proposals: list[Proposal], said: list[Opinion], **more: Any) -> str:
    return reading_page(Reading(proposals, articles, said, summarise(said, more.get("facts", ())), **more))
