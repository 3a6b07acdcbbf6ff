"""VirtualDisk: what the page asks of a disk that is made of a snapshot, and of one that has its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.quantity import exceeds
from webhook.api.reference import Reference
from webhook.api.virtual_disk import Phase, VirtualDisk
from webhook.facts.disk_snapshot import DiskSnapshot
from webhook.facts.facts import Facts
from webhook.facts.unfinished_snapshots import UnfinishedSnapshot
from webhook.findings.disks import (
    DISK_BEING_SNAPSHOTTED,
    DISK_SMALLER_THAN_SNAPSHOT,
    DISK_SOURCE_IMMUTABLE,
    STORAGE_CLASS_DIFFERS,
    STORAGE_DRIVER_DIFFERS,
)
from webhook.findings.finding import Finding, Holder
from webhook.findings.restore import STORAGE_CLASS_MISSING
from webhook.findings.snapshot_source import (
    SNAPSHOT_DATA_MISSING,
    SNAPSHOT_FAILED,
    SNAPSHOT_INCONSISTENT,
    SNAPSHOT_NOT_FOUND,
    SNAPSHOT_NOT_READY,
)

SOURCE_FIELD: Final = "spec.dataSource"
SNAPSHOT_FIELD: Final = "spec.dataSource.objectRef.name"
SIZE_FIELD: Final = "spec.persistentVolumeClaim.size"
CLASS_FIELD: Final = "spec.persistentVolumeClaim.storageClassName"

_HAS_DATA: Final = frozenset({Phase.READY, Phase.RESIZING, Phase.PVC_LOST, Phase.EXPORTING, Phase.MIGRATING})
_BEING_MADE: Final = frozenset({Phase.PROVISIONING, Phase.WAIT_FOR_FIRST_CONSUMER})
_ANOTHER_SNAPSHOT: Final = "use another: kubectl get vdsnapshot"


def check_disk(subject: Reference, disk: VirtualDisk, facts: Facts) -> Iterator[Finding]:
    """Disks that are made of something else are not ours to judge."""
    name = disk.source_snapshot
    if not name:
        return
    yield from facts.each(
        source_can_be_read(subject, disk, facts),
        storage_class_exists(subject, disk, facts),
    )


def source_can_be_read(subject: Reference, disk: VirtualDisk, facts: Facts) -> Iterator[Finding]:
    name = disk.source_snapshot
    snapshot = facts.disk_snapshot(name)
    if snapshot is None:
        yield SNAPSHOT_NOT_FOUND.found(
            subject=subject,
            field=SNAPSHOT_FIELD,
            message=f"VirtualDiskSnapshot {name} does not exist in namespace {subject.namespace}",
            remedy="check the name: kubectl get vdsnapshot",
        )
        return
    yield from facts.each(
        snapshot_can_be_used(subject, snapshot, facts),
        disk_is_large_enough(subject, disk, snapshot),
        storage_can_read_it(subject, disk, snapshot, facts),
    )


def check_disk_update(subject: Reference, new: VirtualDisk, old: VirtualDisk, facts: Facts) -> Iterator[Finding]:
    """Only what is changed is judged. Nothing is asked of a disk on its way out."""
    if old.metadata.deleting:
        return
    yield from facts.each(
        source_is_kept(subject, new, old),
        size_is_kept_while_snapshotted(subject, new, old, facts),
        check_disk(subject, new, facts) if new.spec != old.spec and not _is_provisioned(old) else (),
    )


def snapshot_can_be_used(disk: Reference, snapshot: DiskSnapshot, facts: Facts) -> Iterator[Finding]:
    """One that is on its way out keeps its data until the disk has it."""
    subject, field = snapshot.reference, SNAPSHOT_FIELD
    kept = facts.snapshot_is_kept_for(snapshot, disk)
    if snapshot.failed:
        yield SNAPSHOT_FAILED.found(
            subject=subject, field=field, message=f"{subject} is Failed", remedy=_ANOTHER_SNAPSHOT
        )
    elif snapshot.deleting and not kept:
        yield SNAPSHOT_FAILED.found(
            subject=subject, field=field, message=f"{subject} is being deleted", remedy=_ANOTHER_SNAPSHOT
        )
    elif not snapshot.ready and not kept:
        yield SNAPSHOT_NOT_READY.found(
            subject=subject,
            field=field,
            message=f"{subject} is {snapshot.phase or Phase.PENDING}, not Ready",
            remedy=f"wait: kubectl wait vdsnapshot/{subject.name} --for=jsonpath={{.status.phase}}=Ready",
        )
    elif snapshot.data is None or not snapshot.data.usable:
        yield SNAPSHOT_DATA_MISSING.found(
            subject=subject, field=field, message=f"the data of {subject} is gone", remedy=_ANOTHER_SNAPSHOT
        )
    elif not snapshot.consistent:
        yield from snapshot_is_consistent(snapshot)


def snapshot_is_consistent(snapshot: DiskSnapshot) -> Iterator[Finding]:
    """The page: when restoring from an inconsistent snapshot, file system integrity issues may occur."""
    if not snapshot.consistent:
        yield SNAPSHOT_INCONSISTENT.found(
            subject=snapshot.reference,
            field=SNAPSHOT_FIELD,
            message=f"{snapshot.reference} is not marked consistent",
            remedy="check the file systems afterwards",
        )


def disk_is_large_enough(subject: Reference, disk: VirtualDisk, snapshot: DiskSnapshot) -> Iterator[Finding]:
    """The page: a size that is the same or larger than the size of the original disk."""
    size, data = disk.spec.persistent_volume_claim.size, snapshot.data
    if data is not None and exceeds(data.least_size, size):
        yield DISK_SMALLER_THAN_SNAPSHOT.found(
            subject=subject,
            field=SIZE_FIELD,
            message=f"{size} is less than the {data.least_size} of {snapshot.reference}",
            remedy=f"set {SIZE_FIELD}: {data.least_size}",
        )


def storage_class_exists(subject: Reference, disk: VirtualDisk, facts: Facts) -> Iterator[Finding]:
    """Of the class that the disk names, or else of the one that the original had."""
    asked = disk.spec.persistent_volume_claim.storage_class_name
    snapshot = facts.disk_snapshot(disk.source_snapshot) if not asked else None
    name = asked or (snapshot.data.storage_class if snapshot is not None and snapshot.data is not None else "")
    if name and facts.storage_driver(name) is None:
        yield STORAGE_CLASS_MISSING.found(
            subject=subject,
            field=CLASS_FIELD,
            message=f"StorageClass {name}{'' if asked else ' of the original disk'} does not exist",
            remedy="name another: kubectl get storageclass",
        )


def storage_can_read_it(
    subject: Reference, disk: VirtualDisk, snapshot: DiskSnapshot, facts: Facts
) -> Iterator[Finding]:
    """A snapshot stays with the driver that took it. The page: the StorageClass of the original disk."""
    data = snapshot.data
    if data is None:
        return
    name = disk.spec.persistent_volume_claim.storage_class_name or data.storage_class
    driver = facts.storage_driver(name) if name else None
    original_exists = bool(data.storage_class) and facts.storage_driver(data.storage_class) is not None
    if driver is None:
        return
    if data.driver and driver != data.driver:
        remedy = f"set storageClassName: {data.storage_class}" if original_exists else "name one of that driver"
        yield STORAGE_DRIVER_DIFFERS.found(
            subject=subject,
            field=CLASS_FIELD,
            message=f"StorageClass {name} is of driver {driver}, the snapshot of {data.driver}",
            remedy=remedy,
        )
    elif data.storage_class and name != data.storage_class:
        yield STORAGE_CLASS_DIFFERS.noticed(
            subject=subject,
            field=CLASS_FIELD,
            message=f"the original disk has StorageClass {data.storage_class}, this one {name}",
            remedy=f"set storageClassName: {data.storage_class}" if original_exists else None,
        )


def source_is_kept(subject: Reference, new: VirtualDisk, old: VirtualDisk) -> Iterator[Finding]:
    """A data source is read once. The page's manifest reuses the name of the disk that it recovers."""
    if new.spec.data_source == old.spec.data_source or not _is_provisioned(old):
        return
    yield DISK_SOURCE_IMMUTABLE.found(
        subject=subject,
        field=SOURCE_FIELD,
        message=f"{subject} is {old.status.phase} and cannot get another dataSource",
        remedy=f"recover under another name, or delete it first: kubectl delete vd {subject.name}",
    )


