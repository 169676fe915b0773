"""What `inference_speed.py` compares: the peers as their users run them, and stancekit in every form that it exports.

`pip install sentence-transformers openvino nncf` brings all peers; those that are not installed are skipped, and the results say so.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np

from int8_flips import write_plain_int8
from stancekit import load
from stancekit.errors import StancekitError
from stancekit.export.forms import Form, check_form, tokenized, write_form
from stancekit.inference.held import NAME as CALIBRATION
from stancekit.inference.openvino import library
from stancekit.inference.scorers import ONNX, FloatArray
from stancekit.modeling.checkpoint import load_model, save_model
from stancekit.modeling.libraries import quiet_libraries, silent_exporters
from stancekit.modeling.pairs import IntArray, Pair
from stancekit.modeling.spec import ModelSpec
from stancekit.stance import STANCES

PIPELINE, CROSS_ENCODER = "transformers pipeline", "CrossEncoder.predict"
FORMS: tuple[Form, ...] = get_args(Form)
# Compact weights are those of `safetensors` once they are loaded: they answer as fast, and start otherwise.
TIMED = tuple(form for form in FORMS if form != "compact")
# float32 by torch, which all answers are compared with.
TRUTH = "stancekit safetensors"
# Pairs a batch of the peers, in the order that they come in.
BATCH = 32

Logits = Callable[[Sequence[Pair]], FloatArray]


class Arm(NamedTuple):
    """One way to answer pairs. run: as its users do, which is timed. logits: shape (n, 3), columns in the order of STANCES."""

    run: Callable[[Sequence[Pair]], object]
    logits: Logits


class Bundles:
    """A model in the forms of `stancekit export`, each made when it is first asked for.

    source: a model folder. looked_at: pairs that quantization may look at.
    """

    def __init__(self, source: Path, folder: Path, looked_at: Sequence[Pair]) -> None:
        self.source, self.folder, self.looked_at = source, folder, looked_at
        self.spec = ModelSpec.read(source)
        self._made: dict[Form, Path] = {}

    def of(self, form: Form) -> Path:
        """The bundle's folder. Raises StancekitError for a model that has no such form."""
        if form not in self._made:
            self._made[form] = self._write(form)
        return self._made[form]

    def _write(self, form: Form) -> Path:
        from transformers import AutoTokenizer

        print(f"making the bundle {form}", flush=True)
        check_form(form)
        bundle, model = self.folder / form, load_model(self.source)
        bundle.mkdir(parents=True)
        save_model(bundle, model, AutoTokenizer.from_pretrained(self.source, use_fast=True), self.spec)
        if (self.source / CALIBRATION).is_file():
            shutil.copy(self.source / CALIBRATION, bundle)
        write_form(form, bundle, model, self.looked_at)
        return bundle


def by_pipeline(bundles: Bundles) -> Arm:
    """transformers' own pipeline, batched."""
    from transformers import pipeline

    with quiet_libraries():
        judge = pipeline("text-classification", model=str(bundles.of("safetensors")), device="cpu")

    def run(pairs: Sequence[Pair], **asked: Any) -> Any:
        rows = [{"text": statement, "text_pair": proposal} for statement, proposal in pairs]
        with quiet_libraries():
            return judge(rows, batch_size=BATCH, truncation="only_first", **asked)

    def logits(pairs: Sequence[Pair]) -> FloatArray:
        answers = run(pairs, top_k=None, function_to_apply="none")
        scores = [{one["label"]: one["score"] for one in answer} for answer in answers]
        return np.array([[row[stance.value] for stance in STANCES] for row in scores], dtype=np.float64)

    return Arm(run, logits)


def by_cross_encoder(bundles: Bundles) -> Arm:
    """The CrossEncoder of sentence-transformers; with three labels it gives logits."""
    from sentence_transformers import CrossEncoder

    with quiet_libraries():
        judge = CrossEncoder(str(bundles.of("safetensors")), device="cpu")

    def run(pairs: Sequence[Pair]) -> FloatArray:
        return np.asarray(judge.predict(list(pairs), batch_size=BATCH, show_progress_bar=False), dtype=np.float64)

    return Arm(run, run)


