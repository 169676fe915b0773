"""What all pages share: text stays text, nothing is loaded, and the numbers are there."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comparisons import made_comparison
from doubting import made_doubts
from evaluations import behaviours, error, metrics, proposal_row, slice_row, trusted
from pages import HOSTILE, Structure, report
from readings import ARTICLE, GUARDS, collection, opinion, page_of
from searches import made_result
from stancekit.records import Article, Proposal
from stancekit.reports.comparison import comparison_page
from stancekit.reports.data import data_page
from stancekit.reports.doubts import doubts_page
from stancekit.reports.evaluation import evaluation_page
from stancekit.reports.reading import reading_page
from stancekit.reports.search import search_page
from stancekit.stance import Stance

MAILABLE = 3_000_000


def hostile_reading() -> str:
    article = Article(HOSTILE, f"{HOSTILE}\n\n{HOSTILE}", HOSTILE, HOSTILE)
    other = {"proposal_id": HOSTILE, "proposal": HOSTILE, "rule": HOSTILE}
    said = [opinion(article, 0, 10, holder=HOSTILE, **other), opinion(article, 5, 60, "oppose", HOSTILE, **other)]
    return page_of([article], [Proposal(HOSTILE, HOSTILE)], said, HOSTILE)


def all_pages() -> Iterator[tuple[str, str]]:
    yield "data", data_page(report())
    yield "evaluation", evaluation_page(metrics())
    yield "evaluation", evaluation_page(metrics(**trusted()))
    yield "search", search_page(made_result())
    yield "comparison", comparison_page(*made_comparison())
    yield "doubts", doubts_page(*made_doubts())
    yield "reading", page_of([ARTICLE], [GUARDS], [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22, "oppose")], "Read in May")
    yield "collection", reading_page(collection())


@pytest.mark.parametrize(
    ("scripts", "text"),
    [
        (0, data_page(report(HOSTILE))),
        (1, evaluation_page(metrics(HOSTILE))),
        (1, evaluation_page(metrics(HOSTILE, **trusted(HOSTILE), labels={HOSTILE: HOSTILE}))),
        (0, search_page(made_result(HOSTILE))),
        (0, comparison_page(*made_comparison(HOSTILE))),
        (0, comparison_page(*made_comparison(HOSTILE, seeds=3))),
        (0, doubts_page(*made_doubts(HOSTILE))),
        (2, hostile_reading()),
        (2, reading_page(collection(HOSTILE))),
    ],
)
def test_text_from_outside_stays_text(scripts: int, text: str) -> None:
    structure = Structure(text)
    assert text.lower().count("<script") == scripts
    assert structure.count("script") == scripts
    assert "&lt;script&gt;" in text
    assert "778743" not in text


@pytest.mark.parametrize(("name", "text"), all_pages())
def test_a_page_is_well_formed_and_loads_nothing(name: str, text: str) -> None:
    structure = Structure(text)
    assert structure.count("h1") == 1
    assert structure.count("main") == 1
    targets = [value for _, found in structure.seen for key, value in found.items() if key in ("src", "href", "srcset", "action") and value]
    assert all(target.startswith("#") or target == "data:," for target in targets)
    assert not re.search(r"url\(|@import|https?:", text)
    ids = {found.get("id") for _, found in structure.seen}
    assert {target[1:] for target in targets if target.startswith("#")} <= ids


@pytest.mark.parametrize(("name", "text"), all_pages())
def test_scores_and_counts_are_on_the_page(name: str, text: str) -> None:
    wanted = {
        "data": ["3,642", "1,214", "801", "17", "611", "harbour:12", "91%"],
        "search": ["0.530", "53.0", "0.500", "+0.007", "2 of 3", "9 trials", "5 complete, 3 pruned, 1 failed", "seed 13", "0.72"],
        "evaluation": [
            "0.612",
            "0.572 to 0.652",
            "0.431",
            "4,120",
            "116",
            "1,000",
            "seed 13",
            "97%",
            "better, beyond",
            "too close to call",
        ],
        "comparison": ["is better than", "40 proposals", "400 labelled pairs", "200 times", "seed 13", "McNemar", "became right"],
        "doubts": ["9 of 240 labels", "240 labelled pairs", "4 folds", "wood stoves 0", "(4%)", "94%", "0.95", "0.963"],
        "reading": ["A day in Vane", "Ida Brandvold", "87%", "Guards should stay", "Read in May", "wire.txt"],
        "collection": [
            "9 articles",
            "9 voices in 7 articles",
            "Week 3 in Vane",
            "Vane Courier, 2031-03-17",
            "right in 92% of cases",
            "no text was found",
        ],
    }
    assert [number for number in wanted[name] if number not in text] == []


def test_a_page_allows_its_own_script_and_no_other() -> None:
    text = evaluation_page(metrics())
    code = text[text.index("<script>") + len("<script>") : text.index("</script>")]
    allowed = re.findall(r"script-src '([^';]*)';", text)
    assert allowed == [f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"]
    assert not [key for _, found in Structure(text).seen for key in found if key.startswith("on")]


def test_large_inputs_make_pages_that_can_be_mailed() -> None:
    text = "The harbour board should close the coal pier by 2034, said the speaker of the ferry workers on Monday. " * 20
    articles = [Article(f"n{number}", text, None, f"Story {number}") for number in range(1000)]
    said = [
        opinion(article, 103 * at, 103 * at + 102, (Stance.OPPOSE, Stance.SUPPORT)[at % 2], f"Speaker {at}")
        for article in articles
        for at in range(20)
    ]
    reading = page_of(articles, [GUARDS], said)
    assert "more articles" in reading
    many = [Proposal(f"p{number}", f"{text[:140]} {number}") for number in range(300)]
    spread = [replace(one, proposal_id=many[at % 300].id, proposal=many[at % 300].text, holder_id=f"h{at}") for at, one in enumerate(said)]
    rows = [proposal_row(f"{text[:150]} {number}") for number in range(20_000)]
    errors = [error(text, number=number) for number in range(8_000)]
    parts = [{"by": by, "rows": [slice_row(f"{text[:60]} {number}") for number in range(500)]} for by in ("tag", "field", "source")]
    skills = [{**row, "capability": f"{row['capability']} {number}"} for number in range(5) for row in behaviours(text[:200])["behaviours"]]
    tested = {**behaviours(), "behaviours": skills}
    pages = (
        reading,
        page_of(articles, many, spread),
        evaluation_page(metrics(per_proposal=rows, errors=errors, **{**trusted(), "slices": parts, "behaviours": tested})),
        data_page(report(text[:150], contradictions=20_000)),
    )
    assert max(len(one.encode()) for one in pages) < MAILABLE
