"""What benchmarks of batch inference share: many distinct pairs out of the newsroom corpus, and the model `base` as ONNX."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from stancekit.export.onnx import write_onnx
from stancekit.inference.scorers import ONNX
from stancekit.modeling.checkpoint import load_model
from stancekit.modeling.embedded import base_model
from stancekit.modeling.spec import ModelSpec
from stancekit.tables import Values, read_rows

CORPUS = Path(__file__).parents[1] / "data" / "newsroom"


def distinct_rows(count: int) -> Iterator[Values]:
    """Rows {id, statement, proposal} as the news has them: each sentence of the corpus with each proposal of its article, round and round.

    From the second round on a statement begins with a number of its own, so that no pair comes twice.
    """
    for number, (sentence, proposal) in enumerate(itertools.islice(_rounds(), count), 1):
        yield {"id": str(number), "statement": sentence, "proposal": proposal}


def _rounds() -> Iterator[tuple[str, str]]:
    pairs = [
        (sentence["text"], proposal["text"])
        for file in sorted(CORPUS.glob("*.jsonl"))
        for article in (row.values for row in read_rows(file))
        for sentence in article["sentences"]
        for proposal in article["proposals"]
    ]
    pairs = list(dict.fromkeys(pairs))
    for turn in itertools.count():
        yield from ((f"{turn}. {sentence}" if turn else sentence, proposal) for sentence, proposal in pairs)


def base_as_onnx(folder: Path) -> Path:
    """The model that ships, with an ONNX graph in place of its weights, in a folder that `load` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    source = base_model()
    for name in ("stancekit.json", "tokenizer.json", "calibration.json", "config.json"):
        shutil.copy(source / name, folder)
    write_onnx(folder / ONNX, load_model(source), ModelSpec.read(source))
    return folder
