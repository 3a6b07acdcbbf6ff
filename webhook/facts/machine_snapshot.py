"""A machine's snapshot and the data of its disks, as whoever restores or copies it sees them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from webhook.api.reference import Reference, reference_to
from webhook.api.secret import Secret
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.vocabulary import (
    DISK_HAD_OWNER_REFERENCE,
    DISK_ORIGINAL_ANNOTATIONS,
    DISK_ORIGINAL_LABELS,
    DISK_ORIGINAL_SIZE,
)
from webhook.facts.disk_snapshot import is_usable, own_volume, saved_storage_class
from webhook.facts.indexes import MACHINE_SNAPSHOTS_BY_CONTENT, in_namespace
from webhook.facts.source import Source


class SavedDisk(Struct, frozen=True, gc=False):
    """One disk of a machine's snapshot."""

    name: str
    """Of the disk that was captured; `""` when its snapshot is gone and does not tell any more."""
    snapshot: Reference
    lost: str
    """What is gone, in words; `""` when all of it is there."""
    storage_class: str = ""
    size: str = ""
    """At least what the disk had; `""` when nothing tells."""
    labels: str = ""
    annotations: str = ""
    """What the disk had of these, JSON maps as text; `""` for none."""
    owned: bool = False
    """Whether its machine owned it."""


class MachineSnapshot(Struct, frozen=True, gc=False):
    reference: Reference
    uid: str
    phase: str
    deleting: bool
    consistent: bool
    machine: str
    """The machine that was captured."""
    created: str
    """RFC 3339. The data is as old as this, to within the time that capturing took."""
    secret_name: str
    digest: str
    """Of the saved settings as recorded when they were written; `""` when another controller took the snapshot."""
    disks: tuple[SavedDisk, ...]

    @property
    def name(self) -> str:
        return self.reference.name

    @property
    def ready(self) -> bool:
        return self.phase == Phase.READY and not self.deleting

    @property
    def failed(self) -> bool:
        return self.phase == Phase.FAILED or self.deleting


def machine_snapshot_from(snapshot: VirtualMachineSnapshot, source: Source) -> MachineSnapshot:
    """Raises UnreadableError."""
    metadata, status = snapshot.metadata, snapshot.status
    return MachineSnapshot(
        reference=reference_to(VIRTUAL_MACHINE_SNAPSHOT, snapshot),
        uid=metadata.uid,
        phase=status.phase,
        deleting=metadata.deleting,
        consistent=status.consistent,
        machine=snapshot.spec.virtual_machine_name,
        created=metadata.creation_timestamp,
        secret_name=status.virtual_machine_snapshot_secret_name,
        digest=status.content_digest,
        disks=tuple(_disks(snapshot, source)),
    )


def owner_of_content(secret: Secret, source: Source, namespace: str) -> str:
    """The name of the snapshot whose saved settings these are; `""` when there is none.

    The snapshot's own word counts, and the Secret's owner where no snapshot says so yet: whoever may edit metadata can
    take an owner reference away.
    """
    for snapshot in source.find(MACHINE_SNAPSHOTS_BY_CONTENT, in_namespace(namespace, secret.metadata.name)):
        return snapshot.metadata.name
    owner = secret.metadata.owner(VIRTUAL_MACHINE_SNAPSHOT.name)
    owning = source.get(VIRTUAL_MACHINE_SNAPSHOT, namespace, owner.name) if owner is not None else None
    return owner.name if owner is not None and owning is not None and owning.metadata.uid == owner.uid else ""


def _disks(snapshot: VirtualMachineSnapshot, source: Source) -> Iterator[SavedDisk]:
    namespace = snapshot.metadata.namespace
    for name in snapshot.status.virtual_disk_snapshot_names:
        reference = Reference(VIRTUAL_DISK_SNAPSHOT.name, namespace, name)
        child = source.get(VIRTUAL_DISK_SNAPSHOT, namespace, name)
        if child is None:
            disk = name.removesuffix(f"-{snapshot.metadata.uid}") if snapshot.metadata.uid else ""
            yield SavedDisk(disk if disk != name else "", reference, f"{reference} is gone")
            continue
        disk = child.spec.virtual_disk_name
        if child.status.phase != Phase.READY or child.metadata.deleting:
            state = "being deleted" if child.metadata.deleting else child.status.phase or Phase.PENDING
            yield SavedDisk(disk, reference, f"{reference} is {state}")
            continue
        volume = own_volume(child, source)
        if volume is None or not is_usable(volume):
            wanted = child.status.volume_snapshot_name
            state = "gone" if volume is None else "being deleted" if volume.metadata.deleting else "not usable"
            yield SavedDisk(disk, reference, f"VolumeSnapshot {wanted} with the data of {reference} is {state}")
            continue
        annotations = volume.metadata.annotations
        yield SavedDisk(
            name=disk,
            snapshot=reference,
            lost="",
            storage_class=saved_storage_class(volume),
            size=annotations.get(DISK_ORIGINAL_SIZE, "") or volume.status.restore_size,
            labels=annotations.get(DISK_ORIGINAL_LABELS, ""),
            annotations=annotations.get(DISK_ORIGINAL_ANNOTATIONS, ""),
            owned=annotations.get(DISK_HAD_OWNER_REFERENCE) == "true",
        )
