"""The page of a reading: marks leave the text as it was, and the board shows what the positions say."""

import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from pages import HOSTILE, Structure
from readings import ARTICLE, FERRY, GUARDS, ODDS, TOLL, collection, opinion, page_of
from stancekit.errors import StancekitError
from stancekit.news.opinions import summarise
from stancekit.records import Article, Opinion, Proposal
from stancekit.reports.evidence import paragraphs
from stancekit.reports.reading import Reading, reading_page
from stancekit.shares import Interval

OTHER = Article("o", "Nothing happened.", None, "Elsewhere")


def board_of(text: str) -> str:
    return text[text.index('<div id="board">') : text.index("</table>", text.index('<div id="board">'))]


def data_of(text: str) -> dict[str, list[Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    read: dict[str, list[Any]] = json.loads(found[1])
    return read


def test_marks_leave_the_text_as_it_was_read() -> None:
    said = [opinion(ARTICLE, 0, 22), opinion(ARTICLE, 12, 36, "oppose", "Tomas Aurel"), opinion(ARTICLE, 37, 47)]
    structure = Structure(page_of([ARTICLE], [GUARDS], said))
    assert re.sub(r"\s+", " ", structure.article_text).strip() == re.sub(r"\s+", " ", ARTICLE.text)
    assert structure.count("mark", tabindex="0") == 3
    assert structure.count("mark", **{"class": "mixed"}) == 1


def test_several_opinions_on_one_sentence_have_a_number_and_a_note_each() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 0, 11, "oppose", "Tomas Aurel"), opinion(ARTICLE, 0, 11, "neutral", "Ragna Sund")]
    structure = Structure(text := page_of([ARTICLE], [GUARDS], said))
    assert structure.count("mark", **{"class": "mixed", "data-n": "1 2 3", "aria-describedby": "na1-1 na1-2 na1-3"}) == 1
    assert re.findall(r'class="ref \w+" href="#(a1-r\d)"[^>]*>(.*?)</a>', text) == [("a1-r1", "▲1"), ("a1-r2", "●2"), ("a1-r3", "▼3")]
    assert [structure.count("li", id=f"na1-{number}") for number in (1, 2, 3)] == [1, 1, 1]


def test_a_side_beside_a_keeping_out_stays_the_side() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 0, 11, "neutral", "Ragna Sund"), opinion(ARTICLE, 12, 22, "neutral", "Ragna Sund")]
    structure = Structure(page_of([ARTICLE], [GUARDS], said))
    assert [structure.count("mark", **{"class": name}) for name in ("support", "neutral", "mixed")] == [1, 1, 0]


def test_a_note_tells_all_three_chances_the_cue_and_how_often_the_rule_is_right() -> None:
    sure = opinion(ARTICLE, 0, 11, probabilities=ODDS, cue="<stands>", holder_confidence=0.92)
    note = page_of([ARTICLE], [GUARDS], [sure]).split('id="na1-1"')[1].split("</li>")[0]
    assert all(part in note for part in ("▲ 87%", "● 7%", "▼ 6%", "&lt;stands&gt;", "speech verb", "right in 92% of cases"))
    unmeasured = page_of([ARTICLE], [GUARDS], [replace(sure, holder_confidence=1.0, cue=None)])
    assert "of cases" not in unmeasured
    assert "Cue" not in unmeasured


def test_the_table_beside_an_article_groups_its_holders_by_proposal() -> None:
    walls = Proposal("walls", "Walls should fall")
    about = {"proposal_id": "walls", "proposal": walls.text}
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22, "oppose"), opinion(ARTICLE, 24, 36, "oppose", "Tomas Aurel", **about)]
    text = page_of([ARTICLE], [walls, GUARDS], said)
    table = text[text.index("<caption>Who stands") : text.index("</table>")]
    assert re.findall(r'col" colspan="3" dir="auto">(.*?)<', table) == ["Walls should fall", "Guards should stay"]
    assert re.findall(r'<tr id="(.*?)" class="(\w+)"><th scope="row" dir="auto">(.*?)<', table) == [
        ("a1-r1", "oppose", "Tomas Aurel"),
        ("a1-r2", "mixed", "Ida Brandvold"),
    ]
    assert re.findall(r'href="#(a1-\d)"', table) == ["a1-3", "a1-1", "a1-2"]


