"""What benchmarks of batch inference share: many distinct pairs out of the newsroom corpus, and the model `base` as ONNX."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, PreTrainedModel

from stancekit.export.forms import tokenized
from stancekit.export.onnx import write_onnx
from stancekit.export.openvino import write_openvino
from stancekit.inference.scorers import ONNX
from stancekit.modeling.checkpoint import load_model
from stancekit.modeling.embedded import base_model
from stancekit.modeling.pairs import Pair
from stancekit.modeling.provenance import OPENVINO
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
    return _bundle(folder, load_model(base_model()))


def base_as_openvino(folder: Path, looked_at: Sequence[Pair]) -> Path:
    """The same for OpenVINO. looked_at: pairs that show how close a call must be for a second look."""
    graph = base_as_onnx(folder) / ONNX
    write_openvino(folder / OPENVINO, graph, tokenized(folder, ModelSpec.read(folder), looked_at))
    graph.unlink()
    return folder


def small_bundle(folder: Path) -> Path:
    """That for ONNX with a network of one narrow layer, drawn at random: it reads every token, and takes hardly any time."""
    return _bundle(folder, narrow_model())


def narrow_model() -> PreTrainedModel:
    """A network of one narrow layer that takes the tokens of `base`, always drawn alike."""
    torch.manual_seed(13)
    narrow = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig.from_pretrained(base_model(), **narrow, initializer_range=0.5)
    return BertForSequenceClassification(config).eval()


def _bundle(folder: Path, model: PreTrainedModel) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    source = base_model()
    for name in ("stancekit.json", "tokenizer.json", "calibration.json", "config.json"):
        shutil.copy(source / name, folder)
    write_onnx(folder / ONNX, model, ModelSpec.read(source))
    return folder
