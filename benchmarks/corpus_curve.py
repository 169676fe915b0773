"""The results of `corpus_adds.py` as tables in Markdown and as a drawing: what more of the corpus brings, test by test.

python benchmarks/corpus_curve.py benchmarks/results/corpus-adds.json --svg docs/images/corpus-curve.svg
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib.axes import Axes

Results = Mapping[str, Any]
NAMES = {"newsroom": "newsroom test", "seesaw": "SEESAW topics", "perspectrum": "PERSPECTRUM test", "valueeval": "ValueEval test"}
# Where a test has no neutral rows the mean over three classes is not defined, and the sides alone are compared.
THREE, TWO = "macro_f1", "f_avg"
TITLES = {THREE: "macro-F1", TWO: "F_avg"}


def metric_of(results: Results, test: str) -> str:
    """What a test is scored by."""
    return THREE if results["tests"][test]["classes"]["neutral"] else TWO


def tests_table(results: Results) -> Iterator[str]:
    """A line a test: mean ± sd over seeds without the corpus, and for each share the difference with its interval."""
    shares = [share for share in results["over_seeds"] if share in results["gains"]]
    yield f"| test | without the corpus | {' | '.join(f'with {float(share):.0%} of it' for share in shares)} |"
    yield f"| --- | --- |{' --- |' * len(shares)}"
    for test, size in results["tests"].items():
        metric = metric_of(results, test)
        cells = [_gained(results["gains"][share][test]["all"][metric]) for share in shares]
        cells = [f"{NAMES[test]}, {size['rows']:,} pairs, {TITLES[metric]}", _spread(results, "0", test, "all", metric), *cells]
        yield f"| {' | '.join(cells)} |"


def views_table(results: Results, views: Sequence[str], test: str = "newsroom") -> Iterator[str]:
    """A line a view on one test: without and with the whole corpus, in three classes and between the sides alone."""
    most = max(results["gains"], key=float)
    yield "| rows | pairs | macro-F1 without | with | difference | sides told apart without | with | difference |"
    yield "| --- | ---: | --- | --- | --- | --- | --- | --- |"
    for view in views:
        cells = [view.removesuffix(" proposals"), f"{results['gains'][most][test][view]['rows']:,}"]
        for name, metric in ((view, THREE), ("sides" if view == "all" else f"{view}, sides", "accuracy")):
            cells += [_spread(results, share, test, name, metric) for share in ("0", most)]
            cells.append(_gained(results["gains"][most][test][name][metric]))
        yield f"| {' | '.join(cells)} |"


def _spread(results: Results, share: str, test: str, view: str, metric: str) -> str:
    score = results["over_seeds"][share][test][view][metric]
    return f"{score['mean']:.3f} ± {score['sd']:.3f}" if score["sd"] is not None else f"{score['mean']:.3f}"


def _gained(gain: Mapping[str, float | None]) -> str:
    interval = "" if gain["low"] is None else f" [{gain['low']:+.3f}, {gain['high']:+.3f}]"
    return f"{gain['value']:+.3f}{interval}"


def draw(results: Results, path: Path) -> None:
    """Write an SVG: a panel a test, a dot a seed, a line through the means."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Text stays text, and the same numbers give the same bytes.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "stancekit", "font.size": 10})
    figure = Figure(figsize=(9, 2.9), layout="constrained")
    axes = figure.subplots(1, len(results["tests"]), squeeze=False)[0]
    for panel, test in zip(axes, results["tests"], strict=True):
        _panel(panel, results, test)
    figure.supxlabel("articles of the corpus among the training rows, %")
    figure.savefig(path, format="svg", metadata={"Date": None})


def _panel(panel: Axes, results: Results, test: str) -> None:
    metric = metric_of(results, test)
    seeds = sorted({run["seed"] for run in results["runs"]})
    for seed in seeds:
        runs = sorted((run["fraction"], run["scores"][test]["all"][metric]) for run in results["runs"] if run["seed"] == seed)
        panel.plot(
            [100 * share for share, _ in runs], [score for _, score in runs], color="#9db8cc", marker="o", markersize=3, linewidth=0.8
        )
    means = [(100 * float(share), tests[test]["all"][metric]["mean"]) for share, tests in results["over_seeds"].items()]
    panel.plot(*zip(*means, strict=True), color="#1f5f8f", marker="o", linewidth=2)
    panel.set_title(f"{NAMES[test]}\n{TITLES[metric]}", fontsize=10)
    panel.set_xticks([share for share, _ in means])
    panel.spines[["top", "right"]].set_visible(False)
    # One height for all panels, so that a slope means the same in each.
    middle = sum(score for _, score in means) / len(means)
    panel.set_ylim(middle - 0.13, middle + 0.13)


def main(
    file: Annotated[Path, typer.Argument(help="What corpus_adds.py wrote.")],
    svg: Annotated[Path | None, typer.Option(help="Draw the curve here.")] = None,
) -> None:
    """Print the tables of docs/numbers.md, and draw the curve."""
    results = json.loads(file.read_text(encoding="utf-8"))
    print("\n".join(tests_table(results)), end="\n\n")
    if "newsroom" in results["tests"]:
        kinds = [f"{kind} proposals" for kind in ("first", "rewording", "broader", "narrower", "rival", "negation")]
        print("\n".join(views_table(results, ["all", "explicit", "implicit", *kinds])))
    if svg is not None:
        draw(results, svg)


if __name__ == "__main__":
    typer.run(main)
