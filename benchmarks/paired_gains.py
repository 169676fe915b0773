"""Views on a test set, and paired gains on them: what several seeds of one recipe score, and by how much it beats another."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stancekit.config import PrepareConfig, load_config
from stancekit.data.corpus import read_corpus
from stancekit.data.ties import resampling_units
from stancekit.evaluation.intervals import Resampling
from stancekit.evaluation.metrics import FloatArray, IntArray, accuracy, confusion, f_avg, indices, macro_f1
from stancekit.records import Example
from stancekit.stance import STANCES, Stance

SEED, RESAMPLES, LEVEL = 13, 1000, 0.95
NEWSROOM = "newsroom"
THREE: Mapping[str, Callable[[FloatArray], FloatArray]] = {"macro_f1": macro_f1, "f_avg": f_avg, "accuracy": accuracy}
# Where neutral is no answer, F_avg is the macro-F1 of the two sides.
TWO: Mapping[str, Callable[[FloatArray], FloatArray]] = {"f_avg": f_avg, "accuracy": accuracy}


class View(NamedTuple):
    """Rows of a test set, and their gold label ids. sides: the answer is the likelier of oppose and support."""

    rows: IntArray
    gold: IntArray
    sides: bool

    def answers(self, probabilities: FloatArray) -> IntArray:
        """Label ids of its rows. probabilities: shape (n, 3), of the whole test set."""
        hidden = self.sides & (np.arange(len(STANCES)) == Stance.NEUTRAL.label_id)
        return np.asarray(np.where(hidden, -1.0, probabilities[self.rows]).argmax(axis=-1))


class Test(NamedTuple):
    """A test set, and the views on it that are measured."""

    path: Path
    examples: list[Example]
    views: dict[str, View]


def config_of(name: str, *overrides: str) -> PrepareConfig:
    """The project's own prepare config."""
    return load_config(Path(f"configs/prepare/{name}.toml"), PrepareConfig, list(overrides))


def kinds_of(examples: Sequence[Example]) -> list[str]:
    """How the proposal of each row of the corpus stands to an earlier one of its article; `first` where it does not."""
    config = config_of(NEWSROOM)
    articles = (article for _, article in read_corpus(config.raw / config.sources[0].path))
    known = {(one.id, proposal.id): proposal.relation for one in articles for proposal in one.proposals}
    relations = (known[article, proposal] for _, article, _, proposal in (example.id.split(":") for example in examples))
    return ["first" if relation is None else relation.kind for relation in relations]


def views_on(name: str, examples: Sequence[Example]) -> dict[str, View]:
    """All rows, those with a side, and for the newsroom its rungs (all neutrals beside) and its kinds of proposals."""
    sided = np.array([example.stance is not Stance.NEUTRAL for example in examples])
    masks = {"all": (sided | True, False), "sides": (sided, True)}
    if name == NEWSROOM:
        for rung in ("explicit", "implicit"):
            tagged = sided & np.array([rung in example.tags for example in examples])
            masks |= {rung: (tagged | ~sided, False), f"{rung}, sides": (tagged, True)}
        kinds = np.array(kinds_of(examples))
        for kind in sorted({*kinds.tolist()}):
            masks |= {f"{kind} proposals": (kinds == kind, False), f"{kind} proposals, sides": ((kinds == kind) & sided, True)}
    gold = indices([example.stance for example in examples])
    return {view: View(np.flatnonzero(mask), gold[mask], sides) for view, (mask, sides) in masks.items() if mask.any()}


def scores(views: Mapping[str, View], probabilities: FloatArray) -> dict[str, dict[str, float]]:
    """Every metric of every view."""
    counts = {name: confusion(view.gold, view.answers(probabilities)) for name, view in views.items()}
    return {
        name: {key: float(metric(counts[name])) for key, metric in (TWO if view.sides else THREE).items()} for name, view in views.items()
    }


def spread(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, Any]:
    """Mean and standard deviation over seeds of every metric of every view; None for the deviation of one seed."""
    result: dict[str, Any] = {}
    for view, metrics in runs[0].items():
        values = {key: np.array([run[view][key] for run in runs]) for key in metrics}
        deviations = {key: float(one.std(ddof=1)) if len(runs) > 1 else None for key, one in values.items()}
        result[view] = {key: {"mean": float(one.mean()), "sd": deviations[key]} for key, one in values.items()}
    return result


def gain(test: Test, pairs: Sequence[tuple[FloatArray, FloatArray]]) -> dict[str, Any]:
    """Mean over seeds of one - other, and its interval: all runs meet the same draws of proposals and articles.

    pairs: the probabilities of both, a pair a seed. The interval is over test rows, given these runs; how far
    another training would come out elsewhere is seen in `by_seed` alone.
    """
    result: dict[str, Any] = {}
    for name, view in test.views.items():
        units = resampling_units([test.examples[row] for row in view.rows])
        resampling = Resampling.over(units.numbers, RESAMPLES, LEVEL, np.random.default_rng(SEED))
        answers = [(view.answers(one), view.answers(other)) for one, other in pairs]
        values = [(confusion(view.gold, one), confusion(view.gold, other)) for one, other in answers]
        draws = [(resampling.confusions(view.gold, one), resampling.confusions(view.gold, other)) for one, other in answers]
        result[name] = {"rows": len(view.rows), "units": resampling.draws.shape[1]}
        for key, metric in (TWO if view.sides else THREE).items():
            by_seed = [float(metric(one) - metric(other)) for one, other in values]
            resampled = np.mean([metric(one) - metric(other) for one, other in draws], axis=0)
            result[name][key] = {**resampling.interval(float(np.mean(by_seed)), resampled).to_row(), "by_seed": by_seed}
    return result


def assembled(tests: Mapping[str, Test], answers: Mapping[tuple[str, int], Mapping[str, FloatArray]], against: str) -> dict[str, Any]:
    """The scores of every run, over seeds, and against the runs of the arm `against` with the same seeds.

    answers: the probabilities of each test set by arm and seed.
    """
    by_run = {run: {name: scores(tests[name].views, matrix) for name, matrix in matrices.items()} for run, matrices in answers.items()}
    arms = list(dict.fromkeys(arm for arm, _ in answers))
    seeds = {arm: sorted(seed for one, seed in answers if one == arm) for arm in arms}
    over_seeds, gains = {}, {}
    for arm in arms:
        over_seeds[arm] = {name: spread([by_run[arm, seed][name] for seed in seeds[arm]]) for name in tests}
        shared = [seed for seed in seeds[arm] if (against, seed) in answers]
        if arm != against and shared:
            pairs = {name: [(answers[arm, seed][name], answers[against, seed][name]) for seed in shared] for name in tests}
            gains[arm] = {name: gain(tests[name], matrices) for name, matrices in pairs.items()}
    runs = [{"arm": arm, "seed": seed, "scores": found} for (arm, seed), found in by_run.items()]
    return {"over_seeds": over_seeds, "gains": gains, "runs": runs}