def test_what_is_no_text_of_the_article_is_told_from_what_is() -> None:
    article = replace(ARTICLE, skipped=((12, 22), (24, 30)))
    text = page_of([article], [GUARDS], [opinion(article, 0, 11)])
    assert re.findall(r'<span class="unread">(.*?)</span>', text) == ["Two falls.", "Three "]
    assert re.sub(r"\s+", " ", Structure(text).article_text).strip() == re.sub(r"\s+", " ", ARTICLE.text)


def test_a_holder_on_both_sides_is_mixed_with_both_counts() -> None:
    said = [opinion(ARTICLE, 0, 11), opinion(ARTICLE, 12, 22), opinion(ARTICLE, 24, 36, "oppose", confidence=0.9)]
    (position,) = summarise(said)
    board = board_of(page_of([ARTICLE, OTHER], [GUARDS], said))
    assert (position.stance, position.oppose, position.support) == ("mixed", 1, 2)
    assert all(part in board for part in ('<a class="cell mixed" href="#a1-3">', "◆ mixed", "▼ 1 ▲ 2"))


def test_rows_are_the_positions_and_an_article_stands_beside_who_is_known_there_alone() -> None:
    second = Article("b", ARTICLE.text, None, "Another day")
    said = [opinion(article, 0, 11, holder_id="ida-brandvold") for article in (ARTICLE, second)]
    said += [opinion(one, 12, 22, holder=None, voice="author", holder_id=f"{one.id}.author") for one in (ARTICLE, second)]
    said += [opinion(one, 24, 36, "oppose", "mayor", holder_id=f"{one.id}.mayor") for one in (ARTICLE, second)]
    said += [opinion(one, 37, 47, holder="She", holder_id=None) for one in (ARTICLE, second)]
    board = board_of(page_of([ARTICLE, second], [GUARDS], said))
    assert board.count('scope="row"') == 7
    assert [board.count(name) for name in ("Ida Brandvold", "the author", "mayor", "unnamed voices", "She")] == [1, 2, 2, 2, 0]
    assert [board.count(f"<small>{title}</small>") for title in ("A day in Vane", "Another day")] == [3, 3]
    assert board.index("Ida Brandvold") < board.index("mayor") < board.index("the author")
    assert re.search(r'href="#a1-1">.*?2</span>', board)


def test_who_is_in_most_articles_stands_first_and_a_changed_mind_is_told() -> None:
    text = reading_page(collection())
    board = board_of(text)
    # Ida Brandvold is in four articles; Tomas Aurel was against the toll twice, then for it.
    assert re.findall(r'scope="row" dir="auto">(.*?)<', board)[0] == "Ida Brandvold"
    assert re.findall(r'scope="row" dir="auto">([^<]*)<(?:(?!</tr>).)*changed over time', board, re.DOTALL) == ["Tomas Aurel"]
    changes = text[text.index('<section id="changes">') : text.index('<section id="outlets">')]
    assert changes.index("in week 2.") < changes.index("in week 5.")


def test_a_page_of_one_article_shows_only_what_makes_sense_for_one() -> None:
    said = [opinion(ARTICLE, 0, 11)]
    one, two = (page_of(articles, [GUARDS], said) for articles in ([ARTICLE], [ARTICLE, OTHER]))
    assert [name in one for name in ('id="board"', 'id="filtering"', 'id="proposals"', 'id="outlets"', 'id="changes"')] == [False] * 5
    assert [name in two for name in ('id="board"', 'id="filtering"')] == [True, True]
    assert "<title>A day in Vane</title>" in one
    assert "<title>Who stands where</title>" in two


def test_a_collection_has_all_its_sections_and_every_entry_of_the_contents_leads_to_one() -> None:
    structure = Structure(text := reading_page(collection()))
    sections = {found.get("id") for tag, found in structure.seen if tag == "section"}
    assert sections == {"proposals", "matrix", "changes", "outlets", "articles", "copies", "problems", "words"}
    contents = text[text.index('<nav class="contents"') : text.index("</nav>")]
    assert set(re.findall(r'href="#(\w+)"', contents)) == sections


