"""What the schema of a kind refuses, and the one right answer where there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from webhook.api.json_schema import json_schema
from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.field_path import field_of
from webhook.validation.node import Node, Path
from webhook.validation.remark import Correction, Part, Remark
from webhook.validation.similarity import nearest, same_word

_JSON_TYPES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_LONGEST_ECHO: Final = 60
_TYPE_META: Final = frozenset({"apiVersion", "kind"})
"""Judged by `recognise`, which knows what was meant."""


@cache
def validator_of(kind: Kind[Any]) -> Draft7Validator:
    return Draft7Validator(json_schema(kind))


def shape_remarks(
    kind: Kind[Any], content: Mapping[str, Any], subject: Reference, node_at: Callable[[Path], Node | None]
) -> Iterator[Remark]:
    """`content` is canonical and has no nulls; `node_at` finds where something is written."""
    corrected: set[Path] = set()
    errors = sorted(
        validator_of(kind).iter_errors(content), key=lambda error: error.validator != "additionalProperties"
    )
    for error in errors:
        path: Path = tuple(error.absolute_path)
        if path and path[0] in _TYPE_META:
            continue
        for remark, settles in _remarks(error, path, subject, node_at):
            if remark.path in corrected or (not path and remark.path[0] in _TYPE_META):
                continue
            corrected.update(settles)
            yield remark


def not_a_text(
    subject: Reference, path: Path, value: Any, node: Node | None, *, explained: Path | None = None
) -> Remark:
    """`explained` is what kubectl explain knows of the path."""
    right = _of_type("string", value, node)
    correction = Correction(path, Part.VALUE, right) if right is not None else None
    remedy = f"write {correction.text}" if correction is not None else _explained(subject, explained or path)
    return _remark(subject, path, _type_told("string", value), remedy, correction)


def no_object(subject: Reference, path: Path, value: Any) -> Remark:
    return _remark(subject, path, _type_told("object", value))


def _remarks(
    error: ValidationError, path: Path, subject: Reference, node_at: Callable[[Path], Node | None]
) -> Iterator[tuple[Remark, tuple[Path, ...]]]:
    match error.validator:
        case "additionalProperties":
            yield from _unknown_members(error, path, subject)
        case "required":
            value: Any = error.validator_value
            for name in value:
                # One error a name, and only its message says which.
                if error.message.startswith(f"'{name}'"):
                    yield _remark(subject, (*path, name), "this field is required"), ()
        case _:
            message, right = _about_value(error, node_at(path))
            correction = Correction(path, Part.VALUE, right) if right is not None else None
            remedy = f"write {correction.text}" if correction is not None else _explained(subject, path)
            yield _remark(subject, path, message, remedy, correction), ()


def _unknown_members(
    error: ValidationError, path: Path, subject: Reference
) -> Iterator[tuple[Remark, tuple[Path, ...]]]:
    """A name that differs in nothing but case has one right answer, and the member it stands for is not missing."""
    schema: Any = error.schema
    instance: Any = error.instance
    known: Mapping[str, Any] = schema["properties"]
    free = [each for each in known if each not in instance]
    for name in sorted(instance.keys() - known.keys()):
        right = same_word(name, free)
        near = right or nearest(name, free)
        correction = Correction((*path, name), Part.KEY, right) if right is not None else None
        remedy = f"write {right}" if right else f"did you mean {near}?" if near else _explained(subject, path)
        remark = _remark(subject, (*path, name), "there is no such field", remedy, correction)
        if right is not None:
            free.remove(right)
        yield remark, ((*path, right),) if right else ()


def _about_value(error: ValidationError, node: Node | None) -> tuple[str, str | bool | None]:
    """What is wrong with a value, and what it should be when that is certain."""
    value: Any = error.instance
    limit: Any = error.validator_value
    match error.validator, value:
        case "enum", str(text):
            right = same_word(text, limit)
            near = right or nearest(text, limit)
            choice = f"{_echo(text)} is none of {', '.join(limit)}"
            return (choice if right or not near else f"{choice}; did you mean {near}?"), right
        case "type", _:
            return _type_told(limit, value), _of_type(limit, value, node)
        case "minLength", _:
            return "this field must not be empty", None
        case "maxLength", _:
            return f"{len(value)} characters are too many, at most {limit} are allowed", None
        case "pattern" | "anyOf", _:
            return f"{_echo(value)} is not a quantity such as 10Gi", None
        case _:
            return f"{_echo(value)} does not satisfy {error.validator}", None


def _of_type(expected: Any, value: Any, node: Node | None) -> str | bool | None:
    """A word that YAML took for something else, or a boolean in quotes."""
    texts = expected == "string" or (isinstance(expected, list) and "string" in expected)
    if texts and node is not None and node.text and isinstance(value, bool | int | float):
        return node.text
    if expected == "boolean" and isinstance(value, str) and value.casefold() in {"true", "false"}:
        return value.casefold() == "true"
    return None


def _type_told(expected: Any, value: Any) -> str:
    types = " or ".join(expected) if isinstance(expected, list) else str(expected)
    return f"expected {types}, got {_JSON_TYPES[type(value)]}"


def _echo(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"


def _explained(subject: Reference, path: Path) -> str:
    """kubectl explain takes no list positions."""
    fields = field_of(tuple(step for step in path if isinstance(step, str)))
    return f"see: kubectl explain {subject.kind.lower()}{'.' if fields else ''}{fields}"


def _remark(
    subject: Reference, path: Path, message: str, remedy: str | None = None, correction: Correction | None = None
) -> Remark:
    finding = SCHEMA_INVALID.found(
        subject=subject,
        field=field_of(path),
        message=message,
        remedy=remedy or _explained(subject, path),
    )
    return Remark(finding, path, correction)
