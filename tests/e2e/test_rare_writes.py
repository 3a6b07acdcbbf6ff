"""What is read and written only when something has gone wrong or happens again: each takes a right of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from lab.snapgate.installation import NAMESPACE
from tests.support.copies import rule
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    API_VERSION,
    TAKEN_UP,
    attachment,
    disk,
    machine,
    machine_snapshot,
    make_class_anew,
    refuse_volumes,
)
from tests.support.operations import created_from, failed, restore
from tests.support.waiting import until

LEASE: Final = "snapgate-reconciler"
WEBHOOK: Final = f"system:serviceaccount:{NAMESPACE}:snapgate-webhook"
SUBRESOURCES: Final = "/apis/subresources.virtualization.deckhouse.io/v1alpha2"


@pytest.fixture
def cluster_image(kubectl: Kubectl) -> Iterator[str]:
    name = f"of-{kubectl.namespace}"
    spec = {"dataSource": {"type": "Upload"}}
    kubectl.must_apply(
        {"apiVersion": API_VERSION, "kind": "ClusterVirtualImage", "metadata": {"name": name}, "spec": spec}
    )
    kubectl.wait_for_phase(f"cvi/{name}", "Ready")
    yield name
    kubectl.must("delete", "cvi", name, "--ignore-not-found")


def read_by_the_webhook(lab: RunningLab, namespace: str, *names: str) -> set[str]:
    """Resources of those of these objects that it got by their names, as it does to confirm a denial. In the namespace,
    or in none."""
    references = [
        record["objectRef"]
        for record in lab.whole_audit()
        if record["verb"] == "get" and record["user"].get("username") == WEBHOOK and "objectRef" in record
    ]
    ours = [each for each in references if each.get("namespace", namespace) == namespace]
    return {each["resource"] for each in ours if each.get("name") in names}


def captured_with_all_it_needs(kubectl: Kubectl, storage_class: str, address: str) -> None:
    """A machine with an address, a network and a provisioning Secret, of which there is a snapshot. No two tests have
    one address: leases are the whole cluster's, and a test's namespace may outlast it."""
    described = machine("linux-vm", ["root"])
    described["spec"] |= {
        "virtualMachineIPAddressName": "front",
        "networks": [{"type": "Main"}, {"type": "Network", "name": "lan"}],
        "provisioning": {"type": "UserDataRef", "userDataRef": {"kind": "Secret", "name": "cloud-init"}},
    }
    kubectl.must_apply(
        {
            "apiVersion": API_VERSION,
            "kind": "VirtualMachineIPAddress",
            "metadata": {"name": "front"},
            "spec": {"type": "Static", "staticIP": address},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "cloud-init"},
            "type": "provisioning.virtualization.deckhouse.io/cloud-init",
            "stringData": {"userData": "#cloud-config"},
        },
        disk("root", storage_class=storage_class),
        described,
    )
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")


def test_a_lease_that_was_deleted_is_made_again(kubectl: Kubectl, lab: RunningLab) -> None:
    system = lab.kubectl(NAMESPACE)
    uid = system.get("lease", LEASE)["metadata"]["uid"]
    system.must("delete", "lease", LEASE)
    ask = ("get", "lease", LEASE, "-o", "jsonpath={.metadata.uid}")
    until(lambda: system.run(*ask).output not in ("", uid), "the lease is not made again", seconds=60, every=0.5)
    kubectl.must_apply(disk("root"), machine("linux-vm", ["root"], run_policy="AlwaysOff"))
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready", seconds=150)


def test_what_happens_again_is_one_event_that_counts(kubectl: Kubectl) -> None:
    image = {
        "apiVersion": API_VERSION,
        "kind": "VirtualImage",
        "metadata": {"name": "installer"},
        "spec": {"storage": "ContainerRegistry", "dataSource": {"type": "Upload"}},
    }
    kubectl.must_apply(image, disk("root"), machine("linux-vm", ["root"], images=["installer"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vms/snap", "condition=Restorable")
    reason = "jsonpath={.status.conditions[?(@.type=='Restorable')].reason}"
    for _ in range(2):
        kubectl.must("delete", "virtualimage", "installer")
        kubectl.wait("vms/snap", f"{reason}=RestorableWithLosses")
        kubectl.must_apply(image)
        kubectl.wait("vms/snap", f"{reason}=Restorable")

    events = kubectl.events_of("snap", last="VirtualMachineSnapshotRestorableWithLosses", times=2)
    counts = [each["count"] for each in events if each["reason"] == "VirtualMachineSnapshotRestorableWithLosses"]
    assert counts == [2]


def test_addresses_of_a_restore_that_fails_are_taken_back(kubectl: Kubectl, own_class: str) -> None:
    captured_with_all_it_needs(kubectl, own_class, "10.66.78.8")
    saved = kubectl.get("vm", "linux-vm")["status"]
    gone = [each["virtualMachineMACAddressName"] for each in saved["networks"] if each["type"] == "Network"]
    patch = '{"spec":{"virtualMachineIPAddressName":null,"networks":[{"type":"Main"}]}}'
    kubectl.must("patch", "vm", "linux-vm", "--type=merge", "-p", patch)
    kubectl.must("delete", "vmip", "front", "--timeout=60s")
    kubectl.must("delete", "vmmac", *gone, "--timeout=60s", "--ignore-not-found")
    refuse_volumes(kubectl, own_class)

    kubectl.must_apply(restore("restore", "linux-vm", "snap"))
    kubectl.wait_for_phase("vd/root", "Provisioning")
    made = {each for kind in ("vmip", "vmmac") for each in kubectl.names(kind)}
    assert any(each.endswith("/front") for each in made)
    failed(kubectl, "vmop/restore", seconds=150)

    assert not any(each.endswith(("/front", *gone)) for kind in ("vmip", "vmmac") for each in kubectl.names(kind))


def test_a_copy_that_is_cancelled_leaves_no_machine_and_no_secret(kubectl: Kubectl, own_class: str) -> None:
    captured_with_all_it_needs(kubectl, own_class, "10.66.78.9")
    refuse_volumes(kubectl, own_class)

    rules = [
        rule("linux-vm", "copy", kind="VirtualMachine"),
        rule("root", "copy-root", kind="VirtualDisk"),
        rule("cloud-init", "copy-cloud-init", kind="Secret"),
    ]
    kubectl.must_apply(created_from("create", "snap", nameReplacement=rules))
    kubectl.wait("vm/copy", "create", seconds=60)
    assert "secret/copy-cloud-init" in kubectl.names("secret")
    assert kubectl.get("vmsop", "create")["status"]["phase"] == "InProgress"
    kubectl.must("delete", "vmsop", "create", "--timeout=60s")

    assert not any("copy" in each for each in kubectl.names("vm,vd,secret"))


def test_disks_cut_in_a_freeze_that_someone_else_ends_are_cut_again(kubectl: Kubectl, own_class: str) -> None:
    make_class_anew(kubectl, own_class, snapshotSeconds="10")  # of the 30 in which all is to be cut
    kubectl.must_apply(disk("root", storage_class=own_class), machine("linux-vm", ["root"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vms/snap", TAKEN_UP)
    (child,) = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    kubectl.wait_for_phase(f"vds/{child}", "InProgress")
    first = kubectl.get("vds", child)["metadata"]["uid"]
    unfreeze = f"{SUBRESOURCES}/namespaces/{kubectl.namespace}/virtualmachines/linux-vm/unfreeze"
    kubectl.must("replace", "--raw", unfreeze, "-f", "-", given="{}")

    kubectl.wait_for_phase("vms/snap", "Ready", seconds=150)
    assert kubectl.get("vms", "snap")["status"]["consistent"] is True
    assert kubectl.get("vds", child)["metadata"]["uid"] != first


def test_a_denial_is_confirmed_over_images_and_attachments(
    kubectl: Kubectl, lab: RunningLab, cluster_image: str
) -> None:
    running = machine("linux-vm", ["root"])
    running["spec"]["blockDeviceRefs"].append({"kind": "ClusterVirtualImage", "name": cluster_image})
    stopped = running | {"spec": running["spec"] | {"runPolicy": "AlwaysOff"}}
    kubectl.must_apply(disk("root"), disk("extra"), running)
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(attachment("plugged", "linux-vm", "extra"))
    kubectl.wait_for_phase("vmbda/plugged", "Attached")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")
    kubectl.must("delete", "vm", "linux-vm")
    kubectl.must_apply(stopped)
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    assert not read_by_the_webhook(lab, kubectl.namespace, cluster_image, "plugged")

    assert "[MachineUIDMismatch]" in kubectl.apply(restore("restore", "linux-vm", "snap")).said
    read = read_by_the_webhook(lab, kubectl.namespace, cluster_image, "plugged")
    assert read == {"clustervirtualimages", "virtualmachineblockdeviceattachments"}
