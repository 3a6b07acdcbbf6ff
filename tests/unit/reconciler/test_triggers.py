from __future__ import annotations

from typing import Any

import pytest

from tests.support.manifests import Json
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.reconciler.triggers import keys_for

CLAIM = {
    "attempt": 1,
    "virtualMachineName": "vm",
    "requestedAt": "2026-01-02T03:04:05Z",
    "deadline": "2026-01-02T03:04:35Z",
}


def owned_by(kind: str, name: str, uid: str = "u") -> Json:
    return {"metadata": {"ownerReferences": [{"apiVersion": "v", "kind": kind, "name": name, "uid": uid}]}}


def woken(world: World, kind: Kind[Any], name: str) -> set[str]:
    changed = world.get(kind, "default" if kind.namespaced else "", name)
    assert changed is not None
    return {f"{key.kind.removeprefix('Virtual')}/{key.name}" for key in keys_for(kind, changed, world)}


@pytest.fixture
def world(world: World) -> World:
    """A machine with two disks, a snapshot of it that is under way, and one of a disk that waits."""
    world.machine("vm", disks=["root", "data"]).disk("root", users=["vm"]).disk("data", users=["vm"]).disk("spare")
    world.machine_snapshot("ms", of="vm", phase="InProgress").disk_snapshot("ds", of="root", phase="Pending")
    world.disk_snapshot("done", of="root", phase="Ready").machine_snapshot("past", of="vm", phase="Failed")
    uid = world.manifest(VIRTUAL_MACHINE_SNAPSHOT, "ms")["metadata"]["uid"]
    world.disk_snapshot("child", of="data", phase="InProgress")
    return world.change(VIRTUAL_DISK_SNAPSHOT, "child", **owned_by("VirtualMachineSnapshot", "ms", uid))


@pytest.mark.parametrize(
    ("kind", "name", "keys"),
    [
        (VIRTUAL_DISK_SNAPSHOT, "ds", {"DiskSnapshot/ds"}),
        (VIRTUAL_DISK_SNAPSHOT, "child", {"DiskSnapshot/child", "MachineSnapshot/ms"}),
        (VIRTUAL_MACHINE_SNAPSHOT, "ms", {"MachineSnapshot/ms", "DiskSnapshot/child"}),
        (VIRTUAL_MACHINE, "vm", {"MachineSnapshot/ms", "DiskSnapshot/ds", "DiskSnapshot/child"}),
        (VIRTUAL_DISK, "root", {"MachineSnapshot/ms", "DiskSnapshot/ds"}),
        (VIRTUAL_DISK, "spare", set()),
        (STORAGE_CLASS, "csi.example.com", set()),
    ],
)
def test_change_wakes_who_may_care(world: World, kind: Kind[Any], name: str, keys: set[str]) -> None:
    assert woken(world, kind, name) == keys


def test_volume_snapshot_wakes_its_owner(world: World) -> None:
    world.put(VOLUME_SNAPSHOT, {"metadata": {"name": "v", **owned_by("VirtualDiskSnapshot", "done")["metadata"]}})
    assert woken(world, VOLUME_SNAPSHOT, "v") == {"DiskSnapshot/done"}


def test_secret_wakes_its_owner_even_when_that_is_done(world: World) -> None:
    world.put(SECRET, {"metadata": {"name": "s", **owned_by("VirtualMachineSnapshot", "past")["metadata"]}})
    assert woken(world, SECRET, "s") == {"MachineSnapshot/past"}


def test_claim_wakes_the_snapshots_of_the_disk_that_owns_it(world: World) -> None:
    world.change(PERSISTENT_VOLUME_CLAIM, "root", **owned_by("VirtualDisk", "root"))
    assert woken(world, PERSISTENT_VOLUME_CLAIM, "root") == {"MachineSnapshot/ms", "DiskSnapshot/ds"}


@pytest.mark.parametrize("phase", ["Ready", "Failed"])
def test_settled_snapshot_with_an_open_claim_still_cares_about_the_machine(world: World, phase: str) -> None:
    world.disk_snapshot("open", of="root", phase=phase, freeze=CLAIM)
    assert "DiskSnapshot/open" in woken(world, VIRTUAL_MACHINE, "vm")
    world.disk_snapshot("open", of="root", phase=phase, freeze={**CLAIM, "thawedAt": "2026-01-02T03:04:06Z"})
    assert "DiskSnapshot/open" not in woken(world, VIRTUAL_MACHINE, "vm")
