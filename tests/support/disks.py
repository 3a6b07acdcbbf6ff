"""VirtualDisks as the API server sends them."""

from __future__ import annotations

from typing import Any


def disk(name: str, resource_version: str, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "virtualization.deckhouse.io/v1alpha2",
        "kind": "VirtualDisk",
        "metadata": {"namespace": "default", "name": name, "resourceVersion": resource_version, **metadata},
        "spec": {},
    }


def broken_disk(name: str, resource_version: str) -> dict[str, Any]:
    return {**disk(name, resource_version), "status": {"conditions": 7}}
