"""Which sets a model learned from, how many rows of each, and under which licences: what whoever ships its weights must know."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.inference.model import model_folder
from stancekit.manifest import sha256
from stancekit.modeling.provenance import sources_of, teachers_of
from stancekit.modeling.spec import ModelSpec


def trained_sets(run: Path) -> list[dict[str, Any]]:
    """{"name", "rows", "made", "licence"} of every source in a run's training files and its teachers', largest first.

    Rows are counted once, whatever a mix took of them. Licences stand in the report that `stancekit prepare` left beside
    a file, None where there is none. Files that are gone, or changed since the training, tell nothing.
    """
    # A teacher may have learned from what lay at the same path before: each knows its own file.
    named = dict.fromkeys((Path(one["path"]), one["sha256"]) for model in (run, *teachers_of(run)) for one in sources_of(model))
    there = [path for path, mark in named if _unchanged(path, mark)]
    rows: Counter[str] = Counter()
    made: Counter[str] = Counter()
    licences: dict[str, str] = {}
    for path in there:
        licences |= _licences(path.parent / "report.json")
        for example in read_examples(path):
            rows[example.source or path.name] += 1
            made[example.source or path.name] += example.made
    return [{"name": name, "rows": count, "made": made[name], "licence": licences.get(name)} for name, count in rows.most_common()]


def taught_by(run: Path) -> list[dict[str, Any]]:
    """{"encoder", "trained_on"} of every teacher of a run: its encoder's name without folders, and its training files."""
    return [{"encoder": _encoder(teacher), "trained_on": sources_of(teacher)} for teacher in teachers_of(run)]


def _encoder(model: Path) -> str | None:
    try:
        return Path(ModelSpec.read(model_folder(model)).encoder).name
    except StancekitError:
        # It has gone since: the run holds its answers, not itself.
        return None


def _unchanged(path: Path, mark: str) -> bool:
    return path.is_file() and sha256(path) == mark


def _licences(report: Path) -> dict[str, str]:
    try:
        sources = json.loads(report.read_text(encoding="utf-8"))["sources"]
        return {name: about["licence"] for name, about in sources.items() if "licence" in about}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
