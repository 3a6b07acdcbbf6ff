"""Restoring a machine, through kubectl, on real storage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    WAITING,
    attachment,
    claim_of,
    delay_volumes,
    disk,
    machine,
    machine_snapshot,
    refuse_volumes,
    running_machine,
    stopped_machine,
)
from tests.support.operations import AFTER, BEFORE, BEGUN, captured, completed, failed, read, restore, volume_of, write
from tests.support.waiting import until

DISKS = ("root", "data")


def change(kubectl: Kubectl, name: str, **spec: Any) -> None:
    kubectl.must("patch", "vm", name, "--type=merge", f"--patch={json.dumps({'spec': spec})}")


def condition(kubectl: Kubectl, name: str, type_: str) -> Json:
    found: list[Json] = kubectl.get("vm", name)["status"]["conditions"]
    return next((each for each in found if each["type"] == type_), {})


def finalizers_of(kubectl: Kubectl, operation: str) -> list[str]:
    found: list[str] = kubectl.get("vmop", operation)["metadata"].get("finalizers", [])
    return found


def holds(kubectl: Kubectl, lab: RunningLab, data: bytes, disks: tuple[str, ...] = DISKS) -> None:
    assert [read(kubectl, lab, disk) for disk in disks] == [(disk, data) for disk in disks]


def is_gone(kubectl: Kubectl, volume: str) -> None:
    kubectl.wait(f"pv/{volume}", "delete", seconds=150)


def image(name: str) -> Json:
    source = {"type": "Upload"}
    return {
        "apiVersion": "virtualization.deckhouse.io/v1alpha2",
        "kind": "VirtualImage",
        "metadata": {"name": name},
        "spec": {"storage": "ContainerRegistry", "dataSource": source},
    }


@pytest.mark.parametrize("mode", ["Strict", "BestEffort"])
def test_a_running_machine_has_its_bytes_settings_and_address_back_and_runs(
    kubectl: Kubectl, lab: RunningLab, mode: str
) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    before = kubectl.get("vm", "linux-vm")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    change(kubectl, "linux-vm", cpu={"cores": 4})
    old = [volume_of(kubectl, disk) for disk in DISKS]

    kubectl.must_apply(restore("restore", "linux-vm", "snap", mode=mode))
    status = completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE)
    after = kubectl.get("vm", "linux-vm")
    assert (status["phase"], status["progress"]) == ("Completed", "100%")
    assert after["status"]["phase"] == "Running"
    assert after["spec"]["cpu"] == {"cores": 1}
    assert after["status"]["ipAddress"] == before["status"]["ipAddress"]
    address = kubectl.get("vmip", after["status"]["virtualMachineIPAddressName"])
    assert address["spec"] == {"type": "Static", "staticIP": before["status"]["ipAddress"]}
    assert condition(kubectl, "linux-vm", "Restored")["status"] == "True"
    assert {each["status"] for each in status["resources"]} == {"Completed"}
    for volume in old:
        is_gone(kubectl, volume)
    reasons = [event["reason"] for event in kubectl.events_of("restore", last="VirtualMachineOperationSucceeded")]
    assert reasons == ["VirtualMachineOperationStarted", "MaintenanceMode", "VirtualMachineOperationSucceeded"]


def test_an_address_that_was_not_to_be_kept_stays_dynamic(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm", keep="Never"), ("root",))

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    name = kubectl.get("vm", "linux-vm")["status"]["virtualMachineIPAddressName"]
    assert kubectl.get("vmip", name)["spec"] == {"type": "Auto"}


@pytest.mark.parametrize(
    ("policy", "then"),
    [("AlwaysOff", "Stopped"), ("Manual", "Stopped"), ("AlwaysOnUnlessStoppedManually", "Running")],
)
def test_run_policy_decides_what_becomes_of_the_machine(
    kubectl: Kubectl, lab: RunningLab, policy: str, then: str
) -> None:
    kubectl.must_apply(disk("root"), machine("linux-vm", ["root"], run_policy=policy))
    kubectl.wait_for_phase("vm/linux-vm", then)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE, ("root",))
    kubectl.wait_for_phase("vm/linux-vm", then)


def test_a_pending_machine_is_restored_and_starts(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))
    change(kubectl, "linux-vm", runPolicy="AlwaysOff")
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    devices = [{"kind": "VirtualDisk", "name": "root"}, {"kind": "VirtualImage", "name": "gone"}]
    change(kubectl, "linux-vm", runPolicy="AlwaysOn", blockDeviceRefs=devices)
    kubectl.wait_for_phase("vm/linux-vm", "Pending")

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE, ("root",))
    assert kubectl.get("vm", "linux-vm")["status"]["phase"] == "Running"


def test_disks_that_were_deleted_and_plugged_in_come_back(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    kubectl.must_apply(disk("extra"), attachment("plug", "linux-vm", "extra"))
    kubectl.wait_for_phase("vmbda/plug", "Attached")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), (*DISKS, "extra"))
    kubectl.must("delete", "vmbda", "plug")
    kubectl.must_apply(disk("later"), attachment("plugged-since", "linux-vm", "later"))
    kubectl.wait_for_phase("vmbda/plugged-since", "Attached")
    kubectl.must("delete", "vd", "extra", "--timeout=60s")

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE, (*DISKS, "extra"))
    kubectl.wait_for_phase("vmbda/plug", "Attached")
    assert kubectl.names("vmbda") == ["virtualmachineblockdeviceattachment.virtualization.deckhouse.io/plug"]
    assert kubectl.get("vd", "later")["status"]["phase"] == "Ready"


def test_an_attachment_of_a_disk_that_the_saved_machine_lists_is_no_dead_end(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", DISKS)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    change(kubectl, "linux-vm", runPolicy="AlwaysOff", blockDeviceRefs=[{"kind": "VirtualDisk", "name": "root"}])
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    change(kubectl, "linux-vm", runPolicy="AlwaysOn")
    kubectl.must_apply(attachment("plug", "linux-vm", "data"))
    kubectl.wait_for_phase("vmbda/plug", "Attached")

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE)
    assert kubectl.names("vmbda") == []
    listed = kubectl.get("vm", "linux-vm")["spec"]["blockDeviceRefs"]
    assert [each["name"] for each in listed] == list(DISKS)


@pytest.mark.parametrize(
    ("mode", "phase", "devices", "message"),
    [
        ("BestEffort", "Running", ["root"], ""),
        ("Strict", "Pending", ["root", "tools"], "the machine stays Pending until there is VirtualImage tools"),
    ],
)
def test_an_image_that_is_gone(
    kubectl: Kubectl, lab: RunningLab, mode: str, phase: str, devices: list[str], message: str
) -> None:
    kubectl.must_apply(image("tools"), disk("root"), machine("linux-vm", ["root"], images=["tools"]))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))
    kubectl.must("delete", "vi", "tools")

    kubectl.must_apply(restore("restore", "linux-vm", "snap", mode=mode))
    status = completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE, ("root",))
    told = next(each["message"] for each in status["conditions"] if each["type"] == "Completed")
    assert told == message
    kubectl.wait_for_phase("vm/linux-vm", phase)
    assert [each["name"] for each in kubectl.get("vm", "linux-vm")["spec"]["blockDeviceRefs"]] == devices


def test_disks_of_a_waiting_class_get_their_bytes_when_the_machine_starts(kubectl: Kubectl, lab: RunningLab) -> None:
    kubectl.must_apply(disk("root", storage_class=WAITING), machine("linux-vm", ["root"]))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    holds(kubectl, lab, BEFORE, ("root",))
    assert kubectl.get("vm", "linux-vm")["status"]["phase"] == "Running"


@pytest.fixture
def off(kubectl: Kubectl, lab: RunningLab) -> str:
    """The volume of a machine that has run on a waiting class, and is to stay off."""
    kubectl.must_apply(disk("root", storage_class=WAITING), machine("linux-vm", ["root"]))
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    change(kubectl, "linux-vm", runPolicy="AlwaysOff")
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))
    return volume_of(kubectl, "root")


def test_disks_of_a_waiting_class_get_their_bytes_though_the_machine_stays_off(
    kubectl: Kubectl, lab: RunningLab, off: str
) -> None:
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    completed(kubectl, "vmop/restore")

    assert kubectl.get("vd", "root")["status"]["phase"] == "Ready"
    assert kubectl.get("vm", "linux-vm")["status"]["phase"] == "Stopped"
    holds(kubectl, lab, BEFORE, ("root",))
    is_gone(kubectl, off)


def test_old_volumes_are_kept_until_a_machine_that_stays_off_starts_with_its_new_disks(
    kubectl: Kubectl, lab: RunningLab, off: str
) -> None:
    claim = claim_of(kubectl, "root")
    kubectl.must("annotate", "pvc", claim, "volume.kubernetes.io/selected-node-")

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    status = completed(kubectl, "vmop/restore")

    told = next(each["message"] for each in status["conditions"] if each["type"] == "Completed")
    assert told.endswith(f"what it had before is kept on PersistentVolume {off} until then")
    assert kubectl.get("vd", "root")["status"]["phase"] == "WaitForFirstConsumer"
    assert kubectl.get("pv", off)["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    change(kubectl, "linux-vm", runPolicy="AlwaysOn")
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    holds(kubectl, lab, BEFORE, ("root",))
    is_gone(kubectl, off)


@pytest.fixture
def refused_storage(kubectl: Kubectl, lab: RunningLab, own_class: str) -> Kubectl:
    """A machine with a snapshot, on storage that makes no new volumes any more."""
    running_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    refuse_volumes(kubectl, own_class)
    return kubectl


@pytest.mark.parametrize("binding", ["Immediate", "WaitForFirstConsumer"])
def test_old_volumes_are_back_when_storage_refuses_the_new_ones(refused_storage: Kubectl, lab: RunningLab) -> None:
    kubectl = refused_storage
    change(kubectl, "linux-vm", cpu={"cores": 4})
    old = [volume_of(kubectl, disk) for disk in DISKS]

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    why = failed(kubectl, "vmop/restore", seconds=150)

    assert "VirtualDisk root did not get its volume in" in why
    holds(kubectl, lab, AFTER)
    assert kubectl.get("vm", "linux-vm")["spec"]["cpu"] == {"cores": 4}
    assert [volume_of(kubectl, disk) for disk in DISKS] == old
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    told = condition(kubectl, "linux-vm", "Restored")
    assert (told["status"], told["reason"]) == ("False", "RestoreUndone")
    for volume in old:
        assert kubectl.get("pv", volume)["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    kubectl.events_of("linux-vm", last="RestoreUndone")
    until(lambda: not finalizers_of(kubectl, "restore"), "the operation keeps its finalizer", seconds=60)


def test_cancelling_puts_everything_back(refused_storage: Kubectl, lab: RunningLab) -> None:
    kubectl = refused_storage
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    kubectl.wait_for_phase("vd/root", "Provisioning")

    answer = kubectl.run("delete", "vmop", "restore", "--timeout=60s")

    assert answer.ok, answer.said
    assert "[RestoreInterrupted]" in answer.said
    holds(kubectl, lab, AFTER)
    kubectl.wait_for_phase("vm/linux-vm", "Running")
    assert condition(kubectl, "linux-vm", "Restored")["reason"] == "RestoreUndone"


def test_a_namespace_that_goes_in_the_middle_is_gone_and_so_are_its_volumes(refused_storage: Kubectl) -> None:
    kubectl = refused_storage
    old = [volume_of(kubectl, disk) for disk in DISKS]
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    kubectl.wait_for_phase("vd/root", "Provisioning")

    kubectl.must("delete", "namespace", kubectl.namespace, "--timeout=90s")

    for volume in old:
        is_gone(kubectl, volume)


MOMENTS = {
    "when it has begun": BEGUN,
    "when the machine is kept off": "condition=MaintenanceMode",
    "when the old disks are written down": "jsonpath={.status.retainedVolumes[0].virtualDiskName}=root",
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_killed_reconciler_loses_nothing(kubectl: Kubectl, lab: RunningLab, own_class: str, moment: str) -> None:
    running_machine(kubectl, "linux-vm", DISKS, storage_class=own_class)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    delay_volumes(kubectl, own_class)
    old = [volume_of(kubectl, disk) for disk in DISKS]
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    kubectl.wait("vmop/restore", moment)

    lab.kill_leader()
    completed(kubectl, "vmop/restore", seconds=150)

    holds(kubectl, lab, BEFORE)
    assert kubectl.get("vm", "linux-vm")["status"]["phase"] == "Running"
    for volume in old:
        is_gone(kubectl, volume)


def test_a_dry_run_writes_nothing_but_its_status(kubectl: Kubectl, lab: RunningLab) -> None:
    stopped_machine(kubectl, "linux-vm", DISKS)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), DISKS)
    kubectl.wait("vms/snap", "condition=Restorable")  # the last that is written of a snapshot
    objects = "vm,vd,vmip,vmbda,pvc,secret,vms,vds"
    before = versions(kubectl, objects)

    kubectl.must_apply(restore("restore", "linux-vm", "snap", mode="DryRun"))
    status = completed(kubectl, "vmop/restore")

    assert {(each["kind"], each["name"]) for each in status["resources"]} >= {
        ("VirtualDisk", "root"),
        ("VirtualDisk", "data"),
        ("VirtualMachine", "linux-vm"),
    }
    assert versions(kubectl, objects) == before
    holds(kubectl, lab, AFTER)


def versions(kubectl: Kubectl, kinds: str) -> dict[str, str]:
    items: list[Json] = json.loads(kubectl.must("get", kinds, "-o", "json"))["items"]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"] for each in items}


def test_two_restores_of_one_machine_do_not_meet(kubectl: Kubectl, lab: RunningLab, own_class: str) -> None:
    running_machine(kubectl, "linux-vm", ("root",), storage_class=own_class)
    captured(kubectl, lab, machine_snapshot("snap", "linux-vm"), ("root",))
    delay_volumes(kubectl, own_class)
    first, second = (restore(name, "linux-vm", "snap") for name in ("first", "second"))

    kubectl.must_apply(first)
    kubectl.wait("vmop/first", BEGUN)  # and not only stored: the webhook decides on what its watch has brought
    answer = kubectl.apply(second)

    assert answer.code == 1
    assert "VirtualMachineOperation first (Restore" in answer.said
    completed(kubectl, "vmop/first")
    write(kubectl, lab, ("root",), AFTER)
    kubectl.must_apply(second)
    completed(kubectl, "vmop/second")
    holds(kubectl, lab, BEFORE, ("root",))
