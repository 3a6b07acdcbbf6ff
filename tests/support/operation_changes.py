"""What changes in the world of a healthy machine, and stands in the way of operations then."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from tests.support import dependency_manifests, manifests
from tests.support.cases import DATA, MACHINE, ROOT, Arrange
from tests.support.copies import clone
from tests.support.manifests import MOMENT
from tests.support.operation_worlds import (
    ADDRESS,
    ATTACHMENT,
    EXTRA,
    IMAGE,
    IP_VALUE,
    MAC,
    MAC_VALUE,
    SNAPSHOT,
    captured,
    changed_before,
    other_machine,
    saved_json,
    with_content,
)
from tests.support.saved_manifests import child_name
from tests.support.world import World
from webhook.api.resource_quota import RESOURCE_QUOTA
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT


def in_phase(phase: str, *, deleting: bool = False) -> Arrange:
    metadata = {"deletionTimestamp": MOMENT} if deleting else {}
    return lambda world: world.change(VIRTUAL_MACHINE, MACHINE, metadata=metadata, status={"phase": phase})


def gone(world: World) -> World:
    return world.remove(VIRTUAL_MACHINE, MACHINE)


def recreated(world: World) -> World:
    return world.change(VIRTUAL_MACHINE, MACHINE, metadata={"uid": "another"})


def snapshot_status(**status: Any) -> Arrange:
    return lambda world: world.change(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT, status=status)


def snapshot_unfinished(world: World) -> World:
    unfinished = {"phase": "InProgress", "virtualMachineSnapshotSecretName": "", "virtualDiskSnapshotNames": []}
    return snapshot_status(**unfinished)(world)


def tampered(world: World) -> World:
    machine = saved_json(world, "vm")
    machine["spec"]["memory"] = {"size": "64Gi"}
    return with_content(world, {"vm": encoded(machine)}, recorded=False)


def encoded(value: Any) -> str:
    return base64.b64encode(msgspec.json.encode(value)).decode()


def attached_elsewhere(world: World) -> World:
    return other_machine(world, disks=(DATA,))


def listed_by_itself(world: World) -> World:
    return world.change(VIRTUAL_DISK, DATA, status={"attachedToVirtualMachines": [{"name": MACHINE, "mounted": True}]})


def address_elsewhere(world: World) -> World:
    world.remove(VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS).elsewhere("other")
    return world.ip_address("billing-ip", of="billing", address=IP_VALUE).elsewhere("default")


def mac_elsewhere(world: World) -> World:
    world.remove(VIRTUAL_MACHINE_MAC_ADDRESS, MAC).elsewhere("other")
    return world.mac_address("billing-mac", of="billing", address=MAC_VALUE.upper().replace(":", "-")).elsewhere(
        "default"
    )


def with_image_behind_attachment(world: World) -> World:
    device = {"kind": "VirtualImage", "name": "rescue"}
    world.change(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, ATTACHMENT, spec={"blockDeviceRef": device})
    return captured(world)


def with_usb(world: World) -> World:
    return changed_before(world, spec={"usbDevices": [{"name": "token"}]})


def running_by_itself(world: World) -> World:
    return changed_before(world, spec={"runPolicy": "AlwaysOn"})


def quota(hard: str) -> Arrange:
    amounts = {"hard": {"requests.storage": hard}, "used": {"requests.storage": "10Gi"}}
    manifest = {"metadata": manifests.metadata("team"), "spec": {"hard": amounts["hard"]}, "status": amounts}
    return lambda world: world.put(RESOURCE_QUOTA, manifest)


def without_disks(world: World) -> World:
    for each in (ROOT, DATA, EXTRA):
        world.remove(VIRTUAL_DISK, each)
    return world


def unfinished(type_: str, phase: str = "InProgress", mode: str = "Strict") -> Arrange:
    """Another operation on the machine."""
    match type_:
        case "Restore":
            manifest = dependency_manifests.restore("another", of=MACHINE, snapshot=SNAPSHOT, phase=phase, mode=mode)
        case "Clone":
            manifest = clone("another", mode=mode, customization={"namePrefix": "my-"})
            manifest |= {"status": {"phase": phase}} if phase else {}
        case _:
            manifest = dependency_manifests.power_operation("another", of=MACHINE, type_=type_, phase=phase)
    return lambda world: world.put(VIRTUAL_MACHINE_OPERATION, manifest)


def long_disk(world: World) -> World:
    name = "d" * 217
    world.disk(name)
    devices = world.manifest(VIRTUAL_MACHINE, MACHINE)["spec"]["blockDeviceRefs"]
    world.change(VIRTUAL_MACHINE, MACHINE, spec={"blockDeviceRefs": [*devices, {"kind": "VirtualDisk", "name": name}]})
    return world


def image_phase(phase: str) -> Arrange:
    return lambda world: world.image(IMAGE, phase=phase)


def begun_clone(machine: str) -> Arrange:
    """Its status says that it makes this machine."""
    made = {"apiVersion": "v", "kind": "VirtualMachine", "name": machine, "status": "InProgress", "message": ""}
    manifest = clone("another", of="billing", customization={"nameSuffix": "-copy"})
    manifest |= {"status": {"phase": "InProgress", "resources": [made]}}
    return lambda world: world.put(VIRTUAL_MACHINE_OPERATION, manifest)


def nothing_to_copy(world: World) -> World:
    """Neither the machine nor what was saved of it."""
    return gone(world).remove(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT)


def snapshot_without(disk: str) -> Arrange:
    """As if the disk had not been the machine's when it was taken."""

    def change(world: World) -> World:
        status = world.manifest(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT)["status"]
        kept = [each for each in status["virtualDiskSnapshotNames"] if each != child_name(disk, SNAPSHOT)]
        return snapshot_status(virtualDiskSnapshotNames=kept)(world)

    return change


def with_machine_named(world: World, name: str) -> World:
    machine = saved_json(world, "vm")
    machine["metadata"]["name"] = name
    return with_content(world, {"vm": encoded(machine)})
