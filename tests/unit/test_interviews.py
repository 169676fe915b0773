"""Interviews that mark their turns by paragraphs: who answers, and what is none."""

import pytest

from stancekit.news.articles import cut_article
from stancekit.news.holders import Holder, HolderFinder
from stancekit.news.interviews import turns_of
from stancekit.records import Article

ANSWERS = (
    "I have listened to the dockers, and I take it seriously. The pier is ours.",
    "We need the ferry. It should run at night.",
    "Then it will not be built.",
)
QUESTIONS = ("You have asked for a ferry. Is a bridge not cheaper?", "And your deputy?", "What if the island votes against it?")


def interview(questions: tuple[str, ...] = QUESTIONS, answers: tuple[str, ...] = ANSWERS, opening: str = "") -> str:
    turns = [part for pair in zip(questions, answers, strict=True) for part in pair]
    return "\n\n".join([opening or "The harbour master, Hanna Brekke, wants a ferry. We met her at the pier.", *turns])


def holders(text: str) -> dict[str, Holder]:
    statements = cut_article(Article("a", text))
    return {one.text: found[0].holder for one, found in zip(statements, HolderFinder().find(statements), strict=True)}


def test_answers_without_a_label_are_hers_who_is_interviewed() -> None:
    found = holders(interview())
    for sentence in ("The pier is ours.", "We need the ferry.", "It should run at night.", "Then it will not be built."):
        assert (found[sentence].name, found[sentence].rule, found[sentence].voice) == ("Hanna Brekke", "label", "cited")
    assert found["Is a bridge not cheaper?"].voice == "author"
    assert found["We met her at the pier."].voice == "author"


def test_a_name_before_a_colon_says_who_answers_from_there_on() -> None:
    text = interview(("Coast Review: " + QUESTIONS[0], *QUESTIONS[1:]), ("Tomas Aurel: " + ANSWERS[0], *ANSWERS[1:]), "Ada Varga has quit.")
    found = holders(text)
    assert found["We need the ferry."].name == "Tomas Aurel"
    assert found["Coast Review: You have asked for a ferry."].voice == "author"


def test_somebody_else_in_an_answer_keeps_what_is_said_of_them() -> None:
    found = holders(interview(answers=(ANSWERS[0], "My deputy, Aksel Ry, opposes the ferry. I disagree.", ANSWERS[2])))
    assert found["My deputy, Aksel Ry, opposes the ferry."].name == "Aksel Ry"
    assert found["I disagree."].name == "Hanna Brekke"


@pytest.mark.parametrize(
    "text",
    [
        # A comment that asks itself, a guide that speaks to its readers, and paragraphs that nobody cut.
        interview(("Is a bridge cheaper?", "Who pays?", "And if it floods?")),
        interview(("You can claim the grant.", "Your landlord signs first.", "You have until May.")),
        interview().replace("\n\n", " "),
    ],
)
def test_what_is_no_interview_is_its_writers(text: str) -> None:
    assert turns_of(cut_article(Article("a", text))) == [None] * len(cut_article(Article("a", text)))
    assert holders(text)["We need the ferry."].voice == "author"
