"""The PersistentVolumeClaim behind a disk that is brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from webhook.api.reference import owner_reference_to
from webhook.api.storage import (
    PERSISTENT_VOLUME_CLAIM,
    SELECTED_NODE,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.vocabulary import (
    ACCESS_MODE,
    DISK_ACCESS_MODE,
    DISK_PROTECTION,
    DISK_VOLUME_MODE,
    LEGACY_ACCESS_MODE,
    LEGACY_VOLUME_MODE,
    VOLUME_MODE,
)
from webhook.api.volume_snapshot import SNAPSHOT_GROUP, VOLUME_SNAPSHOT, VolumeSnapshot
from webhook.facts.disk_snapshot import SavedData
from webhook.facts.source import Source
from webhook.kube.errors import NotFoundError
from webhook.reconciler.writes import Writes

_ACCESS_MODES: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_VOLUME_MODES: Final = ("Filesystem", "Block")
_WITHOUT_A_WORD: Final = ("ReadWriteOnce",)
"""What every driver can. An API server refuses a claim without access modes."""


def claim_of(disk: VirtualDisk, source: Source) -> PersistentVolumeClaim | None:
    name = disk.status.target.persistent_volume_claim_name
    return source.get(PERSISTENT_VOLUME_CLAIM, disk.metadata.namespace, name) if name else None


def belongs_to(claim: PersistentVolumeClaim, disk: VirtualDisk) -> bool:
    return claim.metadata.is_owned_by(disk.metadata.uid)


def claim_from_snapshot(
    disk: VirtualDisk,
    data: SavedData,
    volume: VolumeSnapshot,
    storage_class: StorageClass | None,
    class_name: str,
) -> dict[str, Any]:
    """At least as large as the original, and what the driver needs on top.

    The modes are those that the disk asks for, or its class, or those of the original: nothing else here knows what
    the driver can, and a volume of another mode than its snapshot is refused. A node is named only where the class
    waits for one: elsewhere it would be a restriction.
    """
    asked = (disk.metadata.annotations, storage_class.metadata.annotations if storage_class is not None else {})
    saved = volume.metadata.annotations
    source = {"apiGroup": SNAPSHOT_GROUP, "kind": VOLUME_SNAPSHOT.name, "name": volume.metadata.name}
    spec: dict[str, Any] = {
        "accessModes": list(_access_modes(asked, saved)),
        "resources": {"requests": {"storage": data.size_for(disk.spec.persistent_volume_claim.size)}},
        "dataSource": source,
        "dataSourceRef": source,
    }
    volume_mode = _volume_mode(asked, saved)
    if volume_mode:
        spec["volumeMode"] = volume_mode
    if class_name:
        spec["storageClassName"] = class_name
    waits = storage_class is not None and storage_class.waits_for_first_consumer
    return _claim(disk, spec, node=disk.selected_node if waits else "")


def claim_on_volume(disk: VirtualDisk, volume: PersistentVolume) -> dict[str, Any]:
    """Bound to the very volume, whatever its class does for others."""
    spec: dict[str, Any] = {
        "accessModes": list(volume.spec.access_modes),
        "resources": {"requests": {"storage": volume.spec.capacity.get("storage", "")}},
        "storageClassName": volume.spec.storage_class_name,
        "volumeName": volume.metadata.name,
    }
    if volume.spec.volume_mode:
        spec["volumeMode"] = volume.spec.volume_mode
    return _claim(disk, spec, node=disk.selected_node)


async def let_go(claim: PersistentVolumeClaim, writes: Writes) -> None:
    """Take the protection off, so that a claim that is being deleted goes."""
    kept = [each for each in claim.metadata.finalizers if each != DISK_PROTECTION]
    await writes.set_finalizers(PERSISTENT_VOLUME_CLAIM, claim, kept)


async def remove(claim: PersistentVolumeClaim, writes: Writes) -> None:
    """After a crash in between, the next pass deletes."""
    await let_go(claim, writes)
    if not claim.metadata.deleting:
        await writes.delete(PERSISTENT_VOLUME_CLAIM, claim)


async def exists_unseen(disk: VirtualDisk, writes: Writes) -> bool:
    """Whether a claim is there that the cache does not show: one whose creation was not answered. Left behind with its
    finalizer it could never go."""
    try:
        await writes.read_raw(PERSISTENT_VOLUME_CLAIM, disk.metadata.namespace, disk.claim_name)
    except NotFoundError:
        return False
    return True


def _claim(disk: VirtualDisk, spec: dict[str, Any], *, node: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": disk.claim_name,
        "namespace": disk.metadata.namespace,
        "finalizers": [DISK_PROTECTION],
        "ownerReferences": [{**owner_reference_to(VIRTUAL_DISK, disk), "controller": True}],
    }
    if node:
        metadata["annotations"] = {SELECTED_NODE: node}
    return {"metadata": metadata, "spec": spec}


def _access_modes(asked: tuple[Mapping[str, str], ...], saved: Mapping[str, str]) -> tuple[str, ...]:
    texts = [*(each.get(DISK_ACCESS_MODE, "") for each in asked), saved.get(ACCESS_MODE, "")]
    for text in (*texts, saved.get(LEGACY_ACCESS_MODE, "")):
        modes = tuple(_known(text.split(","), _ACCESS_MODES))
        if modes:
            return modes
    return _WITHOUT_A_WORD


def _volume_mode(asked: tuple[Mapping[str, str], ...], saved: Mapping[str, str]) -> str:
    """`""` leaves it to the API server."""
    texts = [*(each.get(DISK_VOLUME_MODE, "") for each in asked), saved.get(VOLUME_MODE, "")]
    return next(_known([*texts, saved.get(LEGACY_VOLUME_MODE, "")], _VOLUME_MODES), "")


def _known(texts: list[str], words: tuple[str, ...]) -> Iterator[str]:
    """Annotations are anyone's; what is no mode is not passed on."""
    return (text.strip() for text in texts if text.strip() in words)
