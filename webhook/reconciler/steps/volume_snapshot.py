"""The CSI VolumeSnapshot that holds the data of a disk."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from webhook.api.reference import owner_reference_to
from webhook.api.storage import PersistentVolumeClaim
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtualization import GROUP
from webhook.api.vocabulary import (
    ACCESS_MODE,
    DISK_HAD_OWNER_REFERENCE,
    DISK_ORIGINAL_ANNOTATIONS,
    DISK_ORIGINAL_LABELS,
    DISK_ORIGINAL_SIZE,
    STORAGE_CLASS_NAME,
    VOLUME_MODE,
    VOLUME_SNAPSHOT_PROTECTION,
)
from webhook.api.volume_snapshot import IS_DEFAULT_CLASS, VOLUME_SNAPSHOT, VolumeSnapshot
from webhook.content.names import volume_snapshot_name
from webhook.facts.disk_snapshot import is_usable
from webhook.facts.indexes import SNAPSHOT_CLASSES_BY_DRIVER
from webhook.facts.source import Source
from webhook.kube.errors import NotFoundError
from webhook.reconciler.writes import Writes

STANDSTILLS: Final = f"{GROUP}/standstills"
"""On a VolumeSnapshot that was asked for while nothing wrote to the disk: how each machine that has it stood still.
A JSON map. Not the platform's."""

TEXT: Final = msgspec.json.Encoder(order="deterministic")


def volume_snapshot_of(snapshot: VirtualDiskSnapshot, source: Source) -> VolumeSnapshot | None:
    name = snapshot.status.volume_snapshot_name or volume_snapshot_name(snapshot.metadata.name, snapshot.metadata.uid)
    return source.get(VOLUME_SNAPSHOT, snapshot.metadata.namespace, name)


def belongs_to(volume_snapshot: VolumeSnapshot, snapshot: VirtualDiskSnapshot) -> bool:
    return volume_snapshot.metadata.is_owned_by(snapshot.metadata.uid)


def holds_data_of(volume_snapshot: VolumeSnapshot, snapshot: VirtualDiskSnapshot) -> bool:
    return is_usable(volume_snapshot) and belongs_to(volume_snapshot, snapshot)


async def exists_unseen(snapshot: VirtualDiskSnapshot, writes: Writes) -> bool:
    """Whether a VolumeSnapshot is there that the cache does not show: one whose creation was not answered. Left behind
    with its finalizer it could never go."""
    name = volume_snapshot_name(snapshot.metadata.name, snapshot.metadata.uid)
    try:
        await writes.read_raw(VOLUME_SNAPSHOT, snapshot.metadata.namespace, name)
    except NotFoundError:
        return False
    return True


def volume_snapshot_for(
    snapshot: VirtualDiskSnapshot,
    disk: VirtualDisk,
    claim: PersistentVolumeClaim,
    source: Source,
    *,
    standstills: dict[str, str] | None,
) -> dict[str, Any]:
    """The body. Its annotations are all that survives of the disk: the recovered one is made from them."""
    spec: dict[str, Any] = {"source": {"persistentVolumeClaimName": claim.metadata.name}}
    snapshot_class = class_to_name(claim.driver, source)
    if snapshot_class is not None:
        spec["volumeSnapshotClassName"] = snapshot_class
    return {
        "metadata": {
            "name": volume_snapshot_name(snapshot.metadata.name, snapshot.metadata.uid),
            "namespace": snapshot.metadata.namespace,
            "annotations": _annotations(disk, claim)
            | ({STANDSTILLS: TEXT.encode(standstills).decode()} if standstills is not None else {}),
            "finalizers": [VOLUME_SNAPSHOT_PROTECTION],
            "ownerReferences": [owner_reference_to(VIRTUAL_DISK_SNAPSHOT, snapshot)],
        },
        "spec": spec,
    }


def standstills_at_request(volume_snapshot: VolumeSnapshot) -> dict[str, str] | None:
    """None when something was writing, and when the annotation does not say."""
    try:
        return msgspec.json.decode(volume_snapshot.metadata.annotations.get(STANDSTILLS, ""), type=dict[str, str])
    except msgspec.DecodeError:
        return None


def class_to_name(driver: str, source: Source) -> str | None:
    """None leaves the choice to the driver's default class; without one, the first by name has to be named."""
    classes = source.find(SNAPSHOT_CLASSES_BY_DRIVER, driver)
    if not classes or any(each.metadata.annotations.get(IS_DEFAULT_CLASS) == "true" for each in classes):
        return None
    return classes[0].metadata.name


async def remove(volume_snapshot: VolumeSnapshot, writes: Writes) -> None:
    """Take the protection off, then delete. After a crash in between, the next pass deletes."""
    finalizers = [each for each in volume_snapshot.metadata.finalizers if each != VOLUME_SNAPSHOT_PROTECTION]
    await writes.set_finalizers(VOLUME_SNAPSHOT, volume_snapshot, finalizers)
    if not volume_snapshot.metadata.deleting:
        await writes.delete(VOLUME_SNAPSHOT, volume_snapshot)


def _annotations(disk: VirtualDisk, claim: PersistentVolumeClaim) -> dict[str, str]:
    size = disk.spec.persistent_volume_claim.size or claim.spec.resources.requests.get("storage", "")
    annotations = {
        STORAGE_CLASS_NAME: claim.spec.storage_class_name,
        VOLUME_MODE: claim.spec.volume_mode,
        ACCESS_MODE: ",".join(claim.status.access_modes),
        DISK_ORIGINAL_SIZE: str(size),
        DISK_ORIGINAL_LABELS: _map(disk.metadata.labels),
        DISK_ORIGINAL_ANNOTATIONS: _map(disk.metadata.annotations),
        DISK_HAD_OWNER_REFERENCE: "true" if disk.metadata.owner(VIRTUAL_MACHINE.name) else "",
    }
    return {key: value for key, value in annotations.items() if value}


def _map(values: dict[str, str]) -> str:
    return TEXT.encode(values).decode() if values else ""
