"""The structural OpenAPI schema of a struct, as a CustomResourceDefinition takes it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import inspect

Schema = dict[str, Any]

PRESERVE_UNKNOWN_KEY: Final = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING_KEY: Final = "x-kubernetes-int-or-string"

_OPAQUE: Final[Schema] = {"type": "object", PRESERVE_UNKNOWN_KEY: True}
_INT_OR_STRING: Final[Schema] = {"anyOf": [{"type": "integer"}, {"type": "string"}], INT_OR_STRING_KEY: True}
_TEXT_OR_OBJECT: Final[Schema] = {PRESERVE_UNKNOWN_KEY: True}
"""Without a type, which is all that a structural schema can say of it; limits of a text still hold for texts."""
_READING_ORDER: Final = ("description", "type", "required", "properties")


def structural_schema(struct: type[msgspec.Struct]) -> Schema:
    """The schema of a struct: every type spelled out in place, members required when they have no default.

    Raises TypeError for a type that a structural schema cannot say.
    """
    schema: Schema = msgspec.to_builtins(_schema_of(inspect.type_info(struct)))
    return schema


def _schema_of(declared: inspect.Type) -> Schema:
    match declared:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            return _merged(_schema_of(inner), extra or {})
        case inspect.StructType(fields=fields):
            return _object(fields)
        case inspect.UnionType(types=types):
            return _union([each for each in types if not isinstance(each, inspect.NoneType)])
        case inspect.VarTupleType(item_type=item):
            return {"type": "array", "items": _schema_of(item)}
        case inspect.DictType(key_type=inspect.StrType(), value_type=value):
            return {"type": "object", "additionalProperties": _schema_of(value)}
        case _:
            return _leaf(declared)


def _leaf(declared: inspect.Type) -> Schema:
    match declared:
        case inspect.RawType():
            return dict(_OPAQUE)
        case inspect.StrType():
            return {"type": "string"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": "int64"}
        case _:
            raise TypeError(f"a structural schema cannot say {declared}; describe the member by another type")


def _object(fields: tuple[inspect.Field, ...]) -> Schema:
    schema: Schema = {"type": "object"}
    required = [field.encode_name for field in fields if field.required]
    if required:
        schema["required"] = required
    schema["properties"] = {field.encode_name: _schema_of(field.type) for field in fields}
    return schema


def _union(members: list[inspect.Type]) -> Schema:
    """One type that may be absent, the number-or-text that quantities are, or a text that may be an object, too."""
    if len(members) == 1:
        return _schema_of(members[0])
    types = {type(member) for member in members}
    if types == {inspect.IntType, inspect.StrType}:
        return dict(_INT_OR_STRING)
    if types == {inspect.StructType, inspect.StrType}:
        return dict(_TEXT_OR_OBJECT)
    raise TypeError(f"a structural schema cannot say a choice of {members}; describe the member by one type")


def _merged(schema: Schema, extra: Schema) -> Schema:
    """Add what a field says about itself; what it calls required comes on top of what its type requires."""
    merged = schema | extra
    required = [*schema.get("required", ()), *extra.get("required", ())]
    if required:
        merged["required"] = required
    return {key: merged[key] for key in sorted(merged, key=_reading_order)}


def _reading_order(key: str) -> int:
    return _READING_ORDER.index(key) if key in _READING_ORDER else len(_READING_ORDER)
