"""What a bundle says against itself: that its gate refused it, and that it was written by force all the same."""

import json
from pathlib import Path

from stancekit.progress import LOG

# The report of the gate, in every bundle that was compared with its run.
GATE = "gate.json"


def warn_of_force(folder: Path) -> None:
    """Warn, in the log, of a bundle that is over the limits of its gate."""
    try:
        gate = json.loads((folder / GATE).read_text(encoding="utf-8"))
        told = "; ".join(gate["broken"]) if gate.get("forced") else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        # It is a report, and no part of the model: one that is absent or damaged keeps nobody from an answer.
        return
    if told is not None:
        LOG.warning("careful: %s was exported by force, over the limits of its gate: %s", folder, told)
