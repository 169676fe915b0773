"""What each ingredient of a recipe gives: arms of one config, over seeds, judged on proposals and kinds of text that none was trained on.

    python benchmarks/recipes.py RAW_FOLDER --arms stock,taught --seeds 3 --teacher runs/teacher --json FILE
    python benchmarks/recipes.py RAW_FOLDER --arms staged,unstaged --rows 12000 --seeds 3 --json FILE

Run it in the project's folder. RAW_FOLDER holds the public sets of configs/prepare/union.toml and the `nli/` files of
configs/prepare/entailment.toml in their published formats, and `seesaw/`. Every arm is the last stage of configs/train/base.toml with
the changes that ARMS names, two passes long unless they say more. The entailment stage is trained once, with one seed, and all arms
and seeds that have it start from there: seeds vary what comes after. --rows takes that many training rows, drawn anew for every seed,
and one pass over them. The arms `taught` need the run of configs/train/teacher.toml: --teacher.

A training set is prepared once for every set of made rows. SEESAW is judged on the stories of its training part alone: the
others are kept for final tests. Finished runs and answers are kept in the work folder, so a later call goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from corpus_adds import probabilities_of, saved, validated
from paired_gains import NEWSROOM, SEED, Test, assembled, config_of, views_on
from stancekit.config import TrainConfig, load_config
from stancekit.config.train import DataConfig, MixedSet
from stancekit.data.examples import read_examples
from stancekit.evaluation.metrics import FloatArray
from stancekit.files import write_json
from stancekit.manifest import NAME as MANIFEST
from stancekit.progress import configure
from stancekit.records import Example, class_counts
from stancekit.stages.prepare import prepare
from stancekit.stages.train import train

BASE = Path("configs/train/base.toml")
# Foreign proposals are all that is made.
PLAIN = ("negated=0", "reworded=0", "voiced=0")
WARM = "entailment"


class Arm(NamedTuple):
    """Changes to the last stage of base.toml, and to the made rows of union.toml. warm: it goes on from the entailment stage."""

    changes: tuple[str, ...] = ()
    warm: bool = True
    made: tuple[str, ...] = ()


# What transformers' own example does, but for the learning rate: the best on validation of the three that are here.
STOCK = ("model.frozen=none", "loss.class_weights=none", "optim.learning_rate=1e-4")
# What is in braces is filled in for each run.
TAUGHT = ("teacher.weight=0.5", "teacher.answers={work}/answers")
TEACHER, UNLABELLED = "teacher.model={teacher}", 'teacher.unlabelled=["{data}/unlabelled.jsonl"]'
ARMS: Mapping[str, Arm] = {
    "stock": Arm(STOCK, warm=False, made=PLAIN),
    "stock-2e-4": Arm((*STOCK, "optim.learning_rate=2e-4"), warm=False, made=PLAIN),
    "stock-5e-5": Arm((*STOCK, "optim.learning_rate=5e-5"), warm=False, made=PLAIN),
    "staged": Arm(),
    "unstaged": Arm(("optim.learning_rate=2e-4",), warm=False),
    "no-foreign": Arm(made=("foreign=0",)),
    "no-negated": Arm(made=("negated=0",)),
    "no-reworded": Arm(made=("reworded=0",)),
    "no-voiced": Arm(made=("voiced=0",)),
    "hard": Arm(made=("hard=0.05",)),
    "masked": Arm(made=("masked=0.05",)),
    "unweighted": Arm(("loss.class_weights=none",)),
    "free": Arm(("model.frozen=none",)),
    "mean": Arm(("model.head=mean",)),
    "decayed": Arm(("optim.layer_decay=0.8",)),
    "smoothed": Arm(("loss.label_smoothing=0.1",)),
    "focal": Arm(("loss.focal=1",)),
    "r-drop": Arm(("loss.r_drop=1",)),
    "averaged": Arm(("optim.averaging=0.99",)),
    "taught-labelled": Arm((*TAUGHT, TEACHER, "teacher.unlabelled=[]")),
    # The model that ships: three passes, and as many unlabelled pairs as labelled ones.
    "taught": Arm((*TAUGHT, TEACHER, UNLABELLED, "optim.epochs=3")),
    "taught-shorter": Arm((*TAUGHT, TEACHER, UNLABELLED), made=("unlabelled=0.5",)),
    "self-taught": Arm((*TAUGHT, "teacher.model={work}/runs/staged-s13", "teacher.precision=0.9", UNLABELLED)),
    "lora": Arm(("model.lora.rank=16", "model.lora.alpha=32", "optim.learning_rate=1e-3")),
}


class Work(NamedTuple):
    """Where the public sets and the teacher are, and where everything that is made goes."""

    raw: Path
    folder: Path
    teacher: Path | None = None

    def prepared(self, name: str, *overrides: str, within: str = "") -> Path:
        """The folder of a prepared set, made where it is not there. within: its own folder among the public sets."""
        output = self.folder / "data" / "-".join([name, *(one.split(".", 1)[-1].replace("=", "") for one in overrides)])
        if not (output / MANIFEST).is_file():
            prepare(config_of(name, f"raw={self.raw / within}", f"output={output}", *overrides))
        return output


def entailed(work: Work, rows: int | None = None) -> Path:
    """The run of base.toml's first stage, on all of its rows or on so many of them."""
    config = load_config(BASE, TrainConfig)
    stage = config.stage(config.stages[0])
    folder = work.prepared(WARM)
    data = DataConfig(mix=[MixedSet(path=folder / "train.jsonl", cap=rows)], validation=folder / "validation.jsonl")
    name = WARM if rows is None else f"{WARM}-r{rows}"
    return finished(stage.model_copy(update={"data": data, "output": work.folder / "runs" / name}))


