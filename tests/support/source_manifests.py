"""What disks are made of, and where their data goes, as the API server stores it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.support.manifests import DRIVER, NAMESPACE, Json, metadata, owner_reference
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.vocabulary import DISK_ORIGINAL_SIZE, KEPT_RECLAIM_POLICY, STORAGE_CLASS_NAME

PAGE_DISK: Final = "linux-vm-root"
PAGE_SNAPSHOT: Final = "linux-vm-root-1728027905"
"""As the page names them."""


def disk_from(
    snapshot: str = PAGE_SNAPSHOT,
    *,
    name: str = PAGE_DISK,
    size: str | int | None = "10Gi",
    storage_class: str | None = DRIVER,
    phase: str = "",
    annotations: dict[str, str] | None = None,
) -> Json:
    """A VirtualDisk as the page writes it; None leaves a member out."""
    wanted = {"size": size, "storageClassName": storage_class}
    claim = {key: value for key, value in wanted.items() if value is not None}
    source = {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": snapshot}}
    return {
        "metadata": metadata(name, annotations=annotations or {}),
        "spec": {"dataSource": source} | ({"persistentVolumeClaim": claim} if claim else {}),
    } | ({"status": {"phase": phase}} if phase else {})


def volume_snapshot(
    name: str,
    *,
    of: str,
    original_size: str = "10Gi",
    restore_size: str = "10Gi",
    storage_class: str = DRIVER,
    snapshot_class: str = DRIVER,
    ready: bool = True,
    deleting: bool = False,
    owner_uid: str | None = None,
) -> Json:
    """`of` is the VirtualDiskSnapshot that it is the data of; empty texts leave a member out."""
    annotations = {DISK_ORIGINAL_SIZE: original_size, STORAGE_CLASS_NAME: storage_class}
    return {
        "metadata": metadata(
            name,
            deleting=deleting,
            annotations={key: value for key, value in annotations.items() if value},
            ownerReferences=[owner_reference(VIRTUAL_DISK_SNAPSHOT, of, uid=owner_uid)],
        ),
        "spec": {"source": {"persistentVolumeClaimName": "gone"}}
        | ({"volumeSnapshotClassName": snapshot_class} if snapshot_class else {}),
        "status": {"readyToUse": ready} | ({"restoreSize": restore_size} if restore_size else {}),
    }


def data_export(kind: str, name: str) -> Json:
    return {"metadata": metadata("export"), "spec": {"targetRef": {"kind": kind, "name": name}}}


def secret(name: str, *, type_: str, owners: Iterable[Json] = ()) -> Json:
    return {"metadata": metadata(name, ownerReferences=list(owners)), "type": type_, "data": {"vm": "e30="}}


def kept_volume(
    name: str,
    *,
    phase: str = "Released",
    size: str = "10Gi",
    storage_class: str = DRIVER,
    claim_uid: str = "of-a-claim-that-is-gone",
    before: str = "",
) -> Json:
    """A PersistentVolume on Retain whose claim was `old`; `before` is what its reclaim policy was."""
    return {
        "metadata": metadata(name, annotations={KEPT_RECLAIM_POLICY: before} if before else {}),
        "spec": {
            "claimRef": {"namespace": NAMESPACE, "name": "old", "uid": claim_uid},
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "volumeMode": "Filesystem",
            "storageClassName": storage_class,
            "persistentVolumeReclaimPolicy": "Retain",
        },
        "status": {"phase": phase},
    }
