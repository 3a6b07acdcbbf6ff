"""Every index that a decision or the reconciler needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from webhook.api.meta import Object
from webhook.api.operation import OperationResource
from webhook.api.resource_quota import RESOURCE_QUOTA, ResourceQuota
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, VirtualMachineIPAddress
from webhook.api.virtual_machine_mac_address import (
    VIRTUAL_MACHINE_MAC_ADDRESS,
    VirtualMachineMACAddress,
    normal_mac_address,
)
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_operation import Phase as OperationPhase
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot_operation import (
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VirtualMachineSnapshotOperation,
)
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS, VolumeSnapshotClass
from webhook.facts.snapshot_use import awaited_snapshot, copied_snapshot, restored_snapshot
from webhook.facts.source import NAMESPACE_SEPARATOR, Index
from webhook.facts.unfinished import (
    machine_operation_is_unfinished,
    mode_of,
    snapshot_operation_is_unfinished,
)

READY: Final = "ready"
"""Index value for all that are, and with in_namespace() for those of one namespace."""


def in_namespace(namespace: str, name: str) -> str:
    """An index value that cannot match across namespaces."""
    return f"{namespace}{NAMESPACE_SEPARATOR}{name}"


def named(namespace: str, kind: str, name: str) -> str:
    """An index value for one name of one kind."""
    return in_namespace(namespace, f"{kind}/{name}")


def _driver(snapshot_class: VolumeSnapshotClass) -> Iterable[str]:
    return (snapshot_class.driver,)


def _disk(snapshot: VirtualDiskSnapshot) -> Iterable[str]:
    return (in_namespace(snapshot.metadata.namespace, snapshot.spec.virtual_disk_name),)


def _machine(snapshot: VirtualMachineSnapshot) -> Iterable[str]:
    return (in_namespace(snapshot.metadata.namespace, snapshot.spec.virtual_machine_name),)


def _ready(snapshot: VirtualMachineSnapshot) -> Iterable[str]:
    if snapshot.status.phase != Phase.READY or snapshot.metadata.deleting:
        return ()
    return (in_namespace(snapshot.metadata.namespace, READY), READY)


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


def _attached_device(attachment: VirtualMachineBlockDeviceAttachment) -> Iterable[str]:
    device = attachment.spec.block_device_ref
    return (in_namespace(attachment.metadata.namespace, f"{device.kind}/{device.name}"),)


def _listed_disks(machine: VirtualMachine) -> Iterable[str]:
    listed = {(device.kind, device.name) for device in machine.spec.block_device_refs}
    listed |= {(device.kind, device.name) for device in machine.status.block_device_refs}
    disks = (name for kind, name in listed if kind == BlockDeviceKind.VIRTUAL_DISK)
    return (in_namespace(machine.metadata.namespace, name) for name in disks)


def _ip_addresses(address: VirtualMachineIPAddress) -> Iterable[str]:
    return {each for each in (address.status.address, address.requested) if each}


def _mac_addresses(address: VirtualMachineMACAddress) -> Iterable[str]:
    return {each for each in (normal_mac_address(address.status.address), address.requested) if each}


def _unfinished(operation: VirtualMachineOperation) -> Iterable[str]:
    unfinished = machine_operation_is_unfinished(operation)
    return (in_namespace(operation.metadata.namespace, operation.spec.virtual_machine_name),) if unfinished else ()


def _reserved(operation: VirtualMachineOperation) -> Iterable[str]:
    return _planned(operation) if machine_operation_is_unfinished(operation) else ()


def _reserved_by_copy(operation: VirtualMachineSnapshotOperation) -> Iterable[str]:
    return _planned(operation) if snapshot_operation_is_unfinished(operation) else ()


def _planned(operation: VirtualMachineOperation | VirtualMachineSnapshotOperation) -> Iterable[str]:
    resources: tuple[OperationResource, ...] = () if _waits(operation) else operation.status.resources
    return (named(operation.metadata.namespace, each.kind, each.name) for each in resources)


def _unplanned(operation: VirtualMachineOperation) -> Iterable[str]:
    """Only those that will make something: a restore or a clone that has not begun."""
    unplanned = _has_no_plan(operation) and machine_operation_is_unfinished(operation)
    return (operation.metadata.namespace,) if unplanned and mode_of(operation) else ()


def _unplanned_copy(operation: VirtualMachineSnapshotOperation) -> Iterable[str]:
    unplanned = _has_no_plan(operation) and snapshot_operation_is_unfinished(operation)
    return (operation.metadata.namespace,) if unplanned else ()


def _has_no_plan(operation: VirtualMachineOperation | VirtualMachineSnapshotOperation) -> bool:
    return not operation.status.resources or _waits(operation)


def _waits(operation: VirtualMachineOperation | VirtualMachineSnapshotOperation) -> bool:
    """What one lists that waits is what could be told when it was looked at: it may take more when it begins."""
    return operation.status.phase in {"", OperationPhase.PENDING}


def _quota(quota: ResourceQuota) -> Iterable[str]:
    return (quota.metadata.namespace,)


def _usb_devices(machine: VirtualMachine) -> Iterable[str]:
    return (in_namespace(machine.metadata.namespace, device.name) for device in machine.spec.usb_devices)


def _provisioning(machine: VirtualMachine) -> Iterable[str]:
    provisioning = machine.spec.provisioning
    return _named(machine, provisioning.secret_name) if provisioning is not None else ()


def _uid(operation: Object) -> Iterable[str]:
    return (operation.metadata.uid,)


def _owners(owned: Object) -> Iterable[str]:
    return (owner.uid for owner in owned.metadata.owner_references)


MACHINES_BY_DISK: Final = Index("machines-by-disk", VIRTUAL_MACHINE, _attached_disks)
SNAPSHOT_CLASSES_BY_DRIVER: Final = Index("snapshot-classes-by-driver", VOLUME_SNAPSHOT_CLASS, _driver)
DISK_SNAPSHOTS_BY_DISK: Final = Index("disk-snapshots-by-disk", VIRTUAL_DISK_SNAPSHOT, _disk)
DISK_SNAPSHOTS_BY_OWNER: Final = Index("disk-snapshots-by-owner", VIRTUAL_DISK_SNAPSHOT, _owners)
MACHINE_SNAPSHOTS_BY_MACHINE: Final = Index("machine-snapshots-by-machine", VIRTUAL_MACHINE_SNAPSHOT, _machine)
MACHINE_SNAPSHOTS_BY_CONTENT: Final = Index("machine-snapshots-by-content", VIRTUAL_MACHINE_SNAPSHOT, _content)
READY_MACHINE_SNAPSHOTS: Final = Index("ready-machine-snapshots", VIRTUAL_MACHINE_SNAPSHOT, _ready)
ATTACHMENTS_BY_MACHINE: Final = Index("attachments-by-machine", VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, _attached_to)
RESTORES_BY_SNAPSHOT: Final = Index("unfinished-restores-by-snapshot", VIRTUAL_MACHINE_OPERATION, _restored)
COPIES_BY_SNAPSHOT: Final = Index("unfinished-copies-by-snapshot", VIRTUAL_MACHINE_SNAPSHOT_OPERATION, _copied)
DISKS_BY_SNAPSHOT: Final = Index("awaiting-disks-by-snapshot", VIRTUAL_DISK, _awaited)
"""Of these three only what still needs the snapshot: a disk names its source for as long as it lives."""

MACHINES_LISTING_DISK: Final = Index("machines-listing-disk", VIRTUAL_MACHINE, _listed_disks)
"""Also those that are off: their disks are theirs all the same."""
ATTACHMENTS_BY_DEVICE: Final = Index("attachments-by-device", VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, _attached_device)
IP_ADDRESSES_BY_VALUE: Final = Index("ip-addresses-by-value", VIRTUAL_MACHINE_IP_ADDRESS, _ip_addresses)
MAC_ADDRESSES_BY_VALUE: Final = Index("mac-addresses-by-value", VIRTUAL_MACHINE_MAC_ADDRESS, _mac_addresses)
"""Of these two in all namespaces: an address is one in the whole cluster."""
OPERATIONS_BY_MACHINE: Final = Index("unfinished-operations-by-machine", VIRTUAL_MACHINE_OPERATION, _unfinished)
RESERVED_NAMES: Final = Index("names-reserved-by-operations", VIRTUAL_MACHINE_OPERATION, _reserved)
RESERVED_COPY_NAMES: Final = Index("names-reserved-by-copies", VIRTUAL_MACHINE_SNAPSHOT_OPERATION, _reserved_by_copy)
UNPLANNED_OPERATIONS: Final = Index("unplanned-operations", VIRTUAL_MACHINE_OPERATION, _unplanned)
UNPLANNED_COPIES: Final = Index("unplanned-copies", VIRTUAL_MACHINE_SNAPSHOT_OPERATION, _unplanned_copy)
"""By namespace, those whose status does not say yet which names they take: what arrived just now, and what waits."""
OPERATIONS_BY_UID: Final = Index("operations-by-uid", VIRTUAL_MACHINE_OPERATION, _uid)
COPIES_BY_UID: Final = Index("copies-by-uid", VIRTUAL_MACHINE_SNAPSHOT_OPERATION, _uid)
MACHINES_BY_USB_DEVICE: Final = Index("machines-by-usb-device", VIRTUAL_MACHINE, _usb_devices)
MACHINES_BY_SECRET: Final = Index("machines-by-provisioning-secret", VIRTUAL_MACHINE, _provisioning)
QUOTAS_BY_NAMESPACE: Final = Index("quotas-by-namespace", RESOURCE_QUOTA, _quota)

INDEXES: Final[tuple[Index[Any], ...]] = (
    MACHINES_BY_DISK,
    SNAPSHOT_CLASSES_BY_DRIVER,
    DISK_SNAPSHOTS_BY_DISK,
    DISK_SNAPSHOTS_BY_OWNER,
    MACHINE_SNAPSHOTS_BY_MACHINE,
    MACHINE_SNAPSHOTS_BY_CONTENT,
    READY_MACHINE_SNAPSHOTS,
    ATTACHMENTS_BY_MACHINE,
    RESTORES_BY_SNAPSHOT,
    COPIES_BY_SNAPSHOT,
    DISKS_BY_SNAPSHOT,
    MACHINES_LISTING_DISK,
    ATTACHMENTS_BY_DEVICE,
    IP_ADDRESSES_BY_VALUE,
    MAC_ADDRESSES_BY_VALUE,
    OPERATIONS_BY_MACHINE,
    RESERVED_NAMES,
    RESERVED_COPY_NAMES,
    UNPLANNED_OPERATIONS,
    UNPLANNED_COPIES,
    OPERATIONS_BY_UID,
    COPIES_BY_UID,
    MACHINES_BY_USB_DEVICE,
    MACHINES_BY_SECRET,
    QUOTAS_BY_NAMESPACE,
)
