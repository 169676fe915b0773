"""Scores of one recipe over several seeds: the luck of a training, which intervals over rows do not hold."""

from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any


def over_seeds(scores: Mapping[int, Mapping[str, float]]) -> dict[str, Any]:
    """`shown` (the first seed, which all else is about), `by_seed`, `mean` and `sd` (n - 1) of each score; of two seeds or more."""
    names = list(next(iter(scores.values())))
    columns = {name: [one[name] for one in scores.values()] for name in names}
    return {
        "shown": next(iter(scores)),
        "by_seed": {str(seed): dict(one) for seed, one in scores.items()},
        "mean": {name: round(mean(values), 6) for name, values in columns.items()},
        "sd": {name: round(stdev(values), 6) for name, values in columns.items()},
    }


def seeds_sentence(seeds: Mapping[str, Any]) -> str:
    """Mean, spread and every seed of macro-F1, and which seed the rest is about."""
    every = ", ".join(f"{100 * one['macro_f1']:.1f}" for one in seeds["by_seed"].values())
    average, spread = 100 * seeds["mean"]["macro_f1"], 100 * seeds["sd"]["macro_f1"]
    return (
        f"Over {len(seeds['by_seed'])} seeds macro-F1 is {average:.1f} on average, standard deviation {spread:.1f} ({every}); "
        f"all else is about the first seed, {seeds['shown']}."
    )
