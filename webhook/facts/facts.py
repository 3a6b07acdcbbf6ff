"""The questions that rules ask, over whatever source answers them."""

from __future__ import annotations

from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.disk import Claim, Disk, claim_from, disk_from
from webhook.facts.indexes import MACHINES_BY_DISK, SNAPSHOT_CLASSES_BY_DRIVER, in_namespace
from webhook.facts.machine import Machine, machine_from
from webhook.facts.source import Source


class Facts:
    """Typed views of one namespace. Every look-up may raise UnreadableError."""

    def __init__(self, source: Source, namespace: str) -> None:
        self._source = source
        self._namespace = namespace

    def machine(self, name: str) -> Machine | None:
        machine = self._source.get(VIRTUAL_MACHINE, self._namespace, name)
        return None if machine is None else machine_from(machine)

    def disk(self, name: str) -> Disk | None:
        """The disk together with its claim, which says what is really granted and bound, and who writes to it."""
        disk = self._source.get(VIRTUAL_DISK, self._namespace, name)
        if disk is None:
            return None
        return disk_from(
            disk,
            self._claim(disk.status.target.persistent_volume_claim_name),
            users=tuple(sorted(user for user in self._machines_with(disk) if not self._is_off(user))),
        )

    def snapshots_are_possible_with(self, driver: str) -> bool:
        """Whether a VolumeSnapshotClass names this CSI driver."""
        return bool(driver and self._source.find(SNAPSHOT_CLASSES_BY_DRIVER, driver))

    def _machines_with(self, disk: VirtualDisk) -> set[str]:
        """Those that the disk names and those that name the disk: either status may be behind."""
        attached = self._source.find(MACHINES_BY_DISK, in_namespace(self._namespace, disk.metadata.name))
        mounted = {each.name for each in disk.status.attached_to_virtual_machines if each.mounted}
        return mounted | {machine.metadata.name for machine in attached}

    def _is_off(self, name: str) -> bool:
        """A machine that cannot be found may be new to the disk and not yet to us."""
        machine = self.machine(name)
        return machine is not None and machine.powered_off

    def _claim(self, name: str) -> Claim | None:
        claim = self._source.get(PERSISTENT_VOLUME_CLAIM, self._namespace, name) if name else None
        if claim is None:
            return None
        class_name = claim.spec.storage_class_name
        storage_class = self._source.get(STORAGE_CLASS, "", class_name) if class_name and not claim.driver else None
        return claim_from(claim, class_provisioner=storage_class.provisioner if storage_class else "")
