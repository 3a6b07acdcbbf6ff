"""What one pass over a VirtualDiskSnapshot looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webhook.api.freeze import FreezeStatus
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.volume_snapshot import VolumeSnapshot
from webhook.facts.disk import Disk
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.facts.source import Source
from webhook.findings.finding import Finding
from webhook.findings.snapshots import DISK_NOT_FOUND, DISK_SHARED_BY_MACHINES, VOLUME_NOT_BOUND
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.steps.children import is_child
from webhook.reconciler.steps.volume_snapshot import volume_snapshot_of
from webhook.reconciler.stillness import machine_is_still
from webhook.rules.consistency import CONSISTENCY_FIELD
from webhook.rules.disk_snapshot import DISK_FIELD


@dataclass(frozen=True, slots=True)
class DiskSnapshotView:
    snapshot: VirtualDiskSnapshot
    disk: Disk | None
    machine: Machine | None
    """The machine whose snapshot this is part of, or that it asked to freeze, or else the one that uses the disk; None
    for none or several."""
    parent: VirtualMachineSnapshot | None
    volume: VolumeSnapshot | None
    abandoned: bool
    """The machine's snapshot that owns it is gone, and garbage collection is about to take it too."""
    thawing: bool
    """The machine was asked to thaw: that it still looks frozen means nothing."""

    @property
    def machine_name(self) -> str | None:
        return self.machine.name if self.machine is not None else None

    @property
    def required(self) -> bool:
        return self.snapshot.spec.required_consistency

    @property
    def freeze(self) -> FreezeStatus | None:
        """The claim that keeps the guest still: its own, or that of the machine's snapshot it is part of."""
        return self.parent.status.freeze if self.parent is not None else self.snapshot.status.freeze

    @property
    def parent_goes_on(self) -> bool:
        return (
            self.parent is not None
            and not self.parent.metadata.deleting
            and self.parent.status.phase == Phase.IN_PROGRESS
        )

    @property
    def shared(self) -> bool:
        """Whether a machine has the disk that this snapshot does not keep still."""
        return self.disk is not None and len({*self.disk.users, self.machine_name} - {None}) > 1

    def still(self, now: datetime) -> bool:
        """Whether nothing may be writing to the disk."""
        if self.disk is None or self.shared or self.thawing:
            return False
        return machine_is_still(self.machine, self.freeze, now)

    def what_is_lost(self) -> Finding | None:
        """The disk was there when the snapshot began."""
        name = self.snapshot.spec.virtual_disk_name
        subject = reference_to(VIRTUAL_DISK_SNAPSHOT, self.snapshot)
        if self.disk is None:
            return DISK_NOT_FOUND.found(
                subject=subject, field=DISK_FIELD, message=f"VirtualDisk {name} was deleted before it was captured"
            )
        if self.disk.claim is None:
            return VOLUME_NOT_BOUND.found(
                subject=subject, field=DISK_FIELD, message=f"the volume of VirtualDisk {name} is gone"
            )
        return None

    def sharing(self) -> Finding:
        return DISK_SHARED_BY_MACHINES.found(
            subject=Reference("VirtualDisk", self.snapshot.metadata.namespace, self.snapshot.spec.virtual_disk_name),
            field=CONSISTENCY_FIELD,
            message=f"VirtualDisk {self.snapshot.spec.virtual_disk_name} came to be used by several machines",
        )


def view_of(snapshot: VirtualDiskSnapshot, cluster: Cluster) -> DiskSnapshotView:
    source = cluster.source
    facts = Facts(source, snapshot.metadata.namespace)
    disk = facts.disk(snapshot.spec.virtual_disk_name)
    owner = _owner(snapshot, source)
    parent = owner if owner is not None and is_child(snapshot, owner) else None
    machine_name = _machine_name(snapshot, parent, disk)
    machine = facts.machine(machine_name) if machine_name is not None else None
    return DiskSnapshotView(
        snapshot=snapshot,
        disk=disk,
        machine=machine,
        parent=parent,
        volume=volume_snapshot_of(snapshot, source),
        abandoned=owner is None and snapshot.metadata.owner(VIRTUAL_MACHINE_SNAPSHOT.name) is not None,
        thawing=machine is not None and (machine.reference.namespace, machine.name) in cluster.thawing,
    )


def _machine_name(
    snapshot: VirtualDiskSnapshot, parent: VirtualMachineSnapshot | None, disk: Disk | None
) -> str | None:
    if parent is not None:
        return parent.spec.virtual_machine_name
    claim = snapshot.status.freeze
    if claim is not None and claim.outstanding:
        return claim.virtual_machine_name
    return disk.users[0] if disk is not None and len(disk.users) == 1 else None


def _owner(snapshot: VirtualDiskSnapshot, source: Source) -> VirtualMachineSnapshot | None:
    named = snapshot.metadata.owner(VIRTUAL_MACHINE_SNAPSHOT.name)
    if named is None:
        return None
    owner = source.get(VIRTUAL_MACHINE_SNAPSHOT, snapshot.metadata.namespace, named.name)
    return owner if owner is not None and owner.metadata.uid == named.uid else None
