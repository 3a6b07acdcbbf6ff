"""Builders of the objects that the lab's machine side looks at, decoded from JSON as a watch would."""

from __future__ import annotations

from typing import Any

import msgspec

from lab.machines.kinds import MACHINE, Machine
from webhook.api.decoding import decode
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, VirtualMachineIPAddress
from webhook.api.virtual_machine_ip_address_lease import (
    VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
)
from webhook.api.virtual_machine_ip_address_lease import (
    VirtualMachineIPAddressLease as Lease,
)
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS, VirtualMachineMACAddress
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot

NOW = "2026-01-02T03:04:05Z"
EARLIER = "2026-01-01T00:00:00Z"


def machine(
    name: str = "vm",
    *,
    disks: tuple[str, ...] = ("root",),
    phase: str = "",
    run_policy: str = "AlwaysOn",
    annotations: dict[str, str] | None = None,
    spec: dict[str, Any] | None = None,
    **status: Any,
) -> Machine:
    return decode(
        MACHINE,
        _json(
            metadata=_metadata(name) | {"annotations": annotations or {}},
            spec={"runPolicy": run_policy, "blockDeviceRefs": [{"kind": "VirtualDisk", "name": d} for d in disks]}
            | (spec or {}),
            status=status | ({"phase": phase} if phase else {}),
        ),
    )


def disk(name: str = "root", *, size: str = "1Gi", phase: str = "", spec: Any = None, **status: Any) -> VirtualDisk:
    claim = {"persistentVolumeClaim": {"size": size}} if size else {}
    return decode(
        VIRTUAL_DISK,
        _json(metadata=_metadata(name), spec=claim | (spec or {}), status=status | ({"phase": phase} if phase else {})),
    )


def claim(
    *, phase: str = "Bound", requested: str = "1Gi", granted: str = "1Gi", resizing: bool = False
) -> PersistentVolumeClaim:
    return decode(
        PERSISTENT_VOLUME_CLAIM,
        _json(
            metadata=_metadata("claim"),
            spec={"storageClassName": "lab-directory", "resources": {"requests": {"storage": requested}}},
            status={
                "phase": phase,
                "capacity": {"storage": granted} if phase == "Bound" else {},
                "conditions": [{"type": "Resizing", "status": "True"}] if resizing else [],
            },
        ),
    )


def disk_snapshot(*, of: str = "root", phase: str = "") -> VirtualDiskSnapshot:
    status = {"phase": phase} if phase else {}
    return decode(VIRTUAL_DISK_SNAPSHOT, _json(metadata=_metadata("snap"), spec={"virtualDiskName": of}, status=status))


def machine_snapshot(*, of: str = "vm", phase: str = "") -> VirtualMachineSnapshot:
    status = {"phase": phase} if phase else {}
    return decode(
        VIRTUAL_MACHINE_SNAPSHOT, _json(metadata=_metadata("snap"), spec={"virtualMachineName": of}, status=status)
    )


def ip_address(name: str = "ip", *, static: str = "", used_by: str = "", address: str = "") -> VirtualMachineIPAddress:
    spec = {"type": "Static", "staticIP": static} if static else {"type": "Auto"}
    return decode(
        VIRTUAL_MACHINE_IP_ADDRESS, _json(metadata=_metadata(name), spec=spec, status=_bound(used_by, address))
    )


def mac_address(name: str = "mac", *, used_by: str = "", address: str = "") -> VirtualMachineMACAddress:
    return decode(
        VIRTUAL_MACHINE_MAC_ADDRESS, _json(metadata=_metadata(name), spec={}, status=_bound(used_by, address))
    )


def ip_lease(address: str, *, holder: str = "ip", uid: str = "", namespace: str = "default", **status: Any) -> Lease:
    name = f"ip-{address.replace('.', '-')}"
    labels = {"virtualization.deckhouse.io/virtual-machine-ip-address-uid": uid or f"uid-of-{holder}"}
    return decode(
        VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
        _json(
            metadata={"name": name, "uid": f"uid-of-{name}", "resourceVersion": "1", "labels": labels},
            spec={"virtualMachineIPAddressRef": {"namespace": namespace, "name": holder}},
            status=status,
        ),
    )


def attachment(
    name: str = "plug", device: str = "data", *, kind: str = "VirtualDisk", to: str = "vm", created: str = EARLIER
) -> VirtualMachineBlockDeviceAttachment:
    return decode(
        VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
        _json(
            metadata=_metadata(name) | {"creationTimestamp": created},
            spec={"virtualMachineName": to, "blockDeviceRef": {"kind": kind, "name": device}},
        ),
    )


def operation(wanted: str, *, of: str = "vm", phase: str = "", force: bool = False) -> VirtualMachineOperation:
    return decode(
        VIRTUAL_MACHINE_OPERATION,
        _json(
            metadata=_metadata("op"),
            spec={"type": wanted, "virtualMachineName": of, "force": force},
            status={"phase": phase} if phase else {},
        ),
    )


def _bound(used_by: str, address: str) -> dict[str, Any]:
    return {"virtualMachineName": used_by, "address": address} if address else {}


def condition(condition_type: str, status: str = "True", reason: str = "") -> dict[str, Any]:
    return {
        "type": condition_type,
        "status": status,
        "reason": reason or condition_type,
        "message": "",
        "lastTransitionTime": EARLIER,
        "observedGeneration": 1,
    }


def _metadata(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": "default", "uid": f"uid-of-{name}", "generation": 1, "resourceVersion": "1"}


def _json(**members: Any) -> bytes:
    return msgspec.json.encode(members)
