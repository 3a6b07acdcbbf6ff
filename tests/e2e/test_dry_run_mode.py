"""`mode: DryRun`: an operation that is created, tells in its status what it would do, and does nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.support.audited_writes import settled, writes
from tests.support.captured_machines import (
    CLOUD_INIT,
    IMAGE,
    MACHINE,
    captured_machine,
    clone,
    cloud_init,
    copy_of_snapshot,
    machine_class,
    restore,
)
from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import disk

SHORT: Final = {"VirtualMachineOperation": "vmop", "VirtualMachineSnapshotOperation": "vmsop"}
MAKE: Final[Mapping[str, Callable[..., Json]]] = {"restore": restore, "clone": clone, "copy": copy_of_snapshot}
COPIED: Final = {
    f"VirtualMachine {MACHINE}-copy": "valid",
    "VirtualDisk root-copy": "valid",
    "VirtualDisk data-copy": "valid",
    f"Secret {CLOUD_INIT}-copy": "valid",
}


def rehearsed(kubectl: Kubectl, manifest: Json, phase: str) -> Json:
    subject = f"{SHORT[manifest['kind']]}/{manifest['metadata']['name']}"
    answer = kubectl.apply(manifest)
    assert answer.ok, answer.said
    kubectl.wait_for_phase(subject, phase)
    status: Json = kubectl.get(*subject.split("/"))["status"]
    return status


def resources(status: Json) -> dict[str, str]:
    """The message of each object; a status that does not go with it is in front."""
    told = {}
    for each in status["resources"]:
        expected = "Completed" if each["message"] == "valid" else "Failed"
        differs = "" if each["status"] == expected else f"{each['status']}: "
        told[f"{each['kind']} {each['name']}"] = differs + each["message"]
    return told


def codes(status: Json) -> dict[str, set[str]]:
    found = {name: message for name, message in resources(status).items() if "[" in message}
    return {name: {part.split("]")[0] for part in message.split("[")[1:]} for name, message in found.items()}


def only_its_own_status(lab: RunningLab, kubectl: Kubectl, manifest: Json, before: int) -> None:
    name, plural = manifest["metadata"]["name"], f"{manifest['kind'].lower()}s"
    kubectl.must("get", SHORT[manifest["kind"]], name)
    written = writes(lab, kubectl.namespace, after=before)
    own = {f"create {plural}/{name}", f"patch {plural}/status/{name}", f"update {plural}/status/{name}"}
    assert set(written) <= own, written
    assert len(written) == 2


@pytest.mark.parametrize("type_", MAKE)
def test_what_is_possible_is_completed_with_every_object_valid(type_: str, kubectl: Kubectl, lab: RunningLab) -> None:
    captured_machine(kubectl)
    manifest = MAKE[type_](mode="DryRun")
    before = settled(lab, kubectl.namespace)

    status = rehearsed(kubectl, manifest, "Completed")

    told = resources(status)
    if type_ == "restore":
        kinds = sorted(name.split()[0] for name in told)
        assert kinds == [
            "Secret",
            "VirtualDisk",
            "VirtualDisk",
            "VirtualMachine",
            "VirtualMachineIPAddress",
            "VirtualMachineMACAddress",
        ]
        assert set(told.values()) == {"valid"}
    else:
        assert told == COPIED
    only_its_own_status(lab, kubectl, manifest, before)


def in_the_way(kubectl: Kubectl, type_: str) -> dict[str, set[str]]:
    if type_ == "restore":
        kubectl.must_apply(cloud_init(user_data="#another"))
        return {f"Secret {CLOUD_INIT}": {"SecretContentDiffers"}}
    kubectl.must_apply(disk("root-copy"))
    return {"VirtualDisk root-copy": {"NameTaken"}}


@pytest.mark.parametrize("type_", MAKE)
def test_what_is_in_the_way_is_failed_and_missing_things_are_listed(
    type_: str, kubectl: Kubectl, lab: RunningLab
) -> None:
    kubectl.must_apply(machine_class(kubectl, kubectl.namespace))
    captured_machine(kubectl, virtualMachineClassName=kubectl.namespace)
    expected = in_the_way(kubectl, type_)
    kubectl.must("delete", "virtualimage", IMAGE)
    kubectl.must("delete", "vmclass", kubectl.namespace)
    manifest = MAKE[type_](mode="DryRun")

    status = rehearsed(kubectl, manifest, "Failed")

    missing = {f"VirtualImage {IMAGE}": {"ImageMissing"}, f"VirtualMachineClass {kubectl.namespace}": {"ClassMissing"}}
    assert codes(status) == expected | missing
    assert "valid" in resources(status).values()
    assert kubectl.names("vms") == ["virtualmachinesnapshot.virtualization.deckhouse.io/before-upgrade"]


def test_missing_things_that_a_restore_can_do_without_leave_it_completed(kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    kubectl.must("delete", "virtualimage", IMAGE)
    status = rehearsed(kubectl, restore(mode="DryRun"), "Completed")
    assert codes(status) == {f"VirtualImage {IMAGE}": {"ImageMissing"}}


def test_a_running_machine_goes_on_running_while_its_restore_is_rehearsed(kubectl: Kubectl, lab: RunningLab) -> None:
    captured_machine(kubectl)
    kubectl.must("patch", "vm", MACHINE, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOn"}}')
    kubectl.wait_for_phase(f"vm/{MACHINE}", "Running")
    freezes: list[Any] = lab.guest_log(kubectl.namespace)
    rehearsed(kubectl, restore(mode="DryRun"), "Completed")
    assert kubectl.get("vm", MACHINE)["status"]["phase"] == "Running"
    assert lab.guest_log(kubectl.namespace) == freezes
