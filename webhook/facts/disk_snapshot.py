"""The snapshot of a disk and the data behind it, as whoever makes a disk of it sees them."""

from __future__ import annotations

from msgspec import Struct

from webhook.api.quantity import exceeds
from webhook.api.reference import Reference, reference_to
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.vocabulary import DISK_ORIGINAL_SIZE, LEGACY_STORAGE_CLASS_NAME, STORAGE_CLASS_NAME
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS, VolumeSnapshot
from webhook.facts.source import Source


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


def disk_snapshot_from(snapshot: VirtualDiskSnapshot, source: Source) -> DiskSnapshot:
    """With its data, which only a VolumeSnapshot of its own can be. Raises UnreadableError."""
    metadata, status = snapshot.metadata, snapshot.status
    volume = own_volume(snapshot, source)
    return DiskSnapshot(
        reference=reference_to(VIRTUAL_DISK_SNAPSHOT, snapshot),
        uid=metadata.uid,
        phase=status.phase,
        deleting=metadata.deleting,
        consistent=status.consistent,
        data=_saved_data(volume, source) if volume is not None else None,
    )


def own_volume(snapshot: VirtualDiskSnapshot, source: Source) -> VolumeSnapshot | None:
    """The VolumeSnapshot that was made for it: one of the same name that is made anew has other data."""
    metadata, name = snapshot.metadata, snapshot.status.volume_snapshot_name
    volume = source.get(VOLUME_SNAPSHOT, metadata.namespace, name) if name else None
    return volume if volume is not None and volume.metadata.is_owned_by(metadata.uid) else None


def is_usable(volume: VolumeSnapshot) -> bool:
    return volume.status.ready_to_use and not volume.metadata.deleting


def saved_storage_class(volume: VolumeSnapshot) -> str:
    """The StorageClass of the disk that was captured; `""` when nothing tells."""
    annotations = volume.metadata.annotations
    return annotations.get(STORAGE_CLASS_NAME) or annotations.get(LEGACY_STORAGE_CLASS_NAME) or ""


def _saved_data(volume: VolumeSnapshot, source: Source) -> SavedData:
    return SavedData(
        name=volume.metadata.name,
        usable=is_usable(volume),
        restore_size=volume.status.restore_size,
        original_size=volume.metadata.annotations.get(DISK_ORIGINAL_SIZE, ""),
        storage_class=saved_storage_class(volume),
        driver=_driver_of(volume, source),
    )


def _driver_of(volume: VolumeSnapshot, source: Source) -> str:
    """Of the class it was cut with, which names the driver; else of the storage class that the disk had."""
    cut_with = volume.spec.volume_snapshot_class_name
    snapshot_class = source.get(VOLUME_SNAPSHOT_CLASS, "", cut_with) if cut_with else None
    if snapshot_class is not None:
        return snapshot_class.driver
    class_name = saved_storage_class(volume)
    storage_class = source.get(STORAGE_CLASS, "", class_name) if class_name else None
    return storage_class.provisioner if storage_class is not None else ""
