"""What machines need besides disks, and the operations on them, as the API server stores them."""

from __future__ import annotations

from typing import Any

from tests.support.manifests import Json, metadata


def image(name: str, *, phase: str = "Ready", deleting: bool = False) -> Json:
    """A VirtualImage or a ClusterVirtualImage."""
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {"dataSource": {"type": "Upload"}},
        "status": {"phase": phase},
    }


def ip_address(
    name: str,
    *,
    of: str = "",
    type_: str = "Auto",
    address: str = "10.66.10.5",
    phase: str = "Attached",
    deleting: bool = False,
) -> Json:
    """`of` is the machine that has it."""
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {"type": type_} | ({"staticIP": address} if type_ == "Static" else {}),
        "status": {"phase": phase, "address": address, "virtualMachineName": of},
    }


def mac_address(
    name: str, *, of: str = "", address: str = "02:00:00:00:00:01", phase: str = "Attached", deleting: bool = False
) -> Json:
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {},
        "status": {"phase": phase, "address": address, "virtualMachineName": of},
    }


def attachment(name: str, *, of: str, disk: str, phase: str = "Attached", deleting: bool = False) -> Json:
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {"virtualMachineName": of, "blockDeviceRef": {"kind": "VirtualDisk", "name": disk}},
        "status": {"phase": phase},
    }


def machine_class(name: str, *, phase: str = "Ready") -> Json:
    return {"metadata": metadata(name), "spec": {}, "status": {"phase": phase}}


def restore(
    name: str, *, of: str, snapshot: str, mode: str = "Strict", phase: str = "", deleting: bool = False, **status: Any
) -> Json:
    """A VirtualMachineOperation. The API server refuses a status without phase, so a new one has none."""
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {
            "type": "Restore",
            "virtualMachineName": of,
            "restore": {"mode": mode, "virtualMachineSnapshotName": snapshot},
        },
    } | ({"status": {"phase": phase, **status}} if phase else {})


def power_operation(name: str, *, of: str, type_: str = "Stop", phase: str = "InProgress") -> Json:
    return {
        "metadata": metadata(name),
        "spec": {"type": type_, "virtualMachineName": of},
        "status": {"phase": phase},
    }


def machine_from_snapshot(name: str, *, snapshot: str, phase: str = "", deleting: bool = False) -> Json:
    """A VirtualMachineSnapshotOperation."""
    return {
        "metadata": metadata(name, deleting=deleting),
        "spec": {
            "type": "CreateVirtualMachine",
            "virtualMachineSnapshotName": snapshot,
            "createVirtualMachine": {"mode": "Strict", "customization": {"namePrefix": "copy-"}},
        },
    } | ({"status": {"phase": phase}} if phase else {})


def namespace(name: str, *, deleting: bool = False) -> Json:
    return {"metadata": metadata(name, deleting=deleting)}
