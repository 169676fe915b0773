"""How many planted wrong labels `stancekit doubts` finds: a small encoder and a bag of words on the same folds, beside chance.

    python benchmarks/label_doubts.py --json FILE

Run it in the project's folder. Whole articles of the newsroom's training part are drawn, and one label in ten is turned into another
one. The models start from MiniLM, which has learned no stances: `base` has learned these labels as they were before.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer

from stancekit.config import PrepareConfig, load_config, load_doubts
from stancekit.data.examples import read_examples
from stancekit.evaluation.baselines import SIDES, tfidf_probabilities
from stancekit.evaluation.doubts import doubted
from stancekit.evaluation.metrics import FloatArray, IntArray, confusion, indices, scores
from stancekit.files import write_json
from stancekit.machine import machine
from stancekit.progress import configure
from stancekit.records import Example
from stancekit.shares import wilson
from stancekit.stages.doubts import ANSWERS, doubts
from stancekit.stages.prepare import prepare
from stancekit.stance import STANCES, Stance
from stancekit.tables import read_rows, write_rows

Noise = Literal["swap", "other"]
RECIPE = ("encoder=minilm", "model.frozen=none", "optim.learning_rate=2e-4")


def drawn_articles(examples: Sequence[Example], rows: int, rng: np.random.Generator) -> list[Example]:
    """Whole articles in an order of chance, until there are so many rows. What was made by rule is left out."""
    labelled = [example for example in examples if not example.made]
    chosen: set[str] = set()
    for article in rng.permutation(sorted({str(example.group) for example in labelled})):
        if sum(example.group in chosen for example in labelled) >= rows:
            break
        chosen.add(str(article))
    return [example for example in labelled if example.group in chosen]


def planted(examples: Sequence[Example], share: float, noise: Noise, rng: np.random.Generator) -> tuple[list[Example], list[bool]]:
    """The rows with a share of their labels wrong, and which. swap: support and oppose change places. other: any other stance."""
    could = [row for row, example in enumerate(examples) if noise == "other" or example.stance is not Stance.NEUTRAL]
    wrong = rng.choice(could, round(share * len(examples)), replace=False)
    turned = list(examples)
    for row in wrong.tolist():
        others = [one for one in STANCES if one is not examples[row].stance and (noise == "other" or one is not Stance.NEUTRAL)]
        turned[row] = replace(examples[row], stance=others[int(rng.integers(len(others)))])
    return turned, [row in set(wrong.tolist()) for row in range(len(examples))]


def judged(probabilities: FloatArray, given: IntArray, true: IntArray, is_wrong: Sequence[bool]) -> dict[str, Any]:
    """What a ranking by out-of-fold answers finds. Behind the doubted rows, the others follow by the same margin."""
    from sklearn.metrics import average_precision_score

    wrong, total = np.array(is_wrong), sum(is_wrong)
    own = probabilities[np.arange(len(given)), given]
    others = np.where(np.arange(len(STANCES)) == given[:, None], -1, probabilities).max(axis=1)
    order = doubted(probabilities, given)
    rest = np.setdiff1d(np.argsort(own - others, kind="stable"), order, assume_unique=True)
    first = np.concatenate([order, rest])[:total]
    return {
        "doubts": {
            "n": len(order),
            "precision": round(float(wrong[order].sum() / max(len(order), 1)), 4),
            "recall": round(float(wrong[order].sum() / total), 4),
        },
        "at_n": wilson(int(wrong[first].sum()), total).to_row(),
        "average_precision": round(float(average_precision_score(wrong, others - own)), 4),
        "right_suggestions": round(float((probabilities[first][wrong[first]].argmax(axis=1) == true[first][wrong[first]]).mean()), 4),
        "by_turn": by_turn(first, given, true, wrong),
        "macro_f1": {
            "given": scores(confusion(given, probabilities.argmax(axis=1)))["macro_f1"],
            "true": scores(confusion(true, probabilities.argmax(axis=1)))["macro_f1"],
        },
    }


def by_turn(first: IntArray, given: IntArray, true: IntArray, wrong: "np.typing.NDArray[np.bool_]") -> dict[str, dict[str, int]]:
    """Of wrong labels between the two sides, and of those with neutral on one end, how many there are and stand among the first."""
    neutral = Stance.NEUTRAL.label_id
    with_neutral = (given == neutral) | (true == neutral)
    turns = {"support and oppose": wrong & ~with_neutral, "neutral and a side": wrong & with_neutral}
    return {name: {"n": int(which.sum()), "found": int(which[first].sum())} for name, which in turns.items()}


def out_of_fold(folder: Path, rows: Sequence[Example]) -> tuple[FloatArray, FloatArray]:
    """Shape (n, 3) each: the models' answers, and those of a bag of words that learned from the same files as each of them."""
    answers = [row.values for row in read_rows(folder / ANSWERS)]
    model = np.array([[answer["probabilities"][stance] for stance in STANCES] for answer in answers])
    folds = np.array([answer["fold"] for answer in answers])
    words = np.zeros_like(model)
    for fold in np.unique(folds).tolist():
        asked = [example for example, where in zip(rows, folds, strict=True) if where == fold]
        learned = read_examples(folder / f"folds/fold-{fold}-rows/1.jsonl")
        words[folds == fold] = tfidf_probabilities(learned, asked, {"both": SIDES})["both"]
    return model, words


