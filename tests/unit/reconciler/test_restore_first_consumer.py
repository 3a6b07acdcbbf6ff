"""Restores onto storage that gives a volume only when a machine starts with the disk."""

from __future__ import annotations

from tests.support.cluster import SimulatedCluster
from tests.support.restores import captured, machine, make_storage_wait, told_of, until_overwritten, volumes
from tests.support.told import condition_of
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, SELECTED_NODE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION

KEPT = {("Released", "Retain")}


async def captured_on_waiting_storage(cluster: SimulatedCluster) -> None:
    await captured(cluster)
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
    for claim in cluster.store.all(PERSISTENT_VOLUME_CLAIM):
        unselected = {"metadata": {"annotations": {SELECTED_NODE: None}}}
        cluster.store.patch(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"], unselected)
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
