"""The DataExport of the platform's storage module, as far as a cluster without it must be told."""

from __future__ import annotations

from typing import Any

from tests.support.manifests import Json, metadata
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK


def definition(kind: Kind[Any]) -> Json:
    """A CustomResourceDefinition that takes anything."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.resource},
        "spec": {
            "group": kind.group,
            "names": {"kind": kind.name, "plural": kind.plural, "singular": kind.name.lower()},
            "scope": "Namespaced",
            "versions": [
                {"name": kind.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}
            ],
        },
    }


def data_export(name: str, *, disk: str) -> Json:
    target = {"group": VIRTUAL_DISK.group, "kind": VIRTUAL_DISK.name, "name": disk}
    return {"metadata": metadata(name), "spec": {"targetRef": target}}
