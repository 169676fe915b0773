"""Options that several commands share: one wording, one meaning."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Device = Literal["auto", "cpu", "cuda", "mps"]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a config key, e.g. optim.epochs=1. Repeatable.")
]
DeviceOption = Annotated[Device, typer.Option(help="Where to run the model.")]
Form = Annotated[
    Literal["onnx", "onnx-int8", "openvino", "safetensors", "compact"],
    typer.Option(
        "--format",
        help="onnx: ONNX beside safetensors. onnx-int8: 8 bits, and float32 for close calls. "
        "openvino: for OpenVINO (stancekit[openvino]), which uses bfloat16 where a processor has it. "
        "compact: only what sets it apart from minilm, in float16.",
    ),
]
Gate = Annotated[Path | None, typer.Option(help="A TOML config of the gate, see configs/export/; the built-in one if not given.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def _quieten(asked: bool) -> bool:
    from stancekit.progress import configure

    if asked:
        configure(quiet=True)
    return asked


Quiet = Annotated[bool, typer.Option("--quiet", callback=_quieten, help="No progress and no notes, only results and errors.")]

# Of evaluate.
BaselineRows = Annotated[
    list[Path] | None, typer.Option(help="Training examples for the baselines, if the model's manifest does not lead to them. Repeatable.")
]

# Of predict.
Statements = Annotated[
    list[str],
    typer.Argument(help="Tables (.jsonl .csv .tsv, also .gz, .parquet), articles (.txt .md), folders, or - for standard input."),
]
OwnProposals = Annotated[
    Path | None, typer.Option(help="Proposals: .txt (one a line), .csv (id, proposal) or .toml. Rows may bring their own instead.")
]
Answers = Annotated[
    str | None, typer.Option(help="A .jsonl, .csv or .parquet file, with --engine ray a folder too; standard output if not given.")
]
Column = Annotated[list[str] | None, typer.Option(metavar="ROLE=COLUMN", help="A column that is not named as its role: statement=body.")]
Cache = Annotated[Path | None, typer.Option(help="A SQLite file that keeps answers over runs: only what is new is scored. Made if absent.")]
Engine = Annotated[Literal["local", "ray"], typer.Option(help="This machine, or a Ray cluster (docs/cluster-inference.md).")]
RayAddress = Annotated[str | None, typer.Option(help="With --engine ray: where; else RAY_ADDRESS, else a cluster of this machine alone.")]
PartPairs = Annotated[int, typer.Option(min=1, help="With --engine ray: about so many answers to a part, a worker's unit of work.")]
PartFormat = Annotated[Literal["parquet", "jsonl"], typer.Option(help="With --engine ray and a folder for output: of its parts.")]

# Of read.
Articles = Annotated[list[Path] | None, typer.Argument(help="Articles (.txt .md .html), folders or tables of them; - for standard input.")]
ArticleColumn = Annotated[
    list[str] | None, typer.Option("--column", metavar="ROLE=COLUMN", help="A column of tables of articles: text=body, date=published.")
]
MinConfidence = Annotated[float | None, typer.Option(min=0, max=1, help="Only what is this sure is an opinion (0.4 if not given).")]
MinRelevance = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Ask an article only about proposals this near to it; 0 asks about all (docs/relevance.md)."),
]
TableForm = Annotated[
    Literal["jsonl", "csv", "parquet"] | None,
    typer.Option("--format", help="Of the tables of opinions, positions and shares (jsonl if not given)."),
]
Labelled = Annotated[
    Path | None,
    typer.Option(help="Labelled examples of news: shares are then corrected for how the model confuses stances (docs/shares.md)."),
]
# What a config may say as well has no default here.
ReadingOutput = Annotated[
    Path | None, typer.Option(help="Folder for the tables of opinions and shares, and report.html (reading if not given).")
]
ReadingDevice = Annotated[Device | None, typer.Option(help="Where to run the model (auto if not given).")]
ReadingEngine = Annotated[
    Literal["local", "ray"] | None, typer.Option(help="This machine (if not given), or a Ray cluster (docs/cluster-inference.md).")
]
ReadingWorkers = Annotated[int | None, typer.Option(min=1, help="Processes that read: 1, with --engine ray all of the cluster.")]
ReadingConfig = Annotated[
    Path | None, typer.Option(help="A TOML config of all this, see configs/read/; what else is given stands above it.")
]

# Of doubts and evaluate.
DoubtsOutput = Annotated[Path | None, typer.Option(help="Folder of the result and the models; the training's and -doubts if not given.")]
IntervalMethod = Annotated[
    Literal["percentile", "bca"], typer.Option(help="By percentiles, or corrected for bias and skew, which takes longer.")
]
