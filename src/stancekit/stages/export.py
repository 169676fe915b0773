"""`stancekit export`: a finished run as a bundle that can be shipped, checked against the run."""

import json
from pathlib import Path
from typing import Any

from stancekit.config import GateConfig
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.export.card import model_card
from stancekit.export.forms import CALIBRATED, Form, check_form, write_form
from stancekit.export.rows import HeldRows, held_rows
from stancekit.export.seeds import all_seeds
from stancekit.export.sets import taught_by, trained_sets
from stancekit.files import atomic_folder, write_text
from stancekit.inference.held import Held
from stancekit.manifest import NAME as MANIFEST
from stancekit.manifest import Receipt, refuse_foreign, stage_of
from stancekit.modeling.checkpoint import load_model, save_model
from stancekit.modeling.family import refuse_family
from stancekit.modeling.provenance import seen_by, sources_of, validated_on, weights_sha256
from stancekit.modeling.spec import FORMAT, ModelSpec
from stancekit.progress import progress
from stancekit.stages.gate import gated
from stancekit.training.folder import CHECKPOINT, METRICS

STEPS = 3


def export(
    run: Path,
    output: Path,
    form: Form = "onnx",
    rows: Path | None = None,
    evaluation: Path | None = None,
    licence: str = "other",
    seen: bool = False,
    gate: GateConfig | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Write a bundle to `output` and return the gate's report (empty for safetensors alone, which are the run's own).

    form: `onnx` writes safetensors and ONNX, `safetensors` leaves ONNX out, `onnx-int8` and `openvino` leave safetensors out, `compact`
    keeps only what sets the model apart from the embedded encoder, in half precision. rows: examples to check the export on, the run's
    validation set if not given. evaluation: a metrics.json for the card. seen: hashes of its texts go with it. gate: the built-in one if
    None. Raises StancekitError when `run` is no finished run, and Refusal, writing nothing, over a limit; force writes it and marks it.
    """
    _refuse(form, output)
    manifest, metrics = _run(run)
    judged = None if evaluation is None else _evaluation(evaluation, run / CHECKPOINT, manifest["seed"])
    seeds = all_seeds(run, manifest["seed"], metrics["validation"]["macro_f1"], judged)
    config = gate or GateConfig()
    compared = None if form == "safetensors" else held_rows(rows, _validation(manifest), config.rows, form in CALIBRATED)
    settings = {"run": str(run), "format": form, "licence": licence, "gate": config.model_dump(mode="json"), "force": force}
    receipt = Receipt("export", settings, [run / MANIFEST, *filter(None, (rows, evaluation))], manifest["seed"])
    spec, sets, teachers = ModelSpec.read(run / CHECKPOINT), trained_sets(run), taught_by(run)
    held, hashes = Held.read(run / CHECKPOINT), _hashes(run) if seen else None
    metrics["calibration"] = None if held is None or held.calibrator is None else held.calibrator.to_row()
    with progress("exporting", STEPS) as advance, atomic_folder(output) as scratch:
        _write_model(form, run, scratch, spec, compared)
        _keep(scratch, held, hashes)
        advance()
        report = {} if compared is None else gated(form, run, scratch, compared, config, held, force)
        advance()
        write_text(scratch / "README.md", model_card(spec, manifest, metrics, judged, licence, form, sets, teachers, seeds, report))
        about = {"gate": _kept(report), "verdict": None if judged is None else judged["verdict"], "recipe": manifest["settings"]}
        receipt.write(scratch, format=FORMAT, **_learned(run), teachers=teachers, sets=sets, seeds=seeds, **about)
        advance()
    return report


def _refuse(form: Form, output: Path) -> None:
    check_form(form)
    refuse_foreign(output, "export")


def _write_model(form: Form, run: Path, folder: Path, spec: ModelSpec, rows: HeldRows | None) -> None:
    from transformers import AutoTokenizer

    model = load_model(run / CHECKPOINT)
    save_model(folder, model, AutoTokenizer.from_pretrained(run / CHECKPOINT, use_fast=True), spec)
    write_form(form, folder, model, [] if rows is None else rows.calibration)


def _kept(report: dict[str, Any]) -> dict[str, Any]:
    # Sentences stand in gate.json, beside this manifest.
    return {name: value for name, value in report.items() if name != "flipped"}


def _validation(manifest: dict[str, Any]) -> Path:
    return Path(manifest["settings"]["data"]["validation"])


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
