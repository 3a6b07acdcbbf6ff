"""Restores onto storage that gives a volume only when a machine starts with the disk."""

from __future__ import annotations

import pytest

from tests.support import manifests
from tests.support.cluster import SimulatedCluster
from tests.support.restores import (
    DISKS,
    NODE,
    captured,
    is_as_before,
    is_as_saved,
    machine,
    make_storage_wait,
    operation,
    select_nodes,
    told_of,
    until,
    until_overwritten,
    volumes,
)
from tests.support.told import condition_of
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, SELECTED_NODE, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION

KEPT = {("Released", "Retain")}


async def captured_on_waiting_storage(cluster: SimulatedCluster, *, now: str = "Running") -> None:
    await captured(cluster, now=now)
    make_storage_wait(cluster)


async def test_old_volumes_go_when_the_machine_runs(cluster: SimulatedCluster) -> None:
    await captured_on_waiting_storage(cluster)
    cluster.restore()
    await cluster.settle()

    assert told_of(cluster)[0] == "Completed"
    assert machine(cluster)["status"]["phase"] == "Running"
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_cancelled_while_the_machine_starts_keeps_the_old_volumes_of_disks_without_one(
    cluster: SimulatedCluster,
) -> None:
    await captured_on_waiting_storage(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await until_overwritten(cluster)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle(seconds=9000)

    assert cluster.store.find(VIRTUAL_MACHINE_OPERATION, "restore") is None
    assert volumes(cluster) == KEPT
    assert condition_of(machine(cluster)["status"], "Restored")["reason"] == "RestoreIncomplete"


async def test_storage_that_sends_disks_back_to_wait_ends_the_restore_some_time(cluster: SimulatedCluster) -> None:
    """external-provisioner takes the selected node off again when a driver has no room there."""
    await captured_on_waiting_storage(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await until_overwritten(cluster)
    await cluster.settle(seconds=60)
    cluster.machine_side.starts = False
    select_nodes(cluster, None)
    await cluster.settle(seconds=4000)

    phase, message = told_of(cluster)
    assert phase == "Failed"
    assert "VirtualDisk root did not get its volume in 3600 seconds" in message
    assert volumes(cluster) == KEPT


async def test_a_disk_that_the_restored_machine_does_not_list_is_not_waited_for(cluster: SimulatedCluster) -> None:
    await captured_on_waiting_storage(cluster)
    lists_one = {"spec": {"blockDeviceRefs": [{"kind": "VirtualDisk", "name": "root"}]}}
    cluster.store.patch(VIRTUAL_MACHINE, "vm", lists_one)
    cluster.machine_snapshot("of-both", of="vm")
    await cluster.settle()
    cluster.restore(snapshot="of-both")
    await cluster.settle()

    assert told_of(cluster)[0] == "Completed"


async def captured_where_a_node_was_selected(cluster: SimulatedCluster, *, now: str = "Running") -> None:
    await captured_on_waiting_storage(cluster, now=now)
    select_nodes(cluster)


def selected(cluster: SimulatedCluster) -> list[str | None]:
    """The node of each claim that there is."""
    return [
        each["metadata"].get("annotations", {}).get(SELECTED_NODE)
        for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM)
    ]


def phases(cluster: SimulatedCluster) -> list[str]:
    found = (cluster.store.find(VIRTUAL_DISK, each) for each in DISKS)
    return [each["status"]["phase"] for each in found if each is not None and "status" in each]


@pytest.mark.parametrize("now", ["Running", "Stopped"])
async def test_disks_are_made_where_the_old_ones_were_before_the_machine_is_overwritten(
    cluster: SimulatedCluster, now: str
) -> None:
    await captured_where_a_node_was_selected(cluster, now=now)
    cluster.restore()
    await until_overwritten(cluster)

    assert phases(cluster) == ["Ready", "Ready"]
    assert is_as_saved(cluster)
    await cluster.settle()
    assert selected(cluster) == [NODE, NODE]
    assert told_of(cluster)[0] == "Completed"
    assert machine(cluster)["status"]["phase"] == now
    assert volumes(cluster) == {("Bound", "Delete")}


@pytest.mark.parametrize("now", ["Running", "Stopped"])
async def test_old_volumes_are_back_when_a_new_one_is_refused_where_the_old_one_was(
    cluster: SimulatedCluster, now: str
) -> None:
    await captured_where_a_node_was_selected(cluster, now=now)
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"cpu": {"cores": 8}}})
    cluster.provisioner.makes_new = False
    cluster.restore()
    await cluster.settle(seconds=9000)

    phase, message = told_of(cluster)
    assert phase == "Failed"
    assert "VirtualDisk root did not get its volume in 3600 seconds" in message
    assert is_as_before(cluster)
    assert machine(cluster)["spec"]["cpu"] == {"cores": 8}
    assert machine(cluster)["status"]["phase"] == now
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_disks_that_were_put_back_are_restored_where_they_are_next_time(cluster: SimulatedCluster) -> None:
    await captured_where_a_node_was_selected(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore("first")
    await cluster.settle(seconds=9000)
    assert told_of(cluster, "first")[0] == "Failed"
    cluster.provisioner.makes_new = True
    cluster.restore("second")
    await until_overwritten(cluster)

    assert phases(cluster) == ["Ready", "Ready"]


async def test_a_node_that_the_provisioner_takes_off_again_leaves_the_disk_to_its_consumer(
    cluster: SimulatedCluster,
) -> None:
    """The node is gone, or has no room."""
    await captured_where_a_node_was_selected(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await until(cluster, lambda: phases(cluster) == ["Provisioning", "Provisioning"])
    select_nodes(cluster, None)
    cluster.provisioner.makes_new = True
    await until_overwritten(cluster)
    assert phases(cluster) == ["WaitForFirstConsumer", "WaitForFirstConsumer"]
    await cluster.settle()

    assert told_of(cluster)[0] == "Completed"
    assert is_as_saved(cluster)
    assert machine(cluster)["status"]["phase"] == "Running"
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_the_node_is_found_by_whoever_comes_after_the_old_disk_is_gone(cluster: SimulatedCluster) -> None:
    await captured_where_a_node_was_selected(cluster)
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    records = operation(cluster)["status"]["retainedVolumes"]
    cluster.boot()
    await until_overwritten(cluster)

    assert {each["selectedNode"] for each in records} == {NODE}
    assert phases(cluster) == ["Ready", "Ready"]


async def test_a_disk_that_was_deleted_meanwhile_waits_for_its_consumer(cluster: SimulatedCluster) -> None:
    await captured_where_a_node_was_selected(cluster, now="Stopped")
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()
    cluster.restore()
    await until_overwritten(cluster)

    assert phases(cluster) == ["Ready", "WaitForFirstConsumer"]


async def test_the_node_of_a_disk_of_another_class_says_nothing(cluster: SimulatedCluster) -> None:
    await captured_where_a_node_was_selected(cluster)
    other = manifests.storage_class("other") | {"volumeBindingMode": "WaitForFirstConsumer"}
    cluster.store.create(STORAGE_CLASS, other)
    cluster.store.patch(PERSISTENT_VOLUME_CLAIM, "data", {"spec": {"storageClassName": "other"}})
    cluster.restore()
    await until_overwritten(cluster)

    assert phases(cluster) == ["Ready", "WaitForFirstConsumer"]


async def test_no_node_is_named_where_no_claim_waits_for_one(cluster: SimulatedCluster) -> None:
    """A distributed provisioner selects one for classes that bind at once, too: any other would do as well."""
    await captured(cluster)
    select_nodes(cluster)
    cluster.restore()
    await cluster.settle()

    assert told_of(cluster)[0] == "Completed"
    assert selected(cluster) == [None, None]
