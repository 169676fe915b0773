"""Made articles and the opinions in them, for tests of the page about a reading."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from stancekit.news.aggregation import tallies_of
from stancekit.news.changes import changes_of
from stancekit.news.opinions import summarise
from stancekit.records import Article, ArticleFacts, Opinion, Proposal
from stancekit.reports.reading import Reading, reading_page
from stancekit.stance import Stance

GUARDS = Proposal("guards", "Guards should stay")
ARTICLE = Article("a", "One stands. Two falls.\n\nThree waits,\nand waits.", "wire.txt", "A day in Vane")
ODDS = {"oppose": 0.06, "neutral": 0.07, "support": 0.87}
OUTLETS = ("Vane Courier", "Harbour Post")
# Who says what on the toll and on the ferry, in each of eight articles, a week apart.
SAID: tuple[dict[str, tuple[str | None, str | None]], ...] = (
    {"Ida Brandvold": ("support", "oppose"), "Tomas Aurel": ("oppose", None)},
    {"Ida Brandvold": ("support", None), "Council of Vane": (None, "support")},
    {"Tomas Aurel": ("oppose", "support"), "Ragna Sund": ("neutral", None)},
    {"Ida Brandvold": ("support", "oppose")},
    {"Council of Vane": (None, "support"), "Ragna Sund": ("support", None)},
    {"Tomas Aurel": ("support", None)},
    {"Ida Brandvold": ("support", None), "Ragna Sund": (None, "oppose")},
    {},
)
TOLL, FERRY = Proposal("toll", "A toll should be taken at the bridge"), Proposal("ferry", "The ferry should stay")


def opinion(article: Article, start: int, end: int, stance: str = "support", holder: str | None = "Ida Brandvold", **other: Any) -> Opinion:
    values = {
        "holder_id": holder,
        "proposal_id": "guards",
        "proposal": "Guards should stay",
        "confidence": 0.87,
        "sentence": article.text[start:end],
        "rule": "speech-verb",
        "voice": "cited",
    }
    return Opinion(article=article.id, holder=holder, stance=Stance(stance), start=start, end=end, **{**values, **other})


def page_of(articles: list[Article], proposals: list[Proposal], said: list[Opinion], note: str | None = None) -> str:
    return reading_page(Reading(proposals, articles, said, summarise(said), note=note))


def made_article(number: int, attack: str = "") -> tuple[Article, list[Opinion]]:
    """One of the articles of SAID, with an advert; `attack` stands in all that comes from outside."""
    text = "Rain fell on Vane. "
    said: list[Opinion] = []
    first = date(2031, 3, 3) + timedelta(days=7 * number)
    title, day = f"Week {number} in Vane {attack}", first.isoformat()
    spots = []
    for holder, stances in SAID[number].items():
        sentence = f"{holder}{attack} spoke of the bridge in week {number}."
        spots.append((len(text), sentence, holder, stances))
        text += sentence + "\n\n"
    advert = f"Advert: {attack} boots at half price."
    skipped = (len(text), len(text) + len(advert))
    outlet = OUTLETS[number % 2] + attack
    article = Article(f"w{number}{attack}", text + advert, f"{attack}{number}.html", title, day, outlet, skipped=(skipped,))
    for start, sentence, holder, stances in spots:
        for proposal, stance in zip((TOLL, FERRY), stances, strict=True):
            if stance is not None:
                odds = {**dict.fromkeys(("oppose", "neutral", "support"), 0.1), stance: 0.8}
                told: dict[str, Any] = {
                    "proposal_id": proposal.id + attack,
                    "proposal": proposal.text + attack,
                    "cue": f"spoke{attack}",
                    "probabilities": odds,
                }
                told |= {"confidence": 0.8 + number / 100, "holder_confidence": 0.92}
                told |= {"holder_id": holder.lower().replace(" ", "-")}
                said.append(opinion(article, start, start + len(sentence), stance, holder + attack, **told))
    return article, said


def collection(attack: str = "", **more: Any) -> Reading:
    """Eight articles over as many weeks, one copy, and one source that could not be read."""
    made = [made_article(number, attack) for number in range(len(SAID))]
    articles, opinions = [article for article, _ in made], [one for _, said in made for one in said]
    copy = replace(articles[0].facts, id=f"copy{attack}", outlet=f"Skerrin Times{attack}", copy_of=articles[0].id)
    facts: list[ArticleFacts] = [*(article.facts for article in articles), copy]
    proposals = [Proposal(one.id + attack, one.text + attack) for one in (TOLL, FERRY)]
    values = {
        "proposals": proposals,
        "articles": articles,
        "opinions": opinions,
        "positions": summarise(opinions, facts),
        "facts": facts,
        "tallies": tallies_of(opinions, facts),
        "changes": changes_of(opinions, facts),
        "problems": [(f"broken{attack}.html", f"no text was found {attack}")],
    }
    return Reading(**{**values, **more})