def show(results: Mapping[str, Any]) -> None:
    """The table of docs/doubts.md."""
    print(f"{results['wrong']} of {results['rows']} labels are wrong ({results['noise']}); {results['seconds']} s")
    for name, found in results["found"].items():
        at_n, doubts = found["at_n"], found["doubts"]
        cells = [name, f"{found['macro_f1']['true']:.3f}", f"{at_n['value']:.3f} [{at_n['low']:.3f}, {at_n['high']:.3f}]"]
        cells += [f"{doubts['n']}", f"{doubts['precision']:.3f}", f"{doubts['recall']:.3f}", f"{found['average_precision']:.3f}"]
        turns = (f"{turn['found']} of {turn['n']}" for turn in found["by_turn"].values())
        print(f"| {' | '.join([*cells, *turns])} |")


def main(
    rows: Annotated[int, typer.Option(min=200, help="Training rows, in whole articles.")] = 1400,
    validation: Annotated[int, typer.Option(min=50, help="Validation rows, in whole articles; their labels stay as they are.")] = 200,
    share: Annotated[float, typer.Option(min=0.01, max=0.4, help="Share of wrong labels.")] = 0.1,
    noise: Annotated[Noise, typer.Option(help="Support and oppose change places, or any other stance.")] = "other",
    epochs: Annotated[int, typer.Option(min=1)] = 4,
    seed: Annotated[int, typer.Option(min=0)] = 13,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Plant wrong labels, look for them, and report what was found."""
    configure(quiet=False)
    began, rng = time.monotonic(), np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        prepare(load_config(Path("configs/prepare/newsroom.toml"), PrepareConfig, [f"output={work / 'data'}"]))
        true = drawn_articles(read_examples(work / "data/train.jsonl"), rows, rng)
        held = drawn_articles(read_examples(work / "data/validation.jsonl"), validation, rng)
        given, is_wrong = planted(true, share, noise, rng)
        for name, part in (("train", given), ("validation", held)):
            write_rows(work / f"{name}.jsonl", (example.to_row() for example in part))
        files = [f"data.{name}={work / name}.jsonl" for name in ("train", "validation")]
        recipe = [*RECIPE, f"optim.epochs={epochs}", f"seed={seed}"]
        result = doubts(load_doubts(Path("configs/train/quick.toml"), [*recipe, *files], 4, work / "doubts"))
        found = dict(zip(("minilm", "tfidf_lr"), out_of_fold(work / "doubts", given), strict=True))
    gold, before = (indices([example.stance for example in part]) for part in (given, true))
    results = {
        "rows": len(given),
        "validation": len(held),
        "wrong": sum(is_wrong),
        "noise": noise,
        "seed": seed,
        "recipe": recipe,
        "chance": round(sum(is_wrong) / len(given), 4),
        "folds": result["folds"],
        "found": {name: judged(answers, gold, before, is_wrong) for name, answers in found.items()},
        "seconds": round(time.monotonic() - began),
        "cpu_seconds": round(time.process_time()),
        "machine": machine(),
    }
    show(results)
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
