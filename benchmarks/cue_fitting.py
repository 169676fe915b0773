"""Fitting the weights of news/combining.py, and what is left when a part of it is taken away. Used by benchmarks/cues.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from cue_cases import Answers
from stancekit.evaluation.metrics import IntArray, confusion, indices, macro_f1
from stancekit.evaluation.reliability import log_loss
from stancekit.news.combining import NEUTRAL, SIDE, FloatArray, features, probabilities

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
FOLDS, ROUNDS = 8, 5
# The bias is nearly free: shares of the stances differ from what the pair model was calibrated on.
BIAS_STRENGTH = 0.1


@dataclass(frozen=True, slots=True)
class Arm:
    """Which features an arm has; answers: what it may see of the voices' own words; more: columns beside those of the package."""

    side: tuple[str, ...]
    neutral: tuple[str, ...]
    answers: Callable[[Answers], Answers] = lambda all_of_them: all_of_them


def _more(answers: Answers) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    # What was tried and is not in the package.
    cues = [case.voice.cue for case in answers.cases]
    polarity = np.array([0 if cue is None or cue.polarity is None else cue.polarity for cue in cues], dtype=np.float64)
    negated = np.array([cue is not None and cue.negated for cue in cues], dtype=np.float64)
    logs, near = np.log(np.clip(answers.sentence, 1e-3, 1)), np.array([case.near for case in answers.cases])
    side = {"polarity": polarity, "polarity x relevance": polarity * near, "negated": negated * (logs[:, 2] - logs[:, 0]) / 2}
    return side, {"relevance": near, "has side": np.abs(polarity), "negated": negated}


def columns(arm: Arm, answers: Answers) -> tuple[FloatArray, FloatArray]:
    """The side and the neutral features of an arm, shapes (n, its features)."""
    seen = arm.answers(answers)
    behind = np.array([case.behind for case in seen.cases])
    side, neutral = features([case.voice for case in seen.cases], seen.sentence, seen.own, behind)
    more_side, more_neutral = _more(seen)
    sides = {**dict(zip(SIDE, side.T, strict=True)), **more_side}
    neutrals = {**dict(zip(NEUTRAL, neutral.T, strict=True)), **more_neutral}
    return np.stack([sides[name] for name in arm.side], axis=1), np.stack([neutrals[name] for name in arm.neutral], axis=1)


def fit(arm: Arm, side: FloatArray, neutral: FloatArray, gold: IntArray, strength: float) -> tuple[FloatArray, FloatArray]:
    """Weights of both parts, by penalised maximum likelihood.

    The penalty draws them to the pair model's own answer: 1 for "sentence", else 0.
    """
    names = [*arm.side, *arm.neutral]
    start = np.array([float(name == "sentence") for name in names])
    penalty = strength * np.array([BIAS_STRENGTH if name == "bias" else 1.0 for name in names])
    cut, wanted = len(arm.side), np.eye(3)[gold]

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        given = probabilities(side @ weights[:cut], neutral @ weights[cut:])
        off, moved = given - wanted, weights - start
        slope = np.concatenate([side.T @ (off[:, 2] - off[:, 0]), neutral.T @ off[:, 1]]) + penalty * moved
        return float(-np.log(given[np.arange(len(gold)), gold]).sum() + (penalty * moved**2).sum() / 2), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found[:cut], found[cut:]


def folds_of(articles: Sequence[str], seed: int) -> IntArray:
    """The fold of each row: articles stay whole."""
    names = sorted(set(articles))
    numbers = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % FOLDS, strict=True))
    return np.array([numbers[article] for article in articles])


def out_of_fold(arm: Arm, answers: Answers, strength: float, seed: int) -> FloatArray:
    """Probabilities of each row by weights fitted on the other folds, shape (n, 3)."""
    gold = indices([case.gold for case in answers.cases])
    side, neutral = columns(arm, answers)
    folds, given = folds_of([case.article for case in answers.cases], seed), np.zeros((len(gold), 3))
    for fold in range(FOLDS):
        rest, held = folds != fold, folds == fold
        weights = fit(arm, side[rest], neutral[rest], gold[rest], strength)
        given[held] = probabilities(side[held] @ weights[0], neutral[held] @ weights[1])
    return given


def validated(arm: Arm, answers: Answers, strength: float) -> dict[str, float]:
    """Macro-F1 and log loss out of fold over the cases with a label, means over divisions into folds."""
    rows = np.array([not case.silent for case in answers.cases])
    gold = indices([case.gold for case in answers.cases])[rows]
    # On matrices as small as these, threads only wait for each other.
    with threadpool_limits(1):
        rounds = [out_of_fold(arm, answers, strength, seed)[rows] for seed in range(ROUNDS)]
    f1 = float(np.mean([macro_f1(confusion(gold, given.argmax(axis=1))) for given in rounds]))
    return {"macro_f1": round(f1, 4), "log_loss": round(float(np.mean([log_loss(given, gold).value() for given in rounds])), 4)}


def chosen(arm: Arm, answers: Answers) -> tuple[float, Mapping[str, dict[str, float]]]:
    """The strength of least log loss out of fold, and what each reached."""
    reached = {strength: validated(arm, answers, strength) for strength in STRENGTHS}
    return min(reached, key=lambda strength: reached[strength]["log_loss"]), {str(key): value for key, value in reached.items()}
