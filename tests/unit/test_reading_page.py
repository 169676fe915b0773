"""The page of a reading: marks leave the text as it was, and the board shows what the positions say."""

import re

import pytest

from pages import Structure
from readings import ARTICLE, GUARDS, opinion, page_of
from stancekit.errors import StancekitError
from stancekit.news.opinions import summarise
from stancekit.records import Article, Opinion


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
