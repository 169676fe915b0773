"""The receipt that every stage leaves: what went in, what came out, with which versions, on what, how long and how much memory."""

import hashlib
import json
import platform
import subprocess
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from stancekit import __version__
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.machine import machine, peak_memory_mib

NAME = "manifest.json"
PACKAGES = (
    "torch", "transformers", "accelerate", "datasets", "tokenizers", "safetensors", "peft", "flash-attn", "scikit-learn",
    "onnxruntime", "openvino", "numpy",
)  # fmt: skip


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Receipt:
    """Started with a stage, written at its end as `manifest.json`."""

    def __init__(self, stage: str, settings: dict[str, Any], inputs: Iterable[Path], seed: int | None = None) -> None:
        self.stage = stage
        self.settings = settings
        self.inputs = {str(path): sha256(path) for path in sorted(set(inputs))}
        self.seed = seed
        self.started = datetime.now(UTC)
        self._clock = time.monotonic()

    @property
    def wall_seconds(self) -> float:
        """Seconds since the stage started."""
        return time.monotonic() - self._clock

    def write(self, folder: Path, leave_out: str | None = None, **facts: Any) -> dict[str, Any]:
        """Write the manifest over everything that `folder` now holds, and return it.

        leave_out: a folder in it that is no output. facts: further keys of the stage.
        """
        every = (path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
        files = sorted(path for path in every if path.relative_to(folder).parts[0] != leave_out)
        content = {
            "stage": self.stage,
            "settings": self.settings,
            "seed": self.seed,
            "inputs": self.inputs,
            "outputs": {path.relative_to(folder).as_posix(): sha256(path) for path in files},
            "versions": {"python": platform.python_version(), **versions()},
            "commit": commit_at(Path()),
            "code_commit": code_commit(),
            "machine": machine(),
            "started": self.started.isoformat(timespec="seconds"),
            "wall_seconds": round(self.wall_seconds, 2),
            "peak_memory_mib": peak_memory_mib(),
            **facts,
        }
        write_json(folder / NAME, content)
        return content


def refuse_foreign(folder: Path, stage: str) -> None:
    """Raise StancekitError when `folder` holds something that `stage` did not make: it may be replaced only if it did."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() and stage_of(folder) != stage:
        raise StancekitError(
            f"{folder} exists and was not made by `stancekit {stage}`", fix="name another output folder, or remove this one"
        )


def stage_of(folder: Path) -> str | None:
    """The stage that made `folder`, None where its manifest is absent or not readable."""
    try:
        stage = json.loads((folder / NAME).read_text(encoding="utf-8")).get("stage")
    except (OSError, ValueError, AttributeError):
        return None
    return stage if isinstance(stage, str) else None


def versions(names: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Versions of stancekit and of those packages that are installed."""
    # Our own is known without being installed (PYTHONPATH=src).
    found = {"stancekit": __version__}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def code_commit(package: Path = Path(__file__).parent) -> str | None:
    """The commit of the checkout that stancekit runs from, with + for local changes; None for an installed one."""
    # Installed into an environment that stands in some repository, the package is in it and not of it.
    return commit_at(package) if _git(package, "ls-files", "--error-unmatch", "__init__.py") is not None else None


def commit_at(folder: Path) -> str | None:
    """The commit of the git checkout around `folder`, with + for local changes; None outside of one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
