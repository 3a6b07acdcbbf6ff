"""Every index that a decision or the reconciler needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from webhook.api.meta import Object
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot_operation import (
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VirtualMachineSnapshotOperation,
)
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS, VolumeSnapshotClass
from webhook.facts.snapshot_use import awaited_snapshot, copied_snapshot, restored_snapshot
from webhook.facts.source import NAMESPACE_SEPARATOR, Index


def in_namespace(namespace: str, name: str) -> str:
    """An index value that cannot match across namespaces."""
    return f"{namespace}{NAMESPACE_SEPARATOR}{name}"


def _driver(snapshot_class: VolumeSnapshotClass) -> Iterable[str]:
    return (snapshot_class.driver,)


def _disk(snapshot: VirtualDiskSnapshot) -> Iterable[str]:
    return (in_namespace(snapshot.metadata.namespace, snapshot.spec.virtual_disk_name),)


def _machine(snapshot: VirtualMachineSnapshot) -> Iterable[str]:
    return (in_namespace(snapshot.metadata.namespace, snapshot.spec.virtual_machine_name),)


def _content(snapshot: VirtualMachineSnapshot) -> Iterable[str]:
    return _named(snapshot, snapshot.status.virtual_machine_snapshot_secret_name)


def _attached_disks(machine: VirtualMachine) -> Iterable[str]:
    return (
        in_namespace(machine.metadata.namespace, device.name)
        for device in machine.status.block_device_refs
        if device.kind == BlockDeviceKind.VIRTUAL_DISK and device.attached
    )


def _attached_to(attachment: VirtualMachineBlockDeviceAttachment) -> Iterable[str]:
    return (in_namespace(attachment.metadata.namespace, attachment.spec.virtual_machine_name),)


def _restored(operation: VirtualMachineOperation) -> Iterable[str]:
    return _named(operation, restored_snapshot(operation))


def _copied(operation: VirtualMachineSnapshotOperation) -> Iterable[str]:
    return _named(operation, copied_snapshot(operation))


def _awaited(disk: VirtualDisk) -> Iterable[str]:
    return _named(disk, awaited_snapshot(disk))


def _named(owner: Object, name: str) -> Iterable[str]:
    return (in_namespace(owner.metadata.namespace, name),) if name else ()


def _owners(owned: Object) -> Iterable[str]:
    return (owner.uid for owner in owned.metadata.owner_references)


MACHINES_BY_DISK: Final = Index("machines-by-disk", VIRTUAL_MACHINE, _attached_disks)
SNAPSHOT_CLASSES_BY_DRIVER: Final = Index("snapshot-classes-by-driver", VOLUME_SNAPSHOT_CLASS, _driver)
DISK_SNAPSHOTS_BY_DISK: Final = Index("disk-snapshots-by-disk", VIRTUAL_DISK_SNAPSHOT, _disk)
DISK_SNAPSHOTS_BY_OWNER: Final = Index("disk-snapshots-by-owner", VIRTUAL_DISK_SNAPSHOT, _owners)
MACHINE_SNAPSHOTS_BY_MACHINE: Final = Index("machine-snapshots-by-machine", VIRTUAL_MACHINE_SNAPSHOT, _machine)
MACHINE_SNAPSHOTS_BY_CONTENT: Final = Index("machine-snapshots-by-content", VIRTUAL_MACHINE_SNAPSHOT, _content)
ATTACHMENTS_BY_MACHINE: Final = Index("attachments-by-machine", VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, _attached_to)
RESTORES_BY_SNAPSHOT: Final = Index("unfinished-restores-by-snapshot", VIRTUAL_MACHINE_OPERATION, _restored)
COPIES_BY_SNAPSHOT: Final = Index("unfinished-copies-by-snapshot", VIRTUAL_MACHINE_SNAPSHOT_OPERATION, _copied)
DISKS_BY_SNAPSHOT: Final = Index("awaiting-disks-by-snapshot", VIRTUAL_DISK, _awaited)
"""Of these three only what still needs the snapshot: a disk names its source for as long as it lives."""

INDEXES: Final[tuple[Index[Any], ...]] = (
    MACHINES_BY_DISK,
    SNAPSHOT_CLASSES_BY_DRIVER,
    DISK_SNAPSHOTS_BY_DISK,
    DISK_SNAPSHOTS_BY_OWNER,
    MACHINE_SNAPSHOTS_BY_MACHINE,
    MACHINE_SNAPSHOTS_BY_CONTENT,
    ATTACHMENTS_BY_MACHINE,
    RESTORES_BY_SNAPSHOT,
    COPIES_BY_SNAPSHOT,
    DISKS_BY_SNAPSHOT,
)
