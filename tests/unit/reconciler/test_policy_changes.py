"""The policy may change at any moment; what was decided stays decided."""

from __future__ import annotations

from tests.support.cluster import SimulatedCluster
from tests.support.told import machine_status, message
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS
from webhook.findings.code import Action, Profile
from webhook.findings.policy import Override, Policy

DENIES_EVERYTHING_HERE = Policy(
    Profile.STRICT,
    overrides={code: Override(Action.DENY) for code in ("VolumeSnapshotClassMissing", "DiskNotReady")},
)


async def test_snapshot_that_has_begun_is_not_judged_again_and_a_new_one_by_the_new_policy() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.storage.copies = False
    cluster.machine("vm", disks=("root",))
    cluster.machine_snapshot("begun", of="vm")
    await cluster.settle_until("create VolumeSnapshot")
    cluster.store.delete(VOLUME_SNAPSHOT_CLASS, "csi.example.com")
    cluster.policy = DENIES_EVERYTHING_HERE
    cluster.machine_snapshot("new", of="vm")
    await cluster.settle()
    assert machine_status(cluster, "begun")["phase"] == "InProgress"
    assert machine_status(cluster, "new")["phase"] == "Failed"
    assert message(machine_status(cluster, "new")).endswith("[VolumeSnapshotClassMissing]")
    cluster.storage.copies = True
    await cluster.settle()
    assert machine_status(cluster, "begun")["phase"] == "Ready"


async def test_snapshot_that_was_accepted_to_wait_waits_under_any_policy() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.machine("vm")
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Provisioning"}})
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=30)
    cluster.policy = DENIES_EVERYTHING_HERE
    await cluster.settle(seconds=30)
    assert machine_status(cluster)["phase"] == "Pending"
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Ready"}})
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"


async def test_verdict_that_was_executed_stays_when_the_policy_becomes_milder() -> None:
    cluster = SimulatedCluster(policy=DENIES_EVERYTHING_HERE)
    cluster.store.delete(VOLUME_SNAPSHOT_CLASS, "csi.example.com")
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.policy = Policy(Profile.GITOPS)
    cluster.store.create(VOLUME_SNAPSHOT_CLASS, {"metadata": {"name": "late"}, "driver": "csi.example.com"})
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
