"""The snapshots of a machine's disks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from webhook.api.reference import owner_reference_to
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.vocabulary import DISK_SNAPSHOT_CLEANUP
from webhook.content.names import disk_of_child
from webhook.facts.indexes import DISK_SNAPSHOTS_BY_OWNER
from webhook.facts.source import Source
from webhook.reconciler.writes import Writes


def children_of(snapshot: VirtualMachineSnapshot, source: Source) -> dict[str, VirtualDiskSnapshot]:
    """By name, only those that the snapshot itself would make."""
    owned = source.find(DISK_SNAPSHOTS_BY_OWNER, snapshot.metadata.uid)
    return {child.metadata.name: child for child in owned if is_child(child, snapshot)}


def is_child(child: VirtualDiskSnapshot, snapshot: VirtualMachineSnapshot) -> bool:
    """Anyone may write an owner reference, and whoever reads the list of names may take one of them first."""
    name, metadata = child.metadata.name, snapshot.metadata
    return (
        name in snapshot.status.virtual_disk_snapshot_names
        and child.metadata.is_owned_by(metadata.uid)
        and child.spec.virtual_disk_name == disk_of_child(name, metadata.uid)
        and child.spec.required_consistency == snapshot.spec.required_consistency
    )


def child_for(snapshot: VirtualMachineSnapshot, name: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": snapshot.metadata.namespace,
            "finalizers": [DISK_SNAPSHOT_CLEANUP],
            "ownerReferences": [owner_reference_to(VIRTUAL_MACHINE_SNAPSHOT, snapshot)],
        },
        "spec": {
            "virtualDiskName": disk_of_child(name, snapshot.metadata.uid),
            "requiredConsistency": snapshot.spec.required_consistency,
        },
    }


async def create_children(snapshot: VirtualMachineSnapshot, names: Sequence[str], writes: Writes) -> None:
    """All at once: the guest stands still meanwhile."""
    namespace = snapshot.metadata.namespace
    await _all(writes.create(VIRTUAL_DISK_SNAPSHOT, namespace, child_for(snapshot, name)) for name in names)


async def delete_children(children: Sequence[VirtualDiskSnapshot], writes: Writes) -> None:
    await _all(writes.delete(VIRTUAL_DISK_SNAPSHOT, child) for child in children if not child.metadata.deleting)


async def _all(writes: Iterable[Awaitable[None]]) -> None:
    """Raises the first failure, and only when none is under way any more: the next pass must not overlap with them."""
    for outcome in await asyncio.gather(*writes, return_exceptions=True):
        if outcome is not None:
            raise outcome
