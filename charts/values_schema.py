"""What of the schema of values follows from elsewhere: what policy may say, which alerts there are, what is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import yaml

from charts.values_table import ValuesError, described
from webhook.app.policy_file import Permissions
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action, Code, Profile
from webhook.findings.limits import against_advisory, against_blocking, against_escape

Schema = dict[str, Any]

_EMPTY: Final[tuple[Any, ...]] = ("", [], {})
_OVERRIDE: Final = "override-"
_NAMES: Final[Schema] = {"type": "array", "items": {"type": "string", "minLength": 1}}


def values_schema(written: str, values: str, alerts: str) -> str:
    """`written` with its generated parts as they must be. Raises ValuesError for a value that it does not know."""
    schema: Schema = json.loads(written)
    kept = {name: each for name, each in schema["$defs"].items() if not name.startswith(_OVERRIDE)}
    schema["$defs"] = {**kept, **_overrides()}
    schema["properties"]["policy"] = _policy()
    rules = schema["properties"]["monitoring"]["properties"]["prometheusRule"]["properties"]
    rules["disabled"]["items"] = {"enum": [rule["alert"] for rule in _rules(alerts)]}
    _require(schema, values)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _policy() -> Schema:
    codes = {"type": "array", "minItems": 1, "items": {"enum": [each.name for each in _escapable()]}}
    someone = [{"required": [name], "properties": {name: {"minItems": 1}}} for name in ("users", "groups")]
    escape = _object({"codes": codes, "users": _NAMES, "groups": _NAMES}, required=["codes"], anyOf=someone)
    return _object(
        {
            "profile": {"enum": ["", *_texts(Profile)]},
            "permissions": {"enum": ["", *_texts(Permissions)]},
            "overrides": _object({code.name: {"$ref": f"#/$defs/{_definition(code)}"} for code in CATALOGUE}),
            "escapes": {"type": "array", "items": escape},
        }
    )


def _overrides() -> dict[str, Schema]:
    """What a code can be overridden with, by the name of the definition; many codes share one."""
    return {_definition(code): _override(code) for code in CATALOGUE}


def _override(code: Code) -> Schema:
    by_class = {name: _actions(allowed) for name, allowed in _allowed(code).items() if allowed}
    short = [action for actions in by_class.values() for action in actions]
    long = _object({name: {"enum": actions} for name, actions in by_class.items()}, minProperties=1)
    return {"anyOf": [{"enum": short}, long]}


def _allowed(code: Code) -> dict[str, list[Action]]:
    return {
        "blocking": [action for action in Action if against_blocking(code, action) is None],
        "advisory": [action for action in Action if against_advisory(code, action) is None],
    }


def _actions(allowed: Iterable[Action]) -> list[str | bool]:
    """Helm reads values as YAML 1.1, where `off` is a truth value."""
    return [text for action in allowed for text in ((str(action), False) if action is Action.OFF else (str(action),))]


def _definition(code: Code) -> str:
    return _OVERRIDE + "-".join(str(action) for allowed in _allowed(code).values() for action in allowed)


def _escapable() -> Iterable[Code]:
    return (code for code in CATALOGUE if against_escape(code) is None)


def _require(schema: Schema, text: str) -> None:
    """A value that is set to null is gone, and templates that need it would break on it in words of their own.

    What is empty by default may be gone as well.
    """
    values = yaml.safe_load(text)
    needed: dict[tuple[str, ...], list[str]] = {}
    for path, _ in described(text):
        for depth in range(len(path)):
            keys = needed.setdefault(path[:depth], [])
            if path[depth] not in keys and (depth < len(path) - 1 or _at(values, path) not in _EMPTY):
                keys.append(path[depth])
    for path, keys in needed.items():
        described_by = _at(schema, (key for name in path for key in ("properties", name)))
        unknown = [".".join((*path, key)) for key in keys if key not in described_by["properties"]]
        if unknown:
            raise ValuesError(f"not in the schema: {', '.join(unknown)}")
        described_by.pop("required", None)
        if keys:
            described_by["required"] = keys


def _at(tree: Any, path: Iterable[str]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _rules(alerts: str) -> list[Mapping[str, Any]]:
    return [rule for group in yaml.safe_load(alerts)["groups"] for rule in group["rules"]]


def _texts(values: Iterable[StrEnum]) -> list[str]:
    return [str(each) for each in values]


def _object(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}
