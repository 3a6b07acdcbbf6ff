"""Guard mode beside the platform: its CRDs, its webhook configuration, its controllers' writes; a lab of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from lab.snapgate.installation import NAMESPACE
from tests.e2e.conftest import LAB
from tests.support.copies import rule
from tests.support.kubectl import Answer, Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import (
    API_VERSION,
    SLOW,
    disk,
    disk_from,
    disk_snapshot,
    machine,
    machine_snapshot,
    running_machine,
    stopped_machine,
    without_agent,
)
from tests.support.operations import clone, created_from, restore
from tests.support.platform import AS_CONTROLLER, CRDS, Platform, settle_in

GROUP: Final = "virtualization.deckhouse.io"
BIGGER: Final = '{"spec":{"persistentVolumeClaim":{"size":"32Mi"}}}'
CODES: Final = re.compile(r"\[([A-Z]\w+)\]")


@pytest.fixture(scope="module")
def own_lab() -> Iterator[RunningLab]:
    with running_lab(f"{LAB}-guard", snapgate=False) as running:
        settle_in(running.kubectl("default"))
        running.release().install("mode=guard")
        yield running


@pytest.fixture
def kubectl(own_lab: RunningLab, request: pytest.FixtureRequest) -> Kubectl:
    return own_lab.kubectl(own_lab.new_namespace(request.node.name))


def captured_machine(kubectl: Kubectl) -> Platform:
    """linux-vm, stopped, with the snapshot `snap` that the platform has taken of it."""
    stopped_machine(kubectl, "linux-vm", ["root"])
    kubectl.wait_for_phase("vd/root", "Ready")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    platform = Platform(kubectl)
    platform.must("snapshot of a machine")
    return platform


def codes(answer: Answer) -> set[str]:
    """Of a refusal."""
    assert not answer.ok, answer.output
    return set(CODES.findall(answer.said))


def test_webhooks_are_all_there_is_of_ours(own_lab: RunningLab) -> None:
    system = own_lab.kubectl(NAMESPACE)
    assert system.names("deployment") == ["deployment.apps/snapgate-webhook"]
    assert system.names("mutatingwebhookconfiguration") == []
    heritage = {each.stem: system.get("crd", f"{each.stem}.{GROUP}")["metadata"]["labels"]["heritage"] for each in CRDS}
    assert heritage == dict.fromkeys(heritage, "deckhouse")
    own_lab.release().must("test", "snapgate")


def test_snapshots_that_the_platform_would_fail_for_good_are_refused(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("root", storage_class=SLOW), without_agent("old-vm", ["root"]))
    kubectl.wait_for_phase("vm/old-vm", "Running")
    kubectl.must("patch", "vd", "root", "--type=merge", f"--patch={BIGGER}")
    kubectl.wait_for_phase("vd/root", "Resizing")

    of_machine = kubectl.apply(machine_snapshot("snap", "old-vm"))
    assert codes(of_machine) == {"DiskResizing", "ConsistencyUnavailable"}
    assert {"DiskResizing"} <= codes(kubectl.apply(disk_snapshot("snap", "root")))
    assert codes(kubectl.apply(disk_snapshot("snap", "no-such-disk"))) == {"DiskNotFound"}
    assert codes(kubectl.apply(machine_snapshot("snap", "no-such-machine"))) == {"MachineNotFound"}
    assert kubectl.names("vds,vms") == []


def test_every_reason_against_a_restore_is_told_at_once(kubectl: Kubectl) -> None:
    """The machine is another one, its disk is used elsewhere, and its address has been given away."""
    captured_machine(kubectl)
    name = kubectl.get("vm", "linux-vm")["status"]["virtualMachineIPAddressName"]
    address = kubectl.get("vmip", name)["status"]["address"]
    kubectl.must("delete", "vm", "linux-vm")
    kubectl.must("delete", "vmip", name, "--ignore-not-found")
    billing = machine("billing", ["root"])
    billing["spec"]["virtualMachineIPAddressName"] = "taken"
    taken = {"apiVersion": API_VERSION, "kind": "VirtualMachineIPAddress", "metadata": {"name": "taken"}}
    kubectl.must_apply(taken | {"spec": {"type": "Static", "staticIP": address}}, billing)
    kubectl.wait_for_phase("vm/billing", "Running")
    kubectl.wait("vd/root", "jsonpath={.status.attachedToVirtualMachines[0].name}=billing")
    stopped_machine(kubectl, "linux-vm", ["other"])

    answer = kubectl.apply(restore("restore", "linux-vm", "snap"))
    assert codes(answer) >= {"MachineUIDMismatch", "DiskUsedByAnotherMachine", "AddressUsedByAnotherMachine"}
    assert "SnapshotNotFound" in codes(kubectl.apply(restore("restore", "linux-vm", "none")))
    assert kubectl.names("vmop") == []


def test_copies_that_cannot_be_made_are_refused(kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    running_machine(kubectl, "busy", ["busy-root"])

    running = kubectl.apply(clone("clone", "busy", customization={"namePrefix": "copy-"}))
    assert "SourceMachineRunning" in codes(running)
    rename = [rule("linux-vm", "busy", kind="VirtualMachine"), rule("root", "busy-root", kind="VirtualDisk")]
    assert "NameTaken" in codes(kubectl.apply(clone("clone", "linux-vm", nameReplacement=rename)))
    assert "NameTaken" in codes(kubectl.apply(created_from("create", "snap", nameReplacement=rename)))
    blockless = created_from("create", "snap")
    del blockless["spec"]["createVirtualMachine"]
    assert codes(kubectl.apply(blockless)) == {"BlockMissing"}
    assert "SnapshotNotFound" in codes(
        kubectl.apply(created_from("create", "none", customization={"namePrefix": "copy-"}))
    )
    assert kubectl.names("vmop,vmsop") == []


def test_snapshots_and_their_content_are_protected_from_people(kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    uid = kubectl.get("vms", "snap")["metadata"]["uid"]
    content, child = f"d8v-vms-snap-{uid}", f"root-{uid}"

    changed = kubectl.run("patch", "secret", content, "--type=merge", "-p", '{"stringData":{"vm":"{}"}}')
    assert codes(changed) == {"SnapshotContentProtected"}
    assert codes(kubectl.run("delete", "secret", content)) == {"SnapshotContentProtected"}
    redirected = kubectl.run("patch", "vds", child, "--type=merge", "-p", '{"spec":{"virtualDiskName":"other"}}')
    assert codes(redirected) == {"SpecImmutable"}
    assert codes(kubectl.apply(disk_from("small", child, size="1Mi"))) == {"DiskSmallerThanSnapshot"}
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    assert codes(kubectl.run("delete", "vms", "snap")) == {"SnapshotInUse"}


def test_what_the_platforms_controllers_write_passes(kubectl: Kubectl) -> None:
    platform = captured_machine(kubectl)
    platform.must("content that is written anew")
    kubectl.must_apply(clone("clone", "linux-vm", customization={"namePrefix": "copy-"}))
    platform.must("clone")
    kubectl.must_apply(created_from("create", "snap", customization={"namePrefix": "new-"}))
    platform.must("machine from a snapshot")
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    platform.must("restore")
    platform.must("removal")
    assert kubectl.names("vmop,vmsop,vds") == []


def test_garbage_collection_takes_what_belonged_to_a_deleted_snapshot(kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    uid = kubectl.get("vms", "snap")["metadata"]["uid"]
    kubectl.must("delete", "vms", "snap")
    kubectl.wait(f"secret/d8v-vms-snap-{uid}", "delete", seconds=150)
    kubectl.wait(f"vds/root-{uid}", "jsonpath={.metadata.deletionTimestamp}", seconds=150)


def test_a_namespace_with_snapshots_in_use_can_be_deleted(own_lab: RunningLab, kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    uid = kubectl.get("vms", "snap")["metadata"]["uid"]
    admin = own_lab.kubectl("default")
    admin.must("delete", "namespace", kubectl.namespace, "--wait=false")
    kubectl.wait(f"vds/root-{uid}", "jsonpath={.metadata.deletionTimestamp}", seconds=150)
    released = '[{"op":"remove","path":"/metadata/finalizers"}]'
    for subject in (f"vds/root-{uid}", f"volumesnapshot/d8v-vds-root-{uid}"):
        kubectl.must("patch", subject, "--type=json", "-p", released, AS_CONTROLLER)
    admin.wait(f"namespace/{kubectl.namespace}", "delete", seconds=110)
