"""Operations as users write them, for end-to-end tests, and the bytes that they are about."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final

from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import API_VERSION, claim_of

BEFORE: Final = os.urandom(4096)
AFTER: Final = os.urandom(4096)
_BEYOND_THE_GUESTS_OWN: Final = 8192
BEGUN: Final = "jsonpath={.status.resources}"
"""Of an operation that is InProgress, or was: some are over before kubectl has begun to watch for their phase."""


def restore(name: str, machine: str, snapshot: str, *, mode: str = "Strict") -> Json:
    block = {"mode": mode, "virtualMachineSnapshotName": snapshot}
    spec = {"type": "Restore", "virtualMachineName": machine, "restore": block}
    return _object("VirtualMachineOperation", name, spec)


def clone(name: str, machine: str, *, mode: str = "Strict", **copy: Any) -> Json:
    spec = {"type": "Clone", "virtualMachineName": machine, "clone": {"mode": mode} | copy}
    return _object("VirtualMachineOperation", name, spec)


def created_from(name: str, snapshot: str, *, mode: str = "Strict", **copy: Any) -> Json:
    block = {"mode": mode} | copy
    spec = {"type": "CreateVirtualMachine", "virtualMachineSnapshotName": snapshot, "createVirtualMachine": block}
    return _object("VirtualMachineSnapshotOperation", name, spec)


def completed(kubectl: Kubectl, operation: str, *, seconds: int = 150) -> Json:
    """Wait as a user would, and see its status. `operation` as `vmop/name`."""
    kubectl.wait(operation, "condition=Completed", seconds=seconds)
    kind, name = operation.split("/")
    status: Json = kubectl.get(kind, name)["status"]
    return status


def failed(kubectl: Kubectl, operation: str, *, seconds: int = 150) -> str:
    """Wait for its end, and see why."""
    kubectl.wait_for_phase(operation, "Failed", seconds=seconds)
    kind, name = operation.split("/")
    conditions = kubectl.get(kind, name)["status"]["conditions"]
    message: str = next(each["message"] for each in conditions if each["type"] == "Completed")
    return message


def volume_of(kubectl: Kubectl, disk: str) -> str:
    """The PersistentVolume that it is on."""
    claim = claim_of(kubectl, disk)
    name: str = kubectl.get("pvc", claim)["spec"]["volumeName"]
    return name


def write(kubectl: Kubectl, lab: RunningLab, disks: Iterable[str], data: bytes) -> None:
    """Each gets the data, and its name with it: no two may be mistaken for one another."""
    for disk in disks:
        claim = claim_of(kubectl, disk)
        with lab.volume(kubectl, claim).open("r+b") as image:
            image.seek(_BEYOND_THE_GUESTS_OWN)
            image.write(disk.encode().ljust(64) + data)


def read(kubectl: Kubectl, lab: RunningLab, disk: str) -> tuple[str, bytes]:
    """The name of the disk that was written to, and the data."""
    claim = claim_of(kubectl, disk)
    with lab.volume(kubectl, claim).open("rb") as image:
        image.seek(_BEYOND_THE_GUESTS_OWN)
        return image.read(64).decode().strip(), image.read(len(BEFORE))


def captured(kubectl: Kubectl, lab: RunningLab, snapshot: Json, disks: Iterable[str]) -> None:
    """Bytes are written, captured, and written over."""
    disks = tuple(disks)
    write(kubectl, lab, disks, BEFORE)
    kubectl.must_apply(snapshot)
    kubectl.wait_for_phase(f"vms/{snapshot['metadata']['name']}", "Ready")
    write(kubectl, lab, disks, AFTER)


def _object(kind: str, name: str, spec: Json) -> Json:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}
