"""What a run or bundle was trained on, from its manifest."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.data.examples import read_examples
from stancekit.data.seen import Seen
from stancekit.errors import StancekitError
from stancekit.manifest import NAME, sha256, stage_of
from stancekit.modeling.embedded import BASE, named_model
from stancekit.modeling.spec import NAME as SPEC

WEIGHTS = "model.safetensors"
# What sets a model apart from the embedded encoder, see modeling/compact.py.
COMPACT = "model.compact.safetensors"
# A graph for ONNX Runtime with products in 8 bits. An int8 bundle has it beside the float32 graph, and no safetensors.
INT8 = "model.int8.onnx"
# A graph for OpenVINO and its weights, with no other file of weights beside them.
OPENVINO, OPENVINO_WEIGHTS = "model.xml", "model.bin"


def weights_file(folder: Path) -> Path:
    """The safetensors of a model folder, or what a bundle for int8 or OpenVINO has in their place. Raises StancekitError without either."""
    for name in (WEIGHTS, COMPACT, INT8, OPENVINO_WEIGHTS):
        if (folder / name).is_file():
            return folder / name
    raise StancekitError(f"{folder / WEIGHTS} is missing", fix="train or export the model again; a copy may be cut short")


def weights_sha256(folder: Path) -> str:
    """SHA-256 of a model folder's weights: the same for a run and its onnx and safetensors bundles. Raises StancekitError."""
    return sha256(weights_file(folder))


def training_files(model: Path) -> tuple[list[Path], str | None]:
    """The training files of a run or bundle, or none of them and a note that says why they are not to be had."""
    named = sources_of(model)
    if not named:
        return [], "The model does not say what it was trained on, so there are no baselines: name the file with --train."
    for source in named:
        path = Path(source["path"])
        if not path.is_file():
            return [], f"The training file {path} is not here, so there are no baselines: name it with --train."
        if sha256(path) != source["sha256"]:
            return [], f"The training file {path} has changed since, so there are no baselines: name the right one with --train."
    return [Path(source["path"]) for source in named], None


def verdict_of(model: Path) -> str | None:
    """What its evaluation said of a bundle, None where it was exported without one."""
    verdict = _manifest(model).get("verdict")
    return verdict if isinstance(verdict, str) else None


def _manifest(model: Path) -> dict[str, Any]:
    """Empty where there is none that can be read."""
    try:
        content = json.loads((named_model(model) / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def sources_of(model: Path) -> list[dict[str, str]]:
    """{"path", "sha256"} of each training file, empty where the manifest does not hold them."""
    manifest = _manifest(model)
    try:
        if manifest["stage"] == "train":
            settings = manifest["settings"]
            given = [settings["data"], *(stage["data"] for stage in settings.get("stages", []) if stage["data"])]
            named = [name for data in given for name in [one["path"] for one in data.get("mix", [])] or [data["train"]]]
            paths = list(dict.fromkeys(str(Path(name)) for name in named))
            return [{"path": path, "sha256": manifest["inputs"][path]} for path in paths]
        trained_on = manifest["trained_on"]
        # Bundles from before there were mixes name one file by itself.
        every = [trained_on] if isinstance(trained_on, dict) else trained_on
        return [{"path": one["path"], "sha256": one["sha256"]} for one in every]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def validated_on(model: Path) -> str | None:
    """SHA-256 of the file that a run or bundle was validated on, None where its manifest does not hold it."""
    manifest = _manifest(model)
    try:
        if manifest["stage"] != "train":
            return str(manifest["validated_on"])
        return str(manifest["inputs"][str(Path(manifest["settings"]["data"]["validation"]))])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unlike(models: Sequence[Path]) -> list[str]:
    """The settings in which trainings differ, but for the seed and the output; a config that is not known counts as an empty one."""
    recipes = [dict(_flat(_recipe(model))) for model in models]
    keys = dict.fromkeys(key for recipe in recipes for key in recipe if key not in ("seed", "output"))
    return [key for key in keys if any(recipe.get(key) != recipes[0].get(key) for recipe in recipes)]


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def teachers_of(model: Path) -> list[Path]:
    """The models whose answers a model learned in any of its stages, as its config names them."""
    recipe = _recipe(model)
    given = [recipe.get("teacher"), *(stage.get("teacher") for stage in recipe.get("stages", []))]
    return list(dict.fromkeys(Path(teacher["model"]) for teacher in given if teacher))


def seen_by(model: Path) -> tuple[Seen, list[Path]]:
    """What a model learned from: its bundle's hashes, else its training files, and what its start and its teachers saw.

    The paths are those of all these models of which it is not known, since their training files are not all here or have changed.
    """
    kept = Seen.read(named_model(model))
    if kept:
        return kept, []
    files, note = training_files(model)
    seen = Seen.of(example for file in files for example in read_examples(file))
    unknown = [] if note is None else [model]
    start = stance_model(str(_recipe(model).get("encoder", "")))
    for other in (*([] if start is None else [start]), *teachers_of(model)):
        learned, missing = seen_by(other)
        seen, unknown = seen | learned, [*unknown, *missing]
    return seen, unknown


def stance_model(encoder: str) -> Path | None:
    """The run or bundle that a config starts from, by the name of its encoder; None for an encoder that has learned no stances."""
    path = Path(encoder).expanduser()
    if encoder == BASE or stage_of(path) is not None:
        return path
    if not (path / SPEC).is_file():
        return None
    # The manifest of a run stands beside its checkpoint; of a copy without one it is not known what it learned from.
    return path.parent if stage_of(path.parent) == "train" else path


def _recipe(model: Path) -> dict[str, Any]:
    """The config of a run, or of the run that a bundle was exported from; empty where it is not known."""
    try:
        manifest = json.loads((named_model(model) / NAME).read_text(encoding="utf-8"))
        recipe = manifest["settings"] if manifest["stage"] == "train" else manifest["recipe"]
        return recipe if isinstance(recipe, dict) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
