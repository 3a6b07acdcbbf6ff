"""A machine with a snapshot, changed since, and what has become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tests.support import dependency_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.provisioner import select_node
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.vocabulary import RESTORED_BY
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT

DISKS = ("root", "data")
NODE = "node-of-the-old-disks"


async def captured(
    cluster: SimulatedCluster, *, now: str = "Running", plugged: Mapping[str, str] | None = None, **described: Any
) -> None:
    """A machine with a snapshot; `now` is the phase that it is in since, `plugged` are disks by attachment."""
    cluster.machine("vm", **described)
    for name, disk in (plugged or {}).items():
        cluster.disk(disk)
        plug(cluster, name, disk)
    await cluster.settle()
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    if now == "Stopped":
        cluster.guests.stop("vm")
    await cluster.settle()


def make_storage_wait(cluster: SimulatedCluster) -> None:
    """From now on a disk gets its volume when a machine starts with it."""
    for storage_class in cluster.store.all(STORAGE_CLASS):
        waits = {"volumeBindingMode": "WaitForFirstConsumer"}
        cluster.store.patch(STORAGE_CLASS, storage_class["metadata"]["name"], waits)


def select_nodes(cluster: SimulatedCluster, node: str | None = NODE) -> None:
    """What a scheduler has said of every claim, or a provisioner has taken off again (None)."""
    for claim in cluster.store.all(PERSISTENT_VOLUME_CLAIM):
        select_node(cluster.store, claim["metadata"]["name"], node)


def plug(cluster: SimulatedCluster, name: str, disk: str, *, of: str = "vm") -> None:
    body = dependency_manifests.attachment(name, of=of, disk=disk)
    del body["status"]
    cluster.store.create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, body)


def operation(cluster: SimulatedCluster, name: str = "restore", kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION) -> Json:
    return cluster.store.get(kind, name)


def machine(cluster: SimulatedCluster, name: str = "vm") -> Json:
    return cluster.store.get(VIRTUAL_MACHINE, name)


def contents(cluster: SimulatedCluster, disk: str) -> str:
    """What is on the disk now; `""` when it has no volume."""
    uid = cluster.store.get(VIRTUAL_DISK, disk)["metadata"]["uid"]
    claims = [
        each
        for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM)
        if uid in {owner["uid"] for owner in each["metadata"].get("ownerReferences", [])}
    ]
    assert len(claims) <= 1, f"{disk} has {len(claims)} claims"
    return cluster.provisioner.contents_of(claims[0]) if claims else ""


def saved_contents(cluster: SimulatedCluster, disk: str, snapshot: str = "snap") -> str:
    """What the snapshot has of the disk."""
    children = [
        each
        for each in cluster.store.all(VIRTUAL_DISK_SNAPSHOT)
        if each["spec"]["virtualDiskName"] == disk
        and snapshot in {owner["name"] for owner in each["metadata"].get("ownerReferences", [])}
    ]
    uid: str = cluster.store.get(VOLUME_SNAPSHOT, children[0]["status"]["volumeSnapshotName"])["metadata"]["uid"]
    return uid


def is_as_saved(cluster: SimulatedCluster, disks: tuple[str, ...] = DISKS) -> bool:
    return all(contents(cluster, disk) == saved_contents(cluster, disk) for disk in disks)


def is_as_before(cluster: SimulatedCluster, disks: tuple[str, ...] = DISKS) -> bool:
    return all(contents(cluster, disk) == f"first {disk}" for disk in disks)


def volumes(cluster: SimulatedCluster) -> set[tuple[str, str]]:
    """Phase and reclaim policy of all there are."""
    return {
        (each["status"]["phase"], each["spec"]["persistentVolumeReclaimPolicy"])
        for each in cluster.store.all(PERSISTENT_VOLUME)
    }


async def until(cluster: SimulatedCluster, true: Callable[[], object], *, seconds: float = 300) -> None:
    end = cluster.moment + timedelta(seconds=seconds)
    while not true():
        assert await cluster.step(end), "it does not come to that"


async def until_overwritten(cluster: SimulatedCluster) -> None:
    """The machine has its saved settings, and nothing has happened since."""
    await until(cluster, lambda: RESTORED_BY in machine(cluster)["metadata"].get("annotations", {}))


def told_of(cluster: SimulatedCluster, name: str = "restore") -> tuple[str, str]:
    """Phase and message of the operation; of one that nobody has looked at yet `""`."""
    status = operation(cluster, name).get("status")
    if status is None:
        return "", ""
    return status["phase"], next(each["message"] for each in status["conditions"] if each["type"] == "Completed")
