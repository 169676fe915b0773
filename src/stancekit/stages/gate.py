"""The gate of `stancekit export`: a bundle about to be written, held against its run."""

from pathlib import Path
from typing import Any

from stancekit.config import FormLimits, GateConfig
from stancekit.export.forms import FILES, Form
from stancekit.export.gate import compare, movements
from stancekit.export.limits import checks, doubts, refuse
from stancekit.export.measuring import measure
from stancekit.export.rows import HeldRows
from stancekit.files import write_json, write_text
from stancekit.inference.forced import GATE
from stancekit.inference.held import Held
from stancekit.inference.model import load, model_folder
from stancekit.modeling.provenance import weights_file
from stancekit.reports.gate import gate_page

PAGE = "gate.html"


def gated(form: Form, run: Path, bundle: Path, rows: HeldRows, config: GateConfig, held: Held | None, force: bool) -> dict[str, Any]:
    """Compare the bundle with the run it came from, and write gate.json and gate.html into it; what gate.json holds.

    bundle: a folder with all that answers in it. held: the calibration of both. Raises Refusal where it is over a limit, unless `force`.
    """
    key, limits = limits_of(form, config)
    ours, exported = load(run, "cpu").logits(rows.pairs), load(bundle, "cpu").logits(rows.pairs)
    data = {"path": str(rows.path), "of": rows.of, "calibrated_on": len(rows.calibration), "calibration_apart": rows.apart}
    sizes = {"run": _megabytes(weights_file(model_folder(run))), "export": _megabytes(*(bundle / name for name in FILES[form]))}
    found = compare(rows.examples, ours, exported, held, config.intervals)
    report = _judged({"form": form, "data": data, **found, "size_mb": sizes, "measured": None}, limits, force)
    if not force:
        # Before speeds are measured, which takes longer.
        refuse(report, key)
    if config.speed.turns:
        report = _judged({**report, "measured": measure({"run": run, "export": bundle}, rows.pairs, config.speed)}, limits, force)
        if not force:
            refuse(report, key)
    write_json(bundle / GATE, report)
    write_text(bundle / PAGE, gate_page(report, movements(ours, exported, held)))
    return report


def limits_of(form: Form, config: GateConfig) -> tuple[str, FormLimits]:
    """The limits of a form, and their name under [limits]."""
    limits = config.limits
    by_form: dict[Form, FormLimits] = {
        "onnx": limits.onnx,
        "onnx-int8": limits.int8,
        "openvino": limits.openvino,
        "compact": limits.compact,
    }
    return "int8" if form == "onnx-int8" else form, by_form[form]


def _judged(report: dict[str, Any], limits: FormLimits, force: bool) -> dict[str, Any]:
    made = checks(report, limits)
    broken = [check.told() for check in made if not check.passed]
    verdict = {
        "form": report["form"],
        "passed": not broken,
        "forced": bool(broken) and force,
        "broken": broken,
        "doubts": doubts(report, made),
        "checks": [check.to_row() for check in made],
    }
    # The sentences stand last, below all numbers.
    return {**verdict, **{name: value for name, value in report.items() if name not in (*verdict, "flipped")}, "flipped": report["flipped"]}


def _megabytes(*paths: Path) -> float:
    return round(sum(path.stat().st_size for path in paths) / 1e6, 3)
