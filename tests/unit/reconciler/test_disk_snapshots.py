from __future__ import annotations

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.manifests import DRIVER, Json, snapshot_class
from tests.support.told import condition_of, disk_status, message, reason, volumes
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.vocabulary import DISK_SNAPSHOT_CLEANUP, VOLUME_SNAPSHOT_PROTECTION
from webhook.api.volume_snapshot import IS_DEFAULT_CLASS, VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.reconciler.steps.volume_snapshot import STANDSTILLS

PREFIX = "virtualization.deckhouse.io/"


async def test_volume_snapshot_carries_what_a_restore_needs(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    change: Json = {
        "metadata": {
            "labels": {"tier": "db", "app": "x"},
            "annotations": {"note": "kept"},
            "ownerReferences": [{"apiVersion": "v", "kind": "VirtualMachine", "name": "vm", "uid": "1"}],
        }
    }
    cluster.store.patch(VIRTUAL_DISK, "root", change)
    access = {"spec": {"volumeMode": "Block"}, "status": {"accessModes": ["ReadWriteMany", "ReadWriteOnce"]}}
    cluster.store.patch(PERSISTENT_VOLUME_CLAIM, "root", access)
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    uid = cluster.store.get(VIRTUAL_DISK_SNAPSHOT, "snap")["metadata"]["uid"]
    volume = cluster.store.get(VOLUME_SNAPSHOT, f"d8v-vds-snap-{uid}")
    annotations = {key: value for key, value in volume["metadata"]["annotations"].items() if key != STANDSTILLS}
    assert annotations == {
        f"{PREFIX}storage-class-name": DRIVER,
        f"{PREFIX}volume-mode": "Block",
        f"{PREFIX}access-mode": "ReadWriteMany,ReadWriteOnce",
        f"{PREFIX}vd-original-size": "10Gi",
        f"{PREFIX}vd-original-labels": '{"app":"x","tier":"db"}',
        f"{PREFIX}vd-original-annotations": '{"note":"kept"}',
        f"{PREFIX}vd-had-owner-reference": "true",
    }
    assert volume["metadata"]["finalizers"] == [VOLUME_SNAPSHOT_PROTECTION]
    assert [(each["kind"], each["uid"]) for each in volume["metadata"]["ownerReferences"]] == [
        ("VirtualDiskSnapshot", uid)
    ]
    assert volume["spec"]["source"] == {"persistentVolumeClaimName": "root"}
    assert disk_status(cluster)["volumeSnapshotName"] == volume["metadata"]["name"]


@pytest.mark.parametrize(("default", "named"), [(True, None), (False, DRIVER)])
async def test_snapshot_class_is_named_only_where_none_is_the_default(
    cluster: SimulatedCluster, default: bool, named: str | None
) -> None:
    if default:
        marked = {"metadata": {"annotations": {IS_DEFAULT_CLASS: "true"}}}
        cluster.store.patch(VOLUME_SNAPSHOT_CLASS, DRIVER, marked)
    cluster.store.create(VOLUME_SNAPSHOT_CLASS, snapshot_class("zz"))
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    volume = cluster.store.get(VOLUME_SNAPSHOT, volumes(cluster)[0])
    assert volume["spec"].get("volumeSnapshotClassName") == named


async def test_missing_disk_is_waited_for(cluster: SimulatedCluster) -> None:
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=30)
    status = disk_status(cluster)
    assert (status["phase"], reason(status)) == ("Pending", "WaitingForTheVirtualDisk")
    assert condition_of(status, "VirtualDiskReady")["reason"] == "VirtualDiskNotReadyForSnapshotting"
    assert message(status).endswith("[DiskNotFound]")
    cluster.disk("root")
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"


async def test_ready_snapshot_has_both_conditions_true_and_current(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    status = disk_status(cluster)
    assert [(each["type"], each["status"], each["reason"]) for each in status["conditions"]] == [
        ("VirtualDiskReady", "True", "VirtualDiskReady"),
        ("VirtualDiskSnapshotReady", "True", "VirtualDiskSnapshotReady"),
    ]
    assert {each["observedGeneration"] for each in status["conditions"]} == {1}
    assert status["observedGeneration"] == 1


async def test_waiting_does_not_move_the_time_of_the_condition(cluster: SimulatedCluster) -> None:
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=1)
    before = condition_of(disk_status(cluster), "VirtualDiskSnapshotReady")["lastTransitionTime"]
    await cluster.settle(seconds=60)
    assert condition_of(disk_status(cluster), "VirtualDiskSnapshotReady")["lastTransitionTime"] == before


async def test_waiting_writes_nothing_twice(cluster: SimulatedCluster) -> None:
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=5)
    calls = len(cluster.faults.calls)
    await cluster.settle(seconds=120)
    assert len(cluster.faults.calls) == calls


async def test_finalizer_comes_first_and_other_finalizers_stay(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    body = {"metadata": {"name": "snap", "finalizers": ["example.com/mine"]}, "spec": {"virtualDiskName": "root"}}
    cluster.store.create(VIRTUAL_DISK_SNAPSHOT, {**body, "status": {}})
    await cluster.settle()
    finalizers = cluster.store.get(VIRTUAL_DISK_SNAPSHOT, "snap")["metadata"]["finalizers"]
    assert finalizers == ["example.com/mine", DISK_SNAPSHOT_CLEANUP]
    assert cluster.faults.calls[0] == "patch VirtualDiskSnapshot"
