"""Every command of the README runs: two of them by .ci/run itself, the others here, on what `make demo` left."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE = {"make demo", "make test"}
BLOCKS = re.findall(r"```(bash|python)\n(.*?)```", README, flags=re.DOTALL)
SHELL = [block for language, block in BLOCKS if language == "bash"]
PYTHON = [block for language, block in BLOCKS if language == "python"]


def test_the_two_commands_stand_in_the_readme_and_in_ci() -> None:
    lines = {line.split("#")[0].strip() for block in SHELL for line in block.splitlines()}
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert lines >= MADE
    assert all(command in ci for command in MADE)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


# Seven commands on the demo's model, an evaluation and an export's gate among them, take minutes.
@pytest.mark.readme
@pytest.mark.timeout(900)
def test_every_other_command_runs(tmp_path: Path) -> None:
    assert (ROOT / "runs/demo/bundle").is_dir(), "run `make demo` first"
    blocks = [block for block in SHELL if not MADE & {line.split("#")[0].strip() for line in block.splitlines()}]
    assert blocks
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    for block in blocks:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


@pytest.mark.readme
def test_its_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PYTHON
    monkeypatch.chdir(ROOT)
    for block in PYTHON:
        exec(compile(block, "README.md", "exec"), {})
