from __future__ import annotations

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.told import children, machine_status, message, reason, volumes
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT


@pytest.mark.parametrize("call", ["patch VirtualMachineSnapshot", "freeze vm", "create VolumeSnapshot", "thaw vm"])
async def test_deletion_at_any_time_thaws_and_leaves_nothing(cluster: SimulatedCluster, call: str) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle_until(call)
    cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT, "snap")
    await cluster.settle()
    assert cluster.store.all(VIRTUAL_MACHINE_SNAPSHOT) == []
    assert cluster.store.all(VIRTUAL_DISK_SNAPSHOT) == []
    assert cluster.store.all(SECRET) == []
    assert volumes(cluster) == []
    assert not cluster.guests["vm"].frozen


async def test_lost_secret_is_noticed(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.store.delete(SECRET, machine_status(cluster)["virtualMachineSnapshotSecretName"])
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"


async def test_lost_child_is_noticed(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, machine_status(cluster)["virtualDiskSnapshotNames"][0])
    await cluster.settle()
    status = machine_status(cluster)
    assert (status["phase"], reason(status)) == ("Failed", "VirtualDiskSnapshotLost")


async def test_secret_in_the_way_is_told_and_waited_out(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["uid"]
    cluster.store.create(SECRET, {"metadata": {"name": f"d8v-vms-snap-{uid}"}, "type": "Opaque"})
    await cluster.settle(seconds=5)
    assert cluster.store.get(SECRET, f"d8v-vms-snap-{uid}")["type"] == "Opaque"
    assert machine_status(cluster)["phase"] == "InProgress"
    assert message(machine_status(cluster)).endswith(f"kubectl delete secret d8v-vms-snap-{uid}")
    cluster.store.delete(SECRET, f"d8v-vms-snap-{uid}")
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"


async def test_planted_secret_of_the_right_type_is_replaced(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["uid"]
    planted = {"metadata": {"name": f"d8v-vms-snap-{uid}"}, "type": SNAPSHOT_SECRET_TYPE, "data": {"vm": "e30="}}
    cluster.store.create(SECRET, planted)
    await cluster.settle()
    assert cluster.store.get(SECRET, f"d8v-vms-snap-{uid}")["data"]["vm"] != "e30="
    assert machine_status(cluster)["phase"] == "Ready"


@pytest.mark.parametrize("owned", [True, False])
async def test_child_name_taken_by_something_else_fails(cluster: SimulatedCluster, owned: bool) -> None:
    cluster.disk("other")
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["uid"]
    owner = {"apiVersion": "x/v1", "kind": "VirtualMachineSnapshot", "name": "snap", "uid": uid}
    forged = {
        "metadata": {"name": f"root-{uid}", "ownerReferences": [owner] if owned else []},
        "spec": {"virtualDiskName": "other"},
        "status": {},
    }
    cluster.store.create(VIRTUAL_DISK_SNAPSHOT, forged)
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
    assert f"root-{uid} exists and belongs to something else" in message(machine_status(cluster))
    assert violations(cluster) == []


async def test_machine_deleted_half_way_fails(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    cluster.guests.delete("vm")
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
    assert violations(cluster) == []


async def test_disk_that_another_machine_came_to_use_fails_it(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm", phase="Stopped")
    cluster.machine("other", disks=("spare",))
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle_until("create VirtualDiskSnapshot")
    cluster.guests.attach("other", "root")
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
    assert "[DiskSharedByMachines]" in message(machine_status(cluster))
    assert violations(cluster) == []


async def test_storage_error_is_told_and_waited_out(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm", phase="Stopped", disks=("root",))
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.storage.report(volumes(cluster)[0], "pool is full")
    await cluster.settle()
    assert message(children(cluster)["root"]["status"]) == "the storage reports: pool is full"
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"
