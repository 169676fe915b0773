"""What a run or bundle was trained on, from its manifest."""

import json
from pathlib import Path
from typing import Any

from stancekit.errors import StancekitError
from stancekit.manifest import NAME, sha256

WEIGHTS = "model.safetensors"


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the safetensors of a model folder: the same for a run and its bundles. Raises StancekitError without one."""
    if not (folder / WEIGHTS).is_file():
        raise StancekitError(f"{folder / WEIGHTS} is missing", fix="train or export the model again; a copy may be cut short")
    return sha256(folder / WEIGHTS)


def training_file(model: Path) -> tuple[Path | None, str | None]:
    """The training examples of a run or bundle, or None and a note that says why they are not to be had."""
    trained_on = source_of(model)
    if trained_on is None:
        return None, "The model does not say what it was trained on, so there are no baselines: name the file with --train."
    path = Path(trained_on["path"])
    if not path.is_file():
        return None, f"The training file {path} is not here, so there are no baselines: name it with --train."
    if sha256(path) != trained_on["sha256"]:
        return None, f"The training file {path} has changed since, so there are no baselines: name the right one with --train."
    return path, None


def verdict_of(model: Path) -> str | None:
    """What its evaluation said of a bundle, None where it was exported without one."""
    try:
        verdict = json.loads((model / NAME).read_text(encoding="utf-8"))["verdict"]
    except (OSError, ValueError, KeyError):
        return None
    return verdict if isinstance(verdict, str) else None


def source_of(model: Path) -> dict[str, str] | None:
    """{"path", "sha256"} of the training file, None where the manifest does not hold it."""
    try:
        manifest: dict[str, Any] = json.loads((model / NAME).read_text(encoding="utf-8"))
        if manifest["stage"] == "train":
            path = str(Path(manifest["settings"]["data"]["train"]))
            return {"path": path, "sha256": manifest["inputs"][path]}
        trained_on: dict[str, str] = manifest["trained_on"]
        return {"path": trained_on["path"], "sha256": trained_on["sha256"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
