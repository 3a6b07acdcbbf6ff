from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.api.decoding import decode
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE, Secret
from webhook.content.saved import ContentError, SavedContent, SavedSecret, read_saved
from webhook.content.secret import content_digest
from webhook.content.secret_projection import secret_to_keep

Json = dict[str, Any]

PASSWORD: Final = "correct horse"
PASSWORD_DIGEST: Final = f"sha256:{hashlib.sha256(PASSWORD.encode()).hexdigest()}"
MACHINE: Final[Json] = {
    "apiVersion": "virtualization.deckhouse.io/v1alpha2",
    "kind": "VirtualMachine",
    "metadata": {
        "name": "linux-vm",
        "namespace": "elsewhere",
        "uid": "u-1",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": PASSWORD, "team": "a"},
    },
    "spec": {
        "blockDeviceRefs": [{"kind": "VirtualDisk", "name": "root", "bootOrder": 1}],
        "provisioning": {"type": "UserData", "userData": PASSWORD},
        "usbDevices": [{"name": "dongle"}],
    },
    "status": {"phase": "Running", "restartAwaitingChanges": [{"path": "provisioning", "desiredValue": PASSWORD}]},
}
ADDRESS: Final[Json] = {"metadata": {"name": "ip", "namespace": "elsewhere"}, "spec": {"type": "Static"}}
MAC_ADDRESS: Final[Json] = {
    "metadata": {"name": "mac", "namespace": "elsewhere"},
    "spec": {"address": "02:00:00:00:00:01"},
}
ATTACHMENT: Final[Json] = {
    "metadata": {"name": "data", "namespace": "elsewhere"},
    "spec": {"virtualMachineName": "linux-vm", "blockDeviceRef": {"kind": "VirtualDisk", "name": "data"}},
}


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


PROVISIONER: Final[Json] = {
    "metadata": {"name": "cloud-init", "annotations": {"copy": PASSWORD}},
    "type": "provisioning.virtualization.deckhouse.io/cloud-init",
    "data": {"userData": encoded(PASSWORD.encode())},
}
WHOLE: Final[dict[str, bytes]] = {
    "vm": json.dumps(MACHINE).encode(),
    "vmip": json.dumps(ADDRESS).encode(),
    "vmmacs": json.dumps([MAC_ADDRESS]).encode(),
    "provisioner": json.dumps(PROVISIONER).encode(),
    "vmbdas": json.dumps([ATTACHMENT]).encode(),
    "other": PASSWORD.encode(),
}


def secret(content: dict[str, bytes], **members: Any) -> Secret:
    body = {
        "metadata": {"name": "d8v-vms-snap", "namespace": "default"},
        "type": SNAPSHOT_SECRET_TYPE,
        "data": {key: encoded(value) for key, value in content.items()},
        **members,
    }
    return decode(SECRET, json.dumps(body).encode())


def saved(content: dict[str, bytes]) -> SavedContent:
    return read_saved(secret(content))


def reason(content: dict[str, bytes]) -> str:
    with pytest.raises(ContentError) as raised:
        saved(content)
    return str(raised.value)


def test_everything_that_was_saved_is_read() -> None:
    content = saved(WHOLE)
    assert content.machine.metadata.uid == "u-1"
    assert content.machine.spec.usb_devices[0].name == "dongle"
    assert content.address is not None
    assert content.address.metadata.name == "ip"
    assert [each.spec.address for each in content.mac_addresses] == ["02:00:00:00:00:01"]
    assert [each.spec.block_device_ref.name for each in content.attachments] == ["data"]
    assert content.provisioning == SavedSecret(
        "cloud-init",
        "provisioning.virtualization.deckhouse.io/cloud-init",
        {"userData": PASSWORD_DIGEST},
    )


def test_the_digest_is_of_all_that_was_saved() -> None:
    assert saved(WHOLE).digest == content_digest(WHOLE)


def test_projected_and_unprojected_read_the_same() -> None:
    assert read_saved(secret_to_keep(secret(WHOLE))) == saved(WHOLE)


def test_saved_namespaces_are_ignored() -> None:
    content = saved(WHOLE)
    assert content.address is not None
    objects = (content.machine, content.address, *content.mac_addresses, *content.attachments)
    assert {each.metadata.namespace for each in objects} == {"default"}


def test_older_values_are_base64_once_more() -> None:
    older = {key: base64.b64encode(value) for key, value in WHOLE.items()}
    assert saved(older).machine == saved(WHOLE).machine
    assert saved(older).provisioning == saved(WHOLE).provisioning


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(["vmip", "vmmacs", "provisioner", "vmbdas"], b"null")])
def test_all_but_the_machine_may_be_absent(absent: dict[str, bytes]) -> None:
    content = saved({"vm": WHOLE["vm"], **absent})
    assert (content.address, content.mac_addresses, content.provisioning, content.attachments) == (None, (), None, ())


BAD: Final = {
    "no machine": ({"vmip": WHOLE["vmip"]}, "key vm is missing"),
    "null": ({"vm": b"null"}, "key vm is missing"),
    "empty": ({"vm": b" "}, "key vm is empty"),
    "text": ({"vm": b"hello, world"}, "key vm is not JSON"),
    "not UTF-8": ({"vm": b'{"a": "\xff\xfe"}'}, "key vm is not JSON"),
    "truncated": ({"vm": WHOLE["vm"][:-20]}, "key vm is truncated"),
    "truncated base64": ({"vm": base64.b64encode(WHOLE["vm"])[:400]}, "key vm is truncated"),
    "endless nesting": ({"vm": b"[" * 100_000}, "key vm is not JSON"),
    "another kind": ({"vm": b"{}"}, "key vm holds no VirtualMachine: Object missing required field `spec`"),
    "no list": ({**WHOLE, "vmmacs": b"{}"}, "key vmmacs holds no list of VirtualMachineMACAddress"),
    "a bad item": ({**WHOLE, "vmbdas": b'[{"spec": 1}]'}, "key vmbdas holds no VirtualMachineBlockDeviceAttachment: "
                   "Expected `object`, got `int` - at `$.spec`"),
    "no Secret": ({**WHOLE, "provisioner": b"[]"}, "key provisioner holds no Secret: Expected `object`, got `array`"),
    "an address without a name": (
        {**WHOLE, "vmip": b'{"spec": {"type": "Static"}}'}, "key vmip holds a VirtualMachineIPAddress without a name"
    ),
    "a Secret without a name": (
        {**WHOLE, "provisioner": b'{"metadata": {"name": ""}}'}, "key provisioner holds a Secret without a name"
    ),
    "a bad address": ({**WHOLE, "vmip": b"{"}, "key vmip is truncated"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_used_says_why(content: dict[str, bytes], expected: str) -> None:
    assert reason(content) == expected


@given(st.dictionaries(st.sampled_from(["vmip", "vmmacs", "provisioner", "vmbdas", "x"]), st.binary(max_size=200)))
def test_any_other_content_is_read_or_refused(content: dict[str, bytes]) -> None:
    with suppress(ContentError):
        assert saved({"vm": WHOLE["vm"], **content}).machine.metadata.name == "linux-vm"


@given(st.text(max_size=20))
def test_a_file_may_hold_what_is_no_base64(value: str) -> None:
    read = secret({}, data={"vm": value})
    with pytest.raises(ContentError):
        read_saved(read)