def test_a_copy_is_told_and_not_drawn_again() -> None:
    reading = collection()
    copy = replace(reading.articles[0], id="copy", outlet="Skerrin Times")
    text = reading_page(replace(reading, articles=[*reading.articles, copy]))
    assert text.count("<article ") == len(reading.articles)
    assert "too heavy" not in text
    assert "the same text in: <bdi>Skerrin Times, 2031-03-03</bdi>" in text
    adds = opinion(copy, 0, 18, "oppose", "Ragna Sund", proposal_id="toll", proposal=TOLL.text)
    added = reading_page(replace(reading, articles=[*reading.articles, copy], opinions=[*reading.opinions, adds]))
    assert added.count("<article ") == len(reading.articles) + 1


def test_the_data_for_filters_is_what_was_read_and_closes_no_script() -> None:
    reading = collection(f"</script>{HOSTILE}\u2028")
    text = reading_page(reading)
    data = data_of(text)
    assert len(data["opinions"]) == len(reading.opinions)
    assert {tuple(one[3:5]) for one in data["opinions"]} == {(one.stance.label_id, round(one.confidence * 100)) for one in reading.opinions}
    assert [data["articles"][one[0]][0] for one in data["opinions"]] == [
        next(article.title for article in reading.articles if article.id == one.article)
        for one in sorted(reading.opinions, key=lambda one: (one.article, one.start))
    ]
    assert data["proposals"] == [one.id for one in reading.proposals]
    written = text.split('id="data">')[1]
    assert not set("<>&\u2028") & set(written[: written.index("</script>")])


def test_what_looks_like_markup_stays_text_wherever_it_stands() -> None:
    attack = f'{HOSTILE}" onmouseover="alert(1)</script>'
    structure = Structure(reading_page(collection(attack)))
    plain = Structure(reading_page(collection()))
    assert [tag for tag, _ in structure.seen] == [tag for tag, _ in plain.seen]
    assert not any(name.startswith("on") for _, found in structure.seen for name in found)


@pytest.mark.parametrize("text", ["Guards stay\n\nOne stands.", "# Guards stay\n\nOne stands."])
def test_a_title_is_read_once_unless_it_is_evidence(text: str) -> None:
    title = "Guards stay"
    article = Article("g", text, None, title)
    plain = page_of([article], [GUARDS], [opinion(article, text.index("One"), len(text))])
    assert Structure(plain).article_text.split() == ["One", "stands."]
    start = text.index(title)
    said = [opinion(article, start, start + len(title), voice="author")]
    for articles in ([article], [article, OTHER]):
        shown = page_of(articles, [GUARDS], said)
        assert re.findall(r"<h[13][^>]*>\s*(?:<span[^>]*>)?<mark[^>]*>.*?(Guards stay)</mark>", shown) == [title]
        assert "Guards stay" not in Structure(shown).article_text
    untitled = page_of([Article("g", text), OTHER], [GUARDS], [])
    assert title in Structure(untitled).article_text


def test_the_order_of_opinions_does_not_change_a_byte() -> None:
    reading = collection()
    turned = list(reversed(reading.opinions))
    assert reading_page(reading) == reading_page(replace(reading, opinions=turned, positions=list(reversed(reading.positions))))


@pytest.mark.parametrize(("articles", "said"), [([], []), ([ARTICLE, OTHER], []), ([Article("e", ""), OTHER], [])])
def test_a_reading_without_opinions_is_a_page(articles: list[Article], said: list[Opinion]) -> None:
    assert "No opinion on these proposals was found" in page_of(articles, [GUARDS], said)
    Structure(page_of(articles, [], said))


def test_a_page_stays_under_three_megabytes_and_says_what_it_leaves_out() -> None:
    long = [Article(f"l{number}", "A long sentence about Vane. " * 700, None, f"Day {number}") for number in range(200)]
    said = [opinion(one, start * 28, start * 28 + 27, holder=f"Speaker {start}") for one in long for start in range(20)]
    text = page_of(long, [GUARDS], said)
    drawn = text.count("<article ")
    assert 20 < drawn < 200
    assert f"{200 - drawn} more articles would make this page too heavy to mail" in text
    assert len(text.encode()) < 3_000_000
    assert len(data_of(text)["opinions"]) == len(said)


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


def test_articles_that_have_no_room_still_count_and_those_without_an_opinion_are_none_of_them() -> None:
    reading = collection()
    silent = Article("silent", "Rain fell on Vane.", "silent.txt").facts
    text = reading_page(replace(reading, articles=reading.articles[:2], facts=[*reading.known, silent], form="csv"))
    assert f"{len({one.article for one in reading.opinions}) - 2} more articles would make this page too heavy" in text
    assert "opinions.csv has all their opinions" in text
    assert len(data_of(text)["opinions"]) == len(reading.opinions)
    assert FERRY.text in text
    assert "too heavy" not in reading_page(replace(reading, facts=[*reading.known, silent]))


