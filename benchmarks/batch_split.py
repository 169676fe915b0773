"""How ONNX Runtime is best given its work on several cores: batches of which size, and a core to each or all cores to one.

    python benchmarks/batch_split.py --json FILE

Run it in the project's folder. The model is `base`, in float32 and in int8 (without its second look); the pairs are those of
`int8_flips.py`. Seconds are of the clock, tokenizing included, all ways in turns.
"""

import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from int8_flips import MODEL, pairs_of
from stancekit.export.forms import tokenized
from stancekit.export.int8 import write_int8
from stancekit.export.onnx import write_onnx
from stancekit.files import write_json
from stancekit.inference.engine import score
from stancekit.inference.model import tokenizer_of
from stancekit.inference.scorers import LEFT_APART, OnnxScorer, session_options
from stancekit.machine import cores, machine
from stancekit.modeling.checkpoint import load_model
from stancekit.modeling.pairs import Pair
from stancekit.modeling.spec import ModelSpec

SIZES = (128, 256, 512, 1024, 2048, 4096)


class Together(OnnxScorer):
    """All cores for one batch, as ONNX Runtime has it if nobody says anything."""

    def __init__(self, path: Path) -> None:
        import onnxruntime as ort

        super().__init__(path)
        self.streams = 1
        options = session_options(cores())
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=LEFT_APART)


def timed(scorers: Mapping[str, OnnxScorer], pairs: list[Pair], rounds: int) -> list[dict[str, Any]]:
    """Pairs a second of every way: median, least and most of the rounds."""
    tokenizer = tokenizer_of(MODEL, ModelSpec.read(MODEL))
    seconds: dict[tuple[str, int], list[float]] = {(name, size): [] for size in SIZES for name in scorers}
    for number in range(rounds + 1):
        for (name, size), taken in seconds.items():
            scorers[name].batch_tokens = size
            began = time.perf_counter()
            score(scorers[name], tokenizer, pairs)
            # The first round pays for what is made once.
            if number:
                taken.append(time.perf_counter() - began)
    return [
        {
            "way": name,
            "tokens_a_batch": size,
            "pairs_a_second": round(len(pairs) / statistics.median(taken), 1),
            "least": round(len(pairs) / max(taken), 1),
            "most": round(len(pairs) / min(taken), 1),
        }
        for (name, size), taken in seconds.items()
    ]


def main(
    data: Annotated[Path, typer.Option(help="Where the prepared corpus is, or goes.")] = Path("runs/int8/newsroom"),
    count: Annotated[int, typer.Option("--pairs", help="Pairs of a timed round.")] = 1200,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure, print, and write into the file."""
    looked_at, pairs = pairs_of(data)
    spec = ModelSpec.read(MODEL)
    with TemporaryDirectory() as scratch:
        exact, rounded = Path(scratch) / "model.onnx", Path(scratch) / "model.int8.onnx"
        write_onnx(exact, load_model(MODEL), spec)
        write_int8(rounded, exact, tokenized(MODEL, spec, looked_at))
        forms = {"float32": exact, "int8": rounded}
        ways = {"all cores to a batch": Together, "a core to each batch": OnnxScorer}
        scorers = {f"{form}, {way}": kind(path) for form, path in forms.items() for way, kind in ways.items()}
        found = timed(scorers, pairs[:count], rounds)
    for row in found:
        print(f"{row['way']:<32} {row['tokens_a_batch']:>5} tokens  {row['pairs_a_second']:7.1f} pairs/s")
    if file is not None:
        write_json(file, {"pairs": count, "rounds": rounds, "cores": cores(), "ways": found, "machine": machine()})


if __name__ == "__main__":
    typer.run(main)
