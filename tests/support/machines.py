"""Machines and disks as users write them, for end-to-end tests."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.kubectl import Json, Kubectl

API_VERSION = "virtualization.deckhouse.io/v1alpha2"
CLASS = "lab-directory"
SLOW = "lab-directory-slow"
"""A StorageClass that takes 20 seconds to grow a volume and 5 to cut one."""
WAITING = "lab-directory-wait"
"""A StorageClass that provisions when a machine starts with the disk."""
TAKEN_UP = "jsonpath={.status.virtualDiskSnapshotNames}"
"""Of a machine's snapshot that is InProgress, or was: capturing takes no longer than kubectl to begin to watch."""


def disk(name: str, *, size: str = "16Mi", storage_class: str | None = None) -> Json:
    claim: Json = {"size": size}
    if storage_class is not None:
        claim["storageClassName"] = storage_class
    return _object("VirtualDisk", name, {"persistentVolumeClaim": claim})


def machine(
    name: str,
    disks: Sequence[str],
    *,
    run_policy: str = "AlwaysOn",
    images: Sequence[str] = (),
    annotations: dict[str, str] | None = None,
) -> Json:
    references = [{"kind": "VirtualDisk", "name": each} for each in disks]
    references += [{"kind": "VirtualImage", "name": each} for each in images]
    spec = {
        "virtualMachineClassName": "generic",
        "runPolicy": run_policy,
        "cpu": {"cores": 1},
        "memory": {"size": "1Gi"},
        "blockDeviceRefs": references,
    }
    return _object("VirtualMachine", name, spec, annotations)


def without_agent(name: str, disks: Sequence[str]) -> Json:
    return machine(name, disks, annotations={"lab.snapgate/agent": "false"})


def disk_snapshot(name: str, disk_name: str, *, required: bool | None = None) -> Json:
    spec: Json = {"virtualDiskName": disk_name}
    if required is not None:
        spec["requiredConsistency"] = required
    return _object("VirtualDiskSnapshot", name, spec)


def machine_snapshot(name: str, machine_name: str, *, required: bool | None = None, keep: str | None = None) -> Json:
    spec: Json = {"virtualMachineName": machine_name}
    if keep is not None:
        spec["keepIPAddress"] = keep
    if required is not None:
        spec["requiredConsistency"] = required
    return _object("VirtualMachineSnapshot", name, spec)


def make_class(kubectl: Kubectl, name: str, binding: str = "Immediate", **parameters: str) -> None:
    """Of the lab's driver. The parameters are those of lab.storage.behaviour."""
    kubectl.must_apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": "directory.csi.snapgate.lab",
            "parameters": parameters,
            "volumeBindingMode": binding,
        }
    )


def make_class_anew(kubectl: Kubectl, name: str, **parameters: str) -> None:
    """For volumes to come: parameters of a class cannot be changed, and volumes keep what theirs had."""
    binding: str = kubectl.get("storageclass", name)["volumeBindingMode"]
    kubectl.must("delete", "storageclass", name)
    make_class(kubectl, name, binding, **parameters)


def refuse_volumes(kubectl: Kubectl, storage_class: str) -> None:
    """From now on there are no new ones in it: what waits for one stays as it is for NEW_VOLUME_SECONDS."""
    make_class_anew(kubectl, storage_class, createFailures="100000")


def delay_volumes(kubectl: Kubectl, storage_class: str) -> None:
    """From now on a new one takes long enough for a test to come in between."""
    make_class_anew(kubectl, storage_class, createSeconds="3")


def running_machine(kubectl: Kubectl, name: str, disks: Sequence[str], *, storage_class: str | None = None) -> None:
    """A machine that runs, with a guest agent that answers."""
    kubectl.must_apply(*(disk(each, storage_class=storage_class) for each in disks), machine(name, disks))
    kubectl.wait_for_phase(f"vm/{name}", "Running")
    kubectl.wait(f"vm/{name}", "condition=AgentReady")


def stopped_machine(kubectl: Kubectl, name: str, disks: Sequence[str], *, storage_class: str | None = None) -> None:
    made = (disk(each, storage_class=storage_class) for each in disks)
    kubectl.must_apply(*made, machine(name, disks, run_policy="AlwaysOff"))
    kubectl.wait_for_phase(f"vm/{name}", "Stopped")


def claim_of(kubectl: Kubectl, disk_name: str) -> str:
    """The PersistentVolumeClaim that it is on."""
    claim: str = kubectl.get("vd", disk_name)["status"]["target"]["persistentVolumeClaimName"]
    return claim


def machine_without_agent(kubectl: Kubectl, name: str, disks: Sequence[str]) -> None:
    kubectl.must_apply(*(disk(each) for each in disks), without_agent(name, disks))
    kubectl.wait_for_phase(f"vm/{name}", "Running")


def _object(kind: str, name: str, spec: Json, annotations: dict[str, str] | None = None) -> Json:
    metadata: Json = {"name": name}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def attachment(name: str, machine_name: str, disk_name: str) -> Json:
    reference = {"kind": "VirtualDisk", "name": disk_name}
    spec = {"virtualMachineName": machine_name, "blockDeviceRef": reference}
    return _object("VirtualMachineBlockDeviceAttachment", name, spec)


def disk_from(
    name: str,
    snapshot: str,
    *,
    size: str | None = None,
    storage_class: str | None = None,
    annotations: dict[str, str] | None = None,
) -> Json:
    source = {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": snapshot}}
    wanted = {"size": size, "storageClassName": storage_class}
    claim = {key: value for key, value in wanted.items() if value is not None}
    spec: Json = {"dataSource": source} | ({"persistentVolumeClaim": claim} if claim else {})
    return _object("VirtualDisk", name, spec, annotations)
