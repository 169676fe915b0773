"""What tests of doubtful labels share: made results for pages, and a toy set in which a few labels are turned round."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from conftest import TOPICS
from stancekit.evaluation.doubts import doubt, doubted
from stancekit.evaluation.metrics import indices
from stancekit.evaluation.out_of_fold import doubts_summary
from stancekit.records import Example
from stancekit.stance import STANCES

# A word that tells each stance, said so often that the smallest model hears nothing else.
CUES = {"support": "welcomed", "oppose": "rejected", "neutral": "hearing"}
SAYINGS = ("{0} {0} {0} {1}", "{0} {0} {0} {0} {1}", "{0} {0} {0} {0} {0} {1}", "{1} {0} {0} {0} {0} {0}", "{1} {0} {0} {0} {0}")
TURNED = {"support": "oppose", "oppose": "support", "neutral": "support"}
PLANTED = (3, 40, 77, 100, 133, 150)


def toy_rows(topics: Iterable[str] = TOPICS[:12], planted: Sequence[int] = PLANTED) -> list[dict[str, Any]]:
    """Fifteen rows a topic, five of each stance. planted: rows whose label is turned into another one."""
    rows = [
        {"id": f"{topic}-{stance}-{number}", "statement": saying.format(cue, topic), "proposal": topic, "stance": stance}
        for topic in topics
        for stance, cue in CUES.items()
        for number, saying in enumerate(SAYINGS)
    ]
    for row in planted:
        rows[row]["stance"] = TURNED[rows[row]["stance"]]
    return rows


def made_doubts(text: str = "wood stoves", rows: int = 240, wrong: int = 9) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """doubts.json and the rows of doubts.jsonl: answers that are right and sure, on labels of which the first are wrong."""
    examples = [
        Example(f"{text} {row}", f"{text}, sentence {row}", text, STANCES[row % 3], f"{text} {row % 2}", tags=(text, f"tag {row % 4}"))
        for row in range(rows)
    ]
    said = (np.arange(rows) + (np.arange(rows) < wrong)) % 3
    probabilities = np.full((rows, 3), 0.03)
    probabilities[np.arange(rows), said] = 0.94
    folds = np.arange(rows) % 4 + 1
    order = doubted(probabilities, indices([example.stance for example in examples]))
    summary = doubts_summary(examples, probabilities, order, folds, [rows * 3 // 4] * 4)
    about = [
        {"source": examples[row].source, "tags": examples[row].tags, "where": f"{text}:{row}", "fold": int(folds[row])} for row in order
    ]
    found = [{**doubt(examples[row], probabilities[row]), **more} for row, more in zip(order.tolist(), about, strict=True)]
    told = {"name": text, "by": f"cleanlab {text}", "encoder": text, "seen": rows, "warnings": [text]}
    return {**summary, **told, "verdict": f"{text}: {summary['verdict']}"}, found
