"""The CSI snapshot API that snapshots of disks are made with."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.quantity import QuantityText
from webhook.api.struct import ApiStruct

SNAPSHOT_GROUP: Final = "snapshot.storage.k8s.io"
SNAPSHOT_VERSION: Final = "v1"
IS_DEFAULT_CLASS: Final = "snapshot.storage.kubernetes.io/is-default-class"


class VolumeSnapshotSource(ApiStruct, frozen=True):
    persistent_volume_claim_name: str = ""


class VolumeSnapshotSpec(ApiStruct, frozen=True):
    source: VolumeSnapshotSource = VolumeSnapshotSource()
    volume_snapshot_class_name: str = ""


class VolumeSnapshotError(ApiStruct, frozen=True):
    message: str = ""
    time: str = ""


class VolumeSnapshotStatus(ApiStruct, frozen=True):
    bound_volume_snapshot_content_name: str = ""
    creation_time: str = ""
    """When the bytes were cut; set before ready_to_use where the driver still uploads them."""
    ready_to_use: bool = False
    restore_size: QuantityText = ""
    error: VolumeSnapshotError | None = None


class VolumeSnapshot(Object, frozen=True):
    spec: VolumeSnapshotSpec = VolumeSnapshotSpec()
    status: VolumeSnapshotStatus = VolumeSnapshotStatus()

    @property
    def cut(self) -> bool:
        return bool(self.status.creation_time)


VOLUME_SNAPSHOT: Final = Kind(SNAPSHOT_GROUP, SNAPSHOT_VERSION, "VolumeSnapshot", "volumesnapshots", VolumeSnapshot)


class VolumeSnapshotClass(Object, frozen=True):
    driver: str = ""


VOLUME_SNAPSHOT_CLASS: Final = Kind(
    SNAPSHOT_GROUP,
    SNAPSHOT_VERSION,
    "VolumeSnapshotClass",
    "volumesnapshotclasses",
    VolumeSnapshotClass,
    namespaced=False,
)
