from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import pytest

from webhook.api.decoding import decode
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.content.machine import Saved, content_of, dependencies_of, resources_of, saved_address, saved_mac_address

Json = dict[str, Any]

AUTO: Final[Json] = {"metadata": {"name": "ip"}, "spec": {"type": "Auto"}, "status": {"address": "10.0.0.7"}}
STATIC: Final[Json] = {
    "metadata": {"name": "ip"},
    "spec": {"type": "Static", "staticIP": "10.0.0.7"},
    "status": {"address": "10.0.0.7"},
}
AUTO_MADE_STATIC: Final[Json] = {**AUTO, "spec": {"type": "Static", "staticIP": "10.0.0.7"}}

KEEP_IP_ADDRESS_TABLE: Final = {
    "Never keeps a static address": ("Never", STATIC, True, STATIC),
    "Never keeps a static address that the spec does not name": ("Never", STATIC, False, STATIC),
    "Never drops an address that is the machine's own": ("Never", AUTO, False, None),
    "Never keeps a named dynamic address dynamic": ("Never", AUTO, True, AUTO),
    "Always keeps a static address": ("Always", STATIC, True, STATIC),
    "Always makes a named dynamic address static": ("Always", AUTO, True, AUTO_MADE_STATIC),
    "Always makes the machine's own dynamic address static": ("Always", AUTO, False, AUTO_MADE_STATIC),
}


def machine(**members: Any) -> tuple[Json, VirtualMachine]:
    raw: Json = {
        "apiVersion": "virtualization.deckhouse.io/v1alpha2",
        "kind": "VirtualMachine",
        "metadata": {"name": "linux-vm", "managedFields": [{"manager": "kubectl"}]},
        "spec": {"blockDeviceRefs": [{"kind": "VirtualDisk", "name": "root"}], "unknown": {"kept": True}},
        "status": members,
    }
    return raw, decode(VIRTUAL_MACHINE, msgspec.json.encode(raw))


@pytest.mark.parametrize(
    ("keep", "live", "named_in_spec", "saved"), KEEP_IP_ADDRESS_TABLE.values(), ids=KEEP_IP_ADDRESS_TABLE.keys()
)
def test_saved_address_follows_keep_ip_address(keep: str, live: Json, named_in_spec: bool, saved: Json | None) -> None:
    assert saved_address(live, keep=keep, named_in_spec=named_in_spec) == saved


def test_the_live_address_is_not_touched() -> None:
    saved_address(AUTO, keep="Always", named_in_spec=True)
    assert AUTO["spec"] == {"type": "Auto"}


def test_a_mac_address_is_saved_with_the_address_it_has() -> None:
    assert saved_mac_address({"metadata": {"name": "m"}, "spec": {}, "status": {"address": "02:00:00:00:00:01"}}) == {
        "metadata": {"name": "m"},
        "spec": {"address": "02:00:00:00:00:01"},
        "status": {"address": "02:00:00:00:00:01"},
    }


def test_the_machine_is_saved_whole_but_for_the_api_servers_bookkeeping() -> None:
    raw, _ = machine()
    content = content_of(Saved(raw), keep_address="Always", named_in_spec=False)
    assert set(content) == {"vm"}
    assert json.loads(content["vm"]) == {**raw, "metadata": {"name": "linux-vm"}}


def test_keys_are_the_platforms() -> None:
    raw, _ = machine()
    saved = Saved(
        raw,
        address=STATIC,
        mac_addresses=({"metadata": {"name": "m"}},),
        provisioning_secret={"metadata": {"name": "cloud-init"}, "data": {"userData": "eA=="}},
        attachments=({"metadata": {"name": "plugged"}},),
    )
    content = content_of(saved, keep_address="Always", named_in_spec=True)
    assert set(content) == {"vm", "vmip", "vmmacs", "provisioner", "vmbdas"}
    assert json.loads(content["vmmacs"]) == [{"metadata": {"name": "m"}}]
    assert json.loads(content["provisioner"])["data"] == {"userData": "eA=="}


def test_what_a_machine_depends_on_is_read_from_what_it_runs_with() -> None:
    _, read = machine(
        virtualMachineIPAddressName="ip",
        networks=[
            {"type": "Main"},
            {"type": "Network", "name": "lan", "virtualMachineMACAddressName": "mac-lan"},
            {"type": "Network", "name": "unbound"},
        ],
        blockDeviceRefs=[
            {"kind": "VirtualDisk", "name": "root", "attached": True},
            {
                "kind": "VirtualDisk",
                "name": "extra",
                "attached": True,
                "hotplugged": True,
                "virtualMachineBlockDeviceAttachmentName": "plugged",
            },
        ],
    )
    needed = dependencies_of(read)
    assert needed.address == "ip"
    assert needed.mac_addresses == ("mac-lan",)
    assert needed.provisioning_secret == ""
    assert needed.attachments == ("plugged",)


def test_resources_are_listed_in_the_platforms_order_without_images() -> None:
    raw, read = machine(
        blockDeviceRefs=[
            {"kind": "VirtualDisk", "name": "root"},
            {"kind": "VirtualImage", "name": "iso", "virtualMachineBlockDeviceAttachmentName": "iso-plugged"},
            {"kind": "VirtualDisk", "name": "extra", "virtualMachineBlockDeviceAttachmentName": "plugged"},
        ]
    )
    saved = Saved(
        raw,
        address=AUTO,
        mac_addresses=({"metadata": {"name": "mac-lan"}},),
        provisioning_secret={"metadata": {"name": "cloud-init"}},
    )
    listed = resources_of(read, saved, ["root", "extra"], keep_address="Always")
    assert [(each.kind, each.name) for each in listed] == [
        ("VirtualMachine", "linux-vm"),
        ("VirtualMachineIPAddress", "ip"),
        ("VirtualMachineMACAddress", "mac-lan"),
        ("Secret", "cloud-init"),
        ("VirtualDisk", "root"),
        ("VirtualMachineBlockDeviceAttachment", "iso-plugged"),
        ("VirtualMachineBlockDeviceAttachment", "plugged"),
        ("VirtualDisk", "extra"),
    ]


def test_an_address_that_is_not_kept_is_not_listed() -> None:
    raw, read = machine()
    listed = resources_of(read, Saved(raw, address=STATIC), [], keep_address="Never")
    assert [each.kind for each in listed] == ["VirtualMachine"]
