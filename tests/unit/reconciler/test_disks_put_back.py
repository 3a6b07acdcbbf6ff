"""A disk that is put back on the volume it had."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests
from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.source_manifests import kept_volume
from tests.support.told import condition_of
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.vocabulary import KEPT_RECLAIM_POLICY, RETAINED_VOLUME


def put_back(cluster: SimulatedCluster, **described: Any) -> None:
    cluster.disk_from("root", snapshot="gone", annotations={RETAINED_VOLUME: "pv-1"}, **described)


def status(cluster: SimulatedCluster) -> Json:
    found: Json = cluster.store.get(VIRTUAL_DISK, "root")["status"]
    return found


async def test_disk_has_its_old_volume_again_whatever_its_snapshot(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1", storage_class="waiting", size="12Gi"))
    put_back(cluster)
    await cluster.settle()

    (claim,) = cluster.store.all(PERSISTENT_VOLUME_CLAIM)
    assert cluster.provisioner.data[claim["metadata"]["uid"]] == "pv-1"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "12Gi"}},
        "storageClassName": "waiting",
        "volumeName": "pv-1",
        "volumeMode": "Filesystem",
    }
    assert (status(cluster)["phase"], status(cluster)["capacity"]) == ("Ready", "12Gi")


async def test_volume_is_reclaimed_again_as_it_was_before_it_was_kept(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1", before="Delete"))
    put_back(cluster)
    await cluster.settle()

    volume = cluster.store.get(PERSISTENT_VOLUME, "pv-1")
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    assert KEPT_RECLAIM_POLICY not in volume["metadata"]["annotations"]


async def test_volume_that_someone_else_keeps_stays_kept(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1"))
    put_back(cluster)
    await cluster.settle()
    assert cluster.store.get(PERSISTENT_VOLUME, "pv-1")["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


async def test_disk_waits_while_the_volume_is_still_bound(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME_CLAIM, manifests.claim("old"))
    uid = cluster.store.get(PERSISTENT_VOLUME_CLAIM, "old")["metadata"]["uid"]
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1", phase="Bound", claim_uid=uid))
    put_back(cluster)
    await cluster.settle(seconds=10)
    assert (status(cluster)["phase"], condition_of(status(cluster), "Ready")["reason"]) == (
        "Pending",
        "ProvisioningNotStarted",
    )

    cluster.store.delete(PERSISTENT_VOLUME_CLAIM, "old")
    await cluster.settle(seconds=10)
    assert status(cluster)["phase"] == "Ready"


@pytest.mark.parametrize("claimed", [{"namespace": "other"}, {"namespace": None}])
async def test_volume_of_another_namespace_is_not_given_away(cluster: SimulatedCluster, claimed: Json) -> None:
    """Anyone who may write disks may write the annotation."""
    volume = kept_volume("pv-1")
    volume["spec"]["claimRef"] |= claimed
    cluster.store.create(PERSISTENT_VOLUME, volume)
    put_back(cluster)
    await cluster.settle()
    assert (status(cluster)["phase"], cluster.store.all(PERSISTENT_VOLUME_CLAIM)) == ("Failed", [])


async def test_disk_whose_volume_is_gone_says_so(cluster: SimulatedCluster) -> None:
    put_back(cluster)
    await cluster.settle()
    assert status(cluster)["phase"] == "Failed"
    assert condition_of(status(cluster), "Ready")["message"] == "PersistentVolume pv-1 is gone"


async def test_disk_that_is_deleted_on_the_way_leaves_its_volume_kept(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1", before="Delete"))
    cluster.provisioner.works = False
    put_back(cluster)
    await cluster.settle()
    cluster.store.delete(VIRTUAL_DISK, "root")
    await cluster.settle()
    assert (cluster.store.all(VIRTUAL_DISK), cluster.store.all(PERSISTENT_VOLUME_CLAIM)) == ([], [])
    assert cluster.store.get(PERSISTENT_VOLUME, "pv-1")["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
