"""A teacher's answers to the pairs of a training, kept in a folder as they come."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

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
from stancekit.training.processes import state_of
from stancekit.training.targets import FloatArray, tempered

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
                    np.save(file, model.probabilities(part, advance), allow_pickle=False)
            yield np.load(path, allow_pickle=False)


def taught(
    teacher: TeacherConfig, pairs: Sequence[Pair], targets: FloatArray, unlabelled: Sequence[Pair], folder: Path, device: Device
) -> tuple[list[Pair], FloatArray]:
    """The labelled pairs with the teacher's share in their targets, then the unlabelled ones that it is sure of.

    targets: shape (len(pairs), 3), the labels'. folder: where answers are kept. Returns pairs, and targets of shape (pairs, 3).
    """
    known = set(pairs)
    others = [pair for pair in unlabelled if pair not in known]
    given = answers(teacher, [*pairs, *others], folder, device)
    soft = tempered(given, teacher.temperature)
    mixed = (1 - teacher.weight) * targets + teacher.weight * soft[: len(pairs)]
    # Sure or not is asked of the answer itself, whatever temperature it is learned at.
    sure = np.flatnonzero(given[len(pairs) :].max(axis=1, initial=0) >= teacher.min_confidence)
    return [*pairs, *(others[index] for index in sure)], np.concatenate([mixed, soft[len(pairs) :][sure]])
