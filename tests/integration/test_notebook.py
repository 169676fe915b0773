"""The notebook runs from its first cell to its last, and is kept without outputs."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from stancekit.tables import read_rows, write_rows

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# One of so many articles of a split. `make demo` takes the same steps over all of them.
THINNED = 12


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder as the notebook sees it, with a part of the corpus."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    by_split: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((ROOT / "data" / "newsroom").glob("*.jsonl")):
        for row in read_rows(path):
            by_split.setdefault(row.values["split"], []).append(row.values)
    (tmp_path / "data" / "newsroom").mkdir(parents=True)
    write_rows(tmp_path / "data" / "newsroom" / "part.jsonl", [row for rows in by_split.values() for row in rows[::THINNED]])
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, project: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "strip the outputs before committing"
    NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(project)}}).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "macro-F1" in printed
    assert printed.count("Ferry passengers should pay a toll.") == 2