def finished(config: TrainConfig) -> Path:
    """The run of a config, trained where it is not there, and gone on with where it stopped."""
    if not (config.output / MANIFEST).is_file():
        print(f"training {config.output.name}", flush=True)
        train(config, resume=True)
    return config.output


def run_of(name: str, seed: int, rows: int | None, work: Work) -> Path:
    """The finished run of an arm with a seed, on all rows or on so many of them."""
    if name == WARM:
        return entailed(work)
    arm = ARMS[name]
    data = work.prepared("union", *(f"augmentation.{one}" for one in arm.made))
    start = [f"encoder={entailed(work)}"] if arm.warm else []
    output = work.folder / "runs" / "-".join([name, *([] if rows is None else [f"r{rows}"]), f"s{seed}"])
    changes = [one.format(work=work.folder, data=data, teacher=work.teacher) for one in arm.changes]
    return finished(last_stage(f"seed={seed}", f"output={output}", *start, *changes, *data_of(data, rows)))


def last_stage(*changes: str) -> TrainConfig:
    """The last stage of base.toml with these changes, two passes long; it learns from labels alone unless they name a teacher."""
    config = load_config(BASE, TrainConfig, ["stages=[]", "optim.epochs=2", *changes])
    taught = any(one.startswith("teacher.") for one in changes)
    return config if taught else config.model_copy(update={"teacher": None})


def data_of(folder: Path, rows: int | None) -> list[str]:
    """What makes a training learn a prepared set, or one pass over so many of its rows."""
    cap = "" if rows is None else f", cap = {rows}"
    data = f'data={{ validation = "{folder}/validation.jsonl", mix = [{{ path = "{folder}/train.jsonl"{cap} }}] }}'
    return [data] if rows is None else [data, "optim.epochs=1"]


def tests_of(work: Work) -> dict[str, Test]:
    """The newsroom's and the public test parts, and SEESAW's training stories, each in a file."""
    parts: dict[str, list[Example]] = {}
    for one in read_examples(work.prepared("union") / "test.jsonl"):
        parts.setdefault(str(one.source).split("-")[0], []).append(one)
    order = {NEWSROOM: parts.pop(NEWSROOM), "seesaw": read_examples(work.prepared("seesaw", within="seesaw") / "train.jsonl"), **parts}
    files = {name: saved(work.folder / f"data/tests/{name}.jsonl", rows) for name, rows in order.items()}
    return {name: Test(files[name], rows, views_on(name, rows)) for name, rows in order.items()}


def judged(run: Path, tests: Mapping[str, Test], work: Work) -> dict[str, FloatArray]:
    """What a run answers on each test set, kept for later calls."""
    return {name: probabilities_of(run, test, work.folder / "judged" / run.name / f"{name}.json") for name, test in tests.items()}


def show(results: Mapping[str, Any], views: Sequence[tuple[str, str]] = (("all", "macro_f1"), ("sides", "f_avg"))) -> None:
    """A line an arm, test set and view: the mean, the spread over seeds, and the gain on the first arm."""
    for arm, tests in results["over_seeds"].items():
        for name, found in tests.items():
            chosen = [*views, ("rival proposals, sides", "f_avg")] if name == NEWSROOM else views
            for view, key in chosen:
                value = found[view][key]
                line = f"{arm:<28} {name:<12} {view:<24} {value['mean']:.3f} ±{value['sd'] or float('nan'):.3f}"
                gain = results["gains"].get(arm, {}).get(name, {}).get(view, {}).get(key)
                if gain:
                    ends = "" if gain["low"] is None else f" [{gain['low']:+.3f}, {gain['high']:+.3f}]"
                    line += f" ({gain['value']:+.3f}{ends})"
                print(line)


def main(
    raw: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    work: Annotated[Path, typer.Option(help="Where data, runs and answers go.")] = Path("runs/recipes"),
    arms: Annotated[str, typer.Option(help="Arms, the first of which the others are compared with.")] = ",".join(ARMS),
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    rows: Annotated[int | None, typer.Option(min=1, help="Training rows of every arm, passed over once.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="The run that the arms `taught` learn from.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Train what is not trained yet, judge what is not judged yet, and report all chosen arms."""
    names = arms.split(",")
    if unknown := {*names} - {*ARMS, WARM}:
        raise typer.BadParameter(f"there is no arm {', '.join(sorted(unknown))}; there are {', '.join([WARM, *ARMS])}")
    if teacher is None and any(TEACHER in ARMS[name].changes for name in {*names} - {WARM}):
        raise typer.BadParameter("the arms `taught` need --teacher")
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    configure(quiet=False)
    place = Work(raw, work, teacher)
    tests, answers, trained = tests_of(place), {}, []
    for name in names:
        for seed in range(SEED, SEED + seeds):
            run = run_of(name, seed, rows, place)
            answers[name, seed] = judged(run, tests, place)
            trained.append({"arm": name, "seed": seed, "validation": validated(run)})
    sizes = {name: {"rows": len(test.examples), "classes": class_counts(test.examples)} for name, test in tests.items()}
    results = {"rows": rows, "arms": {name: ARMS[name]._asdict() for name in names if name in ARMS}, "tests": sizes, "training": trained}
    results |= assembled(tests, answers, against=names[0])
    show(results)
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
