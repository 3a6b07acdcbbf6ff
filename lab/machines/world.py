"""All that the machine side knows, and the scenes its decisions are made from."""

from __future__ import annotations

from collections.abc import Callable

from lab.machines.claims import claim_name
from lab.machines.disks import DiskScene
from lab.machines.kinds import MACHINE, Machine, PersistentVolume
from lab.machines.machine_status import MachineScene
from lab.machines.table import Table
from webhook.api.reference import Reference, reference_to
from webhook.api.storage import PersistentVolumeClaim, StorageClass
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshot
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class World:
    """`affected` is called with each machine or disk that a change may matter to."""

    def __init__(self, affected: Callable[[Reference], None]) -> None:
        self._affected = affected
        self.machines: Table[Machine] = Table(self._machine_changed)
        self.disks: Table[VirtualDisk] = Table(self._disk_changed)
        self.claims: Table[PersistentVolumeClaim] = Table(self._claim_changed)
        self.disk_snapshots: Table[VirtualDiskSnapshot] = Table(self._disk_snapshot_changed)
        self.machine_snapshots: Table[VirtualMachineSnapshot] = Table(self._machine_snapshot_changed)
        self.storage_classes: Table[StorageClass] = Table(self._storage_class_changed)
        self.volumes: Table[PersistentVolume] = Table(lambda _: None)

    def disk_scene(self, disk: VirtualDisk) -> DiskScene:
        namespace = disk.metadata.namespace
        return DiskScene(
            disk=disk,
            claim=self.claims.get(namespace, claim_name(disk)),
            storage_class=disk.spec.persistent_volume_claim.storage_class_name or self._default_class(),
            machines=tuple(self._machines_using(disk)),
            snapshots=tuple(
                each
                for each in self.disk_snapshots.in_namespace(namespace)
                if each.spec.virtual_disk_name == disk.metadata.name
            ),
        )

    def machine_scene(self, machine: Machine, *, frozen: bool) -> MachineScene:
        namespace = machine.metadata.namespace
        disks = (self.disks.get(namespace, name) for name in disk_names(machine))
        return MachineScene(
            machine=machine,
            disks={disk.metadata.name: disk for disk in disks if disk is not None},
            snapshots=tuple(
                each
                for each in self.machine_snapshots.in_namespace(namespace)
                if each.spec.virtual_machine_name == machine.metadata.name
            ),
            frozen=frozen,
        )

    def volume_handles(self, machine: Machine) -> list[str]:
        """Handles of the volumes behind its disks, in the order of the machine's devices; unbound ones left out."""
        namespace = machine.metadata.namespace
        handles = []
        for name in disk_names(machine):
            disk = self.disks.get(namespace, name)
            claim = self.claims.get(namespace, disk.status.target.persistent_volume_claim_name) if disk else None
            volume = self.volumes.get("", claim.spec.volume_name) if claim else None
            if volume is not None and volume.spec.csi.volume_handle:
                handles.append(volume.spec.csi.volume_handle)
        return handles

    def _machines_using(self, disk: VirtualDisk) -> list[Machine]:
        machines = self.machines.in_namespace(disk.metadata.namespace)
        return [machine for machine in machines if disk.metadata.name in disk_names(machine)]

    def _default_class(self) -> str:
        defaults = (
            each.metadata.name
            for each in self.storage_classes.in_namespace("")
            if each.metadata.annotations.get(_DEFAULT_CLASS) == "true"
        )
        return next(defaults, "")

    def _machine_changed(self, machine: Machine) -> None:
        self._affected(reference_to(MACHINE, machine))
        for name in disk_names(machine):
            self._affected(Reference(VIRTUAL_DISK.name, machine.metadata.namespace, name))

    def _disk_changed(self, disk: VirtualDisk) -> None:
        self._affected(reference_to(VIRTUAL_DISK, disk))
        for machine in self._machines_using(disk):
            self._affected(reference_to(MACHINE, machine))

    def _claim_changed(self, claim: PersistentVolumeClaim) -> None:
        owner = claim.metadata.owner(VIRTUAL_DISK.name)
        if owner is not None:
            self._affected(Reference(VIRTUAL_DISK.name, claim.metadata.namespace, owner.name))

    def _disk_snapshot_changed(self, snapshot: VirtualDiskSnapshot) -> None:
        self._affected(Reference(VIRTUAL_DISK.name, snapshot.metadata.namespace, snapshot.spec.virtual_disk_name))

    def _machine_snapshot_changed(self, snapshot: VirtualMachineSnapshot) -> None:
        self._affected(Reference(MACHINE.name, snapshot.metadata.namespace, snapshot.spec.virtual_machine_name))

    def _storage_class_changed(self, _: StorageClass) -> None:
        for disk in self.disks.all():
            self._affected(reference_to(VIRTUAL_DISK, disk))


def disk_names(machine: Machine) -> list[str]:
    return [each.name for each in machine.spec.block_device_refs if each.kind == BlockDeviceKind.VIRTUAL_DISK]
