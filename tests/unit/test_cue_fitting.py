"""The fit of benchmarks/cues.py: what it is drawn to, and that articles stay whole."""

import numpy as np
import pytest

from cue_cases import Answers, Case
from cue_fitting import Arm, columns, fit, folds_of, out_of_fold
from cue_measures import positions
from stancekit.evaluation.metrics import IntArray
from stancekit.news.combining import Evidence
from stancekit.stance import STANCES, Stance

ARM = Arm(("sentence",), ("sentence", "cited", "bias"))


def answers(count: int = 60) -> tuple[Answers, IntArray]:
    """Answers that are right by chance alone, and gold that is neutral for every voice that is not cited."""
    rng = np.random.default_rng(3)
    gold = [Stance.NEUTRAL if number % 2 else Stance(STANCES[2 * int(rng.integers(2))]) for number in range(count)]
    cases = [
        Case(f"a{number // 6}", number, "A sentence.", "A proposal.", stance, "holder", Evidence(number % 2 == 0))
        for number, stance in enumerate(gold)
    ]
    sentence = rng.dirichlet(np.ones(3), count)
    return Answers(cases, sentence, np.full((count, 3), 1 / 3)), np.array([one.label_id for one in gold])


def test_a_strong_penalty_leaves_the_pair_models_answer() -> None:
    given, gold = answers()
    side, neutral = fit(ARM, *columns(ARM, given), gold, strength=1e7)
    assert side == pytest.approx([1], abs=1e-3)
    assert neutral == pytest.approx([1, 0, 0], abs=1e-2)


def test_a_weak_penalty_finds_what_tells_neutral_voices() -> None:
    given, gold = answers()
    side, neutral = fit(ARM, *columns(ARM, given), gold, strength=0.1)
    assert abs(side[0]) < 1
    assert neutral[1] < -3
    held = out_of_fold(ARM, given, 0.1, seed=1)
    assert held.sum(axis=1) == pytest.approx(np.ones(60))
    assert ((held.argmax(axis=1) == 1) == (gold == 1)).mean() > 0.9


def test_an_article_is_in_one_fold() -> None:
    articles = [f"a{number // 6}" for number in range(60)]
    folds = folds_of(articles, seed=2)
    assert len({(article, fold) for article, fold in zip(articles, folds.tolist(), strict=True)}) == 10
    assert folds.tolist() != folds_of(articles, seed=3).tolist()


def test_positions_of_whole_articles() -> None:
    cases = [
        Case("a", number, "S.", "P.", stance, holder, Evidence(True))
        for number, (stance, holder) in enumerate([(Stance.SUPPORT, "ada"), (Stance.OPPOSE, "bo"), (Stance.NEUTRAL, "cy")])
    ]
    sure, unsure = [0.1, 0.1, 0.8], [0.33, 0.33, 0.34]
    told = positions(cases, np.array([sure, unsure, sure]))
    assert (told["gold"], told["found"]) == (2, 2)
    assert (told["precision"]["value"], told["recall"]["value"]) == (0.5, 0.5)
