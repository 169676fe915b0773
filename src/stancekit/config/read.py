"""The config of `stancekit read`: which articles are read, what they are asked, and how the work is done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from stancekit.config.loading import load_values, put, read_toml
from stancekit.config.section import Section
from stancekit.errors import StancekitError


class ReadingLimits(Section):
    """min_confidence: what is less sure is no opinion. min_relevance: an article is asked only about proposals this near to it.

    What is not given is as usual (stancekit.reading.reader).
    """

    min_confidence: float | None = Field(default=None, ge=0, le=1)
    min_relevance: float | None = Field(default=None, ge=0, le=1)


class ArticleColumns(Section):
    """Columns of tables of articles, where their names do not tell (stancekit.news.tables)."""

    text: str | None = None
    id: str | None = None
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    source: str | None = None


class ReadConfig(Section):
    """bundle: a bundle, a run, or base. articles: files, folders, patterns, or `-`. format: of the tables.

    labelled: examples of news, by which shares are corrected. workers: processes, on a cluster actors, of which it then has as many as
    it has room for. ray_address: of a cluster that runs, else RAY_ADDRESS, else one of this machine.
    """

    bundle: Path
    articles: tuple[Path, ...] = Field(min_length=1)
    proposals: Path
    output: Path = Path("reading")
    format: Literal["jsonl", "csv", "parquet"] = "jsonl"
    labelled: Path | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    engine: Literal["local", "ray"] = "local"
    workers: int | None = Field(default=None, ge=1)
    ray_address: str | None = None
    limits: ReadingLimits = ReadingLimits()
    columns: ArticleColumns = ArticleColumns()


def load_read(path: Path | None, given: Mapping[str, Any], overrides: list[str] | None = None) -> ReadConfig:
    """The config of a file, if any, with what was `given` in its place, and `--set KEY=VALUE` on top.

    given: values by dotted key; None where nothing was given. Raises StancekitError with all faults.
    """
    values = {} if path is None else read_toml(path)
    for key, value in given.items():
        if value is not None:
            put(values, key, value, str(path))
    missing = [key for key in ("bundle", "articles", "proposals") if key not in values]
    if path is None and missing and not overrides:
        raise StancekitError(
            f"nothing says what to read: {', '.join(missing)} missing",
            fix="stancekit read BUNDLE ARTICLES... --proposals FILE, or --config FILE that names them",
        )
    return load_values(values, "the command line" if path is None else str(path), ReadConfig, overrides)
