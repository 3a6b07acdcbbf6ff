"""Builders of the objects that the lab's machine side looks at, decoded from JSON as a watch would."""

from __future__ import annotations

from typing import Any

import msgspec

from lab.machines.kinds import MACHINE, Machine
from webhook.api.decoding import decode
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
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
    **status: Any,
) -> Machine:
    return decode(
        MACHINE,
        _json(
            metadata=_metadata(name) | {"annotations": annotations or {}},
            spec={"runPolicy": run_policy, "blockDeviceRefs": [{"kind": "VirtualDisk", "name": d} for d in disks]},
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
