"""Whether the newsroom corpus adds: MiniLM on public pairs alone and with shares of the corpus, judged on what none saw.

    python benchmarks/corpus_adds.py RAW_FOLDER --json FILE

Run it in the project's folder. RAW_FOLDER holds `perspectrum/`, `kpa2021/`, `valueeval23/`, `ibm_cs/` and `seesaw/` in their
published formats. Each seed first learns the public pairs, in rounds, until the public validation part shows that it has; from
that one checkpoint all its branches go on for the same number of steps, on the public pairs alone or with a share of the corpus
among them. So more rows do not mean more training, and within a seed no branch starts luckier than another.

A run keeps its best evaluation on the public validation part, of which there is one at its end and one after each whole epoch: a
branch without the corpus, whose epochs are the shortest, has two to choose from. That branch also meets its first rows in the
order in which its base met them. A run is named after what shapes it (recipe, seed, rows, the run it goes on from), so a later
call goes on where one stopped, trains again what the corpus changed, and judges again only where a test changed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from paired_gains import NEWSROOM, SEED, Test, assembled, config_of, views_on
from stancekit.config import TrainConfig, load_config
from stancekit.data.augmentation.neutrals import foreign_neutrals
from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.data.splitting import SPLITS
from stancekit.data.ties import keys
from stancekit.evaluation.metrics import FloatArray
from stancekit.files import write_json
from stancekit.inference.model import load
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import sha256
from stancekit.progress import configure, progress
from stancekit.records import Example, class_counts
from stancekit.stages.prepare import prepare
from stancekit.stages.train import train
from stancekit.tables import write_rows
from stancekit.training.folder import CHECKPOINT, METRICS, started_with

BATCH = 32
# No public set has neutral pairs: a third as many foreign proposals make the third class, in training and validation.
MADE = 0.33
RECIPE = (
    "encoder=minilm", "pairs.max_length=128", f"optim.batch_size={BATCH}", "loss.class_weights=balanced",
    "stopping.patience=1000", "hardware.precision=auto", "model.frozen=none",
)  # fmt: skip
# The first is the demo's, the second half of it; neither was searched for here.
BASE_RATE, BRANCH_RATE = 2e-4, 1e-4
# Public validation macro-F1 from which on a base has learned to tell sides apart. Set after a first round gave 0.52 once and 0.74 and 0.76.
LEARNED, ROUNDS = 0.65, 3
TESTS = (NEWSROOM, "seesaw", "perspectrum", "valueeval")
Sets = Mapping[str, Mapping[str, list[Example]]]


Branch = tuple[float, int, list[Example], Path]


class Length(NamedTuple):
    """Optimizer steps of a round on the public pairs, and of every branch after them."""

    base: int
    branch: int


def prepared(raw: Path, data: Path) -> dict[str, dict[str, list[Example]]]:
    """The splits of the public sets joined (neutrals made), of SEESAW and of the newsroom."""
    of = {
        "public": [f"raw={raw}", f"augmentation.foreign={MADE}"],
        "seesaw": [f"raw={raw / 'seesaw'}"],
        NEWSROOM: ["augmentation.foreign=0"],
    }
    sets: dict[str, dict[str, list[Example]]] = {}
    for name, overrides in of.items():
        prepare(config_of(name, f"output={data / name}", *overrides))
        sets[name] = {split: read_examples(data / name / f"{split}.jsonl") for split in SPLITS}
    validation = sets["public"]["validation"]
    validation += foreign_neutrals(validation, round(MADE * len(validation)), np.random.default_rng(SEED))
    return sets


def saved(path: Path, examples: Sequence[Example]) -> Path:
    """Write an examples file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, (example.to_row() for example in examples))
    return path


def training_rows(sets: Sets, fraction: float, seed: int) -> list[Example]:
    """The public rows and those of the first articles of the corpus in an order drawn by `seed`: a smaller share is part of a larger.

    What SEESAW, a public test or the public validation part holds goes. What the newsroom's test holds does not: runs
    without the corpus must not depend on it, so the results tell what is shared (`seen`).
    """
    newsroom = sets[NEWSROOM]["train"] if fraction else []
    articles = sorted({str(one.group) for one in newsroom})
    order = np.random.default_rng(seed).permutation(len(articles))
    chosen = {articles[place] for place in order[: round(fraction * len(articles))]}
    judged = [*sets["public"]["validation"], *sets["public"]["test"], *(one for part in sets["seesaw"].values() for one in part)]
    taken = {key for one in judged for key in keys(one)}
    rows = [*sets["public"]["train"], *(one for one in newsroom if one.group in chosen)]
    return [one for one in rows if taken.isdisjoint(keys(one))]


def run_config(label: str, data: tuple[Path, Path], settings: Mapping[str, Any], folder: Path, base: Path | None = None) -> TrainConfig:
    """The recipe over training and validation files, from the embedded encoder or on from the run `base`.

    Its output is named after the content of both files, the recipe, and the run it goes on from.
    """
    files = [f"data.{part}={path}" for part, path in zip(("train", "validation"), data, strict=True)]
    start = [] if base is None else [f"encoder={base / CHECKPOINT}"]
    overrides = [*RECIPE, *files, f"output={folder}", *start, *(f"{key}={value}" for key, value in settings.items())]
    config = load_config(Path("configs/train/quick.toml"), TrainConfig, overrides)
    kept = ("seed", "pairs", "optim", "loss", "hardware", "hashes")
    shaping = {key: value for key, value in started_with(config).items() if key in kept}
    shaping["from"] = "minilm" if base is None else base.name
    mark = hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:8]
    return config.model_copy(update={"output": folder / f"{label}-{mark}"})


