"""Interviews whose turns are told by paragraphs alone: which sentences ask, and which answer."""

import re
from collections.abc import Sequence
from typing import Literal

from stancekit.records import Statement

Turn = Literal["question", "answer"]

# Of each, so many: a comment asks its readers too, but hardly three times, and not about what they have done.
FEWEST_QUESTIONS, FEWEST_ADDRESSED, FEWEST_OWN = 3, 2, 2
LONGEST_QUESTION = 4
_ADDRESSED = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Ww]e|us|[Oo]urs?)\b")
_QUOTED = re.compile(r"[\"“”‘]")


def turns_of(statements: Sequence[Statement]) -> list[Turn | None]:
    """Whose turn each sentence of an article is; all None where the article is no interview, or its offsets are not known.

    A paragraph of a few sentences asks where it ends in a question mark, or speaks to somebody ("your own engineers say ...") and not of
    its writer; the paragraphs up to the next such one answer. What stands before the first question is neither. An article is an
    interview where three paragraphs end in a question mark, two that ask speak to somebody, and two answers are in the first person,
    outside quotation marks.
    """
    found: list[Turn | None] = [None] * len(statements)
    paragraphs = _paragraphs(statements)
    marked = [_marked(statements, one) for one in paragraphs]
    if sum(marked) < FEWEST_QUESTIONS:
        return found
    first = marked.index(True)
    turns = [(one, mark or _prompts(statements, one)) for one, mark in zip(paragraphs[first:], marked[first:], strict=True)]
    addressed = sum(asking and _any(_ADDRESSED, statements, one) for one, asking in turns)
    own = sum(not asking and _any(_OWN, statements, one) and not _any(_QUOTED, statements, one[:1]) for one, asking in turns)
    if addressed < FEWEST_ADDRESSED or own < FEWEST_OWN:
        return found
    for one, asking in turns:
        for number in one:
            found[number] = "question" if asking else "answer"
    return found


def _paragraphs(statements: Sequence[Statement]) -> list[list[int]]:
    """Numbers of sentences; more than one character between two of them is a break."""
    found: list[list[int]] = []
    end = None
    for number, one in enumerate(statements):
        if one.start is None or one.end is None:
            return []
        if end is None or one.start - end > 1:
            found.append([])
        found[-1].append(number)
        end = one.end
    return found


def _prompts(statements: Sequence[Statement], paragraph: Sequence[int]) -> bool:
    spoken_to = _any(_ADDRESSED, statements, paragraph) and not _any(_OWN, statements, paragraph)
    return spoken_to and len(paragraph) <= LONGEST_QUESTION


def _marked(statements: Sequence[Statement], paragraph: Sequence[int]) -> bool:
    return len(paragraph) <= LONGEST_QUESTION and statements[paragraph[-1]].text.rstrip(" *_").endswith("?")


def _any(pattern: re.Pattern[str], statements: Sequence[Statement], paragraph: Sequence[int]) -> bool:
    return any(pattern.search(statements[number].text) for number in paragraph)
