"""What is saved of a machine beside its disks, and in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind, BlockDeviceStatus, NetworkType, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, AddressType
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_snapshot import KeepIPAddress, SavedResource

Raw = Mapping[str, Any]
"""An object as the API server has it. It is saved as it is: nothing that our structs do not describe may get lost."""

MACHINE_KEY: Final = "vm"
ADDRESS_KEY: Final = "vmip"
MAC_ADDRESSES_KEY: Final = "vmmacs"
PROVISIONING_KEY: Final = "provisioner"
ATTACHMENTS_KEY: Final = "vmbdas"


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Names of what is saved together with a machine, all in its namespace."""

    address: str
    """Empty when the machine has none."""
    mac_addresses: tuple[str, ...]
    """Of the additional networks, in the order of the machine's status."""
    provisioning_secret: str
    attachments: tuple[str, ...]
    """Of what is plugged in besides the machine's own configuration."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The objects themselves."""

    machine: Raw
    address: Raw | None = None
    mac_addresses: tuple[Raw, ...] = ()
    provisioning_secret: Raw | None = None
    attachments: tuple[Raw, ...] = ()


def dependencies_of(machine: VirtualMachine) -> Dependencies:
    status = machine.status
    additional = [network for network in status.networks if network.type != NetworkType.MAIN]
    hotplugged = [device for device in status.block_device_refs if device.hotplugged]
    return Dependencies(
        address=status.ip_address_name,
        mac_addresses=tuple(network.mac_address_name for network in additional if network.mac_address_name),
        provisioning_secret=machine.spec.provisioning.secret_name if machine.spec.provisioning else "",
        attachments=tuple(_attachment(device) for device in hotplugged if _attachment(device)),
    )


def content_of(saved: Saved, *, keep_address: str, named_in_spec: bool) -> dict[str, bytes]:
    """The data of the Secret, by key. `named_in_spec`: whether the machine's spec names its address object.

    What is not there has no key; readers, the platform's too, take an absent key for "none".
    """
    address = saved_address(saved.address, keep=keep_address, named_in_spec=named_in_spec)
    content = {MACHINE_KEY: _json(saved.machine)}
    if address is not None:
        content[ADDRESS_KEY] = _json(address)
    if saved.mac_addresses:
        content[MAC_ADDRESSES_KEY] = _json_list([saved_mac_address(each) for each in saved.mac_addresses])
    if saved.provisioning_secret is not None:
        content[PROVISIONING_KEY] = _json(saved.provisioning_secret)
    if saved.attachments:
        content[ATTACHMENTS_KEY] = _json_list(saved.attachments)
    return content


def saved_address(address: Raw | None, *, keep: str, named_in_spec: bool) -> Raw | None:
    """The page: a dynamic address becomes static, unless the policy says Never; only the saved copy does.

    An Auto address that the spec does not name belongs to the machine and is made anew with it: with Never there is
    nothing of it to save.
    """
    if address is None or address["spec"]["type"] != AddressType.AUTO:
        return address
    if keep != KeepIPAddress.NEVER:
        fixed = {**address["spec"], "type": str(AddressType.STATIC), "staticIP": address["status"]["address"]}
        return {**address, "spec": fixed}
    return address if named_in_spec else None


def saved_mac_address(address: Raw) -> Raw:
    """With the address it has, not the one it may have asked for: the restored machine gets the same."""
    had = address.get("status", {}).get("address")
    return {**address, "spec": {**address.get("spec", {}), "address": had}} if had else address


def resources_of(
    machine: VirtualMachine, saved: Saved, disks: Sequence[str], *, keep_address: str
) -> tuple[SavedResource, ...]:
    """What people see in the status, in the platform's order: `disks` are those captured. Images never are."""
    return tuple(dict.fromkeys(_resources(machine, saved, disks, keep_address)))


def _resources(
    machine: VirtualMachine, saved: Saved, disks: Sequence[str], keep_address: str
) -> Iterator[SavedResource]:
    yield _resource(VIRTUAL_MACHINE, machine.metadata.name)
    if saved.address is not None and keep_address != KeepIPAddress.NEVER:
        yield _resource(VIRTUAL_MACHINE_IP_ADDRESS, saved.address["metadata"]["name"])
    for mac_address in saved.mac_addresses:
        yield _resource(VIRTUAL_MACHINE_MAC_ADDRESS, mac_address["metadata"]["name"])
    if saved.provisioning_secret is not None:
        yield _resource(SECRET, saved.provisioning_secret["metadata"]["name"])
    for device in machine.status.block_device_refs:
        if _attachment(device):
            yield _resource(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, _attachment(device))
        if device.kind == BlockDeviceKind.VIRTUAL_DISK and device.name in disks:
            yield _resource(VIRTUAL_DISK, device.name)
    for disk in disks:
        yield _resource(VIRTUAL_DISK, disk)


def _resource(kind: Kind[Any], name: str) -> SavedResource:
    return SavedResource(kind.api_version, kind.name, name)


def _attachment(device: BlockDeviceStatus) -> str:
    return device.virtual_machine_block_device_attachment_name


def _without_managed_fields(raw: Raw) -> Raw:
    """The API server's records of who wrote which field: no restore reads them, and they are large."""
    return {**raw, "metadata": {key: value for key, value in raw["metadata"].items() if key != "managedFields"}}


def _json(raw: Raw) -> bytes:
    return msgspec.json.encode(_without_managed_fields(raw))


def _json_list(raws: Sequence[Raw]) -> bytes:
    return msgspec.json.encode([_without_managed_fields(each) for each in raws])
