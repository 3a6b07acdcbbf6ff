"""What a machine's snapshot saves beside its disks."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest

from tests.support.kubectl import Json, Kubectl
from tests.support.machines import API_VERSION, attachment, disk, machine, machine_snapshot

STATIC_ADDRESS: Final = "10.66.77.5"

KEEP_IP_ADDRESS_TABLE: Final = {
    "Never, static, named": ("Never", "Static", True, "Static"),
    "Never, dynamic, not named": ("Never", "Auto", False, None),
    "Never, dynamic, named": ("Never", "Auto", True, "Auto"),
    "Always, static, named": ("Always", "Static", True, "Static"),
    "Always, dynamic, named": ("Always", "Auto", True, "Static"),
    "Always, dynamic, not named": ("Always", "Auto", False, "Static"),
}


@pytest.mark.parametrize(
    ("keep", "live_type", "named", "saved_type"), KEEP_IP_ADDRESS_TABLE.values(), ids=KEEP_IP_ADDRESS_TABLE.keys()
)
def test_the_address_is_saved_as_keep_ip_address_says(
    kubectl: Kubectl, keep: str, live_type: str, named: bool, saved_type: str | None
) -> None:
    described = machine("linux-vm", ["root"])
    if named:
        described["spec"]["virtualMachineIPAddressName"] = "front"
        kubectl.must_apply(_address("front", live_type, f"{STATIC_ADDRESS}{keep == 'Always':d}"))
    kubectl.must_apply(disk("root"), described)
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    name = kubectl.get("vm", "linux-vm")["status"]["virtualMachineIPAddressName"]
    address = kubectl.get("vmip", name)["status"]["address"]

    kubectl.must_apply(machine_snapshot("snap", "linux-vm", keep=keep))
    kubectl.wait_for_phase("vms/snap", "Ready")

    content = _content(kubectl, "snap")
    if saved_type is None:
        assert "vmip" not in content
    else:
        saved = content["vmip"]["spec"]
        assert saved["type"] == saved_type
        assert saved.get("staticIP") == (address if saved_type == "Static" else None)
    assert kubectl.get("vmip", name)["spec"]["type"] == live_type
    listed = [each["kind"] for each in kubectl.get("vms", "snap")["status"]["resources"]]
    assert ("VirtualMachineIPAddress" in listed) == (keep == "Always")


def test_all_that_the_machine_depends_on_is_saved_and_listed(kubectl: Kubectl) -> None:
    described = machine("linux-vm", ["root"])
    described["spec"]["networks"] = [{"type": "Main"}, {"type": "Network", "name": "lan"}]
    described["spec"]["provisioning"] = {
        "type": "UserDataRef",
        "userDataRef": {"kind": "Secret", "name": "cloud-init"},
    }
    kubectl.must_apply(
        _cloud_init(), disk("root"), disk("extra"), described, attachment("plugged", "linux-vm", "extra")
    )
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.wait_for_phase("vmbda/plugged", "Attached")

    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")

    content = _content(kubectl, "snap")
    assert set(content) == {"vm", "vmip", "vmmacs", "provisioner", "vmbdas"}
    assert content["provisioner"]["data"]["userData"] == base64.b64encode(b"#cloud-config").decode()
    assert [each["metadata"]["name"] for each in content["vmbdas"]] == ["plugged"]
    (mac_address,) = content["vmmacs"]
    assert mac_address["spec"]["address"] == kubectl.get("vmmac", mac_address["metadata"]["name"])["status"]["address"]
    snapshot = kubectl.get("vms", "snap")
    assert [each["kind"] for each in snapshot["status"]["resources"]] == [
        "VirtualMachine",
        "VirtualMachineIPAddress",
        "VirtualMachineMACAddress",
        "Secret",
        "VirtualDisk",
        "VirtualMachineBlockDeviceAttachment",
        "VirtualDisk",
    ]
    assert len(snapshot["status"]["virtualDiskSnapshotNames"]) == 2
    assert snapshot["status"]["consistent"] is True


def test_changes_that_await_a_restart_are_warned_of_and_saved(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("root"), machine("linux-vm", ["root"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must("patch", "vm", "linux-vm", "--type=merge", '--patch={"spec":{"memory":{"size":"2Gi"}}}')
    kubectl.wait("vm/linux-vm", "jsonpath={.status.restartAwaitingChanges}")

    answer = kubectl.apply(machine_snapshot("snap", "linux-vm"))

    assert answer.ok, answer.said
    assert "[PendingChangesIncluded]" in answer.said
    kubectl.wait_for_phase("vms/snap", "Ready")
    assert _content(kubectl, "snap")["vm"]["spec"]["memory"]["size"] == "2Gi"


def test_images_are_warned_of_and_not_saved(kubectl: Kubectl) -> None:
    kubectl.must_apply(_image("installer"), disk("root"), machine("linux-vm", ["root"], images=["installer"]))
    kubectl.wait("vm/linux-vm", "condition=AgentReady")

    answer = kubectl.apply(machine_snapshot("snap", "linux-vm"))

    assert answer.ok, answer.said
    assert "[ImagesNotSaved]" in answer.said
    kubectl.wait_for_phase("vms/snap", "Ready")
    assert "VirtualImage" not in {each["kind"] for each in kubectl.get("vms", "snap")["status"]["resources"]}


def _content(kubectl: Kubectl, snapshot: str) -> dict[str, Any]:
    name = kubectl.get("vms", snapshot)["status"]["virtualMachineSnapshotSecretName"]
    data = kubectl.get("secret", name)["data"]
    return {key: json.loads(base64.b64decode(value)) for key, value in data.items()}


def _address(name: str, address_type: str, address: str) -> Json:
    spec = {"type": address_type} | ({"staticIP": address} if address_type == "Static" else {})
    return {"apiVersion": API_VERSION, "kind": "VirtualMachineIPAddress", "metadata": {"name": name}, "spec": spec}


def _image(name: str) -> Json:
    spec = {
        "storage": "ContainerRegistry",
        "dataSource": {"type": "HTTP", "http": {"url": "https://example.com/a.iso"}},
    }
    return {"apiVersion": API_VERSION, "kind": "VirtualImage", "metadata": {"name": name}, "spec": spec}


def _cloud_init() -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cloud-init"},
        "type": "provisioning.virtualization.deckhouse.io/cloud-init",
        "stringData": {"userData": "#cloud-config"},
    }
