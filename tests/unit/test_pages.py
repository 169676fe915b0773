import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from comparisons import made_comparison
from evaluations import abstention, behaviours, error, probes, slice_row, trusted
from searches import made_result
from stancekit.errors import StancekitError
from stancekit.news.opinions import summarise
from stancekit.records import Article, Opinion, Proposal
from stancekit.reports import page
from stancekit.reports.comparison import comparison_page
from stancekit.reports.data import data_page
from stancekit.reports.evaluation import evaluation_page
from stancekit.reports.reading import reading_page
from stancekit.reports.search import search_page
from stancekit.stance import STANCES, Stance

HOSTILE = '<script>alert("x")</script>\'"&{{ 987*789 }}'
VOID = {"meta", "link", "br", "img", "hr", "input"}
MAILABLE = 3_000_000


class Structure(HTMLParser):
    """Reads a page strictly: every element is closed, in order; ids are single; collects text and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.article_text = ""
        self.feed(text)
        self.close()
        assert not self.open
        ids = [attributes["id"] for _, attributes in self.seen if "id" in attributes]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        styles = [style for _, style in self.open]
        if "text" in styles and "tip" not in styles:
            self.article_text += data

    def count(self, tag: str, **attributes: str | None) -> int:
        return sum(name == tag and attributes.items() <= found.items() for name, found in self.seen)


def measure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.111, "high": value + 0.099}


def proposal_row(text: str, n: int = 9) -> dict[str, Any]:
    counts = {"oppose": 3, "neutral": 3, "support": 3}
    return {"proposal": text, "n": n, "accuracy": measure(0.52), "gold": counts, "predicted": counts}


def metrics(text: str = "wood stoves", **changes: Any) -> dict[str, Any]:
    scores = {"macro_f1": measure(0.612), "accuracy": measure(0.634), "mcc": measure(0.431), "f_avg": measure(0.588)}
    rates = {"precision": measure(0.57), "recall": measure(0.61), "f1": measure(0.59)}
    return {
        "model": text,
        "data": text,
        "n": 4120,
        "proposals": 26,
        "clusters": 18,
        "verdict": text,
        "interval": {"level": 0.95, "resamples": 1000, "seed": 13, "unit": "proposals, joined where they share an article or group"},
        **scores,
        "per_class": {stance.value: {**rates, "n": 40} for stance in STANCES},
        "confusion": [[71, 34, 25], [25, 116, 22], [23, 28, 67]],
        "per_proposal": [proposal_row(text)],
        "baselines": {"majority": {**scores, "difference": measure(0.3)}, "tfidf_lr": {**scores, "difference": measure(0.05)}},
        "errors": [{"id": text, "statement": text, "proposal": text, "gold": "oppose", "predicted": "support", "confidence": 0.97}],
        **changes,
    }


def report(text: str = "harbour", contradictions: int = 1) -> dict[str, Any]:
    split = {
        "examples": 1214,
        "proposals": 86,
        "statements": 801,
        "groups": 44,
        "made": 12,
        "classes": {"oppose": 402, "neutral": 451, "support": 361},
    }
    found = {"statement": text, "proposal": text, "stances": {"support": [f"{text}:12"], "neutral": [f"{text}:14"]}}
    return {
        "name": text,
        "splits": {"train": split, "validation": split, "test": split},
        "sources": {text: {"read": 4000, "kept": 3642}},
        "dropped": {"exact_repeats": 17, "contradictions": 5, "leaks": 3, "long_proposals": 2},
        "contradictions": [found] * contradictions,
        "kept_apart": {"shared_statements": 611, "shared_proposals": 119, "groups": 72, "largest_group": 61},
        "augmentation": {"foreign": {"wanted": 9, "made": 8}, "negated": {"wanted": 4, "made": 4, "no_rule": 211}},
        "unlabelled": 7,
    }


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


GUARDS = Proposal("guards", "Guards should stay")
ARTICLE = Article("a", "One stands. Two falls.\n\nThree waits,\nand waits.", "wire.txt", "A day in Vane")


def page_of(articles: list[Article], proposals: list[Proposal], said: list[Opinion], note: str | None = None) -> str:
    return reading_page(articles, proposals, said, summarise(said), note)


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
    yield "reading", page_of([ARTICLE], [GUARDS], [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22, "oppose")], "Read in May")


@pytest.mark.parametrize(
    ("scripts", "text"),
    [
        (0, data_page(report(HOSTILE))),
        (1, evaluation_page(metrics(HOSTILE))),
        (1, evaluation_page(metrics(HOSTILE, **trusted(HOSTILE), labels={HOSTILE: HOSTILE}))),
        (0, search_page(made_result(HOSTILE))),
        (0, comparison_page(*made_comparison(HOSTILE))),
        (0, comparison_page(*made_comparison(HOSTILE, seeds=3))),
        (0, hostile_reading()),
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
            "0.501 to 0.711",
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
        "reading": ["A day in Vane", "Ida Brandvold", "87%", "Guards should stay", "Read in May", "wire.txt"],
    }
    assert [number for number in wanted[name] if number not in text] == []


def test_an_evaluation_without_baselines_proposals_or_errors_is_a_page() -> None:
    text = evaluation_page(metrics(per_proposal=[], baselines={}, errors=[], baselines_note="no training data at hand"))
    structure = Structure(text)
    assert "no training data at hand" in text
    assert not structure.count("section", id="proposals")
    assert not structure.count("section", id="errors")
    assert not structure.count("script")
    assert "script-src" not in text


def test_a_score_that_could_not_be_computed_is_a_dash() -> None:
    text = evaluation_page(metrics(mcc={"value": None, "low": None, "high": None}))
    assert not re.search(r"\bnan\b", text)
    assert "\N{EN DASH}" in text


def test_the_sixty_proposals_with_most_rows_are_drawn_and_all_are_listed() -> None:
    text = evaluation_page(metrics(per_proposal=[proposal_row(f"claim {number:03}", n=number + 1) for number in range(75)]))
    structure = Structure(text)
    assert structure.count("circle") == 60
    table = text[text.index("Scores of every proposal") :]
    assert all(f"claim {number:03}" in table for number in range(75))
    assert "claim 014:" not in text
    assert "claim 015:" in text


def evaluation_ids(**keys: Any) -> set[str | None]:
    structure = Structure(evaluation_page(metrics(**keys)))
    return {found.get("id") for name, found in structure.seen if name == "section"}


@pytest.mark.parametrize("key", trusted())
def test_a_key_on_trust_that_is_absent_or_null_has_no_section(key: str) -> None:
    others = {name: value for name, value in trusted().items() if name != key}
    assert set(trusted()) <= evaluation_ids(**trusted())
    assert evaluation_ids(**others) == evaluation_ids(**others, **{key: None}) == evaluation_ids(**trusted()) - {key}
    assert not set(trusted()) & evaluation_ids()


def test_the_sections_on_trust_hold_their_numbers() -> None:
    text = re.sub(r"\s+", " ", evaluation_page(metrics(**trusted())))
    wanted = {
        "probes": ["0.414", "0.347", "0.563", "51%", "1,871", "+0.198", "+0.168 to +0.228"],
        "calibration": ["temperature 1.41", "901 validation pairs", "changed no answer", "0.031", "0.087", "0.021 to 0.041", "400"],
        "abstention": ["0.143", "0.061", "2,143 of 4,120", "0.87 to 0.91", "never given", "0.71", "902 validation pairs", "33.0%"],
        "conformal": ["0.911", "1.73", "1.69 to 1.77", "41%", "0.884", "903 validation pairs", "one limit a stance"],
        "slices": ["letters to the editor (no neutral)", "0.587", "0.553", "211"],
        "behaviours": ["44 of 60", "0.34", "must turn its answer around", "93%", "96 of 420 cases"],
    }
    for key, numbers in wanted.items():
        section = text[text.index(f'<section id="{key}">') :]
        assert [number for number in numbers if number not in section[: section.index("</section>")]] == [], key


@pytest.mark.parametrize("warning", [True, False])
def test_a_banner_stands_before_the_verdict_where_the_probes_warn(warning: bool) -> None:
    text = evaluation_page(metrics(probes=probes(warning)))
    assert Structure(text).count("p", **{"class": "banner"}) == warning
    if warning:
        assert text.index('class="banner"') < text.index('class="lede"') < text.index('class="answers"')


def test_a_model_that_was_not_calibrated_is_drawn_without_a_before() -> None:
    bare = {**trusted()["calibration"], "fit": None, "before": None, "bins_before": None}
    text = evaluation_page(metrics(calibration=bare))
    assert "nothing was calibrated" in text
    assert "Before" not in text
    assert "Rings" not in text


def test_a_promise_is_drawn_only_where_one_was_made() -> None:
    without = evaluation_page(metrics(abstention={**abstention(), "target": None}))
    assert "promised" not in without
    assert "Promised and reached" in evaluation_page(metrics(abstention=abstention()))


def test_a_probe_that_could_not_be_run_has_no_row() -> None:
    text = evaluation_page(metrics(probes={**probes(), "replaced": None}))
    assert "Another proposal" not in text
    assert "Proposal hidden" in text


def test_a_page_allows_its_own_script_and_no_other() -> None:
    text = evaluation_page(metrics())
    code = text[text.index("<script>") + len("<script>") : text.index("</script>")]
    allowed = re.findall(r"script-src '([^';]*)';", text)
    assert allowed == [f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"]
    assert not [key for _, found in Structure(text).seen for key in found if key.startswith("on")]


def test_errors_say_what_they_are_filtered_by_and_long_ones_are_cut() -> None:
    structure = Structure(text := evaluation_page(metrics(errors=[error("word " * 900), error("x", "neutral", "oppose", 2)])))
    assert structure.count("tr", **{"data-gold": "neutral", "data-predicted": "oppose"}) == 1
    assert structure.count("div", id="filters", role="search", hidden=None) == 1
    assert len(text) < len(evaluation_page(metrics(errors=[]))) + 12_000


def test_marks_leave_the_text_as_it_was_read() -> None:
    said = [opinion(ARTICLE, 0, 22), opinion(ARTICLE, 12, 36, "oppose", "Tomas Aurel"), opinion(ARTICLE, 37, 47)]
    structure = Structure(page_of([ARTICLE], [GUARDS], said))
    assert re.sub(r"\s+", " ", structure.article_text).strip() == re.sub(r"\s+", " ", ARTICLE.text)
    assert structure.count("mark", tabindex="0") == 3
    assert structure.count("mark", **{"class": "mixed"}) == 1


def test_a_sentence_with_two_opinions_lists_both() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 0, 11, "oppose", "Tomas Aurel", confidence=0.55)]
    text = page_of([ARTICLE], [GUARDS], said)
    tip = text[text.index('role="tooltip"') : text.index("Two falls")]
    assert all(part in tip for part in ("Ida Brandvold", "Tomas Aurel", "▲ support", "▼ oppose", "87%", "55%"))
    assert 'data-signs="▼▲"' in text


def test_a_holder_on_both_sides_is_mixed_with_both_counts() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22), opinion(ARTICLE, 24, 36, "oppose")]
    text = page_of([ARTICLE], [GUARDS], said)
    board = text[text.index("<tbody>") : text.index("</tbody>")]
    assert "◆ mixed" in board
    assert "▼&nbsp;1" in board
    assert "▲&nbsp;2" in board


def test_rows_are_the_positions_and_an_article_stands_beside_who_is_known_there_alone() -> None:
    second = Article("b", ARTICLE.text, None, "Another day")
    said = [opinion(article, 0, 11, holder_id="ida-brandvold") for article in (ARTICLE, second)]
    said += [opinion(one, 12, 22, holder=None, voice="author", holder_id=f"{one.id}.author") for one in (ARTICLE, second)]
    said += [opinion(one, 24, 36, "oppose", "mayor", holder_id=f"{one.id}.mayor") for one in (ARTICLE, second)]
    said += [opinion(one, 37, 47, holder="She", holder_id=None) for one in (ARTICLE, second)]
    structure = Structure(text := page_of([ARTICLE, second], [GUARDS], said))
    board = text[text.index("<tbody>") : text.index("</tbody>")]
    assert structure.count("th", scope="row") == 7
    assert [board.count(name) for name in ("Ida Brandvold", "the author", "mayor", "unnamed voices", "She")] == [1, 2, 2, 2, 0]
    assert [board.count(f"<small>{title}</small>") for title in ("A day in Vane", "Another day")] == [3, 3]
    assert board.index("Ida Brandvold") < board.index("mayor") < board.index("the author")
    assert re.search(r'href="#a1-1">.*?2</span>', board)


def test_the_board_shows_what_the_summary_says_of_each_holder() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22), opinion(ARTICLE, 24, 36, "oppose", confidence=0.9)]
    (position,) = summarise(said)
    text = page_of([ARTICLE], [GUARDS], said)
    board = text[text.index("<tbody>") : text.index("</tbody>")]
    assert (position.stance, position.oppose, position.support) == ("mixed", 1, 2)
    assert all(part in board for part in ('<a class="mixed" href="#a1-3">', "◆ mixed", "▼&nbsp;1", "▲&nbsp;2"))


@pytest.mark.parametrize("text", ["Guards stay\n\nOne stands.", "# Guards stay\n\nOne stands."])
def test_a_title_is_read_once_unless_it_is_evidence(text: str) -> None:
    title = "Guards stay"
    article = Article("g", text, None, title)
    plain = page_of([article], [GUARDS], [opinion(article, text.index("One"), len(text))])
    assert Structure(plain).article_text.split() == ["One", "stands."]
    start = text.index(title)
    shown = page_of([article], [GUARDS], [opinion(article, start, start + len(title), voice="author")])
    assert " ".join(Structure(shown).article_text.split()) == " ".join(text.split())
    untitled = page_of([Article("g", text)], [GUARDS], [])
    assert title in Structure(untitled).article_text


def test_the_order_of_opinions_does_not_change_a_byte() -> None:
    said = [
        opinion(ARTICLE, 0, 11),
        opinion(ARTICLE, 12, 22, "oppose", "Tomas Aurel"),
        opinion(ARTICLE, 0, 11, "support", None, voice="author", holder_id="a.author"),
    ]
    assert page_of([ARTICLE], [GUARDS], said) == page_of([ARTICLE], [GUARDS], said[::-1])


@pytest.mark.parametrize(("articles", "said"), [([], []), ([ARTICLE], []), ([Article("e", "")], [])])
def test_a_reading_without_opinions_is_a_page(articles: list[Article], said: list[Opinion]) -> None:
    assert "No opinion on these proposals was found" in page_of(articles, [GUARDS], said)
    Structure(page_of(articles, [], said))


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (opinion(ARTICLE, 40, 4000), "offsets"),
        (opinion(ARTICLE, 0, 11, proposal_id="other"), "'other'"),
        (opinion(Article("lost", "gone"), 0, 4), "'lost'"),
    ],
)
def test_opinions_that_do_not_fit_the_articles_are_refused(said: Opinion, named: str) -> None:
    with pytest.raises(StancekitError, match=named):
        page_of([ARTICLE], [GUARDS], [said])


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


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blended(top: str, ground: str, share: float) -> str:
    mixed = (round(int(top[at : at + 2], 16) * share + int(ground[at : at + 2], 16) * (1 - share)) for at in (1, 3, 5))
    return "#" + "".join(f"{value:02x}" for value in mixed)


STYLE = (Path(page.__file__).with_name("templates") / "style.css.j2").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in STYLE.split("prefers-color-scheme: dark")[:2])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_pair_of_colours_that_meets_can_be_read(palette: dict[str, str]) -> None:
    words = ("ink", "muted", "accent", "oppose", "neutral", "support", "mixed", "alert")
    pairs = {(word, ground): contrast(palette[word], palette[ground]) for word in words for ground in ("paper", "card")}
    for stance in ("oppose", "neutral", "support", "mixed"):
        pairs |= {(word, stance): contrast(palette[word], palette[f"{stance}-soft"]) for word in ("ink", "muted", stance)}
        pairs[("on-solid", stance)] = contrast(palette["on-solid"], palette[stance])
    pairs[("on-banner", "banner")] = contrast(LIGHT["on-banner"], LIGHT["banner"])
    for tint in ("accent", "muted"):
        pairs[("ink", f"tint of {tint}")] = contrast(palette["ink"], blended(palette[tint], palette["card"], 0.45))
    assert {pair: round(value, 2) for pair, value in pairs.items() if value < 4.5} == {}