def test_where_nobody_takes_a_side_it_says_so() -> None:
    silent = [Article(name, "Rain fell on Vane.").facts for name in "ab"]
    text = reading_page(Reading([GUARDS, FERRY], [], [], [], silent))
    assert "No article has an opinion on these proposals." in text
    assert "too heavy" not in text


def test_a_holder_of_an_article_and_of_its_copies_is_one_line() -> None:
    """The mayor of the first is the mayor of the copy, who says one thing more."""
    first, copy = Article("a", "The mayor backs it. Rain fell."), Article("b", "The mayor backs it. The mayor likes the ferry.")
    said = [
        opinion(first, 0, 19, "support", "the mayor", holder_id="a.mayor"),
        opinion(copy, 20, 46, "support", "the mayor", holder_id="b.mayor"),
    ]
    facts = [first.facts, replace(copy.facts, copy_of="a")]
    text = reading_page(Reading([GUARDS], [first, copy], said, summarise(said, facts), facts))
    data = data_of(text)
    assert data["holders"] == ["the mayor"]
    assert [data["articles"][one[0]][4] for one in data["opinions"]] == [0, 0]


def test_a_note_stands_under_the_title_and_leads_to_what_the_model_is_worth() -> None:
    text = reading_page(Reading([], [ARTICLE], [], [], note="Read <twice>", verdict="Right <often>.", unasked=3))
    head, below = text.split("</header>")
    assert 'Read &lt;twice&gt; <a href="#trust">' in head
    assert "Right" not in head
    assert "Right &lt;often&gt;." in below[below.index('id="trust"') :]
    assert "3 questions of an article and a proposal were left out" in below
    assert 'id="trust"' not in reading_page(Reading([], [ARTICLE], [], []))


def test_how_sure_a_stance_is_stands_wherever_it_is_told() -> None:
    reading = collection()
    text = reading_page(replace(reading, opinions=[replace(one, confidence=0.42) for one in reading.opinions]))
    quote, stand = text[text.index("<blockquote") :], text[text.index('<tr id="a1-r1"') :]
    assert '<span class="sure">42%</span>' in quote[: quote.index("</blockquote>")]
    assert '<span class="sure">42%</span>' in stand[: stand.index("</tr>")]
    board = text[text.index('id="board"') : text.index('id="changes"')]
    sided = [f"{one.confidence:.0%}" for one in reading.positions if one.stance != "mixed"]
    assert sorted(re.findall('<span class="sure">(\\d+%)</span>', board)) == sorted(sided)
    assert len(sided) < len(reading.positions)


def test_columns_of_corrected_shares_are_there_where_shares_were_corrected() -> None:
    reading = collection()
    answered = {"oppose": 0.2, "neutral": 0.5, "support": 0.3}
    plain = [replace(one, answered=answered, expected=answered, corrected=None, note="not corrected") for one in reading.tallies]
    assert "orrected" not in reading_page(replace(reading, tallies=plain)).split("<script")[0]
    shares = {name: Interval(share, None, None) for name, share in answered.items()}
    mended = reading_page(replace(reading, tallies=[replace(one, corrected=shares, note=None) for one in plain]))
    assert "model → corrected" in mended
    assert '<th scope="col" class="number">Corrected</th>' in mended


def test_articles_without_an_outlet_or_a_day_are_counted_where_they_are_missed() -> None:
    reading = collection()
    first, second, *others = reading.facts
    bare = [replace(first, outlet=None, date=None), replace(second, outlet=None), *others]
    text = reading_page(replace(reading, facts=bare))
    assert "2 articles without an outlet are not here." in text
    assert "1 article without a day is in the numbers and not in the bars." in text
    assert "without an outlet" not in reading_page(reading)
    assert "without a day" not in reading_page(reading)


def test_a_long_run_of_blanks_is_no_work() -> None:
    started = time.process_time()
    article = Article("blank", "Guards stay." + " " * 400_000 + "They do.\n\nRain fell.")
    assert len(paragraphs(article, [])) == 2
    assert time.process_time() - started < 10
