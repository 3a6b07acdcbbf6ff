"""All that the machine side knows, and the scenes its decisions are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from lab.machines import effects
from lab.machines.addressing import machine_ip_address_name, machine_mac_address_names
from lab.machines.attachments import AttachmentScene
from lab.machines.disks import DiskScene
from lab.machines.instances import NEW, Instance
from lab.machines.kinds import Machine, PersistentVolume, StorageClass
from lab.machines.machine_scene import Device, MachineScene, hotplugged_disks, listed_disks, plugged_disks
from lab.machines.machine_status import circumstances
from lab.machines.operations import OperationScene
from lab.machines.table import Table
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE, ClusterVirtualImage
from webhook.api.image import Phase as ImagePhase
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.api.secret import Secret
from webhook.api.storage import PersistentVolumeClaim
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshot
from webhook.api.virtual_image import VIRTUAL_IMAGE, VirtualImage
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_block_device_attachment import VirtualMachineBlockDeviceAttachment
from webhook.api.virtual_machine_class import VirtualMachineClass
from webhook.api.virtual_machine_ip_address import VirtualMachineIPAddress
from webhook.api.virtual_machine_ip_address_lease import VirtualMachineIPAddressLease
from webhook.api.virtual_machine_mac_address import VirtualMachineMACAddress
from webhook.api.virtual_machine_mac_address_lease import VirtualMachineMACAddressLease
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot

T = TypeVar("T", bound=Object)

_DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"
_PLUGGABLE: Final = frozenset({DiskPhase.READY, DiskPhase.RESIZING})


class World:
    def __init__(
        self,
        affected: Callable[[Reference], None],
        instance: Callable[[str], Instance] = lambda _: NEW,
    ) -> None:
        """`affected` is called with each object that a change may matter to; `instance` knows machines by uid."""
        self._affected = affected
        self._instance = instance
        self.machines: Table[Machine] = self._table(effects.of_machine)
        self.disks: Table[VirtualDisk] = self._table(effects.of_disk)
        self.claims: Table[PersistentVolumeClaim] = self._table(effects.of_claim)
        self.disk_snapshots: Table[VirtualDiskSnapshot] = self._table(effects.of_disk_snapshot)
        self.machine_snapshots: Table[VirtualMachineSnapshot] = self._table(effects.of_machine_snapshot)
        self.storage_classes: Table[StorageClass] = self._table(effects.of_storage_class)
        self.volumes: Table[PersistentVolume] = self._table(effects.of_nothing)
        self.ip_addresses: Table[VirtualMachineIPAddress] = self._table(effects.of_ip_address)
        self.ip_leases: Table[VirtualMachineIPAddressLease] = self._table(effects.of_ip_lease)
        self.mac_addresses: Table[VirtualMachineMACAddress] = self._table(effects.of_mac_address)
        self.mac_leases: Table[VirtualMachineMACAddressLease] = self._table(effects.of_mac_lease)
        self.attachments: Table[VirtualMachineBlockDeviceAttachment] = self._table(effects.of_attachment)
        self.images: Table[VirtualImage] = self._table(effects.of_image)
        self.cluster_images: Table[ClusterVirtualImage] = self._table(effects.of_cluster_image)
        self.classes: Table[VirtualMachineClass] = self._table(effects.of_class)
        self.operations: Table[VirtualMachineOperation] = self._table(effects.of_operation)
        self.secrets: Table[Secret] = self._table(effects.of_secret)

    def disk_scene(self, disk: VirtualDisk) -> DiskScene:
        namespace = disk.metadata.namespace
        machines = tuple(self.machines_using(disk))
        claim = self.claims.get(namespace, disk.claim_name)
        class_name = disk.spec.persistent_volume_claim.storage_class_name or self._default_class()
        if claim is not None:  # a disk that comes back may have the class of the one it was
            class_name = claim.spec.storage_class_name
        storage_class = self.storage_classes.get("", class_name)
        return DiskScene(
            disk=disk,
            claim=claim,
            storage_class=class_name,
            waits_for_consumer=storage_class is not None and storage_class.waits_for_consumer,
            consumer_due=self._consumer_is_due(disk, machines),
            source_ready=self._source_is_ready(disk),
            machines=machines,
            snapshots=tuple(
                each
                for each in self.disk_snapshots.in_namespace(namespace)
                if each.spec.virtual_disk_name == disk.metadata.name
            ),
        )

    def machine_scene(self, machine: Machine, *, frozen: bool) -> MachineScene:
        namespace, spec = machine.metadata.namespace, machine.spec
        attachments = tuple(each.attachment for each in self._attachments_to(machine) if each.may_plug_in)
        names = {*listed_disks(machine), *(each.spec.block_device_ref.name for each in attachments)}
        disks = (self.disks.get(namespace, name) for name in sorted(names))
        mac_addresses = (self.mac_addresses.get(namespace, name) for name in machine_mac_address_names(machine))
        secret_name = spec.provisioning.secret_name if spec.provisioning is not None else ""
        return MachineScene(
            machine=machine,
            disks={disk.metadata.name: disk for disk in disks if disk is not None},
            images=frozenset(self._ready_images(machine)),
            address=self.ip_addresses.get(namespace, machine_ip_address_name(machine)),
            mac_addresses={each.metadata.name: each for each in mac_addresses if each is not None},
            attachments=attachments,
            class_found=self.classes.get("", spec.virtual_machine_class_name) is not None,
            secret_found=not secret_name or self.secrets.get(namespace, secret_name) is not None,
            snapshots=tuple(
                each
                for each in self.machine_snapshots.in_namespace(namespace)
                if each.spec.virtual_machine_name == machine.metadata.name
            ),
            frozen=frozen,
            instance=self._instance(machine.metadata.uid),
        )

    def attachment_scene(self, attachment: VirtualMachineBlockDeviceAttachment) -> AttachmentScene:
        namespace, device = attachment.metadata.namespace, attachment.spec.block_device_ref
        machine = self.machines.get(namespace, attachment.spec.virtual_machine_name)
        return AttachmentScene(
            attachment=attachment,
            machine=machine,
            device_ready=self._device_is_ready(namespace, device.kind, device.name),
            rival=self._rival(attachment, machine),
        )

    def operation_scene(self, operation: VirtualMachineOperation) -> OperationScene:
        machine = self.machines.get(operation.metadata.namespace, operation.spec.virtual_machine_name)
        if machine is None:
            return OperationScene(operation, None)
        return OperationScene(operation, machine, self._instance(machine.metadata.uid))

    def volume_handles(self, machine: Machine) -> list[str]:
        """Handles of the volumes it uses now, in the order of its devices; unbound ones left out."""
        handles = (self.volume_handle(machine.metadata.namespace, name) for name in plugged_disks(machine))
        return [handle for handle in handles if handle]

    def volume_handle(self, namespace: str, disk_name: str) -> str:
        """`""` while no volume is known."""
        disk = self.disks.get(namespace, disk_name)
        claim = self.claims.get(namespace, disk.status.target.persistent_volume_claim_name) if disk else None
        volume = self.volumes.get("", claim.spec.volume_name) if claim else None
        return volume.spec.csi.volume_handle if volume is not None else ""

    def machines_using(self, disk: VirtualDisk) -> list[Machine]:
        machines, name = self.machines.in_namespace(disk.metadata.namespace), disk.metadata.name
        return [each for each in machines if name in listed_disks(each) or name in hotplugged_disks(each)]

    def machine_at(self, address: VirtualMachineIPAddress | VirtualMachineMACAddress) -> str:
        """Whoever has it keeps it; else the first in the alphabet of those that ask for it."""
        name, machines = address.metadata.name, self.machines.in_namespace(address.metadata.namespace)
        users = [
            each.metadata.name
            for each in machines
            if (
                name == machine_ip_address_name(each)
                if isinstance(address, VirtualMachineIPAddress)
                else name in machine_mac_address_names(each)
            )
        ]
        return (
            address.status.virtual_machine_name
            if address.status.virtual_machine_name in users
            else next(iter(users), "")
        )

    def attachments_of_device(self, namespace: str, kind: str, name: str) -> list[VirtualMachineBlockDeviceAttachment]:
        return [
            each
            for each in self.attachments.in_namespace(namespace)
            if (each.spec.block_device_ref.kind, each.spec.block_device_ref.name) == (kind, name)
        ]

    def _attachments_to(self, machine: Machine) -> Iterator[AttachmentScene]:
        for each in self.attachments.in_namespace(machine.metadata.namespace):
            if each.spec.virtual_machine_name == machine.metadata.name:
                yield self.attachment_scene(each)

    def _rival(self, attachment: VirtualMachineBlockDeviceAttachment, machine: Machine | None) -> str:
        namespace, device = attachment.metadata.namespace, attachment.spec.block_device_ref
        if machine is not None and any(
            (each.kind, each.name) == (device.kind, device.name) for each in machine.spec.block_device_refs
        ):
            return f"VirtualMachine {machine.metadata.name} itself"
        same = self.attachments_of_device(namespace, device.kind, device.name)
        first = min(same, key=lambda each: (each.metadata.creation_timestamp, each.metadata.name), default=attachment)
        if first.metadata.name == attachment.metadata.name:
            return ""
        return f"VirtualMachineBlockDeviceAttachment {first.metadata.name}"

    def _device_is_ready(self, namespace: str, kind: str, name: str) -> bool:
        if kind != BlockDeviceKind.VIRTUAL_DISK:
            return self._image_is_ready(namespace, kind, name)
        disk = self.disks.get(namespace, name)
        return disk is not None and disk.status.phase in _PLUGGABLE

    def _ready_images(self, machine: Machine) -> Iterator[Device]:
        for each in machine.spec.block_device_refs:
            if self._image_is_ready(machine.metadata.namespace, each.kind, each.name):
                yield each.kind, each.name

    def _image_is_ready(self, namespace: str, kind: str, name: str) -> bool:
        image: VirtualImage | ClusterVirtualImage | None = None
        if kind == VIRTUAL_IMAGE.name:
            image = self.images.get(namespace, name)
        elif kind == CLUSTER_VIRTUAL_IMAGE.name:
            image = self.cluster_images.get("", name)
        return image is not None and image.status.phase == ImagePhase.READY

    def _source_is_ready(self, disk: VirtualDisk) -> bool:
        source = disk.spec.data_source
        reference = source.object_ref if source is not None else None
        return reference is None or self._image_is_ready(disk.metadata.namespace, reference.kind, reference.name)

    def _consumer_is_due(self, disk: VirtualDisk, machines: tuple[Machine, ...]) -> bool:
        if any(circumstances(self.machine_scene(each, frozen=False)).due_to_run for each in machines):
            return True
        attachments = self.attachments_of_device(
            disk.metadata.namespace, BlockDeviceKind.VIRTUAL_DISK, disk.metadata.name
        )
        return any(self.attachment_scene(each).running for each in attachments)

    def _default_class(self) -> str:
        defaults = (
            each.metadata.name
            for each in self.storage_classes.in_namespace("")
            if each.metadata.annotations.get(_DEFAULT_CLASS) == "true"
        )
        return next(defaults, "")

    def _table(self, effect: Callable[[World, Any], Iterator[Reference]]) -> Table[Any]:
        def changed(subject: Object) -> None:
            for reference in effect(self, subject):
                self._affected(reference)

        return Table(changed)
