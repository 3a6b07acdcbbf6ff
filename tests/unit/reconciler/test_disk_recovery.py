"""A disk that is made of a snapshot, from the manifest to Ready."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests
from tests.support.cluster import SimulatedCluster
from tests.support.faults import Fault
from tests.support.manifests import DRIVER, Json
from tests.support.provisioner import select_node
from tests.support.told import condition_of
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.vocabulary import (
    ACCESS_MODE,
    DISK_ACCESS_MODE,
    DISK_CLEANUP,
    DISK_ORIGINAL_SIZE,
    DISK_PROTECTION,
    DISK_VOLUME_MODE,
    VOLUME_MODE,
)
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.kube.errors import ForbiddenError, InvalidError
from webhook.reconciler.queue import Key

WAITING = "waiting"


@pytest.fixture
async def cluster(cluster: SimulatedCluster) -> SimulatedCluster:
    """With a snapshot of a disk that is lost since."""
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.store.delete(VIRTUAL_DISK, "root")
    cluster.store.create(
        STORAGE_CLASS, manifests.storage_class(WAITING) | {"volumeBindingMode": "WaitForFirstConsumer"}
    )
    await cluster.settle()
    return cluster


def status(cluster: SimulatedCluster, name: str = "root") -> Json:
    found: Json = cluster.store.get(VIRTUAL_DISK, name)["status"]
    return found


def claims(cluster: SimulatedCluster) -> list[Json]:
    return [each for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM) if each["metadata"]["name"] != "root"]


def only_claim(cluster: SimulatedCluster) -> Json:
    (claim,) = claims(cluster)
    return claim


def data_of_snapshot(cluster: SimulatedCluster) -> Json:
    name = cluster.store.get(VIRTUAL_DISK_SNAPSHOT, "snap")["status"]["volumeSnapshotName"]
    return cluster.store.get(VOLUME_SNAPSHOT, name)


def said(cluster: SimulatedCluster) -> dict[str, tuple[str, str]]:
    return {each["type"]: (each["status"], each["reason"]) for each in status(cluster)["conditions"]}


async def recovered(cluster: SimulatedCluster, **described: Any) -> Json:
    cluster.disk_from("root", snapshot="snap", **described)
    await cluster.settle()
    return only_claim(cluster)


async def test_the_pages_manifest_brings_the_data_back(cluster: SimulatedCluster) -> None:
    claim = await recovered(cluster)

    found = status(cluster)
    assert cluster.provisioner.data[claim["metadata"]["uid"]] == data_of_snapshot(cluster)["metadata"]["uid"]
    assert {key: found[key] for key in ("phase", "progress", "capacity", "storageClassName")} == {
        "phase": "Ready",
        "progress": "100%",
        "capacity": "10Gi",
        "storageClassName": DRIVER,
    }
    assert found["target"] == {"persistentVolumeClaimName": claim["metadata"]["name"]}
    assert found["sourceUID"] == cluster.store.get(VIRTUAL_DISK_SNAPSHOT, "snap")["metadata"]["uid"]
    assert said(cluster) == {
        "StorageClassReady": ("True", "StorageClassReady"),
        "DatasourceReady": ("True", "DatasourceReady"),
        "Ready": ("True", "Ready"),
    }


async def test_the_claim_is_as_the_platform_makes_it(cluster: SimulatedCluster) -> None:
    claim = await recovered(cluster)

    disk = cluster.store.get(VIRTUAL_DISK, "root")
    source = {
        "apiGroup": "snapshot.storage.k8s.io",
        "kind": "VolumeSnapshot",
        "name": data_of_snapshot(cluster)["metadata"]["name"],
    }
    (owner,) = claim["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("VirtualDisk", disk["metadata"]["uid"], True)
    assert claim["metadata"]["finalizers"] == [DISK_PROTECTION]
    assert disk["metadata"]["finalizers"] == [DISK_CLEANUP]
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "dataSource": source,
        "dataSourceRef": source,
        "storageClassName": DRIVER,
        "volumeName": f"pv-{claim['metadata']['uid']}",  # from whoever bound it
    }


@pytest.mark.parametrize(
    ("asked", "original", "needed", "requested"),
    [
        ("20Gi", "10Gi", "10Gi", "20Gi"),
        (None, "10Gi", "10Gi", "10Gi"),
        (None, "10Gi", "10241Mi", "10241Mi"),
        ("10Gi", "10Gi", "10241Mi", "10241Mi"),
        (None, None, "8Gi", "8Gi"),
    ],
)
async def test_size_is_at_least_the_originals_and_what_the_driver_needs(
    cluster: SimulatedCluster, asked: str | None, original: str | None, needed: str, requested: str
) -> None:
    name = data_of_snapshot(cluster)["metadata"]["name"]
    known = {"metadata": {"annotations": {DISK_ORIGINAL_SIZE: original}}, "status": {"restoreSize": needed}}
    cluster.store.patch(VOLUME_SNAPSHOT, name, known)

    claim = await recovered(cluster, size=asked)

    assert claim["spec"]["resources"]["requests"]["storage"] == requested


async def test_class_is_the_originals_when_none_is_named(cluster: SimulatedCluster) -> None:
    assert (await recovered(cluster, storage_class=None))["spec"]["storageClassName"] == DRIVER


@pytest.mark.parametrize(
    ("disk", "storage_class", "saved", "modes"),
    [
        ({}, {}, {}, (["ReadWriteOnce"], None)),
        ({}, {}, {ACCESS_MODE: "ReadWriteMany", VOLUME_MODE: "Block"}, (["ReadWriteMany"], "Block")),
        ({}, {}, {"accessModes": "ReadWriteMany,ReadOnlyMany"}, (["ReadWriteMany", "ReadOnlyMany"], None)),
        ({}, {DISK_ACCESS_MODE: "ReadWriteOnce"}, {ACCESS_MODE: "ReadWriteMany"}, (["ReadWriteOnce"], None)),
        ({DISK_VOLUME_MODE: "Block"}, {DISK_VOLUME_MODE: "Filesystem"}, {}, (["ReadWriteOnce"], "Block")),
        ({DISK_ACCESS_MODE: "AllOfThem"}, {}, {ACCESS_MODE: "ReadWriteMany"}, (["ReadWriteMany"], None)),
    ],
)
async def test_modes_are_asked_for_by_the_disk_then_the_class_then_the_original(
    cluster: SimulatedCluster, disk: Json, storage_class: Json, saved: Json, modes: tuple[list[str], str | None]
) -> None:
    name = data_of_snapshot(cluster)["metadata"]["name"]
    unknown = {ACCESS_MODE: None, VOLUME_MODE: None}
    cluster.store.patch(VOLUME_SNAPSHOT, name, {"metadata": {"annotations": unknown | saved}})
    cluster.store.patch(STORAGE_CLASS, DRIVER, {"metadata": {"annotations": storage_class}})

    claim = await recovered(cluster, annotations=disk)

    assert (claim["spec"]["accessModes"], claim["spec"].get("volumeMode")) == modes


async def test_import_is_told_once(cluster: SimulatedCluster) -> None:
    cluster.provisioner.works = False
    await recovered(cluster)
    cluster.store.patch(PERSISTENT_VOLUME_CLAIM, only_claim(cluster)["metadata"]["name"], {"metadata": {"labels": {}}})
    await cluster.settle()
    cluster.provisioner.works = True
    await cluster.settle()

    told = [event for event in cluster.events if event.name == "root"]
    assert [(event.type, event.reason) for event in told] == [("Normal", "DataSourceImportStarted")]
    assert "VirtualDiskSnapshot snap" in told[0].message


async def test_disk_waits_for_a_snapshot_that_is_being_taken(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.disk("data")
    cluster.disk_snapshot("later", of="data")
    await cluster.settle(seconds=5)
    cluster.disk_from("copy", snapshot="later")
    await cluster.settle(seconds=5)

    found = status(cluster, "copy")
    assert (found["phase"], claims_of(cluster, "copy")) == ("Pending", [])
    assert condition_of(found, "DatasourceReady")["reason"] == "VirtualDiskSnapshot"
    assert condition_of(found, "Ready")["reason"] == "DatasourceIsNotReady"
    assert "[SnapshotNotReady]" in condition_of(found, "Ready")["message"]

    cluster.storage.works = True
    await cluster.settle(seconds=5)
    assert status(cluster, "copy")["phase"] == "Ready"


def claims_of(cluster: SimulatedCluster, disk: str) -> list[Json]:
    uid = cluster.store.get(VIRTUAL_DISK, disk)["metadata"]["uid"]
    owned = cluster.store.all(PERSISTENT_VOLUME_CLAIM)
    return [each for each in owned if any(o["uid"] == uid for o in each["metadata"].get("ownerReferences", []))]


async def test_disk_waits_for_a_snapshot_that_does_not_exist_yet(cluster: SimulatedCluster) -> None:
    cluster.disk_from("copy", snapshot="missing")
    await cluster.settle(seconds=5)

    ready = condition_of(status(cluster, "copy"), "Ready")
    assert (status(cluster, "copy")["phase"], ready["reason"]) == ("Pending", "DatasourceIsNotFound")


async def test_disk_waits_for_its_class(cluster: SimulatedCluster) -> None:
    cluster.disk_from("root", snapshot="snap", storage_class="later")
    await cluster.settle(seconds=5)
    assert said(cluster) == {
        "StorageClassReady": ("False", "StorageClassNotReady"),
        "DatasourceReady": ("True", "DatasourceReady"),
        "Ready": ("False", "StorageClassIsNotReady"),
    }

    cluster.store.create(STORAGE_CLASS, manifests.storage_class("later"))
    await cluster.settle(seconds=15)
    assert status(cluster)["phase"] == "Ready"


async def test_disk_of_a_waiting_class_goes_on_when_a_machine_needs_it(cluster: SimulatedCluster) -> None:
    claim = await recovered(cluster, storage_class=WAITING)
    assert status(cluster)["phase"] == "WaitForFirstConsumer"
    assert said(cluster)["Ready"] == ("False", "WaitingForFirstConsumer")

    cluster.provisioner.works = False
    select_node(cluster.store, claim["metadata"]["name"])
    await cluster.settle()
    assert status(cluster)["phase"] == "Provisioning"

    cluster.provisioner.works = True
    await cluster.settle()
    assert status(cluster)["phase"] == "Ready"


@pytest.mark.parametrize(
    ("described", "code", "reason"),
    [
        ({"size": "5Gi"}, "DiskSmallerThanSnapshot", "ProvisioningFailed"),
        ({"storage_class": "slow"}, "StorageDriverDiffers", "StorageClassProvisionerMismatch"),
    ],
)
async def test_what_can_never_work_fails_with_the_code_that_admission_has(
    cluster: SimulatedCluster, described: Json, code: str, reason: str
) -> None:
    cluster.store.create(STORAGE_CLASS, manifests.storage_class("slow", provisioner="slow.example.com"))
    cluster.disk_from("root", snapshot="snap", **described)
    await cluster.settle()

    ready = condition_of(status(cluster), "Ready")
    assert (status(cluster)["phase"], ready["reason"], claims(cluster)) == ("Failed", reason, [])
    assert ready["message"].endswith(f"[{code}]")
    assert [(event.type, event.reason) for event in cluster.events] == [("Warning", "DataSourceImportFailed")]


async def test_disk_that_failed_is_tried_again_when_it_is_corrected(cluster: SimulatedCluster) -> None:
    cluster.disk_from("root", snapshot="snap", size="5Gi")
    await cluster.settle()
    corrected = {"metadata": {"generation": 2}, "spec": {"persistentVolumeClaim": {"size": "10Gi"}}}
    cluster.store.patch(VIRTUAL_DISK, "root", corrected)
    await cluster.settle()
    assert status(cluster)["phase"] == "Ready"


async def test_disk_whose_snapshot_failed_fails(cluster: SimulatedCluster) -> None:
    cluster.store.patch(VIRTUAL_DISK_SNAPSHOT, "snap", {"status": {"phase": "Failed"}})
    cluster.disk_from("root", snapshot="snap")
    await cluster.settle()
    assert status(cluster)["phase"] == "Failed"
    assert said(cluster)["DatasourceReady"] == ("False", "VirtualDiskSnapshot")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ForbiddenError(403, "Forbidden", "exceeded quota: team, requested: requests.storage=10Gi"), "QuotaExceeded"),
        (ForbiddenError(403, "Forbidden", "maximum storage usage is 5Gi"), "ProvisioningFailed"),
        (InvalidError(422, "Invalid", "spec.accessModes: required"), "ProvisioningFailed"),
    ],
)
async def test_what_the_api_server_refuses_is_told_and_tried_again(
    cluster: SimulatedCluster, error: ForbiddenError | InvalidError, reason: str
) -> None:
    cluster.refusals.always["create PersistentVolumeClaim"] = error
    cluster.disk_from("root", snapshot="snap")
    await cluster.settle(seconds=5)
    ready = condition_of(status(cluster), "Ready")
    assert (status(cluster)["phase"], ready["reason"], ready["message"]) == ("Pending", reason, error.message)

    cluster.refusals.always.clear()
    await cluster.settle(seconds=15)
    assert status(cluster)["phase"] == "Ready"


async def test_a_claim_of_that_name_that_is_not_the_disks_is_left_alone(cluster: SimulatedCluster) -> None:
    cluster.refusals.always["create PersistentVolumeClaim"] = ForbiddenError(403, "Forbidden", "not yet")
    cluster.disk_from("root", snapshot="snap")
    await cluster.settle(seconds=5)
    name = cluster.outside.source.get(VIRTUAL_DISK, "default", "root")
    assert name is not None
    cluster.store.create(PERSISTENT_VOLUME_CLAIM, manifests.claim(name.claim_name))
    await cluster.settle(seconds=15)
    assert status(cluster)["phase"] == "Failed"
    cluster.store.delete(VIRTUAL_DISK, "root")
    await cluster.settle()
    assert only_claim(cluster)["metadata"].get("deletionTimestamp") is None
    assert cluster.store.all(VIRTUAL_DISK) == []


async def test_a_claim_that_is_deleted_before_it_has_data_is_made_again(cluster: SimulatedCluster) -> None:
    cluster.provisioner.works = False
    claim = await recovered(cluster)
    cluster.store.delete(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"])
    await cluster.settle()
    assert only_claim(cluster)["metadata"]["uid"] != claim["metadata"]["uid"]
    cluster.provisioner.works = True
    await cluster.settle()
    assert status(cluster)["phase"] == "Ready"


async def test_disk_whose_volume_is_lost_on_the_way_says_so(cluster: SimulatedCluster) -> None:
    cluster.provisioner.works = False
    claim = await recovered(cluster)
    cluster.store.patch(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"], {"status": {"phase": "Lost"}})
    await cluster.settle()
    assert status(cluster)["phase"] == "PVCLost"


async def test_disk_that_is_deleted_on_the_way_leaves_nothing_and_releases_the_snapshot(
    cluster: SimulatedCluster,
) -> None:
    cluster.provisioner.works = False
    await recovered(cluster)
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle()
    assert cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap") is not None
    cluster.store.delete(VIRTUAL_DISK, "root")
    await cluster.settle()
    assert (cluster.store.all(VIRTUAL_DISK), claims(cluster)) == ([], [])
    assert cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap") is None


async def test_claim_whose_creation_was_not_answered_goes_with_the_disk(cluster: SimulatedCluster) -> None:
    cluster.disk_from("root", snapshot="snap")
    await cluster.run_pass(next(iter(cluster.queue)))
    cluster.store.lagging = True
    cluster.faults.strike(0, Fault.ANSWER_LOST)
    key = Key("VirtualDisk", "default", "root")
    await cluster.run_pass(key)
    assert len(claims(cluster)) == 1
    cluster.store.delete(VIRTUAL_DISK, "root")
    cluster.store.deliver_all(VIRTUAL_DISK)
    for _ in range(3):
        await cluster.run_pass(key)
    cluster.store.lagging = False
    cluster.store.deliver_all()
    await cluster.settle()
    assert (cluster.store.all(VIRTUAL_DISK), claims(cluster)) == ([], [])


async def test_disk_that_is_ready_is_the_machine_sides(cluster: SimulatedCluster) -> None:
    await recovered(cluster)
    cluster.store.patch(VIRTUAL_DISK, "root", {"status": {"phase": "Resizing"}})
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle()
    assert status(cluster)["phase"] == "Resizing"
    assert cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap") is None
