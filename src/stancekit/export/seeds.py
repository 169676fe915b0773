"""What all seeds of a recipe reached, so that a card does not show the luckiest of them alone."""

from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from stancekit.errors import StancekitError
from stancekit.files import read_json
from stancekit.modeling.family import RESULT, family_of

# What an evaluation of several seeds has of each of them, and a card shows of one.
SCORES = ("macro_f1", "accuracy")


def all_seeds(run: Path, seed: int, reached: float, evaluation: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Macro-F1 of every seed, None where no other seed is known of.

    seed, reached: of the run, its validation macro-F1. `by_seed` has `validation`, and `test` where there is an evaluation, None
    where it is not known; `mean` and `sd` (n - 1) are None unless all are. Raises StancekitError for a seeds.json of other runs.
    """
    columns = {"validation": _validation(run, seed, reached)}
    if evaluation is not None:
        columns["test"] = {of: scores["macro_f1"] for of, scores in judged_seeds(evaluation, seed).items()}
    seeds = sorted({of for column in columns.values() for of in column}, key=int)
    if len(seeds) < 2:
        return None
    whole = {name: list(column.values()) if len(column) == len(seeds) else None for name, column in columns.items()}
    return {
        "own": str(seed),
        "by_seed": {of: {name: column.get(of) for name, column in columns.items()} for of in seeds},
        "mean": {name: None if values is None else mean(values) for name, values in whole.items()},
        "sd": {name: None if values is None else stdev(values) for name, values in whole.items()},
    }


def judged_seeds(evaluation: Mapping[str, Any], seed: int) -> dict[str, Mapping[str, float]]:
    """The scores of every seed that an evaluation is of. seed: of the only one, where it is not of several."""
    several = evaluation.get("seeds")
    return {str(seed): {name: evaluation[name]["value"] for name in SCORES}} if several is None else dict(several["by_seed"])


def _validation(run: Path, seed: int, reached: float) -> dict[str, float]:
    folder = family_of(run)
    if folder is None:
        return {str(seed): reached}
    again = "write it again: stancekit train CONFIG --seeds N --resume"
    by_seed: dict[str, float] = read_json(folder / RESULT, absent=again, damaged=again)["validation"]["by_seed"]
    if by_seed.get(str(seed)) != reached:
        raise StancekitError(f"{folder / RESULT} does not hold what {run} reached, {reached}", fix=again)
    return by_seed
