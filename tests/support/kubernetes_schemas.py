"""What a version of Kubernetes takes, cut from the OpenAPI document of its Go module.

python -m tests.support.kubernetes_schemas v1.30.14     # writes the file beside the test that reads it
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lab.go import find_go
from lab.paths import CHECKOUT

DIRECTORY: Final = CHECKOUT / "tests" / "unit" / "charts" / "kubernetes"
KINDS: Final = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "CustomResourceDefinition",
        "Deployment",
        "Lease",
        "MutatingWebhookConfiguration",
        "NetworkPolicy",
        "Pod",
        "PodDisruptionBudget",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "ValidatingWebhookConfiguration",
    }
)
_UNTYPED: Final[Mapping[str, dict[str, Any]]] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["integer", "string"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["number", "string"]},
}
_KEPT: Final = frozenset({"type", "enum", "required", "items", "properties", "additionalProperties", "$ref"})
_REFERENCE: Final = "#/definitions/"


def schema_of(swagger: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema with a definition for each kind, by `apiVersion/Kind`, that allows no unknown member."""
    definitions = swagger["definitions"]
    roots = {
        f"{each['group']}/{each['version']}/{each['kind']}".removeprefix("/"): name
        for name, definition in definitions.items()
        for each in definition.get("x-kubernetes-group-version-kind", ())
        if each["kind"] in KINDS and each["version"] == "v1"
    }
    needed: dict[str, Any] = {}
    for root in roots.values():
        _collect(root, definitions, needed)
    return {"kinds": roots, "definitions": dict(sorted(needed.items()))}


def _collect(name: str, definitions: Mapping[str, Any], needed: dict[str, Any]) -> None:
    if name in needed:
        return
    needed[name] = _UNTYPED.get(name) or _strict(definitions[name])
    for reference in _references(needed[name]):
        _collect(reference, definitions, needed)


def _strict(schema: Any) -> Any:
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "properties" in kept:
        kept["properties"] = {name: _strict(value) for name, value in kept["properties"].items()}
        kept.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _strict(kept[key])
    return kept


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):  # JSONSchemaProps has a member of this name
            yield schema["$ref"].removeprefix(_REFERENCE)
        for value in schema.values():
            yield from _references(value)


def main(version: str) -> None:
    go = find_go()
    downloaded = subprocess.run(
        [go.command, "mod", "download", "-json", f"k8s.io/kubernetes@{version}"],
        env=go.environment(),
        cwd="/",
        check=True,
        capture_output=True,
    )
    source = Path(json.loads(downloaded.stdout)["Dir"]) / "api" / "openapi-spec" / "swagger.json"
    target = DIRECTORY / f"{version}.json"
    target.write_text(json.dumps(schema_of(json.loads(source.read_bytes())), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
