"""Configs as TOML text."""

import json
from collections.abc import Mapping
from typing import Any


def toml_text(values: Mapping[str, Any], heading: str) -> str:
    """Values of a config (text, numbers, booleans, lists and tables of them; None is left out) under a comment of lines."""
    given = {key: value for key, value in values.items() if value is not None}
    lines = [f"# {line}".rstrip() for line in heading.splitlines()] + [""]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in given.items() if not isinstance(value, Mapping)]
    for key, table in given.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{_key(key)}]", *(f"{_key(name)} = {_value(value)}" for name, value in table.items() if value is not None)]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items() if one is not None) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # JSON's text and numbers are TOML's, but for one sign that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007F")


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else _value(key)
