"""`stancekit read --config`: what a config says, what the command line says above it, and what is wrong with either."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancekit.config import load_read
from stancekit.errors import StancekitError
from stancekit.reading.reader import Limits, limits_of

ROOT = Path(__file__).parents[2]
CONFIG = Path("configs/read/newsroom.toml")
GIVEN = {"bundle": Path("base"), "articles": [Path("news")], "proposals": Path("p.toml")}


def test_the_config_that_ships_reads_the_articles_that_ship(
    stancekit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    from_config, told = tmp_path / "config", tmp_path / "told"
    done = stancekit("read", "--config", CONFIG, "--output", from_config)
    assert done.returncode == 0, done.stderr
    words = ["data/articles", "--proposals", "data/articles/proposals.toml", "--output", told]
    assert stancekit("read", "base", *words).returncode == 0
    tables = sorted(path.name for path in told.iterdir() if path.name != "manifest.json")
    assert len((told / "opinions.jsonl").read_text(encoding="utf-8").splitlines()) > 3
    assert [(from_config / name).read_bytes() for name in tables] == [(told / name).read_bytes() for name in tables]
    settings = json.loads((from_config / "manifest.json").read_text(encoding="utf-8"))["settings"]
    assert settings["inputs"] == ["data/articles"]
    assert not (ROOT / "reading").exists()


def test_the_config_that_ships_says_what_is_usual() -> None:
    config, usual = load_read(ROOT / CONFIG, {}), load_read(None, GIVEN)
    assert limits_of(config.limits.min_confidence, config.limits.min_relevance) == Limits()
    own = ("bundle", "articles", "proposals", "output", "limits", "workers")
    assert {**dict(config), **dict.fromkeys(own)} == {**dict(usual), **dict.fromkeys(own)}
    assert str(config.bundle) == "base"


def test_what_stands_above_what(tmp_path: Path) -> None:
    shutil.copy(ROOT / CONFIG, tmp_path / "c.toml")
    given = {"bundle": Path("mine"), "format": "csv", "limits.min_confidence": 0.7, "workers": None}
    config = load_read(tmp_path / "c.toml", given, ["format=parquet", "workers=3"])
    assert (str(config.bundle), config.limits.min_confidence, config.format, config.workers) == ("mine", 0.7, "parquet", 3)
    assert [str(path) for path in config.articles] == ["data/articles"]


def test_all_faults_of_a_config_are_told(tmp_path: Path, stancekit: Callable[..., Any]) -> None:
    path = tmp_path / "c.toml"
    path.write_text('bundle = "base"\narticls = ["news"]\n[limits]\nmin_relevance = 2\nmin_cnfidence = 0.5\n')
    with pytest.raises(StancekitError) as caught:
        load_read(path, {})
    told = str(caught.value)
    assert "5 problems" in told
    assert "articls  unknown key, did you mean articles?" in told
    assert "limits.min_cnfidence  unknown key, did you mean min_confidence?" in told
    assert "limits.min_relevance  should be less than or equal to 1, got 2" in told
    assert "proposals  missing" in told
    done = stancekit("check", path)
    assert done.returncode == 2
    assert "limits.min_cnfidence  unknown key" in done.stderr


def test_a_command_that_names_nothing_is_told_what_to_name(stancekit: Callable[..., Any]) -> None:
    done = stancekit("read", "base", "news")
    assert done.returncode == 2
    assert "nothing says what to read: proposals missing" in done.stderr
    assert "--config FILE" in done.stderr


def test_check_tells_what_a_config_of_a_reading_asks(
    tmp_path: Path, stancekit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = stancekit("check", CONFIG)
    assert (done.returncode, done.stdout.strip()) == (0, f"{CONFIG}: read config, sound; 4 proposals")
    monkeypatch.chdir(tmp_path)
    done = stancekit("check", ROOT / CONFIG)
    assert "no proposals at data/articles/proposals.toml" in done.stdout
