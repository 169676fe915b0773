"""The results of `recipes.py` as tables in Markdown: test by test for a few arms, arm by arm for an ablation.

    python benchmarks/recipes_tables.py benchmarks/results/recipes-stock.json
    python benchmarks/recipes_tables.py benchmarks/results/recipes-ablation.json --by arms

Every difference is to the first arm of the file. In square brackets stands its 95 % interval over proposals and articles, given these runs.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

Results = Mapping[str, Any]
NAMES = {"newsroom": "newsroom", "seesaw": "SEESAW", "perspectrum": "PERSPECTRUM", "argkp": "ArgKP", "valueeval": "ValueEval"}
RIVAL = "rival proposals, sides"
THREE, TWO = "macro_f1", "f_avg"


class By(StrEnum):
    """What stands in the lines."""

    TESTS = "tests"
    ARMS = "arms"


def views(results: Results) -> Iterator[tuple[str, str, str, str]]:
    """Test, view, metric and title of all that is shown. A test without neutral pairs is scored between the sides alone."""
    for test, size in results["tests"].items():
        if size["classes"]["neutral"]:
            yield test, "all", THREE, f"{NAMES[test]}, three stances"
        yield test, "sides", TWO, f"{NAMES[test]}, sides"
        if RIVAL in results["over_seeds"][next(iter(results["over_seeds"]))][test]:
            yield test, RIVAL, TWO, f"{NAMES[test]}, sides of rival proposals"


def tests_table(results: Results) -> Iterator[str]:
    """A line a test and view: the score of every arm, and its difference to the first."""
    first, *others = results["over_seeds"]
    heads = [first, *(cell for arm in others for cell in (arm, "difference"))]
    yield f"| test part | {' | '.join(heads)} |"
    yield f"| --- |{' --- |' * len(heads)}"
    for test, view, metric, title in views(results):
        cells = [_score(results, first, test, view, metric)]
        for arm in others:
            cells += [_score(results, arm, test, view, metric), _gain(results["gains"][arm][test][view][metric])]
        yield f"| {title} | {' | '.join(cells)} |"


def arms_table(results: Results) -> Iterator[str]:
    """A line an arm: its validation score, and per test and view the first arm's score or the difference to it, in points."""
    shown = list(views(results))
    yield f"| arm | validation | {' | '.join(title for *_, title in shown)} |"
    yield f"| --- | --- |{' --- |' * len(shown)}"
    first = next(iter(results["over_seeds"]))
    for arm in results["over_seeds"]:
        scores = [one["validation"] for one in results["training"] if one["arm"] == arm]
        cells = [f"{sum(scores) / len(scores):.3f}"]
        for test, view, metric, _ in shown:
            own = arm == first
            cells.append(_score(results, arm, test, view, metric) if own else _gain(results["gains"][arm][test][view][metric]))
        yield f"| {arm} | {' | '.join(cells)} |"


def _score(results: Results, arm: str, test: str, view: str, metric: str) -> str:
    found = results["over_seeds"][arm][test][view][metric]
    return f"{found['mean']:.3f}" if found["sd"] is None else f"{found['mean']:.3f} ± {found['sd']:.3f}"


def _gain(found: Mapping[str, Any]) -> str:
    if found["low"] is None:
        return f"{100 * found['value']:+.1f}"
    return f"{100 * found['value']:+.1f} [{100 * found['low']:+.1f}, {100 * found['high']:+.1f}]"


def main(
    file: Annotated[Path, typer.Argument(help="What recipes.py wrote.")],
    by: Annotated[By, typer.Option(help="What stands in the lines.")] = By.TESTS,
) -> None:
    """Print the table."""
    results = json.loads(file.read_text(encoding="utf-8"))
    print("\n".join(tests_table(results) if by is By.TESTS else arms_table(results)))


if __name__ == "__main__":
    typer.run(main)
