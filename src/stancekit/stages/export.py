"""`stancekit export`: a finished run as a bundle that can be shipped, checked against the run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.export.card import model_card
from stancekit.export.gate import HALF_PRECISION, LARGEST_DIFFERENCE, ROWS, compare, refuse
from stancekit.export.onnx import write_onnx
from stancekit.export.seeds import all_seeds
from stancekit.export.sets import taught_by, trained_sets
from stancekit.files import atomic_folder, write_json, write_text
from stancekit.inference.held import Held
from stancekit.inference.model import StanceModel, load
from stancekit.inference.scorers import ONNX, OnnxScorer, TorchScorer
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import Receipt, refuse_foreign, stage_of
from stancekit.modeling.checkpoint import load_model, save_model
from stancekit.modeling.compact import write_compact
from stancekit.modeling.family import refuse_family
from stancekit.modeling.pairs import Pair
from stancekit.modeling.provenance import WEIGHTS, seen_by, sources_of, validated_on, weights_sha256
from stancekit.modeling.spec import ModelSpec
from stancekit.progress import progress
from stancekit.training.folder import CHECKPOINT, METRICS

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Format = Literal["onnx", "safetensors", "compact"]
STEPS = 3


def export(
    run: Path,
    output: Path,
    form: Format = "onnx",
    rows: Path | None = None,
    evaluation: Path | None = None,
    licence: str = "other",
    seen: bool = False,
) -> dict[str, Any]:
    """Write a bundle to `output` and return the gate's report (empty for safetensors alone).

    form: `onnx` writes safetensors and ONNX, `safetensors` leaves ONNX out, `compact` keeps only what sets the model apart
    from the embedded encoder, in half precision. rows: examples to check the export on, the run's validation set if not
    given. evaluation: a metrics.json for the card. seen: hashes of the texts it learned from go with it. Raises
    StancekitError when `run` is no finished run, and Refusal, writing nothing, when the logits are off.
    """
    from transformers import AutoTokenizer

    manifest, metrics = _run(run)
    refuse_foreign(output, "export")
    judged = None if evaluation is None else _evaluation(evaluation, run / CHECKPOINT, manifest["seed"])
    seeds = all_seeds(run, manifest["seed"], metrics["validation"]["macro_f1"], judged)
    pairs = _pairs(run, rows, manifest) if form != "safetensors" else []
    inputs = [run / MANIFEST, *(path for path in (rows, evaluation) if path is not None)]
    receipt = Receipt("export", {"run": str(run), "format": form, "licence": licence}, inputs, manifest["seed"])
    spec, sets, teachers = ModelSpec.read(run / CHECKPOINT), trained_sets(run), taught_by(run)
    held, hashes = Held.read(run / CHECKPOINT), _hashes(run) if seen else None
    metrics["calibration"] = None if held is None or held.calibrator is None else held.calibrator.to_row()
    with progress("exporting", STEPS) as advance, atomic_folder(output) as scratch:
        model = load_model(run / CHECKPOINT)
        save_model(scratch, model, AutoTokenizer.from_pretrained(run / CHECKPOINT, use_fast=True), spec)
        _keep(scratch, held, hashes)
        advance()
        gate = _checked(form, run, model, scratch, pairs) if form != "safetensors" else {}
        advance()
        write_text(scratch / "README.md", model_card(spec, manifest, metrics, judged, licence, form, sets, teachers, seeds))
        about = {"gate": gate, "verdict": None if judged is None else judged["verdict"], "recipe": manifest["settings"]}
        receipt.write(scratch, **_learned(run), teachers=teachers, sets=sets, seeds=seeds, **about)
        advance()
    return gate


def _learned(run: Path) -> dict[str, Any]:
    return {"trained_on": sources_of(run), "validated_on": validated_on(run)}


def _keep(folder: Path, held: Held | None, hashes: Seen | None) -> None:
    for one in (held, hashes):
        if one is not None:
            one.write(folder)


def _run(run: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    refuse_family(run)
    if stage_of(run) != "train":
        raise StancekitError(f"{run} is not a finished run", fix="name the output folder of `stancekit train`")
    return _json(run / MANIFEST), _json(run / METRICS)


def _hashes(run: Path) -> Seen:
    seen, unknown = seen_by(run)
    if unknown:
        fault = f"{unknown[0]}: the files that it was trained on are not all here, or changed since"
        raise StancekitError(fault, fix="export without --seen")
    return seen


def _evaluation(path: Path, checkpoint: Path, seed: int) -> dict[str, Any]:
    # Its verdict goes into the card and onto every page read with this bundle: it must be of this very model.
    judged, weights = _json(path), weights_sha256(checkpoint)
    if "weights_sha256" not in judged:
        raise StancekitError(f"{path} is not an evaluation", fix="name the metrics.json that `stancekit evaluate RUN DATA --output` wrote")
    if judged["weights_sha256"] != weights and judged.get("weights_by_seed", {}).get(str(seed)) != weights:
        fix = f"evaluate this run: stancekit evaluate {checkpoint.parent} DATA --output FOLDER"
        raise StancekitError(f"{path} judges another model", fix=fix)
    return judged if judged["weights_sha256"] == weights else {**judged, "verdict": f"This is seed {seed}. {judged['verdict']}"}


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StancekitError(f"{path} cannot be read as JSON", fix="check the path") from fault
    return content


def _pairs(run: Path, rows: Path | None, manifest: dict[str, Any]) -> list[Pair]:
    path = rows if rows is not None else Path(manifest["settings"]["data"]["validation"])
    if not path.is_file():
        raise StancekitError(f"the rows to check the export on are not here: {path}", fix="name an examples file with --rows")
    examples = read_examples(path)
    # Spread over the file, so that more than its first articles are seen.
    chosen = np.linspace(0, len(examples) - 1, min(ROWS, len(examples))).astype(int).tolist()
    return [(examples[index].statement, examples[index].proposal) for index in chosen]


def _checked(form: Format, run: Path, model: "PreTrainedModel", scratch: Path, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Turn the safetensors bundle in `scratch` into its other form, and compare that with the run."""
    spec = ModelSpec.read(scratch)
    if form == "onnx":
        write_onnx(scratch / ONNX, model, spec)
        exported, limit = StanceModel(scratch, spec, OnnxScorer(scratch / ONNX)), LARGEST_DIFFERENCE
    else:
        write_compact(scratch, model)
        (scratch / WEIGHTS).unlink()
        exported, limit = StanceModel(scratch, spec, TorchScorer(scratch)), HALF_PRECISION
    report = {"form": form, **compare(pairs, load(run, device="cpu").logits(pairs), exported.logits(pairs), limit)}
    refuse(report, form)
    write_json(scratch / "gate.json", report)
    return report
