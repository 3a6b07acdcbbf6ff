"""Objects as an operation writes them, made from JSON as it was saved: what our structs do not describe stays in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from webhook.api.secret import SECRET
from webhook.api.virtual_disk import ObjectReferenceKind
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtualization import GROUP
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION, RESTORED_BY
from webhook.content.machine import Raw
from webhook.facts.machine_snapshot import SavedDisk
from webhook.planning.naming import Naming

_OURS: Final = f"{GROUP}/"
"""Annotations that the platform's controllers and ours keep their own state in. A copy has none of it."""


_OF_ONE_MACHINE: Final = ("virtualMachineMACAddressName", "ipAddressName")
"""What a network interface names and only one machine can have. The platform keeps the second, so that a copy waits for
an address that its original holds."""


def disk_body(disk: SavedDisk, name: str, *, uid: str) -> dict[str, Any]:
    """A disk made of a snapshot, with the size, the class, the labels and the annotations that the original had.

    The page: its specification has a dataSource with a reference to the disk snapshot.
    """
    claim = {"size": disk.size, "storageClassName": disk.storage_class}
    return {
        "metadata": {
            "name": name,
            "labels": _json_map(disk.labels),
            "annotations": worth_keeping(_json_map(disk.annotations)) | {RESTORED_BY: uid},
        },
        "spec": {
            "dataSource": {
                "type": "ObjectRef",
                "objectRef": {"kind": str(ObjectReferenceKind.VIRTUAL_DISK_SNAPSHOT), "name": disk.snapshot.name},
            },
            "persistentVolumeClaim": {key: value for key, value in claim.items() if value},
        },
    }


def copied_machine(
    saved: Raw,
    naming: Naming,
    *,
    without: Collection[tuple[str, str]],
    without_usb_devices: Collection[str],
    uid: str,
) -> dict[str, Any]:
    """Under its final name, with every reference following. `without` are images (kind, name) that are left out,
    `without_usb_devices` USB devices by name.

    Labels are dropped, so that no Service or policy takes the copy for the original; the address and the MAC addresses
    are left to be made anew (the page).
    """
    spec = dict(saved["spec"])
    spec.pop("virtualMachineIPAddressName", None)
    spec["blockDeviceRefs"] = [
        _renamed_device(device, naming)
        for device in spec.get("blockDeviceRefs", ())
        if (device["kind"], device["name"]) not in without
    ]
    if "networks" in spec:
        spec["networks"] = [_without(network, *_OF_ONE_MACHINE) for network in spec["networks"]]
    if "provisioning" in spec:
        spec["provisioning"] = _renamed_provisioning(spec["provisioning"], naming)
    if "usbDevices" in spec:
        spec["usbDevices"] = [each for each in spec["usbDevices"] if each["name"] not in without_usb_devices]
    name = naming.of(VIRTUAL_MACHINE.name, saved["metadata"]["name"])
    return {"metadata": _copied_metadata(saved, name, uid), "spec": spec}


def copied_attachment(saved: Raw, naming: Naming, *, uid: str) -> dict[str, Any]:
    spec = saved["spec"]
    name = naming.of(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, saved["metadata"]["name"])
    renamed = {
        **spec,
        "virtualMachineName": naming.of(VIRTUAL_MACHINE.name, spec["virtualMachineName"]),
        "blockDeviceRef": _renamed_device(spec["blockDeviceRef"], naming),
    }
    return {"metadata": _copied_metadata(saved, name, uid), "spec": renamed}


def copied_secret(saved: Raw, name: str, *, uid: str) -> dict[str, Any]:
    """Data, type and immutability as saved."""
    kept = {key: saved[key] for key in ("data", "type", "immutable") if key in saved}
    return {"metadata": _copied_metadata(saved, name, uid), **kept}


def secret_name(saved: Raw, naming: Naming) -> str:
    return naming.of(SECRET.name, saved["metadata"]["name"])


def _renamed_device(device: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    """Images are shared, and keep their names."""
    if device["kind"] != BlockDeviceKind.VIRTUAL_DISK:
        return dict(device)
    return {**device, "name": naming.of(device["kind"], device["name"])}


def _renamed_provisioning(provisioning: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    """Both kinds of reference: the platform forgets sysprepRef (platform API facts, section 6, 15)."""
    renamed = dict(provisioning)
    for member in ("userDataRef", "sysprepRef"):
        if member in renamed:
            reference = renamed[member]
            renamed[member] = {**reference, "name": naming.of(SECRET.name, reference["name"])}
    return renamed


def _copied_metadata(saved: Raw, name: str, uid: str) -> dict[str, Any]:
    annotations = saved["metadata"].get("annotations") or {}
    return {"name": name, "annotations": worth_keeping(annotations) | {RESTORED_BY: uid}}


def worth_keeping(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key != LAST_APPLIED_CONFIGURATION and not is_state(key)}


def is_state(key: str) -> bool:
    return key.startswith(_OURS)


def _json_map(text: str) -> dict[str, str]:
    """The platform writes them as JSON; another's handwriting is as good as none."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        return {}


def _without(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}
