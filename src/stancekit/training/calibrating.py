"""The last step of a training: its answers to the validation rows, kept with the weights, and what calibrates them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stancekit.inference.calibration import Method
from stancekit.inference.held import Held
from stancekit.inference.model import StanceModel
from stancekit.inference.scorers import TorchScorer
from stancekit.modeling.devices import Device
from stancekit.modeling.spec import ModelSpec
from stancekit.progress import progress
from stancekit.records import Example


def calibrate(
    folder: Path, spec: ModelSpec, validation: Sequence[Example], method: Method | Literal["none"], device: Device
) -> dict[str, Any] | None:
    """Ask the model in `folder` the validation rows and write `calibration.json` beside it; what was fitted, as JSON values.

    The rows that chose the checkpoint are a little easier for it than new ones, so that confidence stays a little too high.
    """
    model = StanceModel(folder, spec, TorchScorer(folder, device))
    with progress("calibrating", len(validation)) as advance:
        probabilities = model.uncalibrated([(one.statement, one.proposal) for one in validation], advance)
    gold = np.array([one.stance.label_id for one in validation], dtype=np.int64)
    held = Held.of(probabilities, gold, None if method == "none" else method)
    held.write(folder)
    return None if held.calibrator is None else held.calibrator.to_row()
