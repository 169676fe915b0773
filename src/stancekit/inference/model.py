"""The Python API: `load(path)` gives a StanceModel that answers pairs, whole grids, and streams."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from stancekit.data.seen import NAME as SEEN
from stancekit.errors import StancekitError
from stancekit.inference.engine import score, softmax
from stancekit.inference.forced import warn_of_force
from stancekit.inference.held import NAME as CALIBRATION
from stancekit.inference.held import Held
from stancekit.inference.openvino import openvino_scorer
from stancekit.inference.scorers import ONNX, SECOND_LOOK, FloatArray, OnnxScorer, Scorer, SecondLook, TorchScorer
from stancekit.manifest import sha256, stage_of
from stancekit.modeling.devices import cuda_may_be_there, resolve_device
from stancekit.modeling.embedded import named_model
from stancekit.modeling.family import refuse_family
from stancekit.modeling.pairs import Pair, PairTokenizer
from stancekit.modeling.provenance import INT8, OPENVINO
from stancekit.modeling.spec import NAME as SPEC
from stancekit.modeling.spec import ModelSpec
from stancekit.progress import Advance
from stancekit.records import DECIMALS, Prediction, Proposal, Statement
from stancekit.stance import STANCES, Stance

# A row of predictions with all its columns, for files that hold none.
SHAPE = Prediction("", "", "", "", Stance.NEUTRAL, 0.0, dict.fromkeys(STANCES, 0.0)).to_row()
# What a model answers by, beside its weights; cards and manifests may change.
ANSWERING = (SPEC, CALIBRATION, "config.json", "tokenizer.json")
WEIGHTS = (".onnx", ".data", ".safetensors", ".xml", ".bin")
# Pairs that are tokenized and sorted together: bounds the memory of a stream.
WINDOW = 4096


class StanceModel:
    """A loaded model. Safe to share between threads: nothing changes after loading."""

    def __init__(self, folder: Path, spec: ModelSpec, scorer: Scorer) -> None:
        self.folder = folder
        self.spec = spec
        self.scorer = scorer
        self.held = Held.read(folder)
        self.tokenizer = tokenizer_of(folder, spec)

    @cached_property
    def identity(self) -> str:
        """A hash over all that its answers depend on: its files, and the way it is run."""
        return hashlib.sha256(f"{self.scorer.name} {answering_hash(self.folder)}".encode()).hexdigest()

    def predict(self, statements: Sequence[str], proposals: Sequence[str]) -> list[Prediction]:
        """Every statement against every proposal: len(statements) x len(proposals) answers, statement by statement.

        Ids are the positions in the two lists, counted from 1.
        """
        if isinstance(statements, str) or isinstance(proposals, str):
            raise StancekitError(
                "predict takes lists, and a text is a list of letters", fix="put it into a list: predict([text], [proposal])"
            )
        asked = [Proposal(str(number), text) for number, text in enumerate(proposals, 1)]
        given = (Statement(str(number), text) for number, text in enumerate(statements, 1))
        return list(self.predict_records((statement, proposal) for statement in given for proposal in asked))

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Prediction]:
        """One answer a (statement, proposal), in order. Ids are the positions, counted from 1."""
        return list(self.predict_many(pairs))

    def predict_many(self, pairs: Iterable[Pair]) -> Iterator[Prediction]:
        """The same as a stream: memory does not grow with the number of pairs. Raises StancekitError for empty texts."""
        numbered = ((Statement(str(number), text), Proposal(str(number), proposal)) for number, (text, proposal) in enumerate(pairs, 1))
        return self.predict_records(numbered)

    def predict_records(self, pairs: Iterable[tuple[Statement, Proposal]], advance: Advance | None = None) -> Iterator[Prediction]:
        """The stream that all others come from; statements keep their ids, sources and offsets."""
        stream = iter(pairs)
        while window := list(islice(stream, WINDOW)):
            for statement, _ in window:
                if not statement.text.strip():
                    raise StancekitError(f"statement {statement.id} is empty", fix="leave empty statements out")
            probabilities = self.probabilities([(statement.text, proposal.text) for statement, proposal in window], advance)
            for (statement, proposal), row in zip(window, probabilities, strict=True):
                yield prediction(statement, proposal, row)

    def probabilities(self, pairs: Sequence[Pair], advance: Advance | None = None) -> FloatArray:
        """Shape (len(pairs), 3), rows sum to 1, columns in the order of STANCES. Calibrated where the model knows how."""
        return self.calibrated(self.uncalibrated(pairs, advance))

    def uncalibrated(self, pairs: Sequence[Pair], advance: Advance | None = None) -> FloatArray:
        """The same as the network gives them, without calibration."""
        return softmax(self.logits(pairs, advance))

    def calibrated(self, probabilities: FloatArray) -> FloatArray:
        """What calibration makes of the network's probabilities; both of shape (n, 3)."""
        return probabilities if self.held is None or self.held.calibrator is None else self.held.calibrator.apply(probabilities)

    def logits(self, pairs: Sequence[Pair], advance: Advance | None = None) -> FloatArray:
        """Shape (len(pairs), 3). Raises StancekitError for an empty statement, and for an empty or overlong proposal."""
        for number, (statement, _) in enumerate(pairs, 1):
            if not statement.strip():
                raise StancekitError(f"statement {number} is empty", fix="leave empty statements out")
        self.tokenizer.check_proposals(proposal for _, proposal in pairs)
        return score(self.scorer, self.tokenizer, pairs, advance)


