"""Disks of a class that waits for its first consumer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.machines.disks import DiskScene, disk_status, selection_is_due
from lab.machines.kinds import STORAGE_CLASS
from lab.machines.world import World
from tests.support.machine_side import NOW, claim, disk, machine
from webhook.api.decoding import decode
from webhook.api.storage import SELECTED_NODE, PersistentVolumeClaim


def scene(**members: Any) -> DiskScene:
    defaults: dict[str, Any] = {
        "disk": disk(),
        "claim": claim(phase="Pending"),
        "storage_class": "wait",
        "waits_for_consumer": True,
    }
    return DiskScene(**(defaults | members))


def selected(found: PersistentVolumeClaim) -> PersistentVolumeClaim:
    metadata = msgspec.structs.replace(found.metadata, annotations={SELECTED_NODE: "lab"})
    return msgspec.structs.replace(found, metadata=metadata)


def test_disk_waits_until_a_machine_needs_it() -> None:
    assert not selection_is_due(scene())
    status = disk_status(scene(), NOW)
    assert (status.phase, status.conditions[0].reason) == ("WaitForFirstConsumer", "WaitingForFirstConsumer")


def test_disk_is_provisioned_when_a_machine_needs_it() -> None:
    assert selection_is_due(scene(consumer_due=True))


@pytest.mark.parametrize(
    "members",
    [
        {"waits_for_consumer": False},
        {"claim": selected(claim(phase="Pending"))},
        {"claim": claim(phase="Bound")},
        {"claim": None},
    ],
    ids=["class does not wait", "selected before", "bound", "no claim"],
)
def test_nothing_is_selected_twice_or_without_need(members: dict[str, Any]) -> None:
    assert not selection_is_due(scene(consumer_due=True, **members))


def test_selected_disk_is_being_provisioned() -> None:
    assert disk_status(scene(claim=selected(claim(phase="Pending"))), NOW).phase == "Provisioning"


@pytest.mark.parametrize(("run_policy", "due"), [("AlwaysOn", True), ("Manual", False), ("AlwaysOff", False)])
def test_machine_that_is_due_to_run_is_a_consumer(run_policy: str, *, due: bool) -> None:
    world = World(lambda _: None)
    waiting = decode(STORAGE_CLASS, b'{"metadata":{"name":"wait"},"volumeBindingMode":"WaitForFirstConsumer"}')
    world.storage_classes.upsert(("", "wait"), waiting)
    world.machines.upsert(("default", "vm"), machine("vm", run_policy=run_policy))
    found = world.disk_scene(disk(spec={"persistentVolumeClaim": {"size": "1Gi", "storageClassName": "wait"}}))
    assert (found.waits_for_consumer, found.consumer_due) == (True, due)
