"""What a machine is restored or copied from: what was saved of it, or the machine itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from webhook.api.reference import Reference, reference_to
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind, BlockDeviceReference, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VirtualMachineIPAddress
from webhook.api.virtual_machine_mac_address import VirtualMachineMACAddress
from webhook.content.saved import SavedContent, SavedSecret
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.facts.machine_snapshot import MachineSnapshot

IMAGE_KINDS: Final = frozenset({BlockDeviceKind.VIRTUAL_IMAGE, BlockDeviceKind.CLUSTER_VIRTUAL_IMAGE})


class BlueprintDisk(Struct, frozen=True):
    name: str
    source: Reference
    """The VirtualDiskSnapshot that has its data, or the VirtualDisk of which one will be taken."""
    size: str
    storage_class: str


class Image(Struct, frozen=True, order=True):
    """An image the machine refers to, itself or by an attachment."""

    kind: str
    name: str
    attachment: str = ""

    def reference(self, namespace: str) -> Reference:
        in_namespace = "" if self.kind == BlockDeviceKind.CLUSTER_VIRTUAL_IMAGE else namespace
        return Reference(self.kind, in_namespace, self.name)


class Blueprint(Struct, frozen=True):
    origin: Reference
    """The VirtualMachineSnapshot or the VirtualMachine."""
    namespace: str
    machine: VirtualMachine
    disks: tuple[BlueprintDisk, ...]
    attachments: tuple[VirtualMachineBlockDeviceAttachment, ...]
    provisioning: SavedSecret | None
    address: VirtualMachineIPAddress | None = None
    mac_addresses: tuple[VirtualMachineMACAddress, ...] = ()
    taken: str = ""
    """When the data was captured, RFC 3339; `""` when it is still to be."""

    @property
    def machine_name(self) -> str:
        return self.machine.metadata.name

    @property
    def images(self) -> tuple[Image, ...]:
        spec = self.machine.spec.block_device_refs
        listed = [Image(each.kind, each.name) for each in spec if each.kind in IMAGE_KINDS]
        plugged = [
            Image(device.kind, device.name, attachment.metadata.name)
            for attachment, device in ((each, each.spec.block_device_ref) for each in self.attachments)
            if device.kind in IMAGE_KINDS
        ]
        return (*listed, *plugged)

    def resources(self) -> Iterator[Reference]:
        """What a copy has under names of its own, under the names that the source has for them."""
        yield Reference(VIRTUAL_MACHINE.name, self.namespace, self.machine_name)
        for disk in self.disks:
            yield Reference(VIRTUAL_DISK.name, self.namespace, disk.name)
        for attachment in self.attachments:
            name = attachment.metadata.name
            yield Reference(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, self.namespace, name)
        if self.provisioning is not None:
            yield Reference(SECRET.name, self.namespace, self.provisioning.name)


def missing_images(blueprint: Blueprint, facts: Facts) -> tuple[Image, ...]:
    """Those that a machine made of this would wait for."""
    return tuple(each for each in blueprint.images if facts.image(each.kind, each.name) is None)


def devices_that_stay(
    blueprint: Blueprint, missing: tuple[Image, ...], *, best_effort: bool
) -> tuple[BlockDeviceReference, ...]:
    """What the machine lists, without the missing images where these are removed."""
    gone = {(each.kind, each.name) for each in missing if not each.attachment} if best_effort else set()
    return tuple(each for each in blueprint.machine.spec.block_device_refs if (each.kind, each.name) not in gone)


def attachments_that_stay(
    blueprint: Blueprint, missing: tuple[Image, ...], *, best_effort: bool
) -> tuple[VirtualMachineBlockDeviceAttachment, ...]:
    gone = {each.attachment for each in missing} if best_effort else set()
    return tuple(each for each in blueprint.attachments if each.metadata.name not in gone)


def blueprint_of_snapshot(snapshot: MachineSnapshot, content: SavedContent) -> Blueprint:
    return Blueprint(
        origin=snapshot.reference,
        namespace=snapshot.reference.namespace,
        machine=content.machine,
        disks=tuple(
            BlueprintDisk(disk.name, disk.snapshot, disk.size, disk.storage_class)
            for disk in snapshot.disks
            if disk.name
        ),
        attachments=content.attachments,
        provisioning=content.provisioning,
        address=content.address,
        mac_addresses=content.mac_addresses,
        taken=snapshot.created,
    )


def blueprint_of_machine(machine: Machine, facts: Facts) -> Blueprint | None:
    """As the snapshot that a clone takes of it will have it. None when the machine is gone meanwhile."""
    live = facts.get(VIRTUAL_MACHINE, machine.name)
    if live is None:
        return None
    namespace = machine.reference.namespace
    secret = facts.get(SECRET, machine.provisioning_secret) if machine.provisioning_secret else None
    plugged_in = (facts.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, name) for name in machine.attachment_names)
    provisioning = None
    if machine.provisioning_secret:
        digests = secret.digests if secret is not None else {}
        provisioning = SavedSecret(machine.provisioning_secret, secret.type if secret is not None else "", digests)
    return Blueprint(
        origin=reference_to(VIRTUAL_MACHINE, live),
        namespace=namespace,
        machine=live,
        disks=tuple(_live_disk(name, namespace, facts) for name in machine.disk_names),
        attachments=tuple(each for each in plugged_in if each is not None),
        provisioning=provisioning,
    )


def _live_disk(name: str, namespace: str, facts: Facts) -> BlueprintDisk:
    disk = facts.disk(name)
    claim = disk.claim if disk is not None else None
    return BlueprintDisk(
        name=name,
        source=Reference(VIRTUAL_DISK.name, namespace, name),
        size=(claim.granted or claim.requested) if claim is not None else "",
        storage_class=claim.storage_class if claim is not None else "",
    )
