"""What the page asks before a machine is restored, through kubectl: the whole text is what the user gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.captured_machines import (
    CLOUD_INIT,
    IMAGE,
    MACHINE,
    SNAPSHOT,
    captured_machine,
    cloud_init,
    described_machine,
    machine_class,
    named,
    restore,
    stopped_machine,
)
from tests.support.golden import assert_golden, told
from tests.support.kubectl import Json, Kubectl
from tests.support.machines import (
    attachment,
    disk,
    disk_snapshot,
    machine,
    machine_snapshot,
    machine_without_agent,
)

GOLDEN: Final = Path(__file__).parent / "golden"


def machine_gone(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "vm", MACHINE)
    return restore()


def machine_recreated(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "vm", MACHINE)
    kubectl.must_apply(described_machine())
    kubectl.wait_for_phase(f"vm/{MACHINE}", "Stopped")
    return restore()


def disk_attached_elsewhere(kubectl: Kubectl) -> Json:
    kubectl.must_apply(disk("billing"), machine("billing", ["billing"]))
    kubectl.wait("vm/billing", "condition=AgentReady")
    kept = [{"kind": "VirtualDisk", "name": "root"}, {"kind": "VirtualImage", "name": IMAGE}]
    patch(kubectl, {"blockDeviceRefs": kept})
    kubectl.must_apply(attachment("billing-data", "billing", "data"))
    kubectl.wait_for_phase("vmbda/billing-data", "Attached")
    return restore()


def addresses_taken(kubectl: Kubectl) -> Json:
    """The machine has been given others since, and another machine has those that were saved."""
    saved = kubectl.get("vm", MACHINE)["status"]
    address = kubectl.get("vmip", saved["virtualMachineIPAddressName"])["status"]["address"]
    mac_name = next(each["virtualMachineMACAddressName"] for each in saved["networks"] if each["type"] != "Main")
    mac = kubectl.get("vmmac", mac_name)["status"]["address"]
    kubectl.must_apply(named("VirtualMachineIPAddress", "new-ip", {"type": "Auto"}))
    patch(kubectl, {"virtualMachineIPAddressName": "new-ip", "networks": [{"type": "Main"}]})
    for kind, name in (("vmip", saved["virtualMachineIPAddressName"]), ("vmmac", mac_name)):
        kubectl.must("delete", kind, name, "--ignore-not-found", "--wait=true")
    kubectl.must_apply(
        named("VirtualMachineIPAddress", "billing-ip", {"type": "Static", "staticIP": address}),
        named("VirtualMachineMACAddress", "billing-mac", {"address": mac}),
    )
    for name in ("vmip/billing-ip", "vmmac/billing-mac"):
        kubectl.wait_for_phase(name, "Bound")
    return restore()


def patch(kubectl: Kubectl, spec: Json) -> None:
    kubectl.must("patch", "vm", MACHINE, "--type=merge", f"--patch={json.dumps({'spec': spec})}")


def secret_edited(kubectl: Kubectl) -> Json:
    kubectl.must_apply(cloud_init(user_data="#another"))
    return restore()


def image_and_class_gone(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "virtualimage", IMAGE)
    kubectl.must("delete", "vmclass", kubectl.namespace)
    return restore()


def snapshot_of_another(kubectl: Kubectl) -> Json:
    kubectl.must_apply(disk("web"), machine("web", ["web"], run_policy="AlwaysOff"))
    kubectl.wait_for_phase("vm/web", "Stopped")
    return restore(of="web")


def snapshot_gone(_: Kubectl) -> Json:
    return restore(snapshot="before-upgarde")


def data_gone(kubectl: Kubectl) -> Json:
    name = kubectl.get("vms", SNAPSHOT)["status"]["virtualDiskSnapshotNames"][0]
    volume = kubectl.get("vds", name)["status"]["volumeSnapshotName"]
    kubectl.must("patch", "volumesnapshot", volume, "--type=merge", '--patch={"metadata":{"finalizers":null}}')
    kubectl.must("delete", "volumesnapshot", volume, "--wait=false")
    kubectl.wait_for_phase(f"vms/{SNAPSHOT}", "Failed")
    return restore()


SITUATIONS: Final[tuple[Callable[[Kubectl], Json], ...]] = (
    machine_gone,
    machine_recreated,
    disk_attached_elsewhere,
    addresses_taken,
    secret_edited,
    image_and_class_gone,
    snapshot_of_another,
    snapshot_gone,
    data_gone,
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)
def test_user_reads(situation: Callable[[Kubectl], Json], kubectl: Kubectl) -> None:
    """With `--dry-run=server`, which asks the same and leaves nothing behind."""
    kubectl.must_apply(machine_class(kubectl, kubectl.namespace))
    captured_machine(kubectl, virtualMachineClassName=kubectl.namespace)
    asked = situation(kubectl)
    answer = kubectl.apply(asked, flags=("--dry-run=server",))
    assert_golden(GOLDEN / f"restore-{situation.__name__}.txt", told(answer, kubectl))
    kubectl.must("delete", "vmclass", kubectl.namespace, "--ignore-not-found")


def test_snapshot_that_is_not_consistent_is_warned_of(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, MACHINE, ["root"])
    kubectl.must_apply(machine_snapshot(SNAPSHOT, MACHINE, required=False))
    kubectl.wait_for_phase(f"vms/{SNAPSHOT}", "Ready")
    answer = kubectl.apply(restore(), flags=("--dry-run=server",))
    assert_golden(GOLDEN / "restore-inconsistent.txt", told(answer, kubectl))


def test_every_reason_is_told_when_several_documents_are_applied(kubectl: Kubectl) -> None:
    captured_machine(kubectl)
    kubectl.must("delete", "secret", CLOUD_INIT)
    secret_edited(kubectl)
    kubectl.must("delete", "vm", MACHINE)
    answer = kubectl.apply(restore("one"), disk_snapshot("other", "root"), restore("two", snapshot="none"))
    assert_golden(GOLDEN / "restore-several-documents.txt", told(answer, kubectl))
    assert kubectl.names("vmop") == []
    assert kubectl.names("vds") != []


def test_a_denied_restore_leaves_the_machine_alone(kubectl: Kubectl) -> None:
    stopped_machine(kubectl)
    before = kubectl.get("vm", MACHINE)
    assert kubectl.apply(restore()).code == 1
    after = kubectl.get("vm", MACHINE)
    assert json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
