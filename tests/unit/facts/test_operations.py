"""Which operations come before one that asks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.support.cases import MACHINE
from tests.support.copies import clone, created_from_snapshot
from tests.support.dependency_manifests import power_operation, restore
from tests.support.manifests import MOMENT, Json, condition
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.operations import AnyOperation, Operations, Rival

LATER = "2026-01-02T03:04:06Z"


def put(world: World, manifest: Json, *, kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION, **metadata: Any) -> AnyOperation:
    known = {"creationTimestamp": MOMENT} | metadata
    world.put(kind, manifest | {"metadata": manifest["metadata"] | known})
    found: Any = world.get(kind, "default", manifest["metadata"]["name"])
    assert isinstance(found, AnyOperation)
    return found


def asker(world: World, **metadata: Any) -> AnyOperation:
    return put(world, restore("asker", of=MACHINE, snapshot="snap"), **metadata)


def new(world: World) -> AnyOperation:
    """As it arrives: the API server has given it a uid, and does not have it yet."""
    operation = asker(world, uid="new")
    world.remove(VIRTUAL_MACHINE_OPERATION, "asker")
    return operation


def names(rivals: Any) -> list[str]:
    return [f"{rival.reference.name} {rival.phase}" for rival in rivals if isinstance(rival, Rival)]


def on_machine(world: World, operation: AnyOperation) -> list[str]:
    return names(Operations(world, "default").on_machine(MACHINE, asker=operation))


@pytest.mark.parametrize("phase", ["", "Pending", "InProgress", "Terminating"])
def test_whatever_is_unfinished_comes_before_one_that_is_new(world: World, phase: str) -> None:
    put(world, restore("other", of=MACHINE, snapshot="snap", phase=phase), creationTimestamp=LATER)
    assert on_machine(world, new(world)) == [f"other {phase or 'Pending'}"]


@pytest.mark.parametrize("phase", ["Completed", "Failed", "Superseded"])
def test_what_is_finished_comes_before_nobody(world: World, phase: str) -> None:
    put(world, restore("other", of=MACHINE, snapshot="snap", phase=phase))
    assert on_machine(world, new(world)) == []


def test_a_failed_restore_that_keeps_its_machine_off_is_not_finished(world: World) -> None:
    conditions = [condition("MaintenanceMode")]
    put(world, restore("other", of=MACHINE, snapshot="snap", phase="Failed", conditions=conditions))
    assert on_machine(world, new(world)) == ["other Failed"]


@pytest.mark.parametrize(
    "manifest",
    [
        restore("other", of=MACHINE, snapshot="snap", mode="DryRun", phase="Pending"),
        clone("other", mode="DryRun"),
        restore("other", of="billing", snapshot="snap"),
    ],
    ids=["dry restore", "dry clone", "another machine"],
)
def test_dry_runs_and_operations_on_other_machines_hold_nothing(world: World, manifest: Json) -> None:
    put(world, manifest)
    assert on_machine(world, new(world)) == []


def test_of_two_that_wait_the_older_goes_first(world: World) -> None:
    older = asker(world)
    younger = put(world, restore("younger", of=MACHINE, snapshot="snap", phase="Pending"), creationTimestamp=LATER)
    assert on_machine(world, older) == []
    assert on_machine(world, younger) == ["asker Pending"]


def test_of_two_of_one_second_exactly_one_goes_first(world: World) -> None:
    one = asker(world)
    two = put(world, restore("two", of=MACHINE, snapshot="snap", phase="Pending"))
    assert bool(on_machine(world, one)) != bool(on_machine(world, two))


def test_what_is_under_way_goes_first_although_it_is_younger(world: World) -> None:
    older = asker(world)
    put(world, power_operation("stop", of=MACHINE), creationTimestamp=LATER)
    assert on_machine(world, older) == ["stop InProgress"]


def test_a_manifest_of_what_is_there_does_not_stand_in_its_own_way(world: World) -> None:
    there = asker(world)
    put(world, restore("other", of=MACHINE, snapshot="snap", phase="Pending"))
    checked = World().put(VIRTUAL_MACHINE_OPERATION, restore("asker", of=MACHINE, snapshot="snap"))
    manifest: Any = checked.get(VIRTUAL_MACHINE_OPERATION, "default", "asker")

    without_uid = msgspec.structs.replace(manifest, metadata=msgspec.structs.replace(manifest.metadata, uid=""))
    assert there.metadata.uid
    assert on_machine(world, without_uid) == ["other Pending"]


def test_names_are_reserved_by_what_the_status_says_and_only_until_it_is_over(world: World) -> None:
    made = {"apiVersion": "v", "kind": "VirtualDisk", "name": "root-copy", "status": "InProgress", "message": ""}
    for name, phase in (("begun", "InProgress"), ("over", "Completed")):
        put(world, clone(name) | {"status": {"phase": phase, "resources": [made]}})
        put(
            world,
            created_from_snapshot(f"{name}-from") | {"status": {"phase": phase, "resources": [made]}},
            kind=VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
        )
    reserving = Operations(world, "default").reserving
    assert names(reserving("VirtualDisk", "root-copy", asker=new(world))) == [
        "begun InProgress",
        "begun-from InProgress",
    ]
    assert names(reserving("Secret", "root-copy", asker=new(world))) == []
    assert names(Operations(world, "other").reserving("VirtualDisk", "root-copy", asker=new(world))) == []


def test_what_has_just_come_has_planned_nothing_yet(world: World) -> None:
    put(world, clone("new-clone"))
    put(world, created_from_snapshot("new-copy"), kind=VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    put(world, power_operation("start", of=MACHINE, type_="Start", phase="Pending"))
    put(world, clone("rehearsal", mode="DryRun"))
    assert names(Operations(world, "default").unplanned(asker=new(world))) == ["new-clone Pending", "new-copy Pending"]


def test_a_plan_is_not_taken_from_what_an_operation_that_waits_lists(world: World) -> None:
    """It lists what could be told when it was looked at, and takes more when it begins."""
    listed = {"apiVersion": "v1", "kind": "VirtualDisk", "name": "root-copy", "status": "Completed", "message": "valid"}
    put(world, clone("waits") | {"status": {"phase": "Pending", "resources": [listed]}})
    copy = created_from_snapshot("copy-waits") | {"status": {"phase": "Pending", "resources": [listed]}}
    put(world, copy, kind=VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    operations = Operations(world, "default")
    assert names(operations.reserving("VirtualDisk", "root-copy", asker=new(world))) == []
    assert names(operations.unplanned(asker=new(world))) == ["waits Pending", "copy-waits Pending"]
