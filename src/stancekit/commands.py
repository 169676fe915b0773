"""One Typer command a stage. Heavy imports stay inside the commands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stancekit import __version__, options
from stancekit.printing import note, print_rows, show

if TYPE_CHECKING:
    from stancekit.config import TrainConfig

app = typer.Typer(
    help="Train, judge and ship small models that say who supports and who opposes a proposal in the news.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"stancekit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    quiet: options.Quiet = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    from stancekit.progress import configure

    configure(quiet)


@app.command()
def prepare(
    config: Annotated[Path, typer.Argument(help="A TOML config, see configs/prepare/.")],
    overrides: options.Set = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Labelled data in, clean and leak-free train, validation and test splits out."""
    from stancekit.config import PrepareConfig, load_config
    from stancekit.console import prepare_table
    from stancekit.stages.prepare import prepare as stage

    settings = load_config(config, PrepareConfig, overrides)
    report = stage(settings)
    show(report, as_json, lambda: prepare_table(report))
    note(f"wrote {settings.output} (open {settings.output / 'report.html'})")


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A TOML config, see configs/train/ (with --search: configs/search/).")],
    overrides: options.Set = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training of this output stopped.")] = False,
    searching: Annotated[bool, typer.Option("--search", help="Try many settings, as [search] of the config says.")] = False,
    teacher: Annotated[Path | None, typer.Option(help="A run or bundle whose answers are learned too ([teacher] says how).")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Train with so many seeds, each into its own folder of the output.")] = 1,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Fine-tune an encoder on pairs (statement, proposal). Under accelerate launch or torchrun: on several devices."""
    from stancekit.config import TrainConfig, load_config
    from stancekit.stages.train import train as stage
    from stancekit.training.folder import is_main_process

    changes = [*(overrides or []), *([] if teacher is None else [f"teacher.model={teacher}"])]
    if searching:
        _search(config, changes, resume, as_json)
        return
    settings = load_config(config, TrainConfig, changes)
    if seeds > 1:
        _train_seeds(settings, seeds, resume, as_json)
        return
    metrics = stage(settings, resume=resume)
    if is_main_process():
        show(metrics, as_json, lambda: f"validation macro-F1 {metrics['validation']['macro_f1']:.3f} (n = {metrics['validation']['n']})")
        note(f"wrote {settings.output}")


def _train_seeds(settings: "TrainConfig", count: int, resume: bool, as_json: bool) -> None:
    from stancekit.stages.seeds import told, train_seeds
    from stancekit.training.folder import is_main_process

    result = train_seeds(settings, count, resume)
    if is_main_process():
        show(result, as_json, lambda: told(result))
        note(f"wrote {settings.output}; judge them all: stancekit evaluate {settings.output} DATA")


def _search(config: Path, changes: list[str], resume: bool, as_json: bool) -> None:
    from stancekit.config import load_search
    from stancekit.stages.search import search as stage

    settings = load_search(config, changes)
    result = stage(settings, resume)
    show(result, as_json, lambda: result["verdict"])
    output = settings.output
    note(f"wrote {output} (open {output / 'report.html'}); train the best: stancekit train {output / 'best.toml'}")


@app.command()
def doubts(
    config: Annotated[Path, typer.Argument(help="A TOML config of a training, see configs/train/.")],
    overrides: options.Set = None,
    output: options.DoubtsOutput = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts of the rows, each asked of a model that learned from the others.")] = 4,
    resume: Annotated[bool, typer.Option("--resume", help="Keep finished folds, and go on with the one that was cut off.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Which labels of a training set are likely wrong: a model a fold, and confident learning over their answers."""
    from stancekit.config import load_doubts
    from stancekit.stages.doubts import doubts as stage

    settings = load_doubts(config, overrides, folds, output)
    result = stage(settings, resume)
    show(result, as_json, lambda: result["verdict"])
    note(f"wrote {settings.output} (open {settings.output / 'report.html'})")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="A run, a folder of `train --seeds`, a bundle, base, or a file of answers.")],
    data: Annotated[Path, typer.Argument(help="Labelled examples it has not seen.")],
    output: Annotated[Path | None, typer.Option(help="Folder for metrics.json, predictions.jsonl and report.html.")] = None,
    train: options.BaselineRows = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 13,
    intervals: options.IntervalMethod = "percentile",
    target_precision: Annotated[
        float, typer.Option(min=0.34, max=1, help="Answer only where the model is sure enough to be right this often.")
    ] = 0.9,
    coverage: Annotated[float, typer.Option(min=0.5, max=0.999, help="How often sets of stances are to hold the right one.")] = 0.9,
    probes: Annotated[bool, typer.Option("--probes", help="Ask with the proposal hidden, replaced and negated: does it read it?")] = False,
    behaviours: Annotated[bool, typer.Option("--behaviours", help="Run the behaviour tests that ship.")] = False,
    own_behaviours: Annotated[list[Path] | None, typer.Option(help="Behaviour tests of yours: a file or folder. Repeatable.")] = None,
    entailment: Annotated[bool, typer.Option("--entailment", help="MODEL is a published entailment model: a folder or hub id.")] = False,
    device: options.DeviceOption = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Judge a model on proposals it never saw, with intervals and baselines."""
    from stancekit.console import metrics_table
    from stancekit.evaluation.behaviours import SHIPPED
    from stancekit.evaluation.confidence import Promises
    from stancekit.evaluation.intervals import Bootstrap
    from stancekit.stages.evaluate import Wanted
    from stancekit.stages.evaluate import evaluate as stage

    bootstrap = Bootstrap(resamples=resamples, seed=seed, bca=intervals == "bca")
    capabilities = [*([SHIPPED] if behaviours else []), *(own_behaviours or [])]
    wanted = Wanted(bootstrap, Promises(target_precision, coverage), device, entailment, probes, capabilities)
    metrics = stage(model, data, output, train or (), wanted)
    show(metrics, as_json, lambda: metrics_table(metrics))
    if output is not None:
        note(f"wrote {output} (open {output / 'report.html'})")


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="A run, a bundle, base, a folder of runs that differ in their seed, or a file of answers.")],
    second: Annotated[Path, typer.Argument(help="The same; differences are second minus first.")],
    data: Annotated[Path, typer.Argument(help="Labelled examples that neither has seen.")],
    output: Annotated[Path | None, typer.Option(help="Folder for comparison.json, changed.jsonl and report.html.")] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 13,
    device: options.DeviceOption = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Whether one model, or one family of seeds, is shown to be better than another."""
    from stancekit.console import comparison_table
    from stancekit.evaluation.intervals import Bootstrap
    from stancekit.stages.compare import compare as stage

    result = stage(first, second, data, output, Bootstrap(resamples=resamples, seed=seed), device)
    show(result, as_json, lambda: comparison_table(result))
    if output is not None:
        note(f"wrote {output} (open {output / 'report.html'})")


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A finished run, or one seed of `train --seeds`: OUTPUT/seed-13.")],
    output: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    form: options.Form = "onnx",
    rows: Annotated[Path | None, typer.Option(help="Examples to check the export on; the run's validation set if not given.")] = None,
    evaluation: Annotated[Path | None, typer.Option(help="A metrics.json for the model card: of this run, or of all its seeds.")] = None,
    licence: Annotated[str, typer.Option("--license", help="Licence named in the model card.")] = "other",
    seen: Annotated[bool, typer.Option(help="Add hashes of the texts it learned from, so that evaluations can tell them.")] = False,
    gate: options.Gate = None,
    overrides: options.Set = None,
    force: Annotated[bool, typer.Option("--force", help="Write a bundle that is over a limit, marked as such in its card.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a bundle to ship, refused (exit code 1) when it does not answer as its run does."""
    from stancekit.config import load_gate
    from stancekit.console import gate_tables
    from stancekit.stages.export import export as stage

    report = stage(run, output, form, rows, evaluation, licence, seen, load_gate(gate, overrides), force)
    show(report, as_json, lambda: gate_tables(report))
    note(f"wrote {output}" + (f" (open {output / 'gate.html'})" if report else ""))


@app.command()
def predict(
    bundle: Annotated[Path, typer.Argument(help="A bundle, a run, or base, which ships.")],
    inputs: options.Statements,
    proposals: options.OwnProposals = None,
    output: options.Answers = None,
    column: options.Column = None,
    cut: Annotated[bool, typer.Option("--cut", help="Texts in tables are articles: cut them into sentences.")] = False,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out answers below this confidence.")] = 0.0,
    device: options.DeviceOption = "auto",
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a bad row, in place of setting it aside.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that score: 1, with --engine ray all of the cluster.")] = None,
    cache: options.Cache = None,
    engine: options.Engine = "local",
    ray_address: options.RayAddress = None,
    part_pairs: options.PartPairs = 50_000,
    part_format: options.PartFormat = "parquet",
    quiet: options.Quiet = False,
) -> None:
    """Stances of statements toward proposals, in the order of the input. With --output: killed and started again, it goes on."""
    from stancekit.inference.inputs import TableLayout
    from stancekit.stages.engines import predict_by
    from stancekit.stages.predict_ray import Means

    layout = TableLayout.parse(column or [], cut)
    means = Means(workers, ray_address, part_pairs=part_pairs, part_format=part_format)
    asked = (bundle, inputs, proposals, output, print_rows, layout)
    outcome = predict_by(engine, *asked, min_confidence, device, strict, cache, means)
    note(outcome.told(output))


@app.command()
def read(
    bundle: Annotated[Path | None, typer.Argument(help="A bundle, a run, or base, which ships.")] = None,
    articles: options.Articles = None,
    proposals: Annotated[Path | None, typer.Option(help="Proposals: .txt (one a line), .csv (id, proposal) or .toml.")] = None,
    output: options.ReadingOutput = None,
    min_confidence: options.MinConfidence = None,
    min_relevance: options.MinRelevance = None,
    form: options.TableForm = None,
    labelled: options.Labelled = None,
    column: options.ArticleColumn = None,
    device: options.ReadingDevice = None,
    engine: options.ReadingEngine = None,
    workers: options.ReadingWorkers = None,
    ray_address: options.RayAddress = None,
    config: options.ReadingConfig = None,
    overrides: options.Set = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Who stands where in these articles, and the sentence that shows it. Killed and started again, it goes on."""
    from stancekit.config import load_read
    from stancekit.console import opinions_table
    from stancekit.news.tables import COLUMNS
    from stancekit.stages.read import read_by
    from stancekit.tables import parse_columns

    named = {"bundle": bundle, "articles": articles or None, "proposals": proposals, "output": output, "labelled": labelled}
    limits = {"limits.min_confidence": min_confidence, "limits.min_relevance": min_relevance}
    work = {"format": form, "device": device, "engine": engine, "workers": workers, "ray_address": ray_address}
    columns = {f"columns.{role}": name for role, name in parse_columns(column or [], tuple(COLUMNS), "text=body").items()}
    settings = load_read(config, {**named, **limits, **work, **columns}, overrides)
    opinions = read_by(settings)
    show([opinion.to_row() for opinion in opinions], as_json, lambda: opinions_table(opinions))
    note(f"wrote {settings.output} (open {settings.output / 'report.html'})")


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A config, a data file, the corpus, or a folder of them.")],
    shortcuts: Annotated[
        bool, typer.Option("--shortcuts", help="Measure too whether labels can be guessed from one side alone, and whether texts repeat.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Every fault of a config or of data, without loading a model."""
    from stancekit.stages.check import check as stage

    found = [{"path": str(one.path), "kind": one.kind, "summary": one.summary} for one in stage(path)]
    if not shortcuts:
        show({"checked": found}, as_json, lambda: "\n".join("{path}: {kind}, {summary}".format_map(one) for one in found))
        return
    from stancekit.console import shortcuts_tables
    from stancekit.stages.shortcuts import refuse_broken
    from stancekit.stages.shortcuts import shortcuts as measured

    result = measured(path)
    show({"checked": found, **result}, as_json, lambda: shortcuts_tables(result))
    refuse_broken(result, path)
