"""What a model answered on the rows it was validated on, kept beside its weights: its confidence is calibrated by them.

The same answers give thresholds for a promised precision and sets of a promised coverage, whatever is promised later.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stancekit.errors import StancekitError
from stancekit.files import read_text, write_text
from stancekit.inference.calibration import Calibrator, Method, calibrator, fit
from stancekit.inference.scorers import FloatArray
from stancekit.modeling.pairs import IntArray
from stancekit.records import DECIMALS
from stancekit.stance import STANCES

NAME = "calibration.json"
# What a logarithm needs, and more than predictions are written with.
KEPT_DECIMALS = 12
# On fewer rows a model is often right every time, or wrong by chance alone, and confidence would go to an extreme.
LEAST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Held:
    """Answers to rows held out of the training, and the map fitted on them.

    probabilities: uncalibrated, shape (n, 3). gold: shape (n,), label ids. calibrator: None where confidence is left as it is.
    """

    probabilities: FloatArray
    gold: IntArray
    calibrator: Calibrator | None

    @classmethod
    def of(cls, probabilities: FloatArray, gold: IntArray, method: Method | None) -> "Held":
        """Round the answers as they will be kept, and fit a map on them. method: None fits none, nor do fewer than 100 rows."""
        kept = probabilities.round(KEPT_DECIMALS)
        return cls(kept, gold, None if method is None or len(gold) < LEAST_ROWS else fit(method, kept, gold))

    @property
    def calibrated(self) -> FloatArray:
        """The answers after calibration, shape (n, 3), rounded as those to other rows are: limits fitted on them must hold there."""
        given = self.probabilities if self.calibrator is None else self.calibrator.apply(self.probabilities)
        return given.round(DECIMALS)

    def write(self, folder: Path) -> None:
        """Write `calibration.json` into `folder`."""
        fitted = None if self.calibrator is None else self.calibrator.to_row()
        answers = {"labels": list(STANCES), "gold": self.gold.tolist(), "probabilities": self.probabilities.tolist()}
        # On one line: indented, every number would have its own.
        write_text(folder / NAME, json.dumps({"calibration": fitted, "validation": answers}, allow_nan=False) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Held | None":
        """What `write` left in a model's folder, None where nothing is. Raises StancekitError for a damaged file."""
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            content = json.loads(read_text(path))
            answers, fitted = content["validation"], content["calibration"]
            probabilities, gold = np.array(answers["probabilities"], dtype=np.float64), np.array(answers["gold"], dtype=np.int64)
            if probabilities.shape != (len(gold), len(STANCES)) or answers["labels"] != list(STANCES):
                raise ValueError(f"answers of shape {probabilities.shape}")
            return cls(probabilities, gold, None if fitted is None else calibrator(fitted))
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise StancekitError(f"{path} is damaged", fix="train or export the model again; a copy may be cut short") from fault
