from __future__ import annotations

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.faults import Fault
from tests.support.told import condition_of, disk_status, message, reason, volumes
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT


@pytest.mark.parametrize("change", ["deleted", "not ready"])
async def test_lost_data_is_noticed(cluster: SimulatedCluster, change: str) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    name = volumes(cluster)[0]
    if change == "deleted":
        cluster.store.delete(VOLUME_SNAPSHOT, name)
    else:
        cluster.storage.copies = False
        cluster.store.patch(VOLUME_SNAPSHOT, name, {"status": {"readyToUse": False}})
    await cluster.settle()
    assert (disk_status(cluster)["phase"], reason(disk_status(cluster))) == ("Failed", "Lost")


@pytest.mark.parametrize("call", ["patch VirtualDiskSnapshot", "freeze vm", "create VolumeSnapshot", "thaw vm"])
async def test_deletion_at_any_time_thaws_and_removes_the_data(cluster: SimulatedCluster, call: str) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until(call)
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle()
    assert cluster.store.all(VIRTUAL_DISK_SNAPSHOT) == []
    assert volumes(cluster) == []
    assert not cluster.guests["vm"].frozen


async def test_data_whose_creation_was_not_answered_goes_with_the_snapshot(cluster: SimulatedCluster) -> None:
    """The platform leaves such a VolumeSnapshot behind, held by a finalizer that nobody takes off."""
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("patch VirtualDiskSnapshot/status")
    cluster.store.lagging = True
    cluster.faults.strike(0, Fault.ANSWER_LOST)
    await cluster.run_pass(next(iter(cluster.queue)))
    assert len(volumes(cluster)) == 1
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    cluster.store.deliver_all(VIRTUAL_DISK_SNAPSHOT)
    for key in [*cluster.queue] * 3:
        await cluster.run_pass(key)
    cluster.store.lagging = False
    cluster.store.deliver_all()
    await cluster.settle()
    assert volumes(cluster) == []


async def test_terminating_says_that_nothing_is_known_any_more(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.run_pass(next(iter(cluster.queue)))
    status = disk_status(cluster)
    assert status["phase"] == "Terminating"
    assert condition_of(status, "VirtualDiskSnapshotReady")["status"] == "Unknown"


async def test_name_taken_by_foreign_data_fails_and_leaves_it(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    uid = cluster.store.get(VIRTUAL_DISK_SNAPSHOT, "snap")["metadata"]["uid"]
    foreign = {"metadata": {"name": f"d8v-vds-snap-{uid}"}, "spec": {"source": {"persistentVolumeClaimName": "root"}}}
    cluster.store.create(VOLUME_SNAPSHOT, foreign)
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Failed"
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle()
    assert len(volumes(cluster)) == 1


@pytest.mark.parametrize("exists", [True, False])
async def test_forged_owner_does_not_skip_judgement(cluster: SimulatedCluster, exists: bool) -> None:
    cluster.machine("vm", agent=False)
    cluster.machine_snapshot("parent", of="vm", required_consistency=False)
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "parent")["metadata"]["uid"] if exists else "no-such-uid"
    owner = {"apiVersion": "x/v1", "kind": "VirtualMachineSnapshot", "name": "parent", "uid": uid}
    body = {"metadata": {"name": "snap", "ownerReferences": [owner]}, "spec": {"virtualDiskName": "root"}, "status": {}}
    cluster.store.create(VIRTUAL_DISK_SNAPSHOT, body)
    await cluster.settle()
    found = cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap")
    assert (found is None) == (not exists), "garbage collection takes what nobody owns"
    assert found is None or found["status"]["phase"] == "Failed"
    assert cluster.guests["vm"].times_frozen == 0


async def test_snapshot_that_garbage_collection_is_about_to_take_freezes_nobody(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    owner = {"apiVersion": "x/v1", "kind": "VirtualMachineSnapshot", "name": "gone", "uid": "gone"}
    body = {"metadata": {"name": "snap", "ownerReferences": [owner]}, "spec": {"virtualDiskName": "root"}, "status": {}}
    cluster.store.create(VIRTUAL_DISK_SNAPSHOT, body)
    await cluster.settle()
    assert cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap") is None
    assert cluster.guests["vm"].times_frozen == 0


async def test_disk_deleted_before_the_cut_fails_with_the_code(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("patch VirtualDiskSnapshot/status")
    cluster.store.delete(VIRTUAL_DISK, "root")
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Failed"
    assert message(disk_status(cluster)).endswith("[DiskNotFound]")


async def test_storage_that_never_answers_fails_the_snapshot_after_a_deadline(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.storage.works = False
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=cluster.settings.cut_deadline_seconds + 1)
    assert disk_status(cluster)["phase"] == "Failed"
    assert message(disk_status(cluster)) == "not cut within 600 s; the storage did not answer"


async def test_what_the_storage_reports_is_waited_for_and_told(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.storage.works = False
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.storage.report(volumes(cluster)[0], "pool is full")
    await cluster.settle()
    assert (disk_status(cluster)["phase"], message(disk_status(cluster))) == (
        "InProgress",
        "the storage reports: pool is full",
    )
    cluster.storage.works = True
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"


async def test_the_machine_that_was_frozen_is_thawed_although_the_disk_was_detached_from_it(
    cluster: SimulatedCluster,
) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("create VolumeSnapshot")
    cluster.store.patch(VIRTUAL_DISK, "root", {"status": {"attachedToVirtualMachines": []}})
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"blockDeviceRefs": []}})
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"
    assert not cluster.guests["vm"].frozen


async def test_data_that_a_disk_is_being_made_of_stays_until_the_disk_has_it(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.provisioner.works = False
    cluster.disk_from("copy", snapshot="snap")
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle(seconds=60)
    assert len(volumes(cluster)) == 1
    cluster.provisioner.works = True
    await cluster.settle(seconds=60)
    assert cluster.store.get(VIRTUAL_DISK, "copy")["status"]["phase"] == "Ready"
    assert volumes(cluster) == []
    assert cluster.store.all(VIRTUAL_DISK_SNAPSHOT) == []
