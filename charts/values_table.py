"""The table of values in the chart's README, from the comments in values.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

_KEY: Final = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z]+):(?: .*)?")
_DESCRIPTION: Final = re.compile(r" *# -- (?P<text>.*)")
_INDENT: Final = 2


class ValuesError(Exception):
    """A value without a description, or a description without a value."""


def values_table(text: str) -> str:
    """One row for each described value: its path, its default as JSON, the description. Raises ValuesError."""
    values = yaml.safe_load(text)
    rows = dict(described(text))
    missing = [leaf for leaf in _leaves(values) if not any(leaf[: len(path)] == path for path in rows)]
    if missing:
        raise ValuesError(f"without a description: {', '.join('.'.join(leaf) for leaf in missing)}")
    lines = (f"| `{'.'.join(path)}` | `{_default(values, path)}` | {said} |" for path, said in rows.items())
    return "\n".join(("| value | default | |", "|---|---|---|", *lines))


def described(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths with their descriptions, in the order of the file. Raises ValuesError."""
    path: list[str] = []
    said: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        description, key = _DESCRIPTION.fullmatch(line), _KEY.fullmatch(line)
        if description is not None:
            said = description["text"]
        elif key is not None:
            path = [*path[: len(key["indent"]) // _INDENT], key["key"]]
            if said is not None:
                yield tuple(path), said
            said = None
        elif said is not None:
            raise ValuesError(f"line {number}: a description stands before no value")


def _leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)


def _default(values: Any, path: Sequence[str]) -> str:
    for key in path:
        values = values[key]
    return json.dumps(values).replace("|", "\\|")
