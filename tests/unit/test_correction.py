"""Corrections of shares: exact where they can be, on the simplex always, wider than what they correct, refused where nothing is known."""

import numpy as np
import pytest

import corrected_shares
from stancekit.news.correction import Correction, FloatArray, adjusted
from stancekit.shares import Interval
from stancekit.stance import STANCES

CONFUSION = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.25, 0.25, 0.5]])


def test_a_known_confusion_is_taken_back_exactly() -> None:
    for truth in ([0.2, 0.3, 0.5], [0.0, 0.1, 0.9], [1.0, 0.0, 0.0]):
        assert adjusted(CONFUSION, np.array(truth) @ CONFUSION) == pytest.approx(truth, abs=1e-9)


def test_a_model_that_is_always_right_needs_no_correction() -> None:
    assert adjusted(np.eye(3), np.array([0.2, 0.3, 0.5])) == pytest.approx([0.2, 0.3, 0.5])


def test_what_no_shares_would_give_is_answered_by_the_nearest_shares() -> None:
    """The same as a search over a fine grid of all shares."""
    steps = np.linspace(0, 1, 101)
    grid = np.array([[one, other, 1 - one - other] for one in steps for other in steps if one + other <= 1 + 1e-9])
    for answered in ([0.9, 0.05, 0.05], [0.05, 0.15, 0.8], [0.1, 0.85, 0.05], [0.45, 0.55, 0.0]):
        nearest = grid[((grid @ CONFUSION - answered) ** 2).sum(axis=1).argmin()]
        found = adjusted(CONFUSION, np.array(answered))
        assert found.min() >= 0
        assert found.sum() == pytest.approx(1)
        assert found == pytest.approx(nearest, abs=0.011)


def test_a_model_that_tells_nothing_apart_still_gives_shares() -> None:
    found = adjusted(np.full((3, 3), 1 / 3), np.array([0.2, 0.3, 0.5]))
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)


def test_many_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    confusions, answered = rng.dirichlet(np.ones(3), (40, 3)), rng.dirichlet(np.ones(3), 40)
    assert adjusted(confusions, answered) == pytest.approx(np.stack([adjusted(*each) for each in zip(confusions, answered, strict=True)]))


def labelled(rows: int, articles: int, rng: np.random.Generator) -> tuple[FloatArray, np.ndarray, list[int]]:
    gold = np.tile(np.arange(3), rows // 3)
    answers = np.eye(3)[(rng.random(len(gold))[:, None] > CONFUSION[gold].cumsum(axis=1)[:, :2]).sum(axis=1)]
    return answers, gold, (np.arange(len(gold)) % articles).tolist()


def slice_of(truth: list[float], articles: int, rng: np.random.Generator) -> FloatArray:
    return rng.multinomial(10, np.array(truth) @ CONFUSION, size=articles).astype(np.float64)


def shares(articles: int, rows: int = 900, held: int = 60, seed: int = 5) -> dict[str, Interval]:
    rng = np.random.default_rng(seed)
    correction = Correction.of(*labelled(rows, held, rng))
    assert isinstance(correction, Correction)
    return corrected(correction, slice_of([0.1, 0.1, 0.8], articles, rng))


def corrected(correction: Correction, sums: FloatArray) -> dict[str, Interval]:
    found = correction.shares(sums)
    assert isinstance(found, dict)
    return found


def test_the_corrected_share_is_near_the_truth_where_the_answers_are_not() -> None:
    found = shares(400, rows=9000, held=600)
    assert (np.array([0.1, 0.1, 0.8]) @ CONFUSION)[2] == pytest.approx(0.42)
    assert found["support"].value == pytest.approx(0.8, abs=0.05)
    low, high = found["support"].low, found["support"].high
    assert low is not None
    assert high is not None
    assert low < 0.8 < high
    assert sum(found[stance.value].value for stance in STANCES) == pytest.approx(1)


def width(one: Interval) -> float:
    assert one.low is not None
    assert one.high is not None
    return one.high - one.low


def test_fewer_articles_and_fewer_labels_both_widen_the_interval() -> None:
    assert width(shares(10)["support"]) > 1.5 * width(shares(400)["support"])
    assert width(shares(400, rows=120)["support"]) > 1.5 * width(shares(400, rows=9000, held=600)["support"])


def test_the_same_numbers_give_the_same_interval_whatever_was_corrected_before() -> None:
    rng = np.random.default_rng(1)
    correction = Correction.of(*labelled(300, 30, rng))
    assert isinstance(correction, Correction)
    sums = slice_of([0.3, 0.3, 0.4], 20, rng)
    once = corrected(correction, sums)
    correction.shares(slice_of([0.8, 0.1, 0.1], 50, rng))
    assert correction.shares(sums) == once
    assert corrected(correction, sums[::-1])["oppose"] == pytest.approx(once["oppose"], abs=1e-9)


def test_why_there_is_no_correction() -> None:
    rng = np.random.default_rng(2)
    answers, gold, articles = labelled(300, 30, rng)
    few = gold != 1
    few[:20] = True
    assert Correction.of(answers[few], gold[few], list(np.array(articles)[few])) == "fewer than 30 labelled pairs are neutral"
    assert Correction.of(answers, gold, [number % 4 for number in articles]) == "the labelled pairs are of fewer than 5 articles"
    blind = rng.dirichlet(np.ones(3), len(gold))
    assert Correction.of(blind, gold, articles) == "on the labelled pairs the model does not tell the stances apart for certain"


def test_a_slice_of_few_articles_or_hardly_more_than_one_is_not_corrected() -> None:
    rng = np.random.default_rng(7)
    correction = Correction.of(*labelled(900, 60, rng))
    assert isinstance(correction, Correction)
    alike = slice_of([0.3, 0.3, 0.4], 5, rng)
    assert isinstance(correction.shares(alike), dict)
    assert correction.shares(alike[:4]) == "fewer than 5 articles were asked about it"
    skewed = alike * np.array([[20], [1], [1], [1], [1]])
    assert correction.shares(skewed) == "the articles differ so much in length that they count as fewer than 5"


def test_corrected_intervals_hold_where_articles_differ_much_in_length() -> None:
    """Thirty articles of lognormal length, each with stances of its own around 0.3, 0.3 and 0.4."""
    rng, truth, held, runs = np.random.default_rng(8), np.array([0.3, 0.3, 0.4]), np.zeros(3), 0
    correction = Correction.of(*labelled(9000, 900, rng))
    assert isinstance(correction, Correction)
    while runs < 150:
        mixes = rng.dirichlet(3 * truth, 30) @ CONFUSION
        sums = rng.multinomial(np.ceil(rng.lognormal(1.5, 1.2, 30)).astype(np.int64), mixes).astype(np.float64)
        found = correction.shares(sums)
        if isinstance(found, dict):
            ends = np.array([found[stance.value][1:] for stance in STANCES], dtype=np.float64)
            held, runs = held + ((ends[:, 0] <= truth) & (truth <= ends[:, 1])), runs + 1
    assert held.mean() / runs > 0.93


def test_expectation_maximisation_of_the_benchmark_finds_known_shares() -> None:
    """Probabilities that are right at one mix of stances, answers to another mix."""
    source = corrected_shares.made()
    rng = np.random.default_rng(4)
    _, pool = source.run(rng)
    gold = rng.choice(3, 6000, p=[0.1, 0.2, 0.7]).astype(np.int64)
    found = corrected_shares.maximised(pool(gold, rng), corrected_shares.HELD_SHARES, np.ones(len(gold)))
    assert found == pytest.approx(np.bincount(gold) / len(gold), abs=0.04)
