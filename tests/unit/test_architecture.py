"""What docs/architecture.md promises: who may import whom, what loads when, and that no file or setting is left lying about."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel

from stancekit import config as config_module
from stancekit.config import PrepareConfig, Section, TrainConfig, load_config, load_gate, load_read, load_search

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "stancekit"
MODULES = sorted(PACKAGE.rglob("*.py"))
CONFIGS = sorted((ROOT / "configs").rglob("*.toml"))
# A module may import only from what stands before its own part, and from its own part.
ORDER = (
    "errors", "stance", "records", "shares", "tallies", "files", "tables", "progress", "machine", "manifest", "config", "reports", "data",
    "modeling", "news", "inference", "training", "evaluation", "export", "reading", "stages", "console", "printing", "options", "commands",
    "cli",
)  # fmt: skip
HEAVY = ("torch", "transformers", "datasets", "spacy", "sklearn", "onnxruntime", "openvino", "numpy")
MOST_LINES_OF_A_MODULE, MOST_LINES_OF_A_FUNCTION = 250, 40


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def parts_imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, part) of every import of the package, those inside functions too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "stancekit" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first == "stancekit" and rest and rest[0] != "__version__":
                yield node.lineno, rest[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_the_list_only(path: Path) -> None:
    part = part_of(path)
    if part in ("__init__", "__main__"):
        pytest.skip("the front doors open on everything")
    assert part in ORDER, f"{part} has no place in the order of parts"
    upward = [f"{path}:{line} imports {other}" for line, other in parts_imported(path) if ORDER.index(other) > ORDER.index(part)]
    assert upward == []


def test_the_order_names_what_there_is() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__", "__main__"} == set(ORDER)


def code_lines(path: Path) -> int:
    """Lines that hold code: without blank ones, comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    documentation: set[int] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            documentation.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") and number not in documentation for number, line in lines)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert code_lines(path) <= MOST_LINES_OF_A_MODULE
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: lines for node in functions if (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


def loaded_by(*words: str, code: str = "from stancekit.commands import app; app(standalone_mode=False)") -> set[str]:
    """The heavy libraries that a fresh interpreter has loaded after this command or code."""
    script = (
        f"import sys, json\nsys.argv = ['stancekit', *{list(words)!r}]\n"
        f"{code}\nprint('LOADED', json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.rsplit("LOADED ", 1)[1]))


@pytest.mark.parametrize("module", ["stancekit", "stancekit.cli"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(code=f"import {module}") == set()


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["predict", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded_by(*words) == set()


def test_check_loads_neither_torch_nor_transformers() -> None:
    assert not {"torch", "transformers"} & loaded_by("check", "configs")
    assert not {"torch", "transformers"} & loaded_by("check", "data/newsroom")


def test_there_are_configs() -> None:
    assert len(CONFIGS) >= 3


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_config_loads_and_begins_with_its_command(path: Path) -> None:
    own = path.relative_to(ROOT)
    command = own.parts[1]
    first = path.read_text(encoding="utf-8").splitlines()[0]
    longer = {"search": "train --search", "export": "export RUN BUNDLE --format onnx-int8 --gate", "read": "read --config"}
    words = longer.get(command, command)
    assert re.fullmatch(rf"# stancekit {words} {re.escape(own.as_posix())}( --.*)?", first)
    if command == "train":
        load_config(path, TrainConfig)
    elif command == "search":
        load_search(path)
    elif command == "export":
        # Complete: what it holds is what is built in.
        assert load_gate(path) == load_gate(None)
    elif command == "read":
        load_read(path, {})
    else:
        load_config(path, PrepareConfig)


def config_models() -> Sequence[type[BaseModel]]:
    found = [item for item in vars(config_module).values() if isinstance(item, type) and issubclass(item, Section) and item is not Section]
    assert len(found) > 10
    return found


def test_every_setting_is_read_somewhere() -> None:
    read = {node.attr for path in MODULES for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    unread = [f"{model.__name__}.{name}" for model in config_models() for name in model.model_fields if name not in read]
    assert unread == []


def test_files_beside_the_code_are_shipped_with_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["stancekit"]
    shipped = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    beside = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert PACKAGE / "py.typed" in beside
    assert beside <= shipped


def test_every_folder_of_code_is_a_package() -> None:
    assert {path.parent for path in MODULES} == {path.parent for path in PACKAGE.rglob("__init__.py")}
