"""The JSON Schema of a kind, for editors and for checks without a cluster."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.crd import object_schema
from webhook.api.kind import Kind
from webhook.api.schema import PRESERVE_UNKNOWN_KEY, Schema

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""The newest draft that VS Code and yaml-language-server support in full."""


def json_schema(kind: Kind[Any]) -> Schema:
    """Strict as kubectl is: a member that the API server would prune is an error.

    A null is an error too, though the API server drops it: nobody means one. Rules in CEL are left out, JSON Schema
    cannot say them. Raises ValueError for a kind that has no Definition.
    """
    if kind.definition is None:
        raise ValueError(f"{kind.name} is not a custom resource that Snapgate describes; give its Kind a Definition")
    whole = object_schema(kind, kind.definition)
    schema = _strict(whole)
    schema["required"] = ["apiVersion", "kind", "metadata", *whole.get("required", ())]
    versions = [f"{kind.group}/{each}" for each in (kind.version, *kind.definition.also_served)]
    version = {"enum": versions} if len(versions) > 1 else {"const": kind.api_version}
    schema["properties"] |= {"apiVersion": version, "kind": {"const": kind.name}}
    return {"$schema": DIALECT, "title": kind.name, **schema}


def _strict(structural: Schema) -> Schema:
    schema = {key: value for key, value in structural.items() if not key.startswith("x-kubernetes-")}
    if structural.get(PRESERVE_UNKNOWN_KEY) and "type" not in structural:
        schema = {"type": ["string", "object"], **schema}
    if "items" in schema:
        schema["items"] = _strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _strict(schema["additionalProperties"])
    if "properties" in schema:
        schema["properties"] = {name: _strict(member) for name, member in schema["properties"].items()}
        schema["additionalProperties"] = structural.get(PRESERVE_UNKNOWN_KEY, False)
    return schema
