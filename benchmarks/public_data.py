"""What training and reading cost and reach on data nobody here wrote: PERSPECTRUM, ValueEval, and the FNC-1 article bodies.

    python benchmarks/public_data.py RAW_FOLDER --epochs 1 --json FILE

Run it in the project's folder. RAW_FOLDER holds `perspectrum/`, `valueeval23/` and `fnc1/` in their published formats.
Every step is a command of its own process, whose wall time and largest resident memory are the operating system's.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

PROPOSALS = {
    "vaccination": "Vaccination should be compulsory.",
    "troops": "Troops should be sent to fight the Islamic State.",
    "police-cameras": "Police officers should wear cameras.",
}


def run(words: list[str]) -> dict[str, float]:
    """Run one command; seconds of wall time and peak memory in MiB. Ends the benchmark when it fails."""
    print("$ stancekit " + " ".join(words), flush=True)
    began = time.monotonic()
    process = os.posix_spawn(sys.executable, [sys.executable, "-m", "stancekit", *words], os.environ)
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        raise typer.Exit(os.waitstatus_to_exitcode(status))
    return {
        "wall_seconds": round(time.monotonic() - began, 1),
        "peak_memory_mib": round(usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)),
    }


def judged(model: Path, data: Path, output: Path) -> dict[str, Any]:
    """Cost and scores of one evaluation, the baselines' beside them."""
    cost = run(["evaluate", str(model), str(data), "--output", str(output)])
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    keys = ("macro_f1", "f_avg", "accuracy")
    scores = {name: {key: row[key] for key in keys} for name, row in {"model": metrics, **metrics["baselines"]}.items()}
    return {**cost, "n": metrics["n"], "proposals": metrics["proposals"], **scores}


def trained(work: Path, epochs: float) -> tuple[Path, dict[str, float]]:
    """The run on the prepared PERSPECTRUM, and what it cost."""
    model = work / f"run-{epochs:g}"
    settings = {
        "output": model,
        "optim.epochs": epochs,
        **{f"data.{part}": work / f"data/perspectrum/{part}.jsonl" for part in ("train", "validation")},
    }
    return model, run(
        ["train", "configs/train/perspectrum.toml", *(word for key, value in settings.items() for word in ("--set", f"{key}={value}"))]
    )


def read_bodies(bundle: Path, bodies: Path, work: Path) -> dict[str, float]:
    """Cost of scoring every sentence of every article body against three proposals."""
    asked, output = work / "proposals.toml", work / "fnc1.jsonl"
    asked.write_text("[proposals]\n" + "".join(f"{key} = {json.dumps(text)}\n" for key, text in PROPOSALS.items()), encoding="utf-8")
    columns = ["--column", "statement=articleBody", "--column", "id=Body ID", "--cut"]
    cost = run(["predict", str(bundle), str(bodies), *columns, "--proposals", str(asked), "--output", str(output)])
    with output.open(encoding="utf-8") as lines:
        pairs = sum(1 for _ in lines)
    return {**cost, "pairs": pairs, "pairs_per_second": round(pairs / cost["wall_seconds"])}


def main(
    raw: Annotated[Path, typer.Argument(help="Folder with perspectrum/, valueeval23/ and fnc1/.")],
    work: Annotated[Path, typer.Option(help="Where data, run and predictions go.")] = Path("runs/public"),
    epochs: Annotated[float, typer.Option(help="Epochs on PERSPECTRUM.")] = 1,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Prepare, train, evaluate, export and predict, and report what each took."""
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    results: dict[str, Any] = {"epochs": epochs, "cores": os.cpu_count()}
    for source, folder in (("perspectrum", "perspectrum"), ("valueeval", "valueeval23")):
        overrides = ["--set", f"raw={raw / folder}", "--set", f"output={work / 'data' / source}"]
        results[f"prepare {source}"] = run(["prepare", f"configs/prepare/{source}.toml", *overrides])
    model, results["train perspectrum"] = trained(work, epochs)
    for source in ("perspectrum", "valueeval"):
        results[f"evaluate {source} test"] = judged(model, work / f"data/{source}/test.jsonl", work / f"{source}-{epochs:g}")
    bundle = work / f"bundle-{epochs:g}"
    results["export"] = run(["export", str(model), str(bundle)])
    results["predict fnc1"] = read_bodies(bundle, raw / "fnc1/test_bodies.csv", work)
    print(json.dumps(results, indent=2))
    if file is not None:
        file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
