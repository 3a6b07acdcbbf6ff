"""A machine made of a snapshot, through kubectl, on real storage."""

from __future__ import annotations

from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import attachment, delay_volumes, disk, machine, machine_snapshot, running_machine
from tests.support.operations import AFTER, BEFORE, BEGUN, captured, completed, created_from, failed, read

DISKS = ("root", "data")
COPY = {"namePrefix": "copy-of-"}


def names(kubectl: Kubectl, kind: str) -> set[str]:
    return {each.split("/")[1] for each in kubectl.names(kind)}


def test_both_machines_run_and_the_copy_has_the_bytes_of_the_snapshot(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)

    kubectl.must_apply(created_from("create", "snap", customization=COPY))
    status = completed(kubectl, "vmsop/create")

    assert [read(kubectl, lab, f"copy-of-{each}") for each in DISKS] == [(each, BEFORE) for each in DISKS]
    assert [read(kubectl, lab, each) for each in DISKS] == [(each, AFTER) for each in DISKS]
    original, copy = (kubectl.get("vm", name)["status"] for name in ("linux-vm", "copy-of-linux-vm"))
    assert (original["phase"], copy["phase"]) == ("Running", "Running")
    assert original["ipAddress"] != copy["ipAddress"]
    assert {each["status"] for each in status["resources"]} == {"Completed"}
    assert names(kubectl, "vms") == {"snap"}
    source = kubectl.get("vd", "copy-of-root")["spec"]["dataSource"]["objectRef"]
    assert source["name"] in kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]


def test_the_copy_has_mac_addresses_of_its_own(kubectl: Kubectl) -> None:
    described = machine("linux-vm", ["root"])
    described["spec"]["networks"] = [{"type": "Main"}, {"type": "Network", "name": "lan"}]
    kubectl.must_apply(disk("root"), described)
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    kubectl.must_apply(created_from("create", "snap", customization=COPY))
    completed(kubectl, "vmsop/create")

    original, copy = (lan_of(kubectl, name) for name in ("linux-vm", "copy-of-linux-vm"))
    assert copy["macAddress"]
    assert copy["macAddress"] != original["macAddress"]
    assert copy["virtualMachineMACAddressName"] != original["virtualMachineMACAddressName"]


def lan_of(kubectl: Kubectl, name: str) -> Json:
    networks: list[Json] = kubectl.get("vm", name)["status"]["networks"]
    return next(each for each in networks if each.get("name") == "lan")


def test_the_machine_need_not_be_there_any_more(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    kubectl.must("delete", "vm", "linux-vm", "--timeout=60s")
    kubectl.must("delete", "vd", *DISKS, "--timeout=60s")

    kubectl.must_apply(created_from("create", "snap", customization=COPY))
    completed(kubectl, "vmsop/create")

    assert [read(kubectl, lab, f"copy-of-{each}") for each in DISKS] == [(each, BEFORE) for each in DISKS]


def test_hotplugged_disks_are_plugged_into_the_copy(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    kubectl.must_apply(disk("extra"), attachment("plug", "linux-vm", "extra"))
    kubectl.wait_for_phase("vmbda/plug", "Attached")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root", "extra"))

    kubectl.must_apply(created_from("create", "snap", customization=COPY))
    completed(kubectl, "vmsop/create")

    kubectl.wait_for_phase("vmbda/copy-of-plug", "Attached")
    assert read(kubectl, lab, "copy-of-extra") == ("extra", BEFORE)


def test_of_two_that_want_one_name_the_second_is_denied_and_names_the_first(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))

    first = kubectl.apply(created_from("first", "snap", customization=COPY))
    second = kubectl.apply(created_from("second", "snap", customization=COPY))

    completed(kubectl, "vmsop/first")
    assert first.ok
    assert second.code == 1 or "[NameTaken]" in failed(kubectl, "vmsop/second")
    assert second.ok or "[NameTaken]" in second.said


def test_a_killed_reconciler_makes_one_machine(kubectl: Kubectl, lab: RunningLab, own_class: str) -> None:
    running_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    delay_volumes(kubectl, own_class)
    kubectl.must_apply(created_from("create", "snap", customization=COPY))
    kubectl.wait("vmsop/create", BEGUN)

    lab.kill_leader()
    completed(kubectl, "vmsop/create", seconds=150)

    assert [read(kubectl, lab, f"copy-of-{each}") for each in DISKS] == [(each, BEFORE) for each in DISKS]
    assert names(kubectl, "vm") == {"linux-vm", "copy-of-linux-vm"}


def test_a_dry_run_makes_nothing(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)

    kubectl.must_apply(created_from("create", "snap", mode="DryRun", customization=COPY))
    status = completed(kubectl, "vmsop/create")

    planned = {each["name"] for each in status["resources"] if each["kind"] != "VirtualMachineSnapshotOperation"}
    assert planned == {"copy-of-root", "copy-of-data", "copy-of-linux-vm"}
    assert (names(kubectl, "vm"), names(kubectl, "vd")) == ({"linux-vm"}, set(DISKS))
