"""What must be known of a stance model to use it, kept beside its weights and readable without torch."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from stancekit import __version__
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.stance import STANCES

NAME = "stancekit.json"
# Of the files of a model folder and what they mean. It grows when a reader of the old one would be wrong about a new one.
FORMAT = 1
# What a folder has that does not say.
FIRST_FORMAT = 1
# What a head is made of: the family's own (a kept entailment head too), or ours over the mean of all tokens.
HeadKind = Literal["cls", "mean"]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """How pairs are put to a model and how its outputs are read.

    encoder: the name it was trained from. inputs: names of the model's input tensors. max_length: tokens of a pair.
    labels: order of the logits. head: absent in older files, which all have the family's own.
    """

    encoder: str
    max_length: int
    pad_id: int
    inputs: tuple[str, ...]
    labels: tuple[str, ...] = tuple(STANCES)
    head: HeadKind = "cls"
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write `stancekit.json` into `folder`."""
        write_json(folder / NAME, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> "ModelSpec":
        """Read it back. Raises StancekitError when `folder` holds no model of ours, or one of a later version."""
        try:
            values = json.loads((folder / NAME).read_text(encoding="utf-8"))
            number = _readable_format(folder, values.get("format", FIRST_FORMAT))
            spec = cls(**{**values, "inputs": tuple(values["inputs"]), "labels": tuple(values["labels"]), "format": number})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise StancekitError(
                f"{folder} is not a stancekit model: {NAME} is missing or damaged",
                fix="name a finished run (stancekit train) or a bundle (stancekit export)",
            ) from fault
        if spec.labels != tuple(STANCES) or spec.head not in get_args(HeadKind):
            raise StancekitError(
                f"{folder / NAME} has the head {spec.head!r} and the labels {list(spec.labels)}",
                fix="export it again with this version",
            )
        return spec


def _readable_format(folder: Path, number: object) -> int:
    # Before anything else is read: a later format may have other keys.
    if type(number) is not int or number < FIRST_FORMAT:
        raise ValueError(f"format {number!r}")
    if number > FORMAT:
        raise StancekitError(
            f"{folder} has format {number}, and this stancekit ({__version__}) reads formats up to {FORMAT}",
            fix="upgrade it: pip install --upgrade stancekit",
        )
    return number