def size_is_kept_while_snapshotted(
    subject: Reference, new: VirtualDisk, old: VirtualDisk, facts: Facts
) -> Iterator[Finding]:
    if not _size_changes(new, old):
        return
    for snapshot in facts.unfinished_snapshots_of(old):
        reference, phase = snapshot.reference, snapshot.phase or Phase.PENDING
        yield DISK_BEING_SNAPSHOTTED.found(
            subject=subject,
            field=SIZE_FIELD,
            message=f"{reference} of the disk{' and its machine' if snapshot.machine else ''} is {phase}",
            remedy=_until_taken(snapshot),
            holder=Holder(reference.kind, reference.namespace, reference.name, snapshot.machine, phase),
        )


def _size_changes(new: VirtualDisk, old: VirtualDisk) -> bool:
    before = old.spec.persistent_volume_claim.size or old.status.capacity
    after = new.spec.persistent_volume_claim.size
    return exceeds(before, after) or exceeds(after, before)


def _is_provisioned(disk: VirtualDisk) -> bool:
    """Whether its source was read, or a claim that names it was made."""
    return disk.status.phase in _HAS_DATA or (disk.status.phase in _BEING_MADE and bool(disk.source_snapshot))


def _until_taken(snapshot: UnfinishedSnapshot) -> str:
    """A snapshot that waits may wait long."""
    short = "vmsnapshot" if snapshot.machine else "vdsnapshot"
    name = snapshot.reference.name
    if snapshot.phase == Phase.PENDING:
        return f"delete it, or wait: kubectl wait {short}/{name} --for=jsonpath={{.status.phase}}=Ready"
    return f"wait: kubectl wait {short}/{name} --for=jsonpath={{.status.phase}}=Ready"
