"""Whether the newsroom corpus adds: MiniLM on public pairs alone and with fractions of the corpus, judged on what none saw.

    python benchmarks/corpus_adds.py RAW_FOLDER --json FILE

Run it in the project's folder. RAW_FOLDER holds `perspectrum/`, `valueeval23/` and `seesaw/` in their published formats.
All runs take the same number of steps, so that more rows do not mean more training. A run is named after all that shapes
it (recipe, seed, training and validation rows), so a later call goes on where one stopped, trains again what the corpus
changed, and judges again only where a test changed. Before there is a corpus:

    python benchmarks/corpus_adds.py RAW_FOLDER --fractions 0 --tests seesaw,perspectrum,valueeval
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from stancekit.config import NeutralsConfig, PrepareConfig, TrainConfig, load_config
from stancekit.data.corpus import read_corpus
from stancekit.data.examples import read_examples
from stancekit.data.neutrals import made_neutrals
from stancekit.data.splitting import SPLITS
from stancekit.data.ties import keys, resampling_units
from stancekit.evaluation.intervals import Resampling
from stancekit.evaluation.metrics import FloatArray, IntArray, accuracy, confusion, f_avg, indices, macro_f1
from stancekit.files import write_json
from stancekit.inference.model import load
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import sha256
from stancekit.progress import configure, progress
from stancekit.records import Example, class_counts
from stancekit.stages.evaluate import overlap
from stancekit.stages.prepare import prepare
from stancekit.stages.train import train
from stancekit.stance import STANCES, Stance
from stancekit.tables import write_rows
from stancekit.training.folder import started_with

SEED, RESAMPLES, LEVEL = 13, 1000, 0.95
BATCH = 32
# Neither public set has neutral pairs: a third as many foreign proposals make the third class, in training and validation.
MADE = 0.33
RECIPE = (
    "encoder=minilm", "pairs.max_length=128", "optim.learning_rate=2e-4", "optim.class_weights=balanced",
    "stopping.patience=1000", "hardware.precision=bf16",
)  # fmt: skip
NEWSROOM = "newsroom"
THREE: Mapping[str, Callable[[FloatArray], FloatArray]] = {"macro_f1": macro_f1, "f_avg": f_avg, "accuracy": accuracy}
TWO: Mapping[str, Callable[[FloatArray], FloatArray]] = {"accuracy": accuracy}


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


def public_sets(raw: Path, data: Path) -> dict[str, list[Example]]:
    """Both public sets prepared as one, so that nothing is shared by any two of all their parts; neutrals made."""
    parts = {"perspectrum": config_of("perspectrum"), "valueeval23": config_of("valueeval")}
    sources = [one.model_copy(update={"path": folder / one.path}) for folder, config in parts.items() for one in config.sources]
    update = {"name": "public", "raw": raw, "output": data / "public", "sources": sources, "neutrals": NeutralsConfig(share=MADE)}
    prepare(parts["perspectrum"].model_copy(update=update))
    sets: dict[str, list[Example]] = {split: read_examples(data / "public" / f"{split}.jsonl") for split in SPLITS}
    sets["validation"] += made_neutrals(sets["validation"], MADE, np.random.default_rng(SEED))
    return sets


def whole(name: str, data: Path, *overrides: str) -> dict[str, list[Example]]:
    """The splits of a set that brings its own neutrals."""
    prepare(config_of(name, f"output={data / name}", "neutrals.share=0", *overrides))
    return {split: read_examples(data / name / f"{split}.jsonl") for split in SPLITS}


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


def saved(path: Path, examples: Sequence[Example]) -> Path:
    """Write an examples file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, (example.to_row() for example in examples))
    return path


def training_rows(sets: Mapping[str, dict[str, list[Example]]], fraction: float, seed: int) -> list[Example]:
    """The public rows and those of the first articles of the corpus in an order drawn by `seed`: a smaller share is part of a larger.

    What a public test or SEESAW holds goes. What the newsroom's test holds does not: runs without the corpus must not
    depend on it, so the results tell what is shared (`seen`).
    """
    newsroom = sets[NEWSROOM]["train"] if fraction else []
    articles = sorted({str(one.group) for one in newsroom})
    order = np.random.default_rng(seed).permutation(len(articles))
    chosen = {articles[place] for place in order[: round(fraction * len(articles))]}
    judged = [*sets["public"]["validation"], *sets["public"]["test"], *(one for part in sets["seesaw"].values() for one in part)]
    taken = {key for one in judged for key in keys(one)}
    rows = [*sets["public"]["train"], *(one for one in newsroom if one.group in chosen)]
    return [one for one in rows if taken.isdisjoint(keys(one))]


def run_config(folder: Path, data: tuple[Path, Path], seed: int, epochs: float, label: str) -> TrainConfig:
    """The recipe over training and validation files. Its output is named after both, their content and the recipe."""
    files = [f"data.{part}={path}" for part, path in zip(("train", "validation"), data, strict=True)]
    overrides = [*RECIPE, *files, f"seed={seed}", f"optim.batch_size={BATCH}", f"optim.epochs={epochs:.6f}", f"output={folder}"]
    config = load_config(Path("configs/train/quick.toml"), TrainConfig, overrides)
    kept = ("encoder", "seed", "pairs", "optim", "hardware", "hashes")
    shaping = {key: value for key, value in started_with(config).items() if key in kept}
    mark = hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:8]
    return config.model_copy(update={"output": folder / f"{label}-{mark}"})


