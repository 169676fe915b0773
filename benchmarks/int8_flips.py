"""How many labels int8 flips, what each of its parts gives, and how fast it is beside float32.

    python benchmarks/int8_flips.py --json FILE

Run it in the project's folder. The model is `base`; the pairs are those of the newsroom's validation and test parts, less 256 of the
validation part that the quantization looks at. Speed is pairs a second of CPU in one thread, tokenizing included, in turns: on a machine
that others use too, seconds of CPU are much the same.
"""

import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from paired_gains import config_of
from stancekit.data.examples import read_examples
from stancekit.export.forms import tokenized
from stancekit.export.int8 import write_int8
from stancekit.export.onnx import write_onnx
from stancekit.files import write_json
from stancekit.inference.engine import score
from stancekit.inference.model import model_folder, tokenizer_of
from stancekit.inference.scorers import SECOND_LOOK, FloatArray, OnnxScorer, Scorer, SecondLook, lead
from stancekit.machine import machine
from stancekit.modeling.checkpoint import load_model
from stancekit.modeling.pairs import Pair
from stancekit.modeling.spec import ModelSpec
from stancekit.stages.prepare import prepare

LOOKED_AT = 256
MODEL = model_folder(Path("base"))


def pairs_of(data: Path) -> tuple[list[Pair], list[Pair]]:
    """Pairs for the quantization, and all others; each distinct one once, in an order drawn by a fixed seed."""
    if not data.exists():
        prepare(config_of("newsroom", f"output={data}"))
    validation, test = (
        list(dict.fromkeys((row.statement, row.proposal) for row in read_examples(data / f"{part}.jsonl")))
        for part in ("validation", "test")
    )
    drawn = [validation[index] for index in np.random.default_rng(13).permutation(len(validation))]
    looked_at = set(drawn[:LOOKED_AT])
    return drawn[:LOOKED_AT], [pair for pair in dict.fromkeys([*drawn, *test]) if pair not in looked_at]


def write_plain_int8(path: Path, source: Path) -> None:
    """What onnxruntime makes of the float32 graph in `source` without more ado."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(source, path, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8)


def scorers_in(folder: Path, looked_at: Sequence[Pair]) -> dict[str, Scorer]:
    """Float32, int8 as onnxruntime makes it without more ado, ours, and ours with its second look; one thread each."""
    spec = ModelSpec.read(MODEL)
    exact, plain, ours = folder / "float.onnx", folder / "plain.onnx", folder / "model.int8.onnx"
    write_onnx(exact, load_model(MODEL), spec)
    write_plain_int8(plain, exact)
    write_int8(ours, exact, tokenized(MODEL, spec, looked_at))
    truth, quick = OnnxScorer(exact, 1), OnnxScorer(ours, 1)
    both = SecondLook(quick, truth, float(quick.told[SECOND_LOOK]))
    return {"float32": truth, "int8, plain": OnnxScorer(plain, 1), "int8, outliers scaled": quick, "int8 with a second look": both}


def flips(answers: Mapping[str, FloatArray]) -> dict[str, dict[str, Any]]:
    """Share of labels that are not those of float32, and root mean square of the difference of logits."""
    truth = answers["float32"]
    return {
        name: {
            "flips": float((logits.argmax(axis=1) != truth.argmax(axis=1)).mean()),
            "rms": float(np.sqrt(((logits - truth) ** 2).mean())),
        }
        for name, logits in answers.items()
    }


def speeds(scorers: Mapping[str, Scorer], pairs: Sequence[Pair], rounds: int) -> dict[str, dict[str, float]]:
    """Pairs a second of CPU, and times as fast as float32: medians over rounds."""
    tokenizer = tokenizer_of(MODEL, ModelSpec.read(MODEL))
    taken: dict[str, list[float]] = {name: [] for name in scorers}
    for number in range(rounds + 1):
        for name, scorer in scorers.items():
            began = time.process_time()
            score(scorer, tokenizer, pairs)
            # The first round pays for what is made once.
            if number:
                taken[name].append(time.process_time() - began)
    ratios = {name: [base / own for base, own in zip(taken["float32"], taken[name], strict=True)] for name in scorers}
    return {
        name: {"pairs_a_second": len(pairs) / statistics.median(taken[name]), "times_as_fast": statistics.median(ratios[name])}
        for name in scorers
    }


def main(
    data: Annotated[Path, typer.Option(help="Where the prepared corpus is, or goes.")] = Path("runs/int8/newsroom"),
    timed: Annotated[int, typer.Option(help="Pairs of a timed round.")] = 1200,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure, print, and write into the file."""
    looked_at, pairs = pairs_of(data)
    tokenizer = tokenizer_of(MODEL, ModelSpec.read(MODEL))
    with TemporaryDirectory() as scratch:
        scorers = scorers_in(Path(scratch), looked_at)
        answers = {name: score(scorer, tokenizer, pairs) for name, scorer in scorers.items()}
        timings = speeds(scorers, pairs[:timed], rounds)
    both = scorers["int8 with a second look"]
    below = both.below if isinstance(both, SecondLook) else 0.0
    again = float((lead(answers["int8, outliers scaled"]) < below).mean())
    found = {name: {**one, **timings[name]} for name, one in flips(answers).items()}
    results = {"pairs": len(pairs), "looked_at": len(looked_at), "second_look_below": below, "looked_at_again": again, "arms": found}
    for name, one in found.items():
        fast = f"{one['pairs_a_second']:.0f} pairs/s, {one['times_as_fast']:.2f} times float32"
        print(f"{name:<26} flips {one['flips']:.2%}  rms {one['rms']:.4f}  {fast}")
    print(f"{again:.1%} of the pairs are looked at again (closer than {below})")
    if file is not None:
        write_json(file, {**results, "timed": timed, "rounds": rounds, "machine": machine()})


if __name__ == "__main__":
    typer.run(main)
