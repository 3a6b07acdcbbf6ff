"""Cloning a machine, through kubectl, on real storage."""

from __future__ import annotations

import json

import pytest

from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    API_VERSION,
    SLOW,
    WAITING,
    delay_volumes,
    disk,
    machine,
    refuse_volumes,
    stopped_machine,
)
from tests.support.operations import BEFORE, BEGUN, clone, completed, failed, read, write
from tests.support.waiting import until

DISKS = ("root", "data")
BY_HAND = "AlwaysOnUnlessStoppedManually"
COPY = {"nameSuffix": "-copy"}


def switched_off(kubectl: Kubectl, lab: RunningLab) -> Kubectl:
    """A machine that its owner has stopped; another of its policy would start."""
    kubectl.must_apply(*(disk(each) for each in DISKS), machine("linux-vm", DISKS, run_policy=BY_HAND))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    spec = {"type": "Stop", "virtualMachineName": "linux-vm"}
    kubectl.must_apply(
        {"apiVersion": API_VERSION, "kind": "VirtualMachineOperation", "metadata": {"name": "stop"}, "spec": spec}
    )
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    kubectl.wait_for_phase("vmop/stop", "Completed")  # nothing is cloned while the machine is being stopped
    write(kubectl, lab, DISKS, BEFORE)
    return kubectl


def start(kubectl: Kubectl) -> None:
    spec = {"type": "Start", "virtualMachineName": "linux-vm"}
    kubectl.must_apply(
        {"apiVersion": API_VERSION, "kind": "VirtualMachineOperation", "metadata": {"name": "start"}, "spec": spec}
    )
    kubectl.wait_for_phase("vm/linux-vm", "Running")


def names(kubectl: Kubectl, kind: str) -> set[str]:
    return {each.split("/")[1] for each in kubectl.names(kind)}


def test_both_machines_run_with_the_same_bytes_and_addresses_of_their_own(kubectl: Kubectl, lab: RunningLab) -> None:
    switched_off(kubectl, lab)

    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    status = completed(kubectl, "vmop/clone")
    start(kubectl)

    assert [read(kubectl, lab, f"{each}-copy") for each in DISKS] == [(each, BEFORE) for each in DISKS]
    original, copy = (kubectl.get("vm", name)["status"] for name in ("linux-vm", "linux-vm-copy"))
    assert (original["phase"], copy["phase"]) == ("Running", "Running")
    assert original["ipAddress"] != copy["ipAddress"]
    assert (status["phase"], status["progress"]) == ("Completed", "100%")
    assert {(each["kind"], each["name"], each["status"]) for each in status["resources"]} == {
        ("VirtualDisk", "root-copy", "Completed"),
        ("VirtualDisk", "data-copy", "Completed"),
        ("VirtualMachine", "linux-vm-copy", "Completed"),
    }
    assert names(kubectl, "vms") == set()
    assert [event["reason"] for event in kubectl.events_of("clone", last="VirtualMachineOperationSucceeded")] == [
        "VirtualMachineOperationStarted",
        "SnapshotCreated",
        "SnapshotDeleted",
        "VirtualMachineOperationSucceeded",
    ]


def test_nothing_is_left_of_the_temporary_snapshot(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    completed(kubectl, "vmop/clone")

    for kind in ("vds", "volumesnapshot"):
        if kubectl.names(kind):
            kubectl.must("wait", kind, "--all", "--for=delete", "--timeout=90s")
    until(lambda: not names(kubectl, "secret"), "its Secret is not collected", seconds=150)
    source = kubectl.get("vd", "root-copy")["spec"]["dataSource"]["objectRef"]
    assert source["kind"] == "VirtualDiskSnapshot"


def test_two_clones_of_one_machine_at_the_same_time(kubectl: Kubectl, lab: RunningLab) -> None:
    stopped_machine(kubectl, "linux-vm", ("root",))
    write(kubectl, lab, ("root",), BEFORE)

    kubectl.must_apply(
        *(clone(each, "linux-vm", customization={"nameSuffix": f"-{each}"}) for each in ("first", "second"))
    )

    for each in ("first", "second"):
        completed(kubectl, f"vmop/{each}")
        assert read(kubectl, lab, f"root-{each}") == ("root", BEFORE)


def test_documented_spelling_renames_each_object_and_the_secret_is_copied(kubectl: Kubectl) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "cloud-init"}, "stringData": {"userData": "x"}}
    source = machine("linux-vm", ["root"], run_policy="AlwaysOff")
    source["spec"]["provisioning"] = {"type": "UserDataRef", "userDataRef": {"kind": "Secret", "name": "cloud-init"}}
    kubectl.must_apply(secret, disk("root"), source)
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    rules = [
        {"from": {"kind": kind, "name": old}, "to": {"name": new}}
        for kind, old, new in (
            ("VirtualMachine", "linux-vm", "web"),
            ("VirtualDisk", "root", "web-root"),
            ("Secret", "cloud-init", "web-init"),
        )
    ]

    kubectl.must_apply(clone("clone", "linux-vm", nameReplacements=rules))
    completed(kubectl, "vmop/clone")

    copy = kubectl.get("vm", "web")["spec"]
    assert [each["name"] for each in copy["blockDeviceRefs"]] == ["web-root"]
    assert copy["provisioning"]["userDataRef"]["name"] == "web-init"
    assert kubectl.get("secret", "web-init")["data"] == kubectl.get("secret", "cloud-init")["data"]


