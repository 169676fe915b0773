"""A teacher's answers to the pairs of a training, kept in a folder as they come."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stancekit.config import TeacherConfig
from stancekit.errors import StancekitError
from stancekit.files import atomic_path
from stancekit.inference.inputs import TableLayout, read_statements
from stancekit.inference.model import load, model_folder
from stancekit.modeling.devices import Device
from stancekit.modeling.pairs import Pair
from stancekit.modeling.provenance import weights_sha256
from stancekit.progress import progress
from stancekit.stance import STANCES
from stancekit.training.processes import state_of
from stancekit.training.targets import FloatArray, tempered
from stancekit.training.thresholds import confidence_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Pairs a file: what a kill -9 may cost.
CHUNK = 4096


def unlabelled_pairs(files: Sequence[Path]) -> list[Pair]:
    """The distinct pairs of tables with columns statement and proposal. Raises StancekitError for a row without one."""
    pairs: dict[Pair, None] = {}
    for statement in read_statements(files, TableLayout()):
        if statement.proposal is None:
            raise StancekitError(
                f"{statement.source}: statement {statement.id} has no proposal", fix="give teacher.unlabelled tables with a column proposal"
            )
        pairs[statement.text, statement.proposal.text] = None
    return list(pairs)


def answers(teacher: TeacherConfig, pairs: Sequence[Pair], folder: Path, device: Device) -> FloatArray:
    """Shape (len(pairs), 3): the teacher's probabilities. Those that `folder` holds from an earlier call are read.

    A file there is named by the teacher's weights and the pairs that it answers, so several trainings may share the folder.
    Of several processes of one machine the first asks the teacher, and the others read what it kept.
    """
    with state_of(device).local_main_process_first():
        return np.concatenate(list(_chunks(teacher, pairs, folder, device)))


def _chunks(teacher: TeacherConfig, pairs: Sequence[Pair], folder: Path, device: Device) -> Iterator[FloatArray]:
    model, weights = None, weights_sha256(model_folder(teacher.model))
    with progress(f"asking {teacher.model}", len(pairs)) as advance:
        for start in range(0, len(pairs), CHUNK):
            part = pairs[start : start + CHUNK]
            path = folder / f"{hashlib.sha256(json.dumps([weights, part]).encode()).hexdigest()[:32]}.npy"
            if path.is_file():
                advance(len(part))
            else:
                # A teacher's answers are rounded by its temperature and weight anyhow: half precision does.
                model = model or load(teacher.model, device, "auto")
                with atomic_path(path) as scratch, scratch.open("wb") as file:
                    np.save(file, model.uncalibrated(part, advance), allow_pickle=False)
            yield np.load(path, allow_pickle=False)


def limits_of(teacher: TeacherConfig, pairs: Sequence[Pair], gold: "NDArray[np.int64]", folder: Path, device: Device) -> FloatArray:
    """Shape (3,): how sure the teacher must be of each stance. pairs: labelled ones, with label ids `gold`, for `teacher.precision`."""
    least = np.full(len(STANCES), float(teacher.min_confidence))
    if teacher.precision is None:
        return least
    limits = confidence_limits(answers(teacher, pairs, folder, device), gold, teacher.precision)
    return np.asarray(np.maximum(least, limits))


def taught(
    teacher: TeacherConfig,
    labelled: tuple[Sequence[Pair], FloatArray],
    unlabelled: Sequence[Pair],
    limits: FloatArray,
    folder: Path,
    device: Device,
) -> tuple[list[Pair], FloatArray]:
    """The labelled pairs with the teacher's share in their targets, then the unlabelled ones that it is sure of.

    labelled: n pairs, and their labels' targets, shape (n, 3). limits: shape (3,), how sure it must be of each stance.
    folder: where answers are kept. Returns pairs, and targets of shape (pairs, 3).
    """
    pairs, targets = labelled
    known = set(pairs)
    others = [pair for pair in unlabelled if pair not in known]
    given = answers(teacher, [*pairs, *others], folder, device)
    soft = tempered(given, teacher.temperature)
    mixed = (1 - teacher.weight) * targets + teacher.weight * soft[: len(pairs)]
    # Sure or not is asked of the answer itself, whatever temperature it is learned at.
    found = given[len(pairs) :]
    sure = np.flatnonzero(found.max(axis=1, initial=0) >= limits[found.argmax(axis=1)])
    return [*pairs, *(others[index] for index in sure)], np.concatenate([mixed, soft[len(pairs) :][sure]])
