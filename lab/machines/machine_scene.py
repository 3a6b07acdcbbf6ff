"""All that decides what a machine does and says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.machines.instances import NEW, Instance
from lab.machines.kinds import Machine
from webhook.api.meta import Condition, condition
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_disk_snapshot import FINISHED
from webhook.api.virtual_machine import BlockDeviceKind, ConditionType, NetworkType
from webhook.api.virtual_machine_block_device_attachment import VirtualMachineBlockDeviceAttachment
from webhook.api.virtual_machine_ip_address import VirtualMachineIPAddress
from webhook.api.virtual_machine_mac_address import VirtualMachineMACAddress
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot

Device = tuple[str, str]
"""Kind and name of a block device."""


@dataclass(frozen=True, slots=True)
class MachineScene:
    machine: Machine
    disks: Mapping[str, VirtualDisk] = field(default_factory=dict)
    """Those that are listed or plugged in and that exist, by name."""
    images: frozenset[Device] = frozenset()
    """Those that exist and are ready."""
    address: VirtualMachineIPAddress | None = None
    mac_addresses: Mapping[str, VirtualMachineMACAddress] = field(default_factory=dict)
    """Those of its additional networks that exist, by name."""
    attachments: tuple[VirtualMachineBlockDeviceAttachment, ...] = ()
    """Those that may be plugged in now, and those that are."""
    class_found: bool = True
    secret_found: bool = True
    snapshots: tuple[VirtualMachineSnapshot, ...] = ()
    frozen: bool = False
    agent_connected: bool = True
    """Of a machine that runs."""
    instance: Instance = NEW

    @property
    def maintenance(self) -> Condition | None:
        return condition(self.machine.status.conditions, ConditionType.MAINTENANCE)

    @property
    def maintained(self) -> bool:
        return self.maintenance is not None and self.maintenance.true

    @property
    def unfinished_snapshots(self) -> tuple[VirtualMachineSnapshot, ...]:
        return tuple(
            each for each in self.snapshots if each.status.phase not in FINISHED and not each.metadata.deleting
        )


def has_main_network(machine: Machine) -> bool:
    networks = machine.spec.networks
    return not networks or any(each.type == NetworkType.MAIN for each in networks)


def listed_disks(machine: Machine) -> list[str]:
    return [each.name for each in machine.spec.block_device_refs if each.kind == BlockDeviceKind.VIRTUAL_DISK]


def plugged_disks(machine: Machine) -> list[str]:
    """Those in use now, in the order of the machine's devices: a running guest writes to them."""
    return [
        each.name
        for each in machine.status.block_device_refs
        if each.attached and each.kind == BlockDeviceKind.VIRTUAL_DISK
    ]


def hotplugged_disks(machine: Machine) -> list[str]:
    return [
        each.name
        for each in machine.status.block_device_refs
        if each.hotplugged and each.kind == BlockDeviceKind.VIRTUAL_DISK
    ]