def trained(label: str, rows: Sequence[Example], seed: int, plan: tuple[int, float], work: Path, base: Path | None = None) -> Path:
    """The finished run of these rows, trained where it is not there yet. plan: optimizer steps and learning rate."""
    updates, rate = plan
    settings = {"seed": seed, "optim.learning_rate": rate, "optim.epochs": f"{updates * BATCH / len(rows):.6f}"}
    files = (saved(work / f"data/train/{label}.jsonl", rows), work / "data/validation.jsonl")
    config = run_config(label, files, settings, work / "runs", base)
    if not (config.output / MANIFEST).is_file():
        print(f"training {config.output.name} on {len(rows)} rows", flush=True)
        train(config, resume=True)
    return config.output


def validated(run: Path) -> float:
    """Macro-F1 of a finished run on the public validation part."""
    return float(json.loads((run / METRICS).read_text(encoding="utf-8"))["validation"]["macro_f1"])


def base_of(public: Sequence[Example], seed: int, updates: int, work: Path) -> Path:
    """The run of the public pairs that the branches of a seed go on from: as many rounds as it takes to learn, at most ROUNDS."""
    base = None
    for _ in range(ROUNDS):
        base = trained(f"base-s{seed}", public, seed, (updates, BASE_RATE), work, base)
        if validated(base) >= LEARNED:
            return base
    raise SystemExit(f"seed {seed} has not learned the public pairs in {ROUNDS} rounds: raise --base-updates")


def branches(sets: Sets, seeds: int, shares: Sequence[float], length: Length, work: Path) -> Iterator[Branch]:
    """Every share of every seed: its rows and its run."""
    for seed in range(SEED, SEED + seeds):
        public = training_rows(sets, 0, seed)
        base = base_of(public, seed, length.base, work)
        for share in shares:
            rows = training_rows(sets, share, seed)
            yield share, seed, rows, trained(f"f{share:g}-s{seed}", rows, seed, (length.branch, BRANCH_RATE), work, base)


def shares_of(text: str) -> list[float]:
    """Shares as written on the command line. Raises typer.BadParameter."""
    try:
        shares = [float(share) for share in text.split(",")]
    except ValueError as fault:
        raise typer.BadParameter(f"{text!r} is not a list of numbers such as 0,0.5,1") from fault
    if not all(0 <= share <= 1 for share in shares):
        raise typer.BadParameter("shares are from 0 to 1")
    return shares


def names_of(text: str) -> list[str]:
    """Test sets as written on the command line. Raises typer.BadParameter."""
    if unknown := set(text.split(",")) - {*TESTS}:
        raise typer.BadParameter(f"there is no test {', '.join(sorted(unknown))}; there are {', '.join(TESTS)}")
    return text.split(",")


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


def tests_of(names: Sequence[str], sets: Sets, data: Path) -> dict[str, Test]:
    """The named test sets, each in a file. SEESAW is judged on all of its stories: none is trained on."""
    held = {"seesaw": [one for part in sets["seesaw"].values() for one in part], NEWSROOM: sets[NEWSROOM]["test"]}
    held |= {name: [one for one in sets["public"]["test"] if str(one.source).startswith(name)] for name in TESTS if name not in held}
    return {name: Test(saved(data / f"tests/{name}.jsonl", held[name]), held[name], views_on(name, held[name])) for name in names}


def show(results: Mapping[str, Any]) -> None:
    """A line a fraction and test set, over all its rows."""
    for fraction, tests in results["over_seeds"].items():
        for name, views in tests.items():
            print(f"{fraction:>5}  {name:<12}", end="")
            for key, value in views["all"].items():
                found = results["gains"].get(fraction, {}).get(name, {}).get("all", {}).get(key)
                print(f"  {key} {value['mean']:.3f} ±{value['sd'] or float('nan'):.3f}", end="")
                if found and found["low"] is not None:
                    print(f" ({found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}])", end="")
            print()


def main(
    raw: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    work: Annotated[Path, typer.Option(help="Where data, runs and predictions go.")] = Path("runs/corpus-adds"),
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    base_updates: Annotated[int, typer.Option(min=1, help="Optimizer steps on the public pairs.")] = 900,
    updates: Annotated[int, typer.Option(min=1, help="Optimizer steps of every branch.")] = 700,
    fractions: Annotated[str, typer.Option(help="Shares of the corpus's training articles.")] = "0,0.25,0.5,1",
    tests: Annotated[str, typer.Option(help="Test sets.")] = ",".join(TESTS),
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Train what is not trained yet, judge what is not judged yet, and report all chosen fractions and tests."""
    shares, names, length = shares_of(fractions), names_of(tests), Length(base_updates, updates)
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    configure(quiet=False)
    data = work / "data"
    sets = prepared(raw, data)
    judged = tests_of(names, sets, data)
    saved(data / "validation.jsonl", sets["public"]["validation"])
    answers, training = {}, []
    for share, seed, rows, run in branches(sets, seeds, shares, length, work):
        found = {name: probabilities_of(run, test, work / "judged" / run.name / f"{name}.json") for name, test in judged.items()}
        answers[f"{share:g}", seed] = found
        seen = {name: Seen.of(rows).count(test.examples) for name, test in judged.items()}
        about = {"sources": Counter(one.source for one in rows), "classes": class_counts(rows), "seen": seen}
        training.append({"fraction": share, "seed": seed, "validation": validated(run), **about})
    sizes = {name: {"rows": len(test.examples), "classes": class_counts(test.examples)} for name, test in judged.items()}
    recipe = {"shared": RECIPE, "rates": [BASE_RATE, BRANCH_RATE], "updates": length, "made": MADE}
    results = {"recipe": recipe, "tests": sizes, "training": training, **assembled(judged, answers, against="0")}
    for run in results["runs"]:
        run["fraction"] = float(run.pop("arm"))
    show(results)
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
