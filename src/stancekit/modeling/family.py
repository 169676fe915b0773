"""Runs of one recipe with several seeds, side by side in one folder."""

from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.manifest import stage_of

SEEDS = "train --seeds"
PREFIX = "seed-"
# What the runs reached on their validation rows, beside them.
RESULT = "seeds.json"


def member(folder: Path, seed: int) -> Path:
    """Where the run of a seed is."""
    return folder / f"{PREFIX}{seed}"


def seed_of(run: Path) -> int:
    """The seed of a member, by its name."""
    return int(run.name.removeprefix(PREFIX))


def members(path: Path) -> list[Path]:
    """The runs in a folder that `train --seeds` finished, by seed; none for any other path."""
    if stage_of(path) != SEEDS:
        return []
    # A copy or a bundle of one of them may stand beside it, as seed-13-old.
    return sorted((one for one in path.glob(f"{PREFIX}*") if one.name.removeprefix(PREFIX).isdecimal()), key=seed_of)


def family_of(run: Path) -> Path | None:
    """The folder of `train --seeds` that a run stands in as one of its members, None of any other run."""
    folder = run.resolve().parent
    return folder if run.resolve() in members(folder) else None


def refuse_family(path: Path) -> None:
    """Raise StancekitError for a folder of `train --seeds`: it is no model by itself."""
    if runs := members(path):
        raise StancekitError(f"{path} holds {len(runs)} runs, one a seed", fix=f"name one of them, such as {runs[0]}")
