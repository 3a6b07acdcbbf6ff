"""The condition Restorable of a machine's snapshot, as the cluster around it changes."""

from __future__ import annotations

from tests.support.kubectl import Json, Kubectl
from tests.support.machines import API_VERSION, disk, machine, machine_snapshot

_TOLD = "{.status.conditions[?(@.type=='Restorable')]"


def test_restorable_follows_the_images_of_the_machine(kubectl: Kubectl) -> None:
    kubectl.must_apply(_image("installer"), disk("root"), machine("linux-vm", ["root"], images=["installer"]))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vms/snap", "condition=Restorable")
    assert _told(kubectl)["reason"] == "Restorable"
    assert kubectl.must("get", "vms", "-o", "wide").splitlines()[0].split()[3] == "RESTORABLE"

    kubectl.must("delete", "virtualimage", "installer")
    _wait_for_reason(kubectl, "RestorableWithLosses")
    assert _told(kubectl)["status"] == "True"
    assert "[ImageMissing]" in _told(kubectl)["message"]

    kubectl.must_apply(_image("installer"))
    _wait_for_reason(kubectl, "Restorable")
    events = kubectl.events_of("snap", last="VirtualMachineSnapshotRestorable")
    told = [event["reason"] for event in events if "Restorable" in event["reason"]]
    assert told == ["VirtualMachineSnapshotRestorableWithLosses", "VirtualMachineSnapshotRestorable"]


def test_a_snapshot_of_a_machine_that_was_made_anew_is_not_restorable(kubectl: Kubectl) -> None:
    manifest = machine("linux-vm", ["root"], run_policy="AlwaysOff")
    kubectl.must_apply(disk("root"), manifest)
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vms/snap", "condition=Restorable")

    kubectl.must("delete", "vm", "linux-vm")
    _wait_for_reason(kubectl, "MachineNotFound")
    kubectl.must_apply(manifest)
    _wait_for_reason(kubectl, "MachineUIDMismatch")

    assert _told(kubectl)["status"] == "False"
    events = kubectl.events_of("snap", last="VirtualMachineSnapshotNotRestorable", times=2)
    warned = [event["type"] for event in events if event["reason"].endswith("NotRestorable")]
    assert warned == ["Warning", "Warning"]


def _wait_for_reason(kubectl: Kubectl, reason: str) -> None:
    kubectl.wait("vms/snap", f"jsonpath={_TOLD}.reason}}={reason}")


def _told(kubectl: Kubectl) -> Json:
    conditions = kubectl.get("vms", "snap")["status"]["conditions"]
    return next(each for each in conditions if each["type"] == "Restorable")


def _image(name: str) -> Json:
    spec = {"storage": "ContainerRegistry", "dataSource": {"type": "Upload"}}
    return {"apiVersion": API_VERSION, "kind": "VirtualImage", "metadata": {"name": name}, "spec": spec}
