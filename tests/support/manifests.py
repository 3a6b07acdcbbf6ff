"""Objects as the API server stores them, reduced to what decides about snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import NAMESPACE_DNS, uuid5

from webhook.api.kind import Kind
from webhook.api.storage import STORAGE_PROVISIONER

Json = dict[str, Any]

NAMESPACE: Final = "default"
DRIVER: Final = "csi.example.com"
MOMENT: Final = "2026-01-02T03:04:05Z"


def uid_of(kind: Kind[Any], name: str, namespace: str = NAMESPACE) -> str:
    """The same in every run, so that names derived from it can stand in golden files."""
    return str(uuid5(NAMESPACE_DNS, f"{kind.resource}/{namespace}/{name}"))


def condition(type_: str, *, true: bool = True, reason: str = "Reason", message: str = "") -> Json:
    return {
        "type": type_,
        "status": "True" if true else "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": MOMENT,
    }


def metadata(name: str, *, deleting: bool = False, **rest: Any) -> Json:
    return {"name": name} | ({"deletionTimestamp": MOMENT} if deleting else {}) | rest


def filled(kind: Kind[Any], manifest: Mapping[str, Any], namespace: str = NAMESPACE) -> Json:
    """With the namespace and the uid that the API server would give it, where it has none."""
    known = {"namespace": namespace} if kind.namespaced else {}
    known["uid"] = uid_of(kind, manifest["metadata"]["name"], manifest["metadata"].get("namespace", namespace))
    return {**manifest, "metadata": known | manifest["metadata"]}


def owner_reference(kind: Kind[Any], name: str, *, uid: str | None = None) -> Json:
    owner_uid = uid_of(kind, name) if uid is None else uid
    return {"apiVersion": kind.api_version, "kind": kind.name, "name": name, "uid": owner_uid}


def identified(kind: Kind[Any], manifest: Json) -> Json:
    """As it is written to a file."""
    return {"apiVersion": kind.api_version, "kind": kind.name} | manifest


def device(kind: str, name: str, *, attached: bool = True, hotplugged: bool = False, attachment: str = "") -> Json:
    named = {"virtualMachineBlockDeviceAttachmentName": attachment} if attachment else {}
    return {"kind": kind, "name": name, "attached": attached, "hotplugged": hotplugged} | named


def machine(
    name: str,
    *,
    disks: Iterable[str] = (),
    hotplugged: Iterable[str] = (),
    images: Iterable[str] = (),
    cluster_images: Iterable[str] = (),
    plugged_in: Mapping[str, str] | None = None,
    phase: str = "Running",
    agent: bool = True,
    pending_changes: bool = False,
    deleting: bool = False,
    unmet: Iterable[str] = (),
    **named: Any,
) -> Json:
    """By default one that can be captured: running, and its guest agent answers.

    `plugged_in` are disks by the name of their attachment, `unmet` the conditions that are False; `named` is what
    `names` below takes.
    """
    plugged = phase not in {"", "Pending", "Stopped"}
    devices = [
        *(device("VirtualDisk", each, attached=plugged) for each in disks),
        *(device("VirtualImage", each, attached=plugged) for each in images),
        *(device("ClusterVirtualImage", each, attached=plugged) for each in cluster_images),
    ]
    status: Json = {
        "phase": phase,
        "conditions": [
            *([condition("AgentReady", true=agent)] if plugged else []),
            *(condition(each, true=False, reason=each.replace("Ready", "NotReady")) for each in unmet),
        ],
        "blockDeviceRefs": [
            *devices,
            *(device("VirtualDisk", each, hotplugged=True) for each in hotplugged),
            *(
                device("VirtualDisk", disk, attached=plugged, hotplugged=True, attachment=name)
                for name, disk in (plugged_in or {}).items()
            ),
        ],
    }
    if pending_changes:
        status["restartAwaitingChanges"] = [{"operation": "replace", "path": "memory.size", "desiredValue": "4Gi"}]
    references = [{"kind": each["kind"], "name": each["name"]} for each in devices]
    spec, named_in_status = names(**named)
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {"blockDeviceRefs": references} | spec,
        "status": status | named_in_status,
    }


def names(
    *, address: str = "", mac_addresses: Iterable[str] = (), class_name: str = "", provisioning_secret: str = ""
) -> tuple[Json, Json]:
    """What a machine names in its spec and in its status. The address is one that was made for it."""
    spec: Json = {"virtualMachineClassName": class_name} if class_name else {}
    if provisioning_secret:
        spec["provisioning"] = {"type": "UserDataRef", "userDataRef": {"kind": "Secret", "name": provisioning_secret}}
    networks = [{"type": "Network", "name": "storage", "virtualMachineMACAddressName": each} for each in mac_addresses]
    status: Json = {"virtualMachineIPAddressName": address} if address else {}
    return spec, status | ({"networks": [{"type": "Main"}, *networks]} if networks else {})


def disk(
    name: str,
    *,
    phase: str = "Ready",
    size: str | int = "10Gi",
    capacity: str = "10Gi",
    users: Iterable[str] = (),
    storage_class: str = DRIVER,
    claim: str | None = None,
    resizing: bool = False,
    deleting: bool = False,
    snapshot: str = "",
) -> Json:
    """By default ready and detached; `users` are the machines that have it mounted, `snapshot` what it is made of."""
    source = {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": snapshot}}
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {"persistentVolumeClaim": {"size": size, "storageClassName": storage_class}}
        | ({"dataSource": source} if snapshot else {}),
        "status": {
            "phase": phase,
            "capacity": capacity,
            "storageClassName": storage_class,
            "target": {"persistentVolumeClaimName": name if claim is None else claim},
            "attachedToVirtualMachines": [{"name": each, "mounted": True} for each in users],
            "conditions": [condition("Resizing", reason="InProgress")] if resizing else [],
        },
    }


def claim(
    name: str,
    *,
    phase: str = "Bound",
    requested: str = "10Gi",
    granted: str = "10Gi",
    driver: str = DRIVER,
    storage_class: str = DRIVER,
    resizing: bool = False,
) -> Json:
    """`driver=""` leaves its annotation out, as on claims that were bound to a volume made by hand."""
    return {
        "metadata": metadata(name, annotations={STORAGE_PROVISIONER: driver} if driver else {}),
        "spec": {"storageClassName": storage_class, "resources": {"requests": {"storage": requested}}},
        "status": {
            "phase": phase,
            "capacity": {"storage": granted},
            "conditions": [{"type": "Resizing", "status": "True"}] if resizing else [],
        },
    }


def storage_class(name: str, *, provisioner: str = DRIVER) -> Json:
    return {"metadata": metadata(name), "provisioner": provisioner}


def snapshot_class(name: str, *, driver: str = DRIVER) -> Json:
    return {"metadata": metadata(name), "driver": driver}


def disk_snapshot(name: str, *, of: str, required_consistency: bool = True, **status: Any) -> Json:
    spec = {"virtualDiskName": of, "requiredConsistency": required_consistency}
    return {"metadata": metadata(name), "spec": spec, "status": status}


def machine_snapshot(
    name: str,
    *,
    of: str,
    required_consistency: bool = True,
    keep_ip_address: str = "Always",
    **status: Any,
) -> Json:
    spec = {
        "virtualMachineName": of,
        "requiredConsistency": required_consistency,
        "keepIPAddress": keep_ip_address,
    }
    return {"metadata": metadata(name), "spec": spec, "status": status}
