"""The snapshots of a machine's disks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.content.names import disk_of_child
from webhook.facts.indexes import DISK_SNAPSHOTS_BY_OWNER
from webhook.facts.source import Source
from webhook.reconciler.writes import Writes


def children_of(snapshot: VirtualMachineSnapshot, source: Source) -> dict[str, VirtualDiskSnapshot]:
    """By name, only those that the snapshot itself lists."""
    owned = source.find(DISK_SNAPSHOTS_BY_OWNER, snapshot.metadata.uid)
    listed = snapshot.status.virtual_disk_snapshot_names
    return {child.metadata.name: child for child in owned if child.metadata.name in listed}


def child_for(snapshot: VirtualMachineSnapshot, name: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": snapshot.metadata.namespace,
            "ownerReferences": [
                {
                    "apiVersion": VIRTUAL_MACHINE_SNAPSHOT.api_version,
                    "kind": VIRTUAL_MACHINE_SNAPSHOT.name,
                    "name": snapshot.metadata.name,
                    "uid": snapshot.metadata.uid,
                }
            ],
        },
        "spec": {
            "virtualDiskName": disk_of_child(name, snapshot.metadata.uid),
            "requiredConsistency": snapshot.spec.required_consistency,
        },
    }


async def create_children(snapshot: VirtualMachineSnapshot, names: Sequence[str], writes: Writes) -> None:
    """All at once: the guest stands still meanwhile."""
    namespace = snapshot.metadata.namespace
    await asyncio.gather(
        *(writes.create(VIRTUAL_DISK_SNAPSHOT, namespace, child_for(snapshot, name)) for name in names)
    )


async def delete_children(children: Sequence[VirtualDiskSnapshot], writes: Writes) -> None:
    await asyncio.gather(
        *(writes.delete(VIRTUAL_DISK_SNAPSHOT, child) for child in children if not child.metadata.deleting)
    )
