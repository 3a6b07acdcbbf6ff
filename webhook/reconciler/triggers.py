"""Which snapshots, disks and operations want a pass when something in the cluster changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import DELETED_BY, OPERATION_UID, RESTORED_BY
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.facts.indexes import (
    COPIES_BY_SNAPSHOT,
    COPIES_BY_UID,
    DISK_SNAPSHOTS_BY_DISK,
    DISK_SNAPSHOTS_BY_OWNER,
    DISKS_BY_SNAPSHOT,
    MACHINE_SNAPSHOTS_BY_MACHINE,
    MACHINES_BY_DISK,
    OPERATIONS_BY_MACHINE,
    OPERATIONS_BY_UID,
    RESTORES_BY_SNAPSHOT,
    in_namespace,
)
from webhook.facts.machine import machine_from
from webhook.facts.source import Source
from webhook.reconciler.queue import Key

Trigger = Callable[[Any, Source], Iterator[Key]]


def keys_for(kind: Kind[Any], changed: Object, source: Source) -> Iterator[Key]:
    trigger = _TRIGGERS.get(kind.name)
    if trigger is not None:
        yield from trigger(changed, source)
    yield from _made_by_operation(changed, source)


def _made_by_operation(made: Object, source: Source) -> Iterator[Key]:
    """Whatever carries the mark of an operation is what that operation waits for."""
    annotations = made.metadata.annotations
    for uid in {annotations[key] for key in _MARKS if key in annotations}:
        for operation in source.find(OPERATIONS_BY_UID, uid):
            yield _key(VIRTUAL_MACHINE_OPERATION, operation)
        for copy in source.find(COPIES_BY_UID, uid):
            yield _key(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, copy)


def _itself(kind: Kind[Any]) -> Trigger:
    def keys(changed: Object, _: Source) -> Iterator[Key]:
        yield _key(kind, changed)

    return keys


def _disk_snapshot(snapshot: VirtualDiskSnapshot, source: Source) -> Iterator[Key]:
    yield _key(VIRTUAL_DISK_SNAPSHOT, snapshot)
    yield from _owner(VIRTUAL_MACHINE_SNAPSHOT, snapshot)
    yield from _disks_from(snapshot.metadata.namespace, snapshot.metadata.name, source)


def _machine_snapshot(snapshot: VirtualMachineSnapshot, source: Source) -> Iterator[Key]:
    yield _key(VIRTUAL_MACHINE_SNAPSHOT, snapshot)
    for child in source.find(DISK_SNAPSHOTS_BY_OWNER, snapshot.metadata.uid):
        yield _key(VIRTUAL_DISK_SNAPSHOT, child)
    value = in_namespace(snapshot.metadata.namespace, snapshot.metadata.name)
    for restore in source.find(RESTORES_BY_SNAPSHOT, value):
        yield _key(VIRTUAL_MACHINE_OPERATION, restore)
    for copy in source.find(COPIES_BY_SNAPSHOT, value):
        yield _key(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, copy)


def _machine(machine: VirtualMachine, source: Source) -> Iterator[Key]:
    value = in_namespace(machine.metadata.namespace, machine.metadata.name)
    yield from _unsettled(VIRTUAL_MACHINE_SNAPSHOT, source.find(MACHINE_SNAPSHOTS_BY_MACHINE, value))
    for operation in source.find(OPERATIONS_BY_MACHINE, value):
        yield _key(VIRTUAL_MACHINE_OPERATION, operation)
    for disk_name in machine_from(machine).disk_names:
        yield from _snapshots_of_disk(machine.metadata.namespace, disk_name, source)


def _attachment(attachment: VirtualMachineBlockDeviceAttachment, source: Source) -> Iterator[Key]:
    """A restore waits until what its machine is not to have is unplugged."""
    value = in_namespace(attachment.metadata.namespace, attachment.spec.virtual_machine_name)
    for operation in source.find(OPERATIONS_BY_MACHINE, value):
        yield _key(VIRTUAL_MACHINE_OPERATION, operation)


def _disk(disk: VirtualDisk, source: Source) -> Iterator[Key]:
    namespace, name = disk.metadata.namespace, disk.metadata.name
    if disk.in_recovery:
        yield _key(VIRTUAL_DISK, disk)
    yield from _snapshots_of_disk(namespace, name, source)
    machines = {attachment.name for attachment in disk.status.attached_to_virtual_machines}
    machines |= {machine.metadata.name for machine in source.find(MACHINES_BY_DISK, in_namespace(namespace, name))}
    for machine_name in sorted(machines):
        snapshots = source.find(MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace(namespace, machine_name))
        yield from _unsettled(VIRTUAL_MACHINE_SNAPSHOT, snapshots)


def _claim(claim: PersistentVolumeClaim, source: Source) -> Iterator[Key]:
    owner = claim.metadata.owner(VIRTUAL_DISK.name)
    disk = source.get(VIRTUAL_DISK, claim.metadata.namespace, owner.name) if owner is not None else None
    if disk is not None:
        yield from _disk(disk, source)


def _owner(kind: Kind[Any], owned: Object) -> Iterator[Key]:
    owner = owned.metadata.owner(kind.name)
    if owner is not None:
        yield Key(kind.name, owned.metadata.namespace, owner.name)


def _owned_by_disk_snapshot(owned: Object, source: Source) -> Iterator[Key]:
    for owner in _owner(VIRTUAL_DISK_SNAPSHOT, owned):
        yield owner
        yield from _disks_from(owner.namespace, owner.name, source)


def _disks_from(namespace: str, snapshot: str, source: Source) -> Iterator[Key]:
    """Disks that wait for the snapshot, or are being made of it."""
    for disk in source.find(DISKS_BY_SNAPSHOT, in_namespace(namespace, snapshot)):
        yield _key(VIRTUAL_DISK, disk)


def _owned_by_machine_snapshot(owned: Object, _: Source) -> Iterator[Key]:
    yield from _owner(VIRTUAL_MACHINE_SNAPSHOT, owned)


def _snapshots_of_disk(namespace: str, name: str, source: Source) -> Iterator[Key]:
    yield from _unsettled(VIRTUAL_DISK_SNAPSHOT, source.find(DISK_SNAPSHOTS_BY_DISK, in_namespace(namespace, name)))


def _unsettled(kind: Kind[Any], snapshots: Any) -> Iterator[Key]:
    """A disk may have years of snapshots: those that are done, with nothing left to thaw, do not care how it is."""
    for snapshot in snapshots:
        freeze = snapshot.status.freeze
        settled = snapshot.status.phase in {Phase.READY, Phase.FAILED} and (freeze is None or not freeze.outstanding)
        if not settled:
            yield _key(kind, snapshot)


def _key(kind: Kind[Any], subject: Object) -> Key:
    return Key(kind.name, subject.metadata.namespace, subject.metadata.name)


_MARKS: Final = (RESTORED_BY, DELETED_BY, OPERATION_UID)

_TRIGGERS: Final[Mapping[str, Trigger]] = {
    VIRTUAL_MACHINE_OPERATION.name: _itself(VIRTUAL_MACHINE_OPERATION),
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: _itself(VIRTUAL_MACHINE_SNAPSHOT_OPERATION),
    VIRTUAL_DISK_SNAPSHOT.name: _disk_snapshot,
    VIRTUAL_MACHINE_SNAPSHOT.name: _machine_snapshot,
    VIRTUAL_MACHINE.name: _machine,
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name: _attachment,
    VIRTUAL_DISK.name: _disk,
    PERSISTENT_VOLUME_CLAIM.name: _claim,
    VOLUME_SNAPSHOT.name: _owned_by_disk_snapshot,
    SECRET.name: _owned_by_machine_snapshot,
}