def probabilities_of(run: Path, test: Test, output: Path) -> FloatArray:
    """Shape (n, 3): what the run answers on a test set, from an earlier call where the set is still the same."""
    mark = sha256(test.path)
    if output.is_file() and (kept := json.loads(output.read_text(encoding="utf-8")))["test"] == mark:
        return np.array(kept["probabilities"])
    with progress(f"judging {run.name} on {test.path.stem}", len(test.examples)) as advance:
        answers = load(run).probabilities([(example.statement, example.proposal) for example in test.examples], advance)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_json(output, {"test": mark, "probabilities": answers.tolist()})
    return answers


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
    """Mean over seeds of with - without the corpus, and its interval: all runs meet the same draws of proposals and articles.

    pairs: the probabilities with and without, a pair a seed. The interval is over test rows, given these runs.
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
            value = float(np.mean([metric(one) - metric(other) for one, other in values]))
            resampled = np.mean([metric(one) - metric(other) for one, other in draws], axis=0)
            result[name][key] = resampling.interval(value, resampled).to_row()
    return result


def assembled(tests: Mapping[str, Test], answers: Mapping[tuple[float, int], Mapping[str, FloatArray]]) -> dict[str, Any]:
    """The scores of every run, over seeds, and against the runs of the same seeds without the corpus."""
    by_run = {run: {name: scores(tests[name].views, matrix) for name, matrix in matrices.items()} for run, matrices in answers.items()}
    fractions, seeds = sorted({fraction for fraction, _ in answers}), sorted({seed for _, seed in answers})
    over_seeds, gains = {}, {}
    for fraction in fractions:
        over_seeds[f"{fraction:g}"] = {name: spread([by_run[fraction, seed][name] for seed in seeds]) for name in tests}
        if fraction and 0 in fractions:
            pairs = {name: [(answers[fraction, seed][name], answers[0.0, seed][name]) for seed in seeds] for name in tests}
            gains[f"{fraction:g}"] = {name: gain(tests[name], matrices) for name, matrices in pairs.items()}
    runs = [{"fraction": fraction, "seed": seed, "scores": found} for (fraction, seed), found in by_run.items()]
    return {"over_seeds": over_seeds, "gains": gains, "runs": runs}


def tests_of(names: Sequence[str], sets: Mapping[str, dict[str, list[Example]]], data: Path) -> dict[str, Test]:
    """The named test sets, each in a file. SEESAW is judged on all of its stories: none is trained on."""
    held = {"seesaw": [one for part in sets["seesaw"].values() for one in part], NEWSROOM: sets.get(NEWSROOM, {}).get("test", [])}
    held |= {name: [one for one in sets["public"]["test"] if str(one.source).startswith(name)] for name in ("perspectrum", "valueeval")}
    return {name: Test(saved(data / f"tests/{name}.jsonl", held[name]), held[name], views_on(name, held[name])) for name in names}


def show(results: Mapping[str, Any]) -> None:
    """A line a fraction and test set, over all its rows."""
    for fraction, tests in results["over_seeds"].items():
        for name, views in tests.items():
            print(f"{fraction:>5}  {name:<12}", end="")
            for key, value in views["all"].items():
                found = results["gains"].get(fraction, {}).get(name, {}).get("all", {}).get(key)
                print(f"  {key} {value['mean']:.3f} ±{value['sd'] or 0:.3f}", end="")
                if found and found["low"] is not None:
                    print(f" ({found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}])", end="")
            print()


def main(
    raw: Annotated[Path, typer.Argument(help="Folder with perspectrum/, valueeval23/ and seesaw/.")],
    work: Annotated[Path, typer.Option(help="Where data, runs and predictions go.")] = Path("runs/corpus-adds"),
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    updates: Annotated[int, typer.Option(help="Optimizer steps of every run: more rows must not mean more steps.")] = 1000,
    fractions: Annotated[str, typer.Option(help="Shares of the corpus's training articles.")] = "0,0.25,0.5,1",
    tests: Annotated[str, typer.Option(help="Test sets.")] = f"{NEWSROOM},seesaw,perspectrum,valueeval",
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Train what is not trained yet, judge what is not judged yet, and report all chosen fractions and tests."""
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    configure(quiet=False)
    data, shares = work / "data", [float(share) for share in fractions.split(",")]
    sets = {"public": public_sets(raw, data), "seesaw": whole("seesaw", data, f"raw={raw / 'seesaw'}")}
    if NEWSROOM in tests or any(shares):
        sets[NEWSROOM] = whole(NEWSROOM, data)
    judged = tests_of(tests.split(","), sets, data)
    validation = saved(data / "validation.jsonl", sets["public"]["validation"])
    answers, training = {}, []
    for seed, share in ((seed, share) for seed in range(SEED, SEED + seeds) for share in shares):
        label, rows = f"f{share:g}-s{seed}", training_rows(sets, share, seed)
        epochs = updates * BATCH / len(rows)
        config = run_config(work / "runs", (saved(data / f"train/{label}.jsonl", rows), validation), seed, epochs, label)
        if not (config.output / MANIFEST).is_file():
            print(f"training {config.output.name} on {len(rows)} rows", flush=True)
            train(config, resume=True)
        judgements = work / "judged" / config.output.name
        answers[share, seed] = {name: probabilities_of(config.output, test, judgements / f"{name}.json") for name, test in judged.items()}
        training.append({"fraction": share, "seed": seed, "sources": Counter(one.source for one in rows), "classes": class_counts(rows)})
        training[-1]["seen"] = {name: overlap(rows, test.examples) for name, test in judged.items()}
    sizes = {name: {"rows": len(test.examples), "classes": class_counts(test.examples)} for name, test in judged.items()}
    results = {
        "updates": updates,
        "batch": BATCH,
        "recipe": RECIPE,
        "made": MADE,
        "tests": sizes,
        "training": training,
        **assembled(judged, answers),
    }
    show(results)
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
