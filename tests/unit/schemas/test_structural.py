"""What the API server demands of a structural schema (KEP-1002; apiextensions/apiserver/schema/validation.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from webhook.api.crd import object_schema
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS

DEFINED = [kind for kind in KINDS if kind.definition is not None]
INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]

Node = tuple[str, dict[str, Any]]


def nodes(schema: dict[str, Any], path: str = "$") -> Iterator[Node]:
    yield path, schema
    for name, member in schema.get("properties", {}).items():
        yield from nodes(member, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], f"{path}.{key}")


def schema_of(kind: Kind[Any]) -> dict[str, Any]:
    assert kind.definition is not None
    return object_schema(kind, kind.definition)


@pytest.fixture(params=DEFINED, ids=lambda kind: kind.name)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    return schema_of(request.param)


def test_every_node_has_a_type_unless_it_may_have_several(schema: dict[str, Any]) -> None:
    for path, node in nodes(schema):
        if node.get("x-kubernetes-int-or-string"):
            assert "type" not in node, path
            assert node["anyOf"] == INT_OR_STRING, path
        elif path.endswith(("nameReplacement.items.to", "nameReplacements.items.to")):
            assert node["x-kubernetes-preserve-unknown-fields"] is True
            assert "type" not in node, path
        else:
            assert node["type"] in {"object", "array", "string", "integer", "boolean"}, path
            assert "anyOf" not in node, path


@pytest.mark.parametrize(
    "forbidden", ["$ref", "nullable", "definitions", "uniqueItems", "patternProperties", "dependencies", "const", "id"]
)
def test_no_node_uses_what_a_structural_schema_forbids(schema: dict[str, Any], forbidden: str) -> None:
    assert [path for path, node in nodes(schema) if forbidden in node] == []


def test_properties_and_additional_properties_exclude_each_other(schema: dict[str, Any]) -> None:
    assert [path for path, node in nodes(schema) if {"properties", "additionalProperties"} <= node.keys()] == []


def test_every_array_says_what_it_holds(schema: dict[str, Any]) -> None:
    assert [path for path, node in nodes(schema) if node.get("type") == "array" and "items" not in node] == []


def test_only_a_described_member_is_required(schema: dict[str, Any]) -> None:
    undescribed = {
        f"{path}.{name}"
        for path, node in nodes(schema)
        for name in node.get("required", ())
        if name not in node["properties"]
    }
    assert undescribed == set()


def test_every_default_is_one_of_the_allowed_values(schema: dict[str, Any]) -> None:
    for path, node in nodes(schema):
        if "default" in node and "enum" in node:
            assert node["default"] in node["enum"], path


def test_metadata_is_left_to_the_api_server(schema: dict[str, Any]) -> None:
    assert schema["properties"]["metadata"] == {"type": "object"}
    assert {"apiVersion", "kind"} <= schema["properties"].keys()


@pytest.mark.parametrize("kind", DEFINED, ids=lambda kind: kind.name)
def test_every_rule_says_what_to_do_and_ends_in_a_code(kind: Kind[Any]) -> None:
    for path, node in nodes(schema_of(kind)):
        for rule in node.get("x-kubernetes-validations", ()):
            assert rule["message"].endswith("]"), path
            if rule["rule"] == "self == oldSelf":
                assert rule["message"].endswith("[SpecImmutable]"), path
