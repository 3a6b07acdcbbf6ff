"""What a user asks for, as the gate hands it to evaluate()."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.support import manifests
from tests.support.manifests import NAMESPACE, Json
from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.request import Operation, Request

DISK_SNAPSHOT = "disk-snapshot"
MACHINE_SNAPSHOT = "machine-snapshot"


def snapshot_of_disk(name: str, *, required_consistency: bool = True) -> Request:
    manifest = manifests.disk_snapshot(DISK_SNAPSHOT, of=name, required_consistency=required_consistency)
    return create(VIRTUAL_DISK_SNAPSHOT, manifest)


def snapshot_of_machine(name: str, *, required_consistency: bool = True, keep_ip_address: str = "Always") -> Request:
    manifest = manifests.machine_snapshot(
        MACHINE_SNAPSHOT, of=name, required_consistency=required_consistency, keep_ip_address=keep_ip_address
    )
    return create(VIRTUAL_MACHINE_SNAPSHOT, manifest)


def create(kind: Kind[Any], manifest: Json, *, namespace: str = NAMESPACE) -> Request:
    return Request(Operation.CREATE, kind, namespace, decode(kind, msgspec.json.encode(manifest)))


def delete(kind: Kind[Any], manifest: Json, *, namespace: str = NAMESPACE) -> Request:
    return Request(Operation.DELETE, kind, namespace, old_object=decode(kind, msgspec.json.encode(manifest)))


def update(kind: Kind[Any], *, before: Json, after: Json, namespace: str = NAMESPACE) -> Request:
    return Request(
        Operation.UPDATE,
        kind,
        namespace,
        object=decode(kind, msgspec.json.encode(after)),
        old_object=decode(kind, msgspec.json.encode(before)),
    )
