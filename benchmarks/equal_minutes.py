"""What a model has learned after so many minutes of one core: stancekit's recipe against transformers' own example.

    python benchmarks/equal_minutes.py RAW_FOLDER --json FILE --svg FILE

Run it in the project's folder; RAW_FOLDER is that of recipes.py. How many rows an arm passes in a minute is what
training_speed.py measured on one core (benchmarks/results/training-speed-one-thread.json). Every arm then learns as many
rows as its minutes allow, all by stancekit's loop: the example's loop would take the same steps, slower.

- `padded`: transformers' text-classification example as it stands: every pair padded to 128 tokens, all weights trained.
- `dynamic`: the same, padded by batch.
- `stancekit`: half of the minutes for entailment pairs, half for stances, as configs/train/base.toml has them, without its teacher.

Each has its rate: the examples that of the arm `stock` of recipes.py. Runs and answers are kept in the work folder.
"""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from paired_gains import SEED, assembled
from recipes import ARMS, Work, data_of, entailed, finished, judged, last_stage, tests_of
from stancekit.files import write_json
from stancekit.progress import configure
from stancekit.tables import read_rows

SPEEDS = Path("benchmarks/results/training-speed-one-thread.json")
NAMES = {"padded": "stock, padded to the limit", "dynamic": "stock, padded by batch", "stancekit": "stancekit"}
TITLES = {
    "newsroom": "newsroom",
    "seesaw": "SEESAW, train stories",
    "perspectrum": "PERSPECTRUM",
    "argkp": "ArgKP",
    "valueeval": "ValueEval",
}
COLOURS = {"padded": "#b8b8b8", "dynamic": "#8a6d3b", "stancekit": "#1f5f8f"}
MINUTES = (5, 10, 20, 40)


def speeds() -> dict[str, float]:
    """Rows a second of CPU of every arm."""
    arms = json.loads(SPEEDS.read_text(encoding="utf-8"))["speed"]["arms"]
    return {name: arms[title]["examples_per_second"]["median"] for name, title in NAMES.items()}


def run_of(arm: str, minutes: int, seed: int, work: Work) -> Path:
    """The finished run of an arm that had so many minutes."""
    passes = round(speeds()[arm] * 60 * minutes)
    output = work.folder / "runs" / f"{arm}-{minutes}m-s{seed}"
    if arm == "stancekit":
        start, changes, rows = [f"encoder={entailed(work, passes // 2)}"], ARMS["staged"].changes, passes - passes // 2
        data = work.prepared("union")
    else:
        stock = ARMS["stock"]
        start, changes, rows = [], stock.changes, passes
        data = work.prepared("union", *(f"augmentation.{one}" for one in stock.made))
    there = sum(1 for _ in read_rows(data / "train.jsonl"))
    # More passes than there are rows are more epochs.
    length = [*data_of(data, min(rows, there)), f"optim.epochs={max(1.0, rows / there):.3f}"]
    return finished(last_stage(f"seed={seed}", f"output={output}", *length, *start, *changes))


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Write an SVG: a panel a test set, a line an arm through the means of its seeds."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "stancekit", "font.size": 10})
    figure = Figure(figsize=(11, 2.9), layout="constrained")
    tests = next(iter(results["over_seeds"].values()))
    for panel, test in zip(figure.subplots(1, len(tests), squeeze=False)[0], tests, strict=True):
        view, metric = ("all", "macro_f1") if test in ("newsroom", "seesaw") else ("sides", "f_avg")
        for arm, colour in COLOURS.items():
            points = [(one, results["over_seeds"].get(f"{arm}, {one} min")) for one in MINUTES]
            known = [(one, found[test][view][metric]["mean"]) for one, found in points if found]
            if known:
                panel.plot(*zip(*known, strict=True), color=colour, marker="o", label=arm)
        panel.set_title(f"{TITLES[test]}\n{'macro-F1' if view == 'all' else 'F, support/oppose'}", fontsize=10)
        panel.set_xscale("log", base=2)
        panel.set_xticks(MINUTES, [str(one) for one in MINUTES])
        panel.spines[["top", "right"]].set_visible(False)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside right upper", frameon=False)
    figure.supxlabel("minutes of one core")
    figure.savefig(path, format="svg", metadata={"Date": None})


def main(
    raw: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    work: Annotated[Path, typer.Option(help="Where data, runs and answers go.")] = Path("runs/recipes"),
    seeds: Annotated[int, typer.Option(min=1)] = 1,
    longest: Annotated[int, typer.Option(min=MINUTES[0], help="Leave out what takes more minutes than this.")] = MINUTES[-1],
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the curves here.")] = None,
) -> None:
    """Train and judge what is not yet, print macro-F1 by minutes, and draw the curves."""
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    configure(quiet=False)
    place = Work(raw, work)
    tests = tests_of(place)
    answers: dict[tuple[str, int], Any] = {}
    chosen = [one for one in MINUTES if one <= longest]
    for seed, minutes, arm in itertools.product(range(SEED, SEED + seeds), chosen, NAMES):
        run = run_of(arm, minutes, seed, place)
        answers[f"{arm}, {minutes} min", seed] = judged(run, tests, place)
    results = {"rows_a_second": speeds(), "minutes": chosen} | assembled(tests, answers, against="")
    for arm, found in results["over_seeds"].items():
        three, sides = (
            [f"{found[test][view][key]['mean']:.3f}" for test in tests] for view, key in (("all", "macro_f1"), ("sides", "f_avg"))
        )
        print(f"{arm:<20} three classes {' '.join(three)}   sides {' '.join(sides)}")
    if file is not None:
        write_json(file, results)
    if svg is not None:
        draw(results, svg)


if __name__ == "__main__":
    typer.run(main)
