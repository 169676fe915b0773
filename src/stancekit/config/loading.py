"""Reading configs: TOML files with `--set KEY=VALUE` on top, every fault reported at once."""

import difflib
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from stancekit.config.prepare import SOURCE_MODELS
from stancekit.config.section import Section
from stancekit.errors import StancekitError
from stancekit.files import read_text

AnyConfig = TypeVar("AnyConfig", bound=Section)


def load_config(path: Path, model: type[AnyConfig], overrides: list[str] | None = None) -> AnyConfig:
    """Read a TOML config. overrides: `a.b=value` with a TOML value, or bare text. Raises StancekitError with all faults."""
    return load_values(read_toml(path), str(path), model, overrides)


def load_values(values: dict[str, Any], subject: str, model: type[AnyConfig], overrides: list[str] | None = None) -> AnyConfig:
    """The same of values that are not in a file. subject: what they are called. Raises StancekitError with all faults."""
    for override in overrides or []:
        _set(values, override)
    faults = faults_of(values, model)
    if faults:
        raise StancekitError.of_faults(subject, faults, fix="edit these keys and run again")
    return model.model_validate(values)


def faults_of(values: dict[str, Any], model: type[Section]) -> list[str]:
    """What keeps `values` from being a config: the place of each fault and what is wrong there."""
    try:
        model.model_validate(values)
    except ValidationError as fault:
        return [_describe(error, model) for error in fault.errors()]
    return []


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain values. Raises StancekitError."""
    if not path.is_file():
        raise StancekitError(f"{path} does not exist", fix="check the path; configs/ holds complete examples")
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as fault:
        raise StancekitError(f"{path} is not TOML: {fault}", fix="mend that line") from fault


def _set(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise StancekitError(f"--set {override!r} has no KEY=VALUE", fix="for instance: --set optim.epochs=1")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    if isinstance(value, date | time):
        # No key of ours is a day or an hour: a name such as 2031-05-01 is text.
        value = text.strip()
    put(values, key.strip(), value, f"--set {override!r}")


def put(values: dict[str, Any], key: str, value: Any, subject: str) -> None:
    """Set a dotted key, making the tables above it. Raises StancekitError about `subject` where one of them is something else."""
    target: Any = values
    *parents, last = key.split(".")
    for name in parents:
        target = target.setdefault(name, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict):
        raise StancekitError(f"{subject}: a part of {key} is not a table", fix="name a key of a table, as in optim.epochs")
    target[last] = value


def _describe(error: Any, model: type[BaseModel]) -> str:
    location, kind = error["loc"], error["type"]
    # The format that picks a source's model is in pydantic's location, but not in the file.
    shown = location[:2] + location[3:] if location[:1] == ("sources",) else location
    place = ".".join(str(part) for part in shown)
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), _siblings(model, location), n=1)
        return f"{place}  unknown key" + (f", did you mean {close[0]}?" if close else "")
    if kind == "missing":
        return f"{place}  missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        known = ", ".join(map(str, SOURCE_MODELS))
        return f"{place}.format  " + (
            "missing" if kind.endswith("found") else f"should be one of {known}, got {error['input']['format']!r}"
        )
    message = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"{place}  {message}" + ("" if kind == "value_error" else f", got {error['input']!r}")


def _siblings(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    # Walk the models along the fault's place to the keys that would have been right there.
    current: type[BaseModel] | None = model
    for part in place[:-1]:
        if current is None:
            # Inside a list of sources, whose place goes on with a number and the source's format.
            current = SOURCE_MODELS.get(part)
        elif part in current.model_fields:
            current = _model_of(current.model_fields[str(part)].annotation)
    return list(current.model_fields) if current is not None else []


def _model_of(annotation: Any) -> type[BaseModel] | None:
    # Of a list of tables, the table; a section that may be left out is a union with None.
    kinds = get_args(annotation) or (annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
