from __future__ import annotations

from lab.machines.world import World
from tests.support.machine_side import disk, disk_snapshot, machine, machine_snapshot
from webhook.api.reference import Reference

ROOT = Reference("VirtualDisk", "default", "root")
OLD_ROOT = Reference("VirtualDisk", "default", "old-root")
VM = Reference("VirtualMachine", "default", "vm")


def test_machine_affects_itself_its_disks_and_its_addresses() -> None:
    affected: set[Reference] = set()
    spec = {
        "virtualMachineIPAddressName": "ip",
        "networks": [{"type": "Main"}, {"type": "Network", "name": "lan", "virtualMachineMACAddressName": "mac"}],
    }
    World(affected.add).machines.upsert(("default", "vm"), machine("vm", disks=("root", "old-root"), spec=spec))
    addresses = {
        Reference("VirtualMachineIPAddress", "default", "ip"),
        Reference("VirtualMachineMACAddress", "default", "mac"),
    }
    assert affected == {VM, ROOT, OLD_ROOT, *addresses}


def test_disk_affects_itself_and_the_machines_that_list_it() -> None:
    affected: set[Reference] = set()
    world = World(affected.add)
    world.machines.upsert(("default", "vm"), machine("vm", disks=("root",)))
    affected.clear()
    world.disks.upsert(("default", "root"), disk("root"))
    assert affected == {ROOT, VM}


def test_snapshots_affect_what_they_are_of() -> None:
    affected: set[Reference] = set()
    world = World(affected.add)
    world.disk_snapshots.upsert(("default", "snap"), disk_snapshot(of="root"))
    world.machine_snapshots.upsert(("default", "snap"), machine_snapshot(of="vm"))
    assert affected == {ROOT, VM}


def test_scene_of_a_disk_holds_its_own_machines_and_snapshots_only() -> None:
    world = World(lambda _: None)
    world.machines.upsert(("default", "vm"), machine("vm", disks=("root",)))
    world.machines.upsert(("default", "other"), machine("other", disks=("other-root",)))
    world.disk_snapshots.upsert(("default", "snap"), disk_snapshot(of="other-root"))
    scene = world.disk_scene(disk("root"))
    assert ([each.metadata.name for each in scene.machines], scene.snapshots) == (["vm"], ())


def test_scene_of_a_machine_holds_the_disks_that_exist() -> None:
    world = World(lambda _: None)
    world.disks.upsert(("default", "root"), disk("root"))
    scene = world.machine_scene(machine("vm", disks=("root", "missing")), frozen=True)
    assert (set(scene.disks), scene.frozen) == ({"root"}, True)
