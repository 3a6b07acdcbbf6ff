"""What a change of one object may matter to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.machines.addressing import machine_ip_address_name, machine_mac_address_names
from lab.machines.kinds import MACHINE, Machine, PersistentVolume, StorageClass
from lab.machines.machine_scene import hotplugged_disks, listed_disks
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE, ClusterVirtualImage
from webhook.api.meta import Object
from webhook.api.reference import Reference, reference_to
from webhook.api.secret import Secret
from webhook.api.storage import PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshot
from webhook.api.virtual_image import VIRTUAL_IMAGE, VirtualImage
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS, VirtualMachineClass
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, VirtualMachineIPAddress
from webhook.api.virtual_machine_ip_address_lease import (
    VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
    VirtualMachineIPAddressLease,
)
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS, VirtualMachineMACAddress
from webhook.api.virtual_machine_mac_address_lease import (
    VIRTUAL_MACHINE_MAC_ADDRESS_LEASE,
    VirtualMachineMACAddressLease,
)
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot

if TYPE_CHECKING:
    from lab.machines.world import World


def of_machine(world: World, machine: Machine) -> Iterator[Reference]:
    namespace, name = machine.metadata.namespace, machine.metadata.name
    yield reference_to(MACHINE, machine)
    for disk in {*listed_disks(machine), *hotplugged_disks(machine)}:
        yield Reference(VIRTUAL_DISK.name, namespace, disk)
    address = machine_ip_address_name(machine)
    if address:
        yield Reference(VIRTUAL_MACHINE_IP_ADDRESS.name, namespace, address)
    for mac_address in machine_mac_address_names(machine):
        yield Reference(VIRTUAL_MACHINE_MAC_ADDRESS.name, namespace, mac_address)
    for attachment in world.attachments.in_namespace(namespace):
        if attachment.spec.virtual_machine_name == name:
            yield reference_to(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment)
    for operation in world.operations.in_namespace(namespace):
        if operation.spec.virtual_machine_name == name:
            yield reference_to(VIRTUAL_MACHINE_OPERATION, operation)


def of_disk(world: World, disk: VirtualDisk) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_DISK, disk)
    for machine in world.machines_using(disk):
        yield reference_to(MACHINE, machine)
    yield from _attachments(world, disk.metadata.namespace, BlockDeviceKind.VIRTUAL_DISK, disk.metadata.name)


def of_claim(_: World, claim: PersistentVolumeClaim) -> Iterator[Reference]:
    owner = claim.metadata.owner(VIRTUAL_DISK.name)
    if owner is not None:
        yield Reference(VIRTUAL_DISK.name, claim.metadata.namespace, owner.name)


def of_disk_snapshot(_: World, snapshot: VirtualDiskSnapshot) -> Iterator[Reference]:
    yield Reference(VIRTUAL_DISK.name, snapshot.metadata.namespace, snapshot.spec.virtual_disk_name)


def of_machine_snapshot(_: World, snapshot: VirtualMachineSnapshot) -> Iterator[Reference]:
    yield Reference(MACHINE.name, snapshot.metadata.namespace, snapshot.spec.virtual_machine_name)


def of_storage_class(world: World, _: StorageClass) -> Iterator[Reference]:
    for disk in world.disks.all():
        yield reference_to(VIRTUAL_DISK, disk)


def of_nothing(_: World, __: PersistentVolume) -> Iterator[Reference]:
    yield from ()


def of_ip_address(world: World, address: VirtualMachineIPAddress) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_IP_ADDRESS, address)
    for machine in world.machines.in_namespace(address.metadata.namespace):
        if machine_ip_address_name(machine) == address.metadata.name:
            yield reference_to(MACHINE, machine)
    for lease in world.ip_leases.all():
        if _names(lease, address):
            yield reference_to(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, lease)


def of_ip_lease(world: World, lease: VirtualMachineIPAddressLease) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, lease)
    for address in world.ip_addresses.all():
        if _names(lease, address) or not address.status.address:
            yield reference_to(VIRTUAL_MACHINE_IP_ADDRESS, address)


def of_mac_address(world: World, address: VirtualMachineMACAddress) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_MAC_ADDRESS, address)
    for machine in world.machines.in_namespace(address.metadata.namespace):
        if address.metadata.name in machine_mac_address_names(machine):
            yield reference_to(MACHINE, machine)
    for lease in world.mac_leases.all():
        if _names(lease, address):
            yield reference_to(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, lease)


def of_mac_lease(world: World, lease: VirtualMachineMACAddressLease) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, lease)
    for address in world.mac_addresses.all():
        if _names(lease, address) or not address.status.address:
            yield reference_to(VIRTUAL_MACHINE_MAC_ADDRESS, address)


def of_attachment(world: World, attachment: VirtualMachineBlockDeviceAttachment) -> Iterator[Reference]:
    namespace, device = attachment.metadata.namespace, attachment.spec.block_device_ref
    yield Reference(MACHINE.name, namespace, attachment.spec.virtual_machine_name)
    yield from _attachments(world, namespace, device.kind, device.name)
    yield reference_to(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment)
    if device.kind == BlockDeviceKind.VIRTUAL_DISK:
        yield Reference(VIRTUAL_DISK.name, namespace, device.name)


def of_image(world: World, image: VirtualImage) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_IMAGE, image)
    yield from _users_of_image(world, VIRTUAL_IMAGE.name, image.metadata.name, image.metadata.namespace)


def of_cluster_image(world: World, image: ClusterVirtualImage) -> Iterator[Reference]:
    yield reference_to(CLUSTER_VIRTUAL_IMAGE, image)
    yield from _users_of_image(world, CLUSTER_VIRTUAL_IMAGE.name, image.metadata.name, "")


def of_class(world: World, machine_class: VirtualMachineClass) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_CLASS, machine_class)
    for machine in world.machines.all():
        if machine.spec.virtual_machine_class_name == machine_class.metadata.name:
            yield reference_to(MACHINE, machine)


def of_operation(_: World, operation: VirtualMachineOperation) -> Iterator[Reference]:
    yield reference_to(VIRTUAL_MACHINE_OPERATION, operation)


def of_secret(world: World, secret: Secret) -> Iterator[Reference]:
    for machine in world.machines.in_namespace(secret.metadata.namespace):
        provisioning = machine.spec.provisioning
        if provisioning is not None and provisioning.secret_name == secret.metadata.name:
            yield reference_to(MACHINE, machine)


def _attachments(world: World, namespace: str, kind: str, name: str) -> Iterator[Reference]:
    for attachment in world.attachments_of_device(namespace, kind, name):
        yield reference_to(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment)


def _users_of_image(world: World, kind: str, name: str, namespace: str) -> Iterator[Reference]:
    """`namespace` is empty for an image that all namespaces may use."""
    for machine in world.machines.all():
        devices = {(each.kind, each.name) for each in machine.spec.block_device_refs}
        if (kind, name) in devices and namespace in {"", machine.metadata.namespace}:
            yield reference_to(MACHINE, machine)
    for attachment in world.attachments.all():
        device = attachment.spec.block_device_ref
        if (device.kind, device.name) == (kind, name) and namespace in {"", attachment.metadata.namespace}:
            yield reference_to(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment)
    for disk in world.disks.all():
        reference = disk.spec.data_source.object_ref if disk.spec.data_source is not None else None
        if reference is not None and (reference.kind, reference.name) == (kind, name):
            yield reference_to(VIRTUAL_DISK, disk)


def _names(lease: VirtualMachineIPAddressLease | VirtualMachineMACAddressLease, address: Object) -> bool:
    holder = lease.spec.holder
    return (holder.namespace, holder.name) == (address.metadata.namespace, address.metadata.name)
