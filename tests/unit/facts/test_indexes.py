from __future__ import annotations

from typing import Any

from tests.support.dependency_manifests import power_operation, restore
from tests.support.manifests import owner_reference
from tests.support.world import World
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.indexes import (
    ATTACHMENTS_BY_MACHINE,
    COPIES_BY_SNAPSHOT,
    DISK_SNAPSHOTS_BY_DISK,
    DISK_SNAPSHOTS_BY_OWNER,
    DISKS_BY_SNAPSHOT,
    INDEXES,
    MACHINE_SNAPSHOTS_BY_MACHINE,
    MACHINES_BY_DISK,
    RESTORES_BY_SNAPSHOT,
    in_namespace,
)
from webhook.facts.source import Index


def found(world: World, index: Index[Any], value: str) -> list[str]:
    return [each.metadata.name for each in world.find(index, value)]


def test_index_names_are_unique() -> None:
    assert len({index.name for index in INDEXES}) == len(INDEXES)


def test_machines_are_found_by_their_attached_disks(world: World) -> None:
    world.machine("runs", disks=["root", "data"]).machine("off", disks=["root"], phase="Stopped")
    assert found(world, MACHINES_BY_DISK, in_namespace("default", "root")) == ["runs"]
    assert found(world, MACHINES_BY_DISK, in_namespace("other", "root")) == []


def test_snapshots_are_found_by_what_they_are_of(world: World) -> None:
    world.disk_snapshot("b", of="root").disk_snapshot("a", of="root").disk_snapshot("c", of="data")
    world.machine_snapshot("whole", of="linux-vm")
    assert found(world, DISK_SNAPSHOTS_BY_DISK, in_namespace("default", "root")) == ["a", "b"]
    assert found(world, MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace("default", "linux-vm")) == ["whole"]


def test_disk_snapshots_are_found_by_the_uid_of_their_owner(world: World) -> None:
    owner = owner_reference(VIRTUAL_MACHINE_SNAPSHOT, "whole")
    world.disk_snapshot("child", of="root").disk_snapshot("alone", of="root")
    world.change(VIRTUAL_DISK_SNAPSHOT, "child", metadata={"ownerReferences": [owner]})
    assert found(world, DISK_SNAPSHOTS_BY_OWNER, owner["uid"]) == ["child"]


def test_attachments_are_found_by_the_machine_they_plug_into(world: World) -> None:
    world.attachment("b", of="linux-vm", disk="x").attachment("a", of="linux-vm", disk="y")
    world.attachment("c", of="other", disk="z")
    assert found(world, ATTACHMENTS_BY_MACHINE, in_namespace("default", "linux-vm")) == ["a", "b"]


def test_only_what_still_needs_a_snapshot_is_found_by_it(world: World) -> None:
    world.restore("now", of="linux-vm", snapshot="whole", phase="InProgress")
    world.restore("then", of="linux-vm", snapshot="whole", phase="Completed")
    world.machine_from_snapshot("now", snapshot="whole").machine_from_snapshot("then", snapshot="whole", phase="Failed")
    world.disk("now", phase="Provisioning", snapshot="part").disk("then", phase="Ready", snapshot="part").disk("empty")
    assert found(world, RESTORES_BY_SNAPSHOT, in_namespace("default", "whole")) == ["now"]
    assert found(world, COPIES_BY_SNAPSHOT, in_namespace("default", "whole")) == ["now"]
    assert found(world, DISKS_BY_SNAPSHOT, in_namespace("default", "part")) == ["now"]


def test_other_operations_need_no_snapshot(world: World) -> None:
    world.put(VIRTUAL_MACHINE_OPERATION, power_operation("stop", of="linux-vm"))
    stray = restore("stray", of="linux-vm", snapshot="whole")
    world.put(VIRTUAL_MACHINE_OPERATION, stray | {"spec": stray["spec"] | {"type": "Stop"}})
    assert found(world, RESTORES_BY_SNAPSHOT, in_namespace("default", "whole")) == []


def test_an_index_forgets_what_was_removed_and_what_changed(world: World) -> None:
    world.disk_snapshot("a", of="root").disk_snapshot("b", of="root")
    assert found(world, DISK_SNAPSHOTS_BY_DISK, "default/root") == ["a", "b"]
    world.remove(VIRTUAL_DISK_SNAPSHOT, "a").disk_snapshot("b", of="data")
    assert found(world, DISK_SNAPSHOTS_BY_DISK, "default/root") == []
    assert found(world, DISK_SNAPSHOTS_BY_DISK, "default/data") == ["b"]
