"""What tests of the gate share: a gate that measures no speed, and made reports for pages."""

from subprocess import CompletedProcess
from typing import Any

import numpy as np
import onnx

from comparisons import example
from stancekit.config import FormLimits, GateConfig, IntervalConfig, SpeedConfig
from stancekit.evaluation.metrics import FloatArray
from stancekit.export.gate import Moved, compare, movements
from stancekit.export.limits import checks, doubts
from stancekit.records import Example
from stancekit.stance import STANCES

INTERVALS = IntervalConfig(resamples=200)
# Two processes that each load a model take seconds.
UNTIMED = GateConfig(intervals=INTERVALS, speed=SpeedConfig(turns=0))
COST = {"scorer": "torch cpu fp32", "load_seconds": 3.21, "pairs_per_second": 412.5, "p50_ms": 6.1, "p95_ms": 8.4, "peak_memory_mib": 655}


def made_logits(rows: int = 400, noise: float = 0.02, text: str = "wood stoves") -> tuple[list[Example], FloatArray, FloatArray]:
    """Labelled rows over proposals of ten, a run's logits that mostly fit them, and the same with noise."""
    rng = np.random.default_rng(5)
    examples = [example(number, f"{text} {number // 10}", STANCES[number % 3], text) for number in range(rows)]
    gold = np.array([one.stance.label_id for one in examples])
    ours = rng.normal(0, 1, (rows, 3)) + 2 * np.eye(3)[gold]
    return examples, ours, ours + rng.normal(0, noise, (rows, 3))


def made_report(
    text: str = "wood stoves", rows: int = 400, noise: float = 0.02, limits: FormLimits | None = None, timed: bool = True
) -> tuple[dict[str, Any], list[Moved]]:
    """The content of gate.json, and how every row moved; forced where it is over a limit."""
    examples, ours, exported = made_logits(rows, noise, text)
    machine = {"system": text, "processor": text, "cores": 2}
    report = {
        "form": "onnx-int8",
        "data": {"path": text, "of": rows * 2, "calibrated_on": 256, "calibration_apart": False},
        **compare(examples, ours, exported, None, INTERVALS),
        "size_mb": {"run": 90.9, "export": 31.4},
        "measured": {"run": COST, "export": COST, "pairs": 200, "turns": 5, "singles": 60, "machine": machine} if timed else None,
    }
    found = checks(report, limits or FormLimits(flips=0.005, macro_f1_loss=0.003))
    broken = [check.told() for check in found if not check.passed]
    rows_of = {"checks": [check.to_row() for check in found], "doubts": doubts(report, found)}
    return {**report, **rows_of, "passed": not broken, "forced": bool(broken), "broken": broken}, movements(ours, exported, None)


def turned_round(graph: Any) -> None:
    """Make an ONNX graph answer the other way round: what it thought likeliest it says is least likely."""
    (last,) = (node for node in graph.graph.node if "logits" in node.output)
    last.output[0] = "turned"
    graph.graph.node.append(onnx.helper.make_node("Neg", ["turned"], ["logits"]))


def assert_refused(done: CompletedProcess[str], form: str, flips: str, section: str) -> None:
    """An export that was refused for its flips, on the twelve validation rows of the tiny data."""
    assert (done.returncode, done.stdout) == (1, "")
    assert f"the {form} form was not exported: on 12 held rows it is over its limits" in done.stderr
    assert "flipped labels " in done.stderr
    assert f", limit {flips} %" in done.stderr
    assert f"allow more (--set limits.{section}." in done.stderr