def by_onnxruntime(bundles: Bundles, int8: bool) -> Arm:
    """A session without options of ours on our graph, or on what onnxruntime's dynamic quantization makes of it."""
    import onnxruntime as ort

    graph = bundles.of("onnx") / ONNX
    if int8:
        graph, source = bundles.folder / "plain.onnx", graph
        with silent_exporters():
            write_plain_int8(graph, source)
    session = ort.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    return _batched(bundles, lambda inputs: np.asarray(session.run(["logits"], dict(inputs))[0]))


def by_openvino(bundles: Bundles, precision: str, int8: bool = False) -> Arm:
    """OpenVINO on our graph. precision: f32 or bf16, for what is not int8. int8: quantized after training by NNCF."""
    core = library().Core()
    network = core.read_model(bundles.of("onnx") / ONNX)
    if int8:
        network = _by_nncf(network, bundles)
    compiled = core.compile_model(network, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()
    return _batched(bundles, lambda inputs: np.array(request.infer(dict(inputs))[0]))


def _by_nncf(network: Any, bundles: Bundles) -> Any:
    import nncf

    rows = tokenized(bundles.source, bundles.spec, bundles.looked_at)
    # One by one: padding is nothing that a scale should fit.
    single = [{name: array[row : row + 1] for name, array in batch.items()} for batch in rows for row in range(len(batch["input_ids"]))]
    with silent_exporters():
        return nncf.quantize(network, nncf.Dataset(single), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(single))


def _batched(bundles: Bundles, forward: Callable[[Mapping[str, IntArray]], Any]) -> Arm:
    """Batches of BATCH as they come, tokenized by transformers."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(bundles.of("safetensors"), use_fast=True)

    def run(pairs: Sequence[Pair]) -> FloatArray:
        answers = []
        for start in range(0, len(pairs), BATCH):
            statements, proposals = map(list, zip(*pairs[start : start + BATCH], strict=True))
            inputs = tokenizer(statements, proposals, padding=True, truncation="only_first", return_tensors="np")
            answers.append(forward({name: inputs[name].astype(np.int64) for name in bundles.spec.inputs}))
        return np.concatenate(answers).astype(np.float64)

    return Arm(run, run)


def by_stancekit(bundles: Bundles, form: Form) -> Arm:
    """A bundle as `load` gives it on the CPU."""
    model = load(bundles.of(form), "cpu")
    return Arm(model.predict_pairs, model.logits)


def makers() -> dict[str, Callable[[Bundles], Arm]]:
    """All arms by their names, in the order of their turns."""
    from stancekit.modeling.devices import cpu_multiplies_bf16

    bf16 = {"OpenVINO bf16": partial(by_openvino, precision="bf16")} if cpu_multiplies_bf16() else {}
    return {
        PIPELINE: by_pipeline,
        CROSS_ENCODER: by_cross_encoder,
        "ONNX Runtime fp32": partial(by_onnxruntime, int8=False),
        "ONNX Runtime int8, dynamic": partial(by_onnxruntime, int8=True),
        "OpenVINO fp32": partial(by_openvino, precision="f32"),
        **bf16,
        "OpenVINO int8, NNCF": partial(by_openvino, precision="f32", int8=True),
        **{f"stancekit {form}": partial(by_stancekit, form=form) for form in TIMED},
    }


def made(bundles: Bundles) -> tuple[dict[str, Arm], dict[str, str]]:
    """The arms that there can be, and why others cannot."""
    arms: dict[str, Arm] = {}
    skipped: dict[str, str] = {}
    for name, make in makers().items():
        try:
            arms[name] = make(bundles)
        except ModuleNotFoundError as fault:
            skipped[name] = f"{fault.name} is not installed"
        except StancekitError as fault:
            skipped[name] = fault.problem
    return arms, skipped
