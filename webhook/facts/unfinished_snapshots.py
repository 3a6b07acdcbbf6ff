"""Snapshots that are being taken, or wait to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_disk_snapshot import FINISHED, VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.facts.indexes import DISK_SNAPSHOTS_BY_DISK, MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace
from webhook.facts.source import Source


class UnfinishedSnapshot(Struct, frozen=True, gc=False):
    reference: Reference
    phase: str
    machine: str
    """The machine it is of; `""` for the snapshot of a disk."""


def unfinished_snapshots(disk: Reference, machines: Iterable[str], source: Source) -> Iterator[UnfinishedSnapshot]:
    """Of these machines, and of the disk. Parts of a machine's snapshot go with it, and are not named beside it."""
    told: set[str] = set()
    for machine in machines:
        for snapshot in source.find(MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace(disk.namespace, machine)):
            if _unfinished(snapshot):
                told.add(snapshot.metadata.uid)
                yield UnfinishedSnapshot(
                    reference_to(VIRTUAL_MACHINE_SNAPSHOT, snapshot), snapshot.status.phase, machine
                )
    for part in source.find(DISK_SNAPSHOTS_BY_DISK, in_namespace(disk.namespace, disk.name)):
        owners = {owner.uid for owner in part.metadata.owner_references}
        if _unfinished(part) and not owners & told:
            yield UnfinishedSnapshot(reference_to(VIRTUAL_DISK_SNAPSHOT, part), part.status.phase, "")


def _unfinished(snapshot: VirtualDiskSnapshot | VirtualMachineSnapshot) -> bool:
    return snapshot.status.phase not in FINISHED and not snapshot.metadata.deleting
