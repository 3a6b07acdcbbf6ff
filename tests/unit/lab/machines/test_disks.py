from __future__ import annotations

from typing import Any

import pytest

from lab.machines.disks import DiskScene, claim_is_due, disk_is_ours, disk_status, growth_is_due
from tests.support.machine_side import EARLIER, NOW, claim, condition, disk, disk_snapshot, machine
from webhook.api.virtual_disk import VirtualDiskStatus


def scene(**members: Any) -> DiskScene:
    return DiskScene(**({"disk": disk(), "claim": None, "storage_class": "lab-directory"} | members))


def status(**members: Any) -> VirtualDiskStatus:
    return disk_status(scene(**members), NOW)


def said(status: VirtualDiskStatus) -> dict[str, tuple[str, str]]:
    return {each.type: (each.status, each.reason) for each in status.conditions}


def test_new_disk_is_due_a_claim() -> None:
    assert claim_is_due(scene())


@pytest.mark.parametrize(
    "members",
    [
        {"storage_class": ""},
        {"disk": disk(size="")},
        {"claim": claim()},
        {"disk": disk(phase="Ready")},
        {"disk": disk(phase="PVCLost")},
    ],
    ids=["no class", "no size", "has one", "lost it when ready", "lost it long ago"],
)
def test_disk_is_due_no_claim(members: dict[str, Any]) -> None:
    assert not claim_is_due(scene(**members))


def test_disk_from_an_image_that_names_no_size_is_due_a_claim() -> None:
    from_image = disk(size="", spec={"dataSource": {"type": "HTTP", "http": {"url": "https://example.com/a.img"}}})
    assert claim_is_due(scene(disk=from_image))


def test_disk_from_an_image_that_does_not_exist_waits_for_it() -> None:
    waiting = scene(source_ready=False)
    assert not claim_is_due(waiting)
    found = disk_status(waiting, NOW)
    assert (found.phase, said(found)["Ready"]) == ("Pending", ("False", "DatasourceIsNotReady"))


def test_disk_from_a_snapshot_is_not_ours() -> None:
    source = {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": "snap"}}
    assert not disk_is_ours(disk(spec={"dataSource": source}))


@pytest.mark.parametrize("phase", ["Ready", "Resizing", "PVCLost"])
def test_disk_from_a_snapshot_is_ours_once_it_was_ready(phase: str) -> None:
    source = {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": "snap"}}
    assert disk_is_ours(disk(phase=phase, spec={"dataSource": source}))


def test_conditions_of_how_a_disk_came_back_stay() -> None:
    told = [condition("StorageClassReady"), condition("DatasourceReady"), condition("Ready")]
    found = status(disk=disk(phase="Ready", conditions=told), claim=claim())
    assert {each.type for each in found.conditions} == {"StorageClassReady", "DatasourceReady", "Ready"}


def test_disk_from_an_image_is_ours() -> None:
    source = {"type": "ObjectRef", "objectRef": {"kind": "ClusterVirtualImage", "name": "ubuntu"}}
    assert disk_is_ours(disk(spec={"dataSource": source}))


@pytest.mark.parametrize(
    ("members", "phase", "reason"),
    [
        ({}, "Pending", "ProvisioningNotStarted"),
        ({"storage_class": ""}, "Pending", "StorageClassIsNotReady"),
        ({"disk": disk(size="")}, "Pending", "ProvisioningFailed"),
        ({"claim": claim(phase="Pending")}, "Provisioning", "Provisioning"),
        ({"claim": claim()}, "Ready", "Ready"),
        ({"claim": claim(phase="Lost")}, "PVCLost", "PVCLost"),
        ({"disk": disk(phase="Ready")}, "PVCLost", "PVCLost"),
        ({"claim": claim(resizing=True)}, "Resizing", "Ready"),
        ({"claim": claim(requested="2Gi", granted="1Gi")}, "Resizing", "Ready"),
        ({"disk": disk(size="2Gi"), "claim": claim()}, "Resizing", "Ready"),
    ],
)
def test_phase_and_ready_reason_follow_the_claim(members: dict[str, Any], phase: str, reason: str) -> None:
    found = status(**members)
    assert (found.phase, said(found)["Ready"][1]) == (phase, reason)


def test_ready_disk_names_its_claim_class_and_capacity() -> None:
    found = status(claim=claim(granted="2Gi"))
    assert found.target.persistent_volume_claim_name == disk().claim_name
    assert (found.storage_class_name, found.capacity) == ("lab-directory", "2Gi")


def test_disk_larger_than_its_claim_grows_it() -> None:
    assert growth_is_due(scene(disk=disk(size="2Gi"), claim=claim()))


def test_resizing_disk_says_so() -> None:
    assert said(status(claim=claim(resizing=True)))["Resizing"] == ("True", "InProgress")


def test_resize_waits_for_the_snapshot_that_was_first() -> None:
    snapshotting = disk(size="2Gi", phase="Ready", conditions=[condition("Snapshotting")])
    found = scene(disk=snapshotting, claim=claim(), snapshots=(disk_snapshot(phase="InProgress"),))
    assert not growth_is_due(found)
    assert said(disk_status(found, NOW)) == {
        "Ready": ("True", "Ready"),
        "Resizing": ("False", "NotAvailable"),
        "Snapshotting": ("True", "Snapshotting"),
    }


def test_snapshot_waits_for_the_resize_that_was_first() -> None:
    found = status(claim=claim(resizing=True), snapshots=(disk_snapshot(),))
    assert said(found)["Snapshotting"] == ("False", "NotAvailable")


@pytest.mark.parametrize("phase", ["", "Pending", "InProgress"])
def test_disk_is_snapshotting_while_a_snapshot_is_unfinished(phase: str) -> None:
    found = status(claim=claim(), snapshots=(disk_snapshot(phase=phase),))
    assert said(found)["Snapshotting"] == ("True", "Snapshotting")


@pytest.mark.parametrize("phase", ["Ready", "Failed", "Terminating"])
def test_finished_snapshot_leaves_no_condition(phase: str) -> None:
    assert "Snapshotting" not in said(status(claim=claim(), snapshots=(disk_snapshot(phase=phase),)))


@pytest.mark.parametrize(("phase", "mounted"), [("Running", True), ("Stopping", True), ("Stopped", False)])
def test_disk_is_mounted_unless_its_machine_is_stopped(phase: str, mounted: bool) -> None:
    (attachment,) = status(claim=claim(), machines=(machine(phase=phase),)).attached_to_virtual_machines
    assert (attachment.name, attachment.mounted) == ("vm", mounted)


def test_status_that_says_the_same_is_the_same() -> None:
    first = status(claim=claim())
    again = disk(
        phase="Ready",
        conditions=[condition("Ready")],
        target={"persistentVolumeClaimName": first.target.persistent_volume_claim_name},
    )
    found = disk_status(scene(disk=again, claim=claim()), NOW)
    assert found.conditions[0].last_transition_time == EARLIER
    assert found.conditions == again.status.conditions