def test_disks_of_a_waiting_class_are_copied_when_the_copy_starts(kubectl: Kubectl, lab: RunningLab) -> None:
    kubectl.must_apply(disk("root", storage_class=WAITING), machine("linux-vm", ["root"], run_policy="AlwaysOn"))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    patch = json.dumps({"spec": {"runPolicy": "AlwaysOff"}})
    kubectl.must("patch", "vm", "linux-vm", "--type=merge", f"--patch={patch}")
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    write(kubectl, lab, ("root",), BEFORE)

    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    completed(kubectl, "vmop/clone")
    assert kubectl.get("vd", "root-copy")["status"]["phase"] == "WaitForFirstConsumer"
    kubectl.must("patch", "vm", "linux-vm-copy", "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOn"}}')

    kubectl.wait_for_phase("vm/linux-vm-copy", "Running")
    assert read(kubectl, lab, "root-copy") == ("root", BEFORE)


MOMENTS = {
    "when it has begun": BEGUN,
    "when the temporary snapshot is ready": "condition=SnapshotReady",
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_cancelling_takes_everything_back(kubectl: Kubectl, own_class: str, moment: str) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    refuse_volumes(kubectl, own_class)
    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    kubectl.wait("vmop/clone", moment)

    kubectl.must("delete", "vmop", "clone", "--timeout=60s")

    assert names(kubectl, "vd") == set(DISKS)
    assert names(kubectl, "vm") == {"linux-vm"}
    assert names(kubectl, "vms") == set()


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_namespace_that_goes_in_the_middle_is_gone(kubectl: Kubectl, own_class: str, moment: str) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    refuse_volumes(kubectl, own_class)
    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    kubectl.wait("vmop/clone", moment)

    kubectl.must("delete", "namespace", kubectl.namespace, "--timeout=90s")


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_killed_reconciler_makes_one_copy(kubectl: Kubectl, lab: RunningLab, own_class: str, moment: str) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    write(kubectl, lab, DISKS, BEFORE)
    delay_volumes(kubectl, own_class)
    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    kubectl.wait("vmop/clone", moment)

    lab.kill_leader()
    completed(kubectl, "vmop/clone", seconds=150)

    assert [read(kubectl, lab, f"{each}-copy") for each in DISKS] == [(each, BEFORE) for each in DISKS]
    assert names(kubectl, "vms") == set()
    assert len(kubectl.names("pvc")) == 2 * len(DISKS)


def test_a_name_that_is_taken_while_it_is_copied_is_not_overwritten(kubectl: Kubectl) -> None:
    """It was free when the webhook was asked. The storage takes seconds to capture the disk: long enough to take it."""
    kubectl.must_apply(disk("root", storage_class=SLOW), machine("linux-vm", ["root"], run_policy="AlwaysOff"))
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    kubectl.must_apply(clone("clone", "linux-vm", customization=COPY))
    kubectl.wait("vmop/clone", BEGUN)
    kubectl.must_apply(disk("root-copy"))

    why = failed(kubectl, "vmop/clone")

    assert why.endswith("[NameTaken]")
    assert names(kubectl, "vd") == {"root", "root-copy"}
    assert names(kubectl, "vms") == set()


def test_a_dry_run_takes_no_snapshot(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS)

    kubectl.must_apply(clone("clone", "linux-vm", mode="DryRun", customization=COPY))
    status = completed(kubectl, "vmop/clone")

    assert {each["name"] for each in status["resources"]} == {"root-copy", "data-copy", "linux-vm-copy"}
    assert (names(kubectl, "vms"), names(kubectl, "vd"), names(kubectl, "vm")) == (set(), set(DISKS), {"linux-vm"})
