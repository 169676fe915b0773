"""The baselines: the commonest stance, and a bag of words that sees both sides."""

from itertools import product

import numpy as np

from stancekit.evaluation.baselines import BASELINES, majority, tfidf_lr
from stancekit.records import Example
from stancekit.stance import Stance


def example(number: int, statement: str, stance: Stance, proposal: str = "The ferry should be free.") -> Example:
    return Example(str(number), statement, proposal, stance)


def told() -> list[Example]:
    words = {Stance.SUPPORT: "welcomed praised", Stance.OPPOSE: "rejected condemned", Stance.NEUTRAL: "described counted"}
    people = ("guild", "mayor", "ferrymen", "bakers", "council")
    pairs = product(people, words.items())
    return [
        example(number, f"The {who} {word} it.", stance)
        for number, (who, (stance, both)) in enumerate(pairs)
        for word in [both.split()[number % 2]]
    ]


def test_majority_answers_the_commonest_stance_of_the_training_set() -> None:
    train = [example(1, "a", Stance.NEUTRAL), example(2, "b", Stance.SUPPORT), example(3, "c", Stance.SUPPORT)]
    test = [example(4, "d", Stance.OPPOSE)] * 3
    answers = majority(train, test)
    assert answers.tolist() == [2, 2, 2]
    assert answers.dtype == np.int64


def test_bag_of_words_learns_words() -> None:
    test = [example(1, "The weavers welcomed it.", Stance.SUPPORT), example(2, "The weavers condemned it.", Stance.OPPOSE)]
    assert tfidf_lr(told(), test).tolist() == [2, 0]
    assert tfidf_lr(told(), test).tolist() == tfidf_lr(told(), test).tolist()


def test_bag_of_words_keeps_the_two_sides_apart() -> None:
    # The same word is a sign of support in a statement and of opposition in a proposal.
    train = [example(n, "harbour news", Stance.OPPOSE, "A copper duty") for n in range(4)]
    train += [example(10 + n, "copper news", Stance.SUPPORT, "A harbour duty") for n in range(4)]
    test = [example(20, "harbour news", Stance.OPPOSE, "A copper duty"), example(21, "copper news", Stance.SUPPORT, "A harbour duty")]
    assert tfidf_lr(train, test).tolist() == [0, 2]


def test_a_training_set_of_one_stance_leaves_nothing_to_learn() -> None:
    train = [example(1, "The mayor praised it.", Stance.SUPPORT), example(2, "The guild praised it.", Stance.SUPPORT)]
    for baseline in BASELINES.values():
        assert baseline(train, told()).tolist() == [2] * len(told())
