"""The PersistentVolumeClaim behind a disk."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.quantity import QuantityText, exceeds
from webhook.api.storage import SELECTED_NODE, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk

DEFAULT_SIZE: Final = "1Gi"
"""For a disk from an image that names no size: the lab imports nothing, so no image says how large it is."""


def wanted_size(disk: VirtualDisk) -> QuantityText:
    """`""` when neither the disk nor an image says how large it is to be."""
    size = disk.spec.persistent_volume_claim.size
    if size or disk.spec.data_source is None:
        return size
    return DEFAULT_SIZE


def requested_size(claim: PersistentVolumeClaim) -> QuantityText:
    return claim.spec.resources.requests.get("storage", "")


def granted_size(claim: PersistentVolumeClaim) -> QuantityText:
    return claim.status.capacity.get("storage", "")


def claim_for(disk: VirtualDisk, storage_class: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": disk.claim_name,
            "ownerReferences": [
                {
                    "apiVersion": VIRTUAL_DISK.api_version,
                    "kind": VIRTUAL_DISK.name,
                    "name": disk.metadata.name,
                    "uid": disk.metadata.uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": wanted_size(disk)}},
        },
    }


def selection_patch() -> dict[str, Any]:
    """What a scheduler would say of a claim that waits for its first consumer; csi-provisioner needs no such node."""
    return {"metadata": {"annotations": {SELECTED_NODE: "lab"}}}


def claim_is_growing(claim: PersistentVolumeClaim) -> bool:
    return any(each.type == "Resizing" and each.status == "True" for each in claim.status.conditions) or exceeds(
        requested_size(claim), granted_size(claim)
    )


def disk_outgrows(disk: VirtualDisk, claim: PersistentVolumeClaim) -> bool:
    return exceeds(disk.spec.persistent_volume_claim.size, requested_size(claim))


def growth_patch(disk: VirtualDisk) -> dict[str, Any]:
    return {"spec": {"resources": {"requests": {"storage": disk.spec.persistent_volume_claim.size}}}}
