"""The CustomResourceDefinition of a kind."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.kind import Column, Definition, Kind
from webhook.api.schema import Schema, structural_schema
from webhook.api.virtualization import CATEGORY

_PART_OF: Final = {"app.kubernetes.io/part-of": "snapgate"}


def custom_resource_definition(kind: Kind[Any]) -> dict[str, Any]:
    """What `kubectl apply` installs. Raises ValueError for a kind that has no Definition."""
    definition = kind.definition
    if definition is None:
        raise ValueError(f"{kind.name} is not a custom resource that Snapgate describes; give its Kind a Definition")
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.resource, "labels": dict(_PART_OF)},
        "spec": {
            "group": kind.group,
            "names": _names(kind, definition),
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [_version(kind, definition, each) for each in (kind.version, *definition.also_served)],
        },
    }


def object_schema(kind: Kind[Any], definition: Definition) -> Schema:
    """The schema of the whole object. What metadata holds is the API server's own affair."""
    schema = structural_schema(kind.type)
    properties = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        **schema["properties"],
        "metadata": {"type": "object"},
    }
    return {"description": definition.description, **schema, "properties": properties}


def _names(kind: Kind[Any], definition: Definition) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.name.lower(),
        "shortNames": list(definition.short_names),
        "categories": [CATEGORY],
    }


def _version(kind: Kind[Any], definition: Definition, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "served": True,
        "storage": name == kind.version,
        "schema": {"openAPIV3Schema": object_schema(kind, definition)},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in definition.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    printed: dict[str, Any] = {"name": column.name, "type": column.type, "jsonPath": column.json_path}
    if column.priority:
        printed["priority"] = column.priority
    return printed
