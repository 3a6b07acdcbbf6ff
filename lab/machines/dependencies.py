"""What a machine waits for before it starts. Each is a condition that names what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lab.machines.addressing import machine_mac_address_names
from lab.machines.conditions import Observation
from lab.machines.machine_scene import MachineScene, has_main_network, listed_disks
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_machine import BlockDeviceKind, ConditionReason, ConditionType

_USABLE: Final = frozenset({DiskPhase.READY, DiskPhase.RESIZING})


def dependencies(scene: MachineScene) -> Iterator[Observation]:
    yield _block_devices(scene)
    if has_main_network(scene.machine):
        yield _ip_address(scene)
    if machine_mac_address_names(scene.machine):
        yield _mac_addresses(scene)
    if scene.machine.spec.virtual_machine_class_name:
        yield _class(scene)
    if scene.machine.spec.provisioning is not None:
        yield _provisioning(scene)


def may_rest(scene: MachineScene) -> bool:
    """Whether only disks are missing that wait for the machine to start: it need not be Pending for them."""
    missing = [each for each in dependencies(scene) if not each.true]
    return all(each.reason == ConditionReason.WAITING_FOR_FIRST_CONSUMER for each in missing)


def _block_devices(scene: MachineScene) -> Observation:
    missing = [*_missing_disks(scene), *_missing_images(scene)]
    if missing:
        return Observation(
            ConditionType.BLOCK_DEVICES_READY,
            False,
            ConditionReason.BLOCK_DEVICES_NOT_READY,
            f"waiting for {', '.join(missing)}",
        )
    waiting = [name for name in listed_disks(scene.machine) if _phase(scene, name) == DiskPhase.WAIT_FOR_FIRST_CONSUMER]
    if waiting:
        return Observation(
            ConditionType.BLOCK_DEVICES_READY,
            False,
            ConditionReason.WAITING_FOR_FIRST_CONSUMER,
            f"VirtualDisk {', '.join(waiting)} is provisioned when the machine starts",
        )
    return Observation(ConditionType.BLOCK_DEVICES_READY, True, ConditionReason.BLOCK_DEVICES_READY)


def _missing_disks(scene: MachineScene) -> list[str]:
    usable = _USABLE | {DiskPhase.WAIT_FOR_FIRST_CONSUMER}
    missing = [name for name in listed_disks(scene.machine) if _phase(scene, name) not in usable]
    return [f"VirtualDisk {name} ({_state(scene.disks.get(name))})" for name in missing]


def _missing_images(scene: MachineScene) -> list[str]:
    return [
        f"{each.kind} {each.name} (does not exist)"
        for each in scene.machine.spec.block_device_refs
        if each.kind != BlockDeviceKind.VIRTUAL_DISK and (each.kind, each.name) not in scene.images
    ]


def _phase(scene: MachineScene, disk_name: str) -> str:
    disk = scene.disks.get(disk_name)
    return disk.status.phase if disk is not None else ""


def _state(disk: VirtualDisk | None) -> str:
    return "does not exist" if disk is None else disk.status.phase or "not seen yet"


def _ip_address(scene: MachineScene) -> Observation:
    kind, address = ConditionType.IP_ADDRESS_READY, scene.address
    if address is None:
        return Observation(kind, False, "VirtualMachineIPAddressNotReady", "its VirtualMachineIPAddress does not exist")
    if not address.status.address:
        message = f"VirtualMachineIPAddress {address.metadata.name} has no address yet"
        return Observation(kind, False, "VirtualMachineIPAddressNotReady", message)
    if address.status.virtual_machine_name != scene.machine.metadata.name:
        holder = address.status.virtual_machine_name or "no machine yet"
        message = f"VirtualMachineIPAddress {address.metadata.name} is attached to {holder}"
        return Observation(kind, False, "VirtualMachineIPAddressNotReady", message)
    return Observation(kind, True, "VirtualMachineIPAddressReady")


def _mac_addresses(scene: MachineScene) -> Observation:
    missing = [
        name
        for name in machine_mac_address_names(scene.machine)
        if name not in scene.mac_addresses
        or scene.mac_addresses[name].status.virtual_machine_name != scene.machine.metadata.name
    ]
    if missing:
        message = f"VirtualMachineMACAddress {', '.join(missing)} is not attached to the machine yet"
        return Observation(ConditionType.MAC_ADDRESS_READY, False, "VirtualMachineMACAddressNotReady", message)
    return Observation(ConditionType.MAC_ADDRESS_READY, True, "VirtualMachineMACAddressReady")


def _class(scene: MachineScene) -> Observation:
    if scene.class_found:
        return Observation(ConditionType.CLASS_READY, True, "VirtualMachineClassReady")
    message = f"VirtualMachineClass {scene.machine.spec.virtual_machine_class_name} does not exist"
    return Observation(ConditionType.CLASS_READY, False, "VirtualMachineClassNotReady", message)


def _provisioning(scene: MachineScene) -> Observation:
    if scene.secret_found:
        return Observation(ConditionType.PROVISIONING_READY, True, "ProvisioningReady")
    provisioning = scene.machine.spec.provisioning
    name = provisioning.secret_name if provisioning is not None else ""
    message = f"Secret {name} does not exist"
    return Observation(ConditionType.PROVISIONING_READY, False, "ProvisioningNotReady", message)
