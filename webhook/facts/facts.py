"""The questions that rules ask, over whatever source answers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.namespace import NAMESPACE
from webhook.api.network import CLUSTER_NETWORK, NETWORK
from webhook.api.reference import Reference, reference_to
from webhook.api.resource_quota import ResourceQuota
from webhook.api.secret import Secret
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE, NetworkType
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.dependency import (
    Address,
    Dependency,
    address_from,
    attachment_from,
    image_from,
    mac_address_from,
)
from webhook.facts.disk import Claim, Disk, claim_from, disk_from
from webhook.facts.disk_snapshot import DiskSnapshot, disk_snapshot_from
from webhook.facts.holders import Holders
from webhook.facts.indexes import (
    ATTACHMENTS_BY_MACHINE,
    COPIES_BY_SNAPSHOT,
    DISKS_BY_SNAPSHOT,
    MACHINES_BY_DISK,
    QUOTAS_BY_NAMESPACE,
    RESTORES_BY_SNAPSHOT,
    SNAPSHOT_CLASSES_BY_DRIVER,
    in_namespace,
)
from webhook.facts.machine import Machine, machine_from
from webhook.facts.machine_snapshot import MachineSnapshot, machine_snapshot_from, owner_of_content
from webhook.facts.operations import Operations
from webhook.facts.snapshot_use import SnapshotUser
from webhook.facts.source import Source, UnreadableError
from webhook.facts.unfinished_snapshots import UnfinishedSnapshot, unfinished_snapshots

T = TypeVar("T", bound=Object)
P = TypeVar("P")

_NETWORK_KINDS: Final[dict[str, Kind[Any]]] = {
    NetworkType.NETWORK: NETWORK,
    NetworkType.CLUSTER_NETWORK: CLUSTER_NETWORK,
}
_IMAGE_KINDS: Final[dict[str, Kind[Any]]] = {kind.name: kind for kind in (VIRTUAL_IMAGE, CLUSTER_VIRTUAL_IMAGE)}


class Facts:
    """Typed views of one namespace. Every look-up may raise UnreadableError."""

    def __init__(self, source: Source, namespace: str) -> None:
        self._source = source
        self._namespace = namespace

    @property
    def namespace(self) -> str:
        return self._namespace

    def get(self, kind: Kind[T], name: str) -> T | None:
        """The object itself, for those who need what no view shows."""
        return self._source.get(kind, self._namespace if kind.namespaced else "", name)

    def knows(self, kind: Kind[Any]) -> bool:
        """Whether "it does not exist" can be said of objects of this kind."""
        return self._source.knows(kind)

    def each(self, *parts: Iterable[P]) -> Iterator[P]:
        """All that the parts give: none of them rests on what another could not read. See `KnownFacts`."""
        return chain.from_iterable(parts)

    @property
    def holders(self) -> Holders:
        return Holders(self._source, self._namespace)

    @property
    def operations(self) -> Operations:
        return Operations(self._source, self._namespace)

    def machine_snapshot(self, name: str) -> MachineSnapshot | None:
        snapshot = self._source.get(VIRTUAL_MACHINE_SNAPSHOT, self._namespace, name)
        return None if snapshot is None else machine_snapshot_from(snapshot, self._source)

    def storage_class_exists(self, name: str) -> bool:
        return self.storage_driver(name) is not None

    def network_exists(self, network_type: str, name: str) -> bool:
        """True also where the cluster serves no such kind, and nothing can be said."""
        kind = _NETWORK_KINDS.get(network_type)
        return kind is None or not self._source.knows(kind) or self.get(kind, name) is not None

    def quotas(self) -> Sequence[ResourceQuota]:
        return self._source.find(QUOTAS_BY_NAMESPACE, self._namespace)

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

    def disk_snapshot(self, name: str) -> DiskSnapshot | None:
        snapshot = self._source.get(VIRTUAL_DISK_SNAPSHOT, self._namespace, name)
        return None if snapshot is None else disk_snapshot_from(snapshot, self._source)

    def snapshot_is_kept_for(self, snapshot: DiskSnapshot, disk: Reference) -> bool:
        """Whether the snapshot is being deleted and waits for this disk, which was there before."""
        awaiting = self._source.find(DISKS_BY_SNAPSHOT, in_namespace(self._namespace, snapshot.reference.name))
        return snapshot.deleting and any(each.metadata.name == disk.name for each in awaiting)

    def disk_of_claim(self, name: str) -> Disk | None:
        """The disk whose data the claim holds."""
        claim = self._source.get(PERSISTENT_VOLUME_CLAIM, self._namespace, name)
        owner = claim.metadata.owner(VIRTUAL_DISK.name) if claim is not None else None
        return self.disk(owner.name) if owner is not None else None

    def unfinished_snapshots_of(self, disk: VirtualDisk) -> Iterator[UnfinishedSnapshot]:
        """Those of machines that have the disk, and those of the disk itself that are no part of one of them."""
        machines = sorted(self._machines_with(disk, mounted_only=False))
        return unfinished_snapshots(
            Reference(VIRTUAL_DISK.name, self._namespace, disk.metadata.name), machines, self._source
        )

    def machine_snapshot_with(self, secret: Secret) -> str:
        """The name of the machine snapshot whose content this is; `""` when there is none."""
        return owner_of_content(secret, self._source, self._namespace)

    def storage_driver(self, class_name: str) -> str | None:
        """The provisioner of a StorageClass; None when there is no class of this name."""
        found = self._source.get(STORAGE_CLASS, "", class_name)
        return None if found is None else found.provisioner

    def snapshots_are_possible_with(self, driver: str) -> bool:
        """Whether a VolumeSnapshotClass names this CSI driver."""
        return bool(driver and self._source.find(SNAPSHOT_CLASSES_BY_DRIVER, driver))

    def image(self, kind: str, name: str) -> Dependency | None:
        known = _IMAGE_KINDS[kind]
        image = self._source.get(known, self._namespace if known.namespaced else "", name)
        return None if image is None else image_from(known, image)

    def address(self, name: str) -> Address | None:
        address = self._source.get(VIRTUAL_MACHINE_IP_ADDRESS, self._namespace, name)
        return None if address is None else address_from(address)

    def mac_address(self, name: str) -> Dependency | None:
        address = self._source.get(VIRTUAL_MACHINE_MAC_ADDRESS, self._namespace, name)
        return None if address is None else mac_address_from(address)

    def attachments_of(self, machine: Machine) -> tuple[Dependency, ...]:
        found = self._source.find(ATTACHMENTS_BY_MACHINE, in_namespace(self._namespace, machine.name))
        return tuple(attachment_from(attachment) for attachment in found)

    def class_exists(self, name: str) -> bool:
        return self._source.get(VIRTUAL_MACHINE_CLASS, "", name) is not None

    @property
    def namespace_terminating(self) -> bool:
        namespace = self._source.get(NAMESPACE, "", self._namespace)
        return namespace is not None and namespace.metadata.deleting

    def users_of_machine_snapshot(self, snapshot: VirtualMachineSnapshot) -> Iterator[SnapshotUser]:
        """Operations on it, and disks that are being made of its children."""
        yield from self._operations_on(
            Reference(VIRTUAL_MACHINE_SNAPSHOT.name, self._namespace, snapshot.metadata.name)
        )
        for child in snapshot.status.virtual_disk_snapshot_names:
            yield from self._disks_from(Reference(VIRTUAL_DISK_SNAPSHOT.name, self._namespace, child))

    def users_of_disk_snapshot(self, snapshot: VirtualDiskSnapshot) -> Iterator[SnapshotUser]:
        """Disks that are being made of it, and operations on the machine snapshot that it is a part of."""
        yield from self._disks_from(Reference(VIRTUAL_DISK_SNAPSHOT.name, self._namespace, snapshot.metadata.name))
        owner = snapshot.metadata.owner(VIRTUAL_MACHINE_SNAPSHOT.name)
        parent = self._source.get(VIRTUAL_MACHINE_SNAPSHOT, self._namespace, owner.name) if owner else None
        # Anyone may write an owner reference; the parent's status only its controller.
        if parent is not None and snapshot.metadata.name in parent.status.virtual_disk_snapshot_names:
            yield from self._operations_on(reference_to(VIRTUAL_MACHINE_SNAPSHOT, parent))

    def _operations_on(self, snapshot: Reference) -> Iterator[SnapshotUser]:
        value = in_namespace(self._namespace, snapshot.name)
        for restore in self._source.find(RESTORES_BY_SNAPSHOT, value):
            reference = reference_to(VIRTUAL_MACHINE_OPERATION, restore)
            yield SnapshotUser(reference, restore.status.phase, restore.spec.virtual_machine_name, snapshot)
        for copy in self._source.find(COPIES_BY_SNAPSHOT, value):
            reference = reference_to(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, copy)
            yield SnapshotUser(reference, copy.status.phase, "", snapshot)

    def _disks_from(self, snapshot: Reference) -> Iterator[SnapshotUser]:
        for disk in self._source.find(DISKS_BY_SNAPSHOT, in_namespace(self._namespace, snapshot.name)):
            machine = next((each.name for each in disk.status.attached_to_virtual_machines), "")
            yield SnapshotUser(reference_to(VIRTUAL_DISK, disk), disk.status.phase, machine, snapshot)

    def _machines_with(self, disk: VirtualDisk, *, mounted_only: bool = True) -> set[str]:
        """Those that the disk names and those that name the disk: either status may be behind."""
        attached = self._source.find(MACHINES_BY_DISK, in_namespace(self._namespace, disk.metadata.name))
        named = {each.name for each in disk.status.attached_to_virtual_machines if each.mounted or not mounted_only}
        return named | {machine.metadata.name for machine in attached}

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


class KnownFacts(Facts):
    """For those who see only a part of the cluster: what cannot be read ends its own part, not those after it."""

    def __init__(self, source: Source, namespace: str) -> None:
        super().__init__(source, namespace)
        self._unknown: dict[str, None] = {}

    @property
    def unknown(self) -> tuple[str, ...]:
        """What could not be read so far, each once."""
        return tuple(self._unknown)

    def each(self, *parts: Iterable[P]) -> Iterator[P]:
        for part in parts:
            try:
                yield from part
            except UnreadableError as error:
                self._unknown[str(error)] = None
