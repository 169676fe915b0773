"""Runs of one recipe with several seeds, side by side in one folder."""

from pathlib import Path

from stancekit.manifest import stage_of

SEEDS = "train --seeds"
PREFIX = "seed-"


def member(folder: Path, seed: int) -> Path:
    """Where the run of a seed is."""
    return folder / f"{PREFIX}{seed}"


def seed_of(run: Path) -> int:
    """The seed of a member, by its name."""
    return int(run.name.removeprefix(PREFIX))


def members(path: Path) -> list[Path]:
    """The runs in a folder that `train --seeds` finished, by seed; none for any other path."""
    return sorted(path.glob(f"{PREFIX}*"), key=seed_of) if stage_of(path) == SEEDS else []
