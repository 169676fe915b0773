"""The check that an export answers as its run does, on real rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancekit.errors import Refusal
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import Pair
from stancekit.stance import STANCES

LARGEST_DIFFERENCE = 1e-4
# float16 keeps 11 bits of a weight.
HALF_PRECISION = 0.05
ROWS = 256


def compare(pairs: Sequence[Pair], ours: FloatArray, exported: FloatArray, limit: float = LARGEST_DIFFERENCE) -> dict[str, Any]:
    """The gate's report. ours, exported: logits of shape (n, 3) for the same pairs. Raises ValueError when n is 0."""
    if not len(pairs):
        raise ValueError("nothing to compare on")
    before, after = ours.argmax(axis=-1), exported.argmax(axis=-1)
    flips = [
        {
            "statement": pairs[row][0],
            "proposal": pairs[row][1],
            "run": STANCES[int(before[row])].value,
            "export": STANCES[int(after[row])].value,
        }
        for row in np.flatnonzero(before != after).tolist()
    ]
    # Not-a-number must not pass: every comparison with it is false.
    difference = float(np.abs(ours - exported).max()) if np.isfinite(exported).all() else None
    passed = difference is not None and difference <= limit
    return {"passed": passed, "rows": len(pairs), "largest_logit_difference": difference, "limit": limit, "flipped": flips}


def refuse(report: dict[str, Any], form: str) -> None:
    """Raise Refusal unless the gate's report says passed. form: what was compared."""
    if not report["passed"]:
        raise Refusal(
            f"the {form} form was not exported: its logits differ from the run's by up to {report['largest_logit_difference']} "
            f"on {report['rows']} rows (limit {report['limit']}), {len(report['flipped'])} labels flipped",
            fix="export with --format safetensors, or use another version of torch or onnxruntime",
        )
