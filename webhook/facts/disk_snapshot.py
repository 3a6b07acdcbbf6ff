"""The snapshot of a disk and the data behind it, as whoever makes a disk of it sees them."""

from __future__ import annotations

from msgspec import Struct

from webhook.api.quantity import exceeds
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.vocabulary import DISK_ORIGINAL_SIZE, LEGACY_STORAGE_CLASS_NAME, STORAGE_CLASS_NAME
from webhook.api.volume_snapshot import VolumeSnapshot


class SavedData(Struct, frozen=True, gc=False):
    """A VolumeSnapshot, and what it says of the disk it was cut from; `""` where it says nothing."""

    name: str
    usable: bool
    restore_size: str
    """What the driver needs at least."""
    original_size: str
    storage_class: str
    driver: str

    @property
    def least_size(self) -> str:
        """What the page asks of a disk made of it: the size of the original. Drivers round theirs up, and what they
        want on top is added without a word."""
        return self.original_size or self.restore_size

    def size_for(self, asked: str) -> str:
        """What to ask the storage for where the disk asks for this much, or for nothing (`""`)."""
        size = asked or self.original_size
        return self.restore_size if not size or exceeds(self.restore_size, size) else size


class DiskSnapshot(Struct, frozen=True, gc=False):
    reference: Reference
    uid: str
    phase: str
    deleting: bool
    consistent: bool
    data: SavedData | None

    @property
    def ready(self) -> bool:
        return self.phase == Phase.READY

    @property
    def failed(self) -> bool:
        return self.phase == Phase.FAILED


def saved_data_from(volume: VolumeSnapshot, *, driver: str) -> SavedData:
    annotations = volume.metadata.annotations
    return SavedData(
        name=volume.metadata.name,
        usable=volume.status.ready_to_use and not volume.metadata.deleting,
        restore_size=volume.status.restore_size,
        original_size=annotations.get(DISK_ORIGINAL_SIZE, ""),
        storage_class=saved_storage_class(volume),
        driver=driver,
    )


def saved_storage_class(volume: VolumeSnapshot) -> str:
    annotations = volume.metadata.annotations
    return annotations.get(STORAGE_CLASS_NAME) or annotations.get(LEGACY_STORAGE_CLASS_NAME) or ""


def disk_snapshot_from(snapshot: VirtualDiskSnapshot, data: SavedData | None) -> DiskSnapshot:
    return DiskSnapshot(
        reference=reference_to(VIRTUAL_DISK_SNAPSHOT, snapshot),
        uid=snapshot.metadata.uid,
        phase=snapshot.status.phase,
        deleting=snapshot.metadata.deleting,
        consistent=snapshot.status.consistent,
        data=data,
    )
