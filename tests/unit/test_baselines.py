"""The baselines: the commonest stance, and bags of words that see both sides, or one."""

from itertools import product

import numpy as np
import pytest

from stancekit.evaluation.baselines import BASELINES, baselines, majority, tfidf_lr
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


def test_each_bag_of_words_sees_what_its_name_says() -> None:
    # In training both sides tell the same; in the test they contradict each other.
    train = [example(n, "harbour news", Stance.OPPOSE, "A copper duty") for n in range(4)]
    train += [example(10 + n, "tower news", Stance.SUPPORT, "A silver duty") for n in range(4)]
    test = [example(20, "harbour news", Stance.OPPOSE, "A silver duty"), example(21, "tower news", Stance.SUPPORT, "A copper duty")]
    answers = baselines(train, test)
    assert answers["tfidf_statement"].tolist() == [0, 2]
    assert answers["tfidf_proposal"].tolist() == [2, 0]


def test_all_at_once_are_as_one_by_one_and_vectorise_each_side_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    one_by_one = {name: baseline(told(), told()).tolist() for name, baseline in BASELINES.items()}
    fitted: list[str] = []
    plain = TfidfVectorizer.fit_transform

    def counting(self: TfidfVectorizer, texts: list[str]) -> object:
        fitted.append(texts[0])
        return plain(self, texts)

    monkeypatch.setattr(TfidfVectorizer, "fit_transform", counting)
    steps: list[int] = []
    answers = baselines(told(), told(), lambda done=1, note="": steps.append(done))
    assert {name: labels.tolist() for name, labels in answers.items()} == one_by_one
    assert fitted == [told()[0].statement, told()[0].proposal]
    assert sum(steps) == len(BASELINES) == 4


def test_a_side_of_signs_alone_is_answered_by_the_commonest_stance() -> None:
    train = [example(n, "?!", Stance.OPPOSE if n else Stance.SUPPORT, f"Duty {n}") for n in range(3)]
    assert baselines(train, train)["tfidf_statement"].tolist() == [0, 0, 0]