def answering_hash(folder: Path) -> str:
    """Over the files of a model folder that answers depend on, by their content: a copy elsewhere has the same."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name in ANSWERING or (path.suffix in WEIGHTS and path.name != SEEN):
            digest.update(f"{path.name} {sha256(path)} ".encode())
    return digest.hexdigest()


def tokenizer_of(folder: Path, spec: ModelSpec) -> PairTokenizer:
    """The tokenizer of a model folder, without the model. Raises StancekitError."""
    return PairTokenizer.of_folder(folder, spec.max_length, spec.pad_id, spec.inputs)


def load(path: str | Path, device: str = "auto", precision: str | None = None, threads: int | None = None) -> StanceModel:
    """Load a finished run, a bundle, or `base`, the model that ships.

    device: auto, cpu, cuda or mps. On the CPU a bundle's ONNX form, int8 or float32, or OpenVINO's is used where it has
    one, without importing torch.
    precision: auto, fp32, fp16 or bf16, for torch alone; None is exact on the CPU and the best there is on others.
    threads: batches that ONNX Runtime or OpenVINO has at work at a time, a core to each; None for every core there is.
    Raises StancekitError when `path` is neither, or unfinished, or of a later format, or the device or an extra is not there.
    """
    folder = model_folder(Path(path))
    spec = ModelSpec.read(folder)
    warn_of_force(folder)
    if (folder / INT8).is_file():
        _only_on_cpu(folder, "int8 weights", device, precision)
        return StanceModel(folder, spec, _int8(folder, threads))
    if (folder / OPENVINO).is_file():
        _only_on_cpu(folder, "weights for OpenVINO", device, precision)
        return StanceModel(folder, spec, openvino_scorer(folder / OPENVINO, threads))
    if device == "auto" and (not cuda_may_be_there() or resolve_device("auto") == "cpu"):
        device = "cpu"
    if device == "cpu" and precision is None and (folder / ONNX).is_file():
        return StanceModel(folder, spec, OnnxScorer(folder / ONNX, threads))
    return StanceModel(folder, spec, TorchScorer(folder, device, precision))


def _int8(folder: Path, threads: int | None) -> Scorer:
    quick = OnnxScorer(folder / INT8, threads)
    below = float(quick.told.get(SECOND_LOOK, 0.0))
    return SecondLook(quick, OnnxScorer(folder / ONNX, threads), below) if below else quick


def _only_on_cpu(folder: Path, what: str, device: str, precision: str | None) -> None:
    if device not in ("auto", "cpu") or precision is not None:
        asked = f"device {device!r}" if precision is None else f"precision {precision!r}"
        raise StancekitError(
            f"{folder} holds {what}, which run on the CPU alone and as they are, not with {asked}",
            fix="leave that out, or export its run with --format onnx or safetensors",
        )


def model_folder(path: Path) -> Path:
    """The folder that holds the weights: a bundle's own, a run's checkpoint, the package's for `base`. Raises StancekitError."""
    path = named_model(path)
    refuse_family(path)
    if not path.is_dir():
        raise StancekitError(f"{path} is not a folder", fix="name a run (stancekit train), a bundle (stancekit export), or base")
    if (path / "training").is_dir() and stage_of(path) is None:
        raise StancekitError(f"{path} is a run that has not finished", fix="finish it with `stancekit train CONFIG --resume`")
    return path / "checkpoint" if stage_of(path) == "train" else path


def prediction(statement: Statement, proposal: Proposal, row: FloatArray) -> Prediction:
    """The answer to one pair out of its probabilities, shape (3,)."""
    # The stance is read off the rounded numbers: whoever takes their largest must come to the same answer.
    rounded = row.round(DECIMALS)
    best = int(np.argmax(rounded))
    return Prediction(
        statement_id=statement.id,
        statement=statement.text,
        proposal_id=proposal.id,
        proposal=proposal.text,
        stance=STANCES[best],
        confidence=float(rounded[best]),
        probabilities={stance.value: float(rounded[stance.label_id]) for stance in STANCES},
        source=statement.source,
        start=statement.start,
        end=statement.end,
    )
