"""VirtualMachineSnapshot, through kubectl, on real storage."""

from __future__ import annotations

from lab.machines.guest import read_record
from lab.machines.guest_log import GuestEvent
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    claim_of,
    disk,
    machine,
    machine_snapshot,
    machine_without_agent,
    running_machine,
    stopped_machine,
)

DISKS = ("root", "data")


def test_a_running_machine_is_captured_consistently_and_frozen_once(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    snapshot = kubectl.get("vms", "snap")
    assert snapshot["status"]["consistent"] is True
    kinds = [each["kind"] for each in snapshot["status"]["resources"]]
    assert kinds == ["VirtualMachine", "VirtualMachineIPAddress", "VirtualDisk", "VirtualDisk"]
    events = [record.event for record in lab.guest_log(kubectl.namespace)]
    assert events == [GuestEvent.FROZEN, GuestEvent.THAWED]
    conditions = kubectl.get("vm", "linux-vm")["status"]["conditions"]
    assert "FilesystemFrozen" not in {each["type"] for each in conditions}


def test_all_disks_of_a_machine_hold_the_same_instant(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    children = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    records = [read_record(lab.snapshot(kubectl, child)) for child in children]
    counters = {record.counter for record in records if record is not None}
    assert len(records) == 2
    assert len(counters) == 1


def test_a_claim_made_from_the_snapshot_holds_the_bytes_of_the_disk(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    beyond_the_guests_own = 8192
    claim = claim_of(kubectl, "root")
    with lab.volume(kubectl, claim).open("r+b") as image:
        image.seek(beyond_the_guests_own)
        image.write(b"before the snapshot")

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")
    with lab.volume(kubectl, claim).open("r+b") as image:
        image.seek(beyond_the_guests_own)
        image.write(b"after it, and longer")

    (child,) = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    source = kubectl.get("vdsnapshot", child)["status"]["volumeSnapshotName"]
    kubectl.must_apply(_claim_from("proof", source))
    kubectl.wait_for_phase("pvc/proof", "Bound")
    restored = lab.volume(kubectl, "proof").read_bytes()
    assert restored[beyond_the_guests_own:].startswith(b"before the snapshot\0")
    assert restored == lab.snapshot(kubectl, child).read_bytes()


def test_the_settings_are_saved_in_the_platforms_secret(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", ("root",))

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    snapshot = kubectl.get("vms", "snap")
    name, uid = snapshot["metadata"]["name"], snapshot["metadata"]["uid"]
    secret = kubectl.get("secret", f"d8v-vms-{name}-{uid}")
    assert secret["type"] == "virtualmachine.virtualization.deckhouse.io/snapshot"
    assert [owner["uid"] for owner in secret["metadata"]["ownerReferences"]] == [uid]
    assert set(secret["data"]) == {"vm", "vmip"}
    assert snapshot["status"]["contentDigest"].startswith("sha256:")


def test_a_machine_without_agent_is_denied_and_told_what_to_do(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    answer = kubectl.apply(machine_snapshot("snap", "old-vm"))

    assert answer.code == 1
    assert "[ConsistencyUnavailable]" in answer.said
    assert "spec.requiredConsistency" in answer.said
    assert kubectl.names("vms") == []


def test_a_machine_without_agent_is_captured_when_consistency_is_not_required(
    kubectl: Kubectl, lab: RunningLab
) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    answer = kubectl.apply(machine_snapshot("snap", "old-vm", required=False))

    assert answer.ok, answer.said
    assert "[ConsistencyNotGuaranteed]" in answer.said
    kubectl.wait_for_phase("vms/snap", "Ready")
    assert "consistent" not in kubectl.get("vms", "snap")["status"]
    assert lab.guest_log(kubectl.namespace) == []


def test_a_running_machine_is_not_frozen_when_consistency_is_not_required(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(machine_snapshot("snap", "linux-vm", required=False))
    kubectl.wait_for_phase("vms/snap", "Ready")

    assert lab.guest_log(kubectl.namespace) == []


def test_a_stopped_machine_is_captured_consistently_without_an_agent(kubectl: Kubectl, lab: RunningLab) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    assert kubectl.get("vms", "snap")["status"]["consistent"] is True
    assert lab.guest_log(kubectl.namespace) == []


def test_a_snapshot_of_a_missing_machine_waits_and_goes_on_when_it_appears(kubectl: Kubectl) -> None:
    answer = kubectl.apply(machine_snapshot("snap", "linux-vm"))
    assert answer.ok, answer.said
    assert "[MachineNotFound]" in answer.said
    kubectl.wait_for_phase("vms/snap", "Pending")
    waiting = {each["type"]: each for each in kubectl.get("vms", "snap")["status"]["conditions"]}
    assert waiting["VirtualMachineSnapshotReady"]["reason"] == "WaitingForTheVirtualMachine"
    assert "[MachineNotFound]" in waiting["VirtualMachineSnapshotReady"]["message"]

    kubectl.must_apply(disk("root"), machine("linux-vm", ["root"], run_policy="AlwaysOff"))

    kubectl.wait("vms/snap", "condition=VirtualMachineSnapshotReady")
    assert kubectl.get("vms", "snap")["status"]["phase"] == "Ready"


def test_people_are_told_of_each_step_by_events(kubectl: Kubectl) -> None:
    running_machine(kubectl, "linux-vm", ("root",))

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    told = [event["reason"] for event in kubectl.events_of("snap", last="VirtualMachineSnapshottingThawed")]
    assert told[0] == "VirtualMachineSnapshottingStarted"
    assert {"VirtualMachineSnapshottingFrozen", "VirtualMachineSnapshottingThawed"} <= set(told)


def test_deleting_a_snapshot_removes_its_disk_snapshots_and_their_data(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", ("root",))
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")
    (child,) = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    data = kubectl.get("vdsnapshot", child)["status"]["volumeSnapshotName"]

    kubectl.must("delete", "vms", "snap", "--wait=false")

    for gone in ("vms/snap", f"vdsnapshot/{child}", f"volumesnapshot/{data}"):
        kubectl.must("wait", gone, "--for=delete", "--timeout=60s")


def _claim_from(name: str, volume_snapshot: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "16Mi"}},
            "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": volume_snapshot},
        },
    }
