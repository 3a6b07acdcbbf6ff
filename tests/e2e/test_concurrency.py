"""Several snapshots of one machine and its disks at a time, and deletion in the middle."""

from __future__ import annotations

from lab.machines.guest_log import GuestEvent
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import SLOW, disk, disk_snapshot, machine, machine_snapshot, running_machine

NAMES = [f"snap-{number}" for number in range(5)]


def test_five_snapshots_of_two_disks_at_once_are_all_consistent(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root", "data"))

    disks = ("root", "data", "root", "data", "root")
    kubectl.must_apply(*(disk_snapshot(name, of) for name, of in zip(NAMES, disks, strict=True)))

    for name in NAMES:
        kubectl.wait_for_phase(f"vds/{name}", "Ready")
        assert kubectl.get("vds", name)["status"]["consistent"] is True
    log = [record.event for record in lab.guest_log(kubectl.namespace)]
    assert log[-1] is GuestEvent.THAWED
    assert log.count(GuestEvent.FROZEN) == log.count(GuestEvent.THAWED)
    assert "FilesystemFrozen" not in _conditions(kubectl)


def test_a_machine_and_one_of_its_disks_can_be_captured_at_once(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root", "data"))

    kubectl.must_apply(machine_snapshot("machine", "linux-vm"), disk_snapshot("disk", "root"))

    for snapshot in ("vms/machine", "vds/disk"):
        kubectl.wait_for_phase(snapshot, "Ready")
    assert kubectl.get("vms", "machine")["status"]["consistent"] is True
    assert kubectl.get("vds", "disk")["status"]["consistent"] is True
    assert lab.guest_log(kubectl.namespace)[-1].event is GuestEvent.THAWED


def test_a_snapshot_deleted_while_the_guest_is_frozen_thaws_it_and_leaves_nothing(
    kubectl: Kubectl, lab: RunningLab
) -> None:
    kubectl.must_apply(disk("root", storage_class=SLOW), machine("linux-vm", ["root"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vm/linux-vm", "condition=FilesystemFrozen")

    kubectl.must("delete", "vms", "snap", "--timeout=60s")

    kubectl.must("wait", "vds", "--all", "--for=delete", "--timeout=60s")
    kubectl.must("wait", "volumesnapshot", "--all", "--for=delete", "--timeout=60s")
    assert [record.event for record in lab.guest_log(kubectl.namespace)] == [GuestEvent.FROZEN, GuestEvent.THAWED]
    assert "FilesystemFrozen" not in _conditions(kubectl)
    secrets = [name for name in kubectl.names("secret") if "d8v-vms-" in name]
    for secret in secrets:
        kubectl.must("wait", secret, "--for=delete", "--timeout=60s")


def test_an_edit_of_the_machine_while_it_is_captured_does_not_fail_the_snapshot(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("root", storage_class=SLOW), machine("linux-vm", ["root"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vm/linux-vm", "condition=FilesystemFrozen")

    kubectl.must("patch", "vm", "linux-vm", "--type=merge", '--patch={"spec":{"memory":{"size":"2Gi"}}}')

    kubectl.wait_for_phase("vms/snap", "Ready")
    assert kubectl.get("vms", "snap")["status"]["consistent"] is True


def _conditions(kubectl: Kubectl) -> set[str]:
    return {each["type"] for each in kubectl.get("vm", "linux-vm")["status"]["conditions"]}
