"""VirtualDiskSnapshot, through kubectl, on real storage."""

from __future__ import annotations

from lab.machines.guest_log import GuestEvent
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import disk, disk_snapshot, machine_without_agent, running_machine


def test_a_detached_disk_is_captured_consistently(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("spare"))
    kubectl.wait_for_phase("vd/spare", "Ready")

    kubectl.must_apply(disk_snapshot("snap", "spare"))
    kubectl.wait_for_phase("vds/snap", "Ready")

    assert kubectl.get("vds", "snap")["status"]["consistent"] is True


def test_a_disk_in_use_is_captured_while_its_guest_is_frozen(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root", "data"))

    kubectl.must_apply(disk_snapshot("snap", "root"))
    kubectl.wait_for_phase("vds/snap", "Ready")

    assert kubectl.get("vds", "snap")["status"]["consistent"] is True
    assert [record.event for record in lab.guest_log(kubectl.namespace)] == [GuestEvent.FROZEN, GuestEvent.THAWED]


def test_a_disk_of_a_machine_without_agent_is_denied(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    answer = kubectl.apply(disk_snapshot("snap", "root"))

    assert answer.code == 1
    assert "[ConsistencyUnavailable]" in answer.said


def test_a_snapshot_without_consistency_says_so_and_prints_an_empty_cell(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    answer = kubectl.apply(disk_snapshot("snap", "root", required=False))
    kubectl.wait_for_phase("vds/snap", "Ready")

    assert "[ConsistencyNotGuaranteed]" in answer.said
    header, row = kubectl.must("get", "vdsnapshot").splitlines()
    assert header.split() == ["NAME", "PHASE", "CONSISTENT", "AGE"]
    assert row.split()[:2] == ["snap", "Ready"]
    assert len(row.split()) == 3


def test_the_spec_of_a_snapshot_cannot_change(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("spare"), disk("other"))
    kubectl.wait_for_phase("vd/spare", "Ready")
    kubectl.must_apply(disk_snapshot("snap", "spare"))

    answer = kubectl.apply(disk_snapshot("snap", "other"))

    assert answer.code == 1
    assert "[SpecImmutable]" in answer.said
    assert kubectl.get("vds", "snap")["spec"]["virtualDiskName"] == "spare"


def test_a_snapshot_whose_data_is_gone_fails(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("spare"))
    kubectl.wait_for_phase("vd/spare", "Ready")
    kubectl.must_apply(disk_snapshot("snap", "spare"))
    kubectl.wait_for_phase("vds/snap", "Ready")
    data = kubectl.get("vds", "snap")["status"]["volumeSnapshotName"]

    kubectl.must("delete", "volumesnapshot", data, "--wait=false")

    kubectl.wait_for_phase("vds/snap", "Failed")
    conditions = {each["type"]: each for each in kubectl.get("vds", "snap")["status"]["conditions"]}
    assert conditions["VirtualDiskSnapshotReady"]["reason"] == "Lost"
