"""The gate: how a bundle's answers differ from its run's on held rows, and what that costs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from stancekit.config import IntervalConfig
from stancekit.data.ties import resampling_units
from stancekit.errors import Refusal
from stancekit.evaluation.comparison import difference
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import FloatArray, indices, macro_f1
from stancekit.evaluation.reliability import expected_calibration_error
from stancekit.export.flips import flipped, shifts
from stancekit.inference.engine import softmax
from stancekit.inference.held import Held
from stancekit.inference.scorers import lead
from stancekit.records import DECIMALS, Example
from stancekit.shares import Interval, wilson


class Moved(NamedTuple):
    """Where every row was and how far it moved, for the page: the run's margin, the largest move of a logit, whether it flipped."""

    margin: float
    shift: float
    flipped: bool


def compare(
    examples: Sequence[Example], ours: FloatArray, exported: FloatArray, held: Held | None, intervals: IntervalConfig
) -> dict[str, Any]:
    """What gate.json says of answers. ours, exported: logits of the run and of its bundle for these rows, shape (n, 3).

    held: the calibration that both have, so that flips and confidences are those that a user sees. Differences are the bundle's minus
    the run's. Raises ValueError when n is 0, and Refusal for logits that are no numbers.
    """
    if not len(examples):
        raise ValueError("nothing to compare on")
    _refuse_nothings(exported)
    gold = indices([example.stance for example in examples])
    probabilities = _calibrated(ours, held), _calibrated(exported, held)
    before, after = (np.asarray(one.argmax(axis=1), dtype=np.int64) for one in probabilities)
    units = resampling_units(examples)
    bootstrap = Bootstrap(intervals.resamples, intervals.level, intervals.seed)
    resampling = bootstrap.over(units.numbers)
    flips = flipped(examples, (ours, exported), probabilities)
    score = difference(macro_f1, gold, before, after, resampling, name="macro_f1")
    run_error, its_error = (expected_calibration_error(one, gold) for one in probabilities)
    error_change = run_error.change(its_error, resampling)
    return {
        "rows": len(examples),
        "proposals": len({example.proposal for example in examples}),
        "clusters": resampling.draws.shape[1],
        "interval": bootstrap.told(units.words),
        "largest_logit_difference": float(np.abs(ours - exported).max()),
        "flips": {"count": len(flips), "share": wilson(len(flips), len(examples), intervals.level).to_row()},
        "macro_f1": _change(score.first, score.second, score.change),
        "ece": _change(run_error.value(), its_error.value(), error_change),
        "flipped": flips,
    }


def movements(ours: FloatArray, exported: FloatArray, held: Held | None) -> list[Moved]:
    """How every row moved, in order. Both of shape (n, 3)."""
    turned = _calibrated(ours, held).argmax(axis=1) != _calibrated(exported, held).argmax(axis=1)
    return [Moved(*row) for row in zip(lead(ours).tolist(), shifts(ours, exported).tolist(), turned.tolist(), strict=True)]


def _refuse_nothings(logits: FloatArray) -> None:
    # Every comparison with not-a-number is false, so that such answers would be within any limit.
    nothings = int((~np.isfinite(logits).all(axis=1)).sum())
    if nothings:
        raise Refusal(
            f"the bundle was not written: its logits for {nothings} of {len(logits)} rows are no numbers, and no --force helps that",
            fix="export with --format safetensors, or use another version of torch or onnxruntime",
        )


def _calibrated(logits: FloatArray, held: Held | None) -> FloatArray:
    given = softmax(logits)
    # Rounded as answers are: whoever takes the largest of those must come to the same stance.
    return (given if held is None or held.calibrator is None else held.calibrator.apply(given)).round(DECIMALS)


def _change(run: float, export: float, change: Interval) -> dict[str, Any]:
    return {"run": round(run, 6), "export": round(export, 6), "change": change.to_row()}
