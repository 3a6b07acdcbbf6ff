"""A machine's snapshot with all that belongs to it, as the reconciler leaves it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tests.support.manifests import MOMENT, NAMESPACE, Json, metadata, owner_reference, uid_of
from webhook.api.secret import SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.vocabulary import DISK_ORIGINAL_SIZE, STORAGE_CLASS_NAME
from webhook.content.names import child_snapshot_name, snapshot_secret_name, volume_snapshot_name
from webhook.content.secret import content_digest

TAKEN: Final = MOMENT
SIZE: Final = "10Gi"


def snapshot_uid(name: str) -> str:
    return uid_of(VIRTUAL_MACHINE_SNAPSHOT, name)


def secret_name(snapshot: str) -> str:
    return snapshot_secret_name(snapshot, snapshot_uid(snapshot))


def child_name(disk: str, snapshot: str) -> str:
    return child_snapshot_name(disk, snapshot_uid(snapshot))


def volume_name(disk: str, snapshot: str) -> str:
    return volume_snapshot_name(child_name(disk, snapshot), "uid")


def content(
    machine: Json,
    *,
    address: Json | None = None,
    mac_addresses: Sequence[Json] = (),
    secret: Json | None = None,
    attachments: Sequence[Json] = (),
) -> dict[str, bytes]:
    """By key, raw JSON as the platform writes it."""
    parts: dict[str, Any] = {"vm": machine, "vmip": address, "provisioner": secret}
    parts |= {"vmmacs": list(mac_addresses) or None, "vmbdas": list(attachments) or None}
    return {key: msgspec.json.encode(part) for key, part in parts.items() if part is not None}


def saved_secret(snapshot: str, saved: Mapping[str, bytes]) -> Json:
    return {
        "metadata": metadata(secret_name(snapshot)),
        "type": SNAPSHOT_SECRET_TYPE,
        "data": {key: base64.b64encode(value).decode() for key, value in saved.items()},
    }


def ready_snapshot(
    name: str, *, of: str, disks: Sequence[str], saved: Mapping[str, bytes], consistent: bool = True, **status: Any
) -> Json:
    known = {
        "phase": "Ready",
        "virtualMachineSnapshotSecretName": secret_name(name),
        "virtualDiskSnapshotNames": [child_name(disk, name) for disk in disks],
        "contentDigest": content_digest(saved),
    } | ({"consistent": True} if consistent else {})
    return {
        "metadata": metadata(name, creationTimestamp=TAKEN),
        "spec": {"virtualMachineName": of, "requiredConsistency": True, "keepIPAddress": "Always"},
        "status": known | status,
    }


def ready_disk_snapshot(disk: str, *, of: str) -> Json:
    """The part of machine snapshot `of` that has the data of this disk."""
    return {
        "metadata": metadata(child_name(disk, of)),
        "spec": {"virtualDiskName": disk, "requiredConsistency": True},
        "status": {"phase": "Ready", "consistent": True, "volumeSnapshotName": volume_name(disk, of)},
    }


def volume_snapshot(disk: str, *, of: str, storage_class: str, size: str = SIZE) -> Json:
    return {
        "metadata": metadata(
            volume_name(disk, of),
            annotations={STORAGE_CLASS_NAME: storage_class, DISK_ORIGINAL_SIZE: size},
            ownerReferences=[owner_reference(VIRTUAL_DISK_SNAPSHOT, child_name(disk, of))],
        ),
        "spec": {"source": {"persistentVolumeClaimName": disk}},
        "status": {"readyToUse": True, "restoreSize": size, "creationTime": TAKEN},
    }


def provisioning_secret(
    name: str, *, namespace: str = NAMESPACE, user_data: str = "#cloud-config", deleting: bool = False
) -> Json:
    return {
        "metadata": metadata(name, namespace=namespace, deleting=deleting),
        "type": "provisioning.virtualization.deckhouse.io/cloud-init",
        "data": {"userData": base64.b64encode(user_data.encode()).decode()},
    }
