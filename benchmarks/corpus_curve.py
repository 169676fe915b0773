"""The results of `corpus_adds.py` as tables in Markdown and as a drawing: what more of the corpus brings, test by test.

python benchmarks/corpus_curve.py benchmarks/results/corpus-adds.json --svg docs/images/corpus-curve.svg
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib.axes import Axes

Results = Mapping[str, Any]
NAMES = {"newsroom": "newsroom test", "seesaw": "SEESAW topics", "perspectrum": "PERSPECTRUM test", "valueeval": "ValueEval test"}
# Where a test has no neutral rows, its F1 is 0 in the mean over three classes whatever a model does.
THREE, TWO = "macro_f1", "f_avg"
TITLES = {THREE: "macro-F1", TWO: "F_avg"}
KINDS = ("first", "rewording", "broader", "narrower", "rival", "negation")
VIEWS = ("all", "explicit", "implicit", *(f"{kind} proposals" for kind in KINDS))
# Percentile intervals over fewer units than this are too narrow to be printed.
FEW_UNITS = 20


def metric_of(results: Results, test: str) -> str:
    """What a test is scored by."""
    return THREE if results["tests"][test]["classes"]["neutral"] else TWO


def tests_table(results: Results) -> Iterator[str]:
    """A line a test: mean ± sd over seeds without the corpus, and for each share the difference with its interval and every seed's."""
    shares = [share for share in results["over_seeds"] if share in results["gains"]]
    yield f"| test | without the corpus | {' | '.join(f'with {float(share):.0%} of it' for share in shares)} |"
    yield f"| --- | --- |{' --- |' * len(shares)}"
    for test, size in results["tests"].items():
        scored = metric_of(results, test)
        for view, metric, title in (
            ("all", scored, f"{size['rows']:,} pairs: {TITLES[scored]}"),
            ("sides", "accuracy", "the sides alone: accuracy"),
        ):
            gained = [_gained(results["gains"][share][test][view], metric) for share in shares]
            yield f"| {' | '.join([f'{NAMES[test]}, {title}', _spread(results, '0', test, view, metric), *gained])} |"


def views_table(results: Results, test: str = "newsroom") -> Iterator[str]:
    """A line a view on one test: without and with the most of the corpus, in three classes and between the sides alone."""
    most = max(results["gains"], key=float)
    gains = results["gains"][most][test]
    yield f"| rows | units | macro-F1 without | with {float(most):.0%} | difference | sides without | with {float(most):.0%} | difference |"
    yield "| --- | ---: | --- | --- | --- | --- | --- | --- |"
    for view in VIEWS:
        sided = "sides" if view == "all" else f"{view}, sides"
        if view not in gains or sided not in gains:
            continue
        cells = [
            f"{view.removesuffix(' proposals')}, {gains[view]['rows']:,} ({gains[sided]['rows']:,} with a side)",
            str(gains[view]["units"]),
        ]
        for name, metric in ((view, THREE), (sided, "accuracy")):
            cells += [_spread(results, share, test, name, metric) for share in ("0", most)]
            cells.append(_gained(gains[name], metric))
        yield f"| {' | '.join(cells)} |"


def _spread(results: Results, share: str, test: str, view: str, metric: str) -> str:
    score = results["over_seeds"][share][test][view][metric]
    return f"{score['mean']:.3f} ± {score['sd']:.3f}" if score["sd"] is not None else f"{score['mean']:.3f}"


def _gained(view: Mapping[str, Any], metric: str) -> str:
    gain = view[metric]
    seeds = f" ({', '.join(f'{one:+.3f}' for one in gain['by_seed'])})"
    interval = "" if gain["low"] is None or view["units"] < FEW_UNITS else f" [{gain['low']:+.3f}, {gain['high']:+.3f}]"
    return f"{gain['value']:+.3f}{interval}{seeds}"


def draw(results: Results, path: Path) -> None:
    """Write an SVG: a panel a test, a dot a seed, a line through the means."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Text stays text, and the same numbers give the same bytes.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "stancekit", "font.size": 10})
    figure = Figure(figsize=(9, 2.9), layout="constrained")
    axes = figure.subplots(1, len(results["tests"]), squeeze=False)[0]
    scored = {test: [run["scores"][test]["all"][metric_of(results, test)] for run in results["runs"]] for test in results["tests"]}
    # One height for all panels, so that a slope means the same in each, and every seed is inside.
    half = max(max(scores) - min(scores) for scores in scored.values()) / 2 + 0.02
    for panel, (test, scores) in zip(axes, scored.items(), strict=True):
        _panel(panel, results, test)
        middle = (max(scores) + min(scores)) / 2
        panel.set_ylim(middle - half, middle + half)
    figure.supxlabel("articles of the corpus among the training rows, %")
    figure.savefig(path, format="svg", metadata={"Date": None})


def _panel(panel: Axes, results: Results, test: str) -> None:
    metric = metric_of(results, test)
    for seed in sorted({run["seed"] for run in results["runs"]}):
        runs = sorted((run["fraction"], run["scores"][test]["all"][metric]) for run in results["runs"] if run["seed"] == seed)
        panel.plot(
            [100 * share for share, _ in runs], [score for _, score in runs], color="#9db8cc", marker="o", markersize=3, linewidth=0.8
        )
    means = [(100 * float(share), tests[test]["all"][metric]["mean"]) for share, tests in results["over_seeds"].items()]
    panel.plot(*zip(*means, strict=True), color="#1f5f8f", marker="o", linewidth=2)
    panel.set_title(f"{NAMES[test]}\n{TITLES[metric]}", fontsize=10)
    panel.set_xticks([share for share, _ in means])
    panel.spines[["top", "right"]].set_visible(False)


def main(
    file: Annotated[Path, typer.Argument(help="What corpus_adds.py wrote.")],
    svg: Annotated[Path | None, typer.Option(help="Draw the curve here.")] = None,
) -> None:
    """Print the tables of docs/numbers.md, and draw the curve."""
    results = json.loads(file.read_text(encoding="utf-8"))
    if not results["gains"]:
        raise typer.BadParameter("it holds no runs with the corpus beside runs without: give corpus_adds.py both 0 and another fraction")
    print("\n".join(tests_table(results)), end="\n\n")
    if "newsroom" in results["tests"]:
        print("\n".join(views_table(results)))
    if svg is not None:
        draw(results, svg)


if __name__ == "__main__":
    typer.run(main)
