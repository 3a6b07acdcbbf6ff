"""The PersistentVolume that a disk had before: to be put back on, or kept until it has its data."""

from __future__ import annotations

from typing import Final

from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, PersistentVolume, VolumePhase
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.vocabulary import KEPT_RECLAIM_POLICY
from webhook.kube.errors import NotFoundError
from webhook.reconciler.writes import Writes

_FREE: Final = frozenset({VolumePhase.AVAILABLE, VolumePhase.RELEASED, VolumePhase.FAILED})


async def read_volume(name: str, writes: Writes) -> PersistentVolume | None:
    """None when it is gone. Not from the cache: volumes are as many as disks, and hardly ever needed."""
    try:
        return await writes.read(PERSISTENT_VOLUME, "", name) if name else None
    except NotFoundError:
        return None


def is_foreign(volume: PersistentVolume, disk: VirtualDisk) -> bool:
    """Whether it holds the data of another namespace. Anyone who may write disks may write the annotation."""
    claimed_by = volume.spec.claim_ref
    return claimed_by is None or claimed_by.namespace != disk.metadata.namespace


def is_in_use(volume: PersistentVolume) -> bool:
    return volume.status.phase not in _FREE


def is_reserved_for(volume: PersistentVolume, disk: VirtualDisk) -> bool:
    """Whether the disk's claim, and nothing else, can be bound to it."""
    claimed_by = volume.spec.claim_ref
    return claimed_by is not None and claimed_by.name == disk.claim_name and not claimed_by.uid


async def reserve(volume: PersistentVolume, disk: VirtualDisk, writes: Writes) -> None:
    """A reference without uid binds to the claim of that name as soon as there is one."""
    reference = {
        "apiVersion": PERSISTENT_VOLUME_CLAIM.api_version,
        "kind": PERSISTENT_VOLUME_CLAIM.name,
        "namespace": disk.metadata.namespace,
        "name": disk.claim_name,
        "uid": None,
        "resourceVersion": None,
    }
    await writes.patch_unwatched(PERSISTENT_VOLUME, volume, {"spec": {"claimRef": reference}})


async def let_replaced_go(disk: VirtualDisk, writes: Writes) -> None:
    """What the predecessor of the disk had, whose turn it was to be kept."""
    volume = await read_volume(disk.replaced_volume, writes)
    if volume is not None and not is_foreign(volume, disk):
        await reclaim_as_before(volume, writes)


async def reclaim_as_before(volume: PersistentVolume, writes: Writes) -> bool:
    """Whether anything was to be done: a volume that stays on Retain outlives its disk, and nobody would know."""
    policy = volume.metadata.annotations.get(KEPT_RECLAIM_POLICY)
    if policy is None:
        return False
    patch = {
        "metadata": {"annotations": {KEPT_RECLAIM_POLICY: None}},
        "spec": {"persistentVolumeReclaimPolicy": policy},
    }
    await writes.patch_unwatched(PERSISTENT_VOLUME, volume, patch)
    return True
