"""Operations that copy machines, as users write them and as they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.support.manifests import Json, metadata


def rule(old: str, new: Any, *, kind: str = "") -> Json:
    return {"from": ({"kind": kind} if kind else {}) | {"name": old}, "to": new}


def documented(rules: Iterable[Json]) -> list[Json]:
    """As the page spells rules, `to: {name: x}`."""
    return [each | {"to": {"name": each["to"]}} for each in rules]


def clone(name: str, *, of: str = "linux-vm", mode: str = "Strict", **copy: Any) -> Json:
    spec = {"type": "Clone", "virtualMachineName": of, "clone": {"mode": mode} | copy}
    return {"metadata": metadata(name), "spec": spec}


def created_from_snapshot(name: str, *, snapshot: str = "snap", mode: str = "Strict", **copy: Any) -> Json:
    spec = {
        "type": "CreateVirtualMachine",
        "virtualMachineSnapshotName": snapshot,
        "createVirtualMachine": {"mode": mode} | copy,
    }
    return {"metadata": metadata(name), "spec": spec}
