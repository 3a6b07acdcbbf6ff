"""Who holds what an operation wants: disks, addresses, attachments, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from webhook.api.kind import Kind
from webhook.api.kinds import KINDS_BY_NAME
from webhook.api.meta import Object
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS, normal_mac_address
from webhook.api.virtual_machine_mac_address_lease import VIRTUAL_MACHINE_MAC_ADDRESS_LEASE
from webhook.facts.indexes import (
    ATTACHMENTS_BY_DEVICE,
    IP_ADDRESSES_BY_VALUE,
    MAC_ADDRESSES_BY_VALUE,
    MACHINES_BY_DISK,
    MACHINES_BY_SECRET,
    MACHINES_BY_USB_DEVICE,
    MACHINES_LISTING_DISK,
    in_namespace,
)
from webhook.facts.source import Index, Source


class Use(Struct, frozen=True, order=True, gc=False):
    """A machine that has a disk; `attachment` is what plugs it in, `""` when the machine lists it itself."""

    machine: str
    phase: str
    attachment: str = ""


class AddressHolder(Struct, frozen=True, order=True, gc=False):
    """An address object that has an address, and the machine that has the object."""

    address: Reference
    machine: str
    phase: str


class Holders:
    """Answers for one namespace; addresses are looked for in all of them."""

    def __init__(self, source: Source, namespace: str) -> None:
        self._source = source
        self._namespace = namespace

    def of_disk(self, name: str, *, other_than: str) -> Sequence[Use]:
        """Other machines that have the disk, running or not, and those that it is about to be plugged into."""
        value = in_namespace(self._namespace, name)
        disk = self._source.get(VIRTUAL_DISK, self._namespace, name)
        machines = {machine.metadata.name for machine in self._source.find(MACHINES_BY_DISK, value)}
        machines |= {machine.metadata.name for machine in self._source.find(MACHINES_LISTING_DISK, value)}
        machines |= set(_attached_to(disk)) if disk is not None else set()
        plugged = {each.spec.virtual_machine_name: each.metadata.name for each in self._attachments(name)}
        others = sorted((machines | plugged.keys()) - {other_than})
        there = [machine for machine in others if self._is_there(machine, disk)]
        return [Use(machine, self.phase_of_machine(machine), plugged.get(machine, "")) for machine in there]

    def of_ip_address(self, value: str) -> Sequence[AddressHolder]:
        """By their own word and by the lease, in the whole cluster. A released lease holds nothing."""
        lease = self._source.get(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, "", lease_name("ip", value))
        leased = lease.spec.holder if lease is not None and not lease.released else None
        return self._of_address(VIRTUAL_MACHINE_IP_ADDRESS, IP_ADDRESSES_BY_VALUE, value, leased)

    def of_mac_address(self, value: str) -> Sequence[AddressHolder]:
        value = normal_mac_address(value)
        lease = self._source.get(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, "", lease_name("mac", value))
        leased = lease.spec.holder if lease is not None and not lease.released else None
        return self._of_address(VIRTUAL_MACHINE_MAC_ADDRESS, MAC_ADDRESSES_BY_VALUE, value, leased)

    def of_usb_device(self, name: str) -> Sequence[Use]:
        found = self._source.find(MACHINES_BY_USB_DEVICE, in_namespace(self._namespace, name))
        return sorted(Use(machine.metadata.name, machine.status.phase) for machine in found)

    def of_secret(self, name: str) -> Sequence[Use]:
        """Machines that are provisioned from it, or would be if it were there."""
        found = self._source.find(MACHINES_BY_SECRET, in_namespace(self._namespace, name))
        return sorted(Use(machine.metadata.name, machine.status.phase) for machine in found)

    def of_name(self, kind: str, name: str) -> Object | None:
        """The object that has this name. Kinds are those that operations make."""
        found: Object | None = self._source.get(KINDS_BY_NAME[kind], self._namespace, name)
        return found

    def attachment(self, name: str) -> VirtualMachineBlockDeviceAttachment | None:
        return self._source.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, self._namespace, name)

    def phase_of_machine(self, name: str, namespace: str | None = None) -> str:
        """`""` when it cannot be found."""
        machine = self._source.get(VIRTUAL_MACHINE, self._namespace if namespace is None else namespace, name)
        return machine.status.phase if machine is not None else ""

    def _attachments(self, disk: str) -> Sequence[VirtualMachineBlockDeviceAttachment]:
        value = in_namespace(self._namespace, f"{VIRTUAL_DISK.name}/{disk}")
        return self._source.find(ATTACHMENTS_BY_DEVICE, value)

    def _is_there(self, machine: str, disk: VirtualDisk | None) -> bool:
        """A disk's status may still name a machine that is gone. One that has it mounted may be new to us instead."""
        if self._source.get(VIRTUAL_MACHINE, self._namespace, machine) is not None:
            return True
        return disk is not None and any(
            each.name == machine and each.mounted for each in disk.status.attached_to_virtual_machines
        )

    def _of_address(self, kind: Kind[Any], index: Index[Any], value: str, leased: Any) -> Sequence[AddressHolder]:
        found = {reference_to(kind, each): each for each in self._source.find(index, value)}
        if leased is not None and leased.name:
            reference = Reference(kind.name, leased.namespace, leased.name)
            found.setdefault(reference, self._source.get(kind, leased.namespace, leased.name))
        return sorted(self._holder(reference, address) for reference, address in found.items())

    def _holder(self, reference: Reference, address: Any) -> AddressHolder:
        machine = address.status.virtual_machine_name if address is not None else ""
        phase = self.phase_of_machine(machine, reference.namespace) if machine else ""
        return AddressHolder(reference, machine, phase)


def lease_name(prefix: str, value: str) -> str:
    """As the platform names leases: `ip-10-66-10-14`, `mac-02-00-5e-00-00-01`."""
    return f"{prefix}-{value.replace('.', '-').replace(':', '-')}"


def _attached_to(disk: VirtualDisk) -> Iterator[str]:
    return (each.name for each in disk.status.attached_to_virtual_machines)
