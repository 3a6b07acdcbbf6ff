"""What disks had before a restore is kept until they have what was saved, also when nobody consumes them yet."""

from __future__ import annotations

from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.restores import captured, is_as_saved, machine, make_storage_wait, told_of, volumes
from tests.support.source_manifests import kept_volume
from webhook.api.storage import PERSISTENT_VOLUME
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.vocabulary import REPLACED_VOLUME

KEPT = {("Released", "Retain")}


async def restored_while_off(cluster: SimulatedCluster) -> None:
    """On storage that waits for a consumer; the old disks have no node that the new ones could be made on."""
    await captured(cluster, now="Stopped")
    make_storage_wait(cluster)
    cluster.restore()
    await cluster.settle()


async def start(cluster: SimulatedCluster) -> None:
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"phase": "Pending"}})
    await cluster.settle()


def old_volume(cluster: SimulatedCluster, disk: str) -> str:
    found: list[str] = [
        each["metadata"]["name"]
        for each in cluster.store.all(PERSISTENT_VOLUME)
        if cluster.provisioner.contents[each["metadata"]["name"]] == f"first {disk}"
    ]
    return found[0]


async def test_the_operation_completes_and_says_what_is_kept_for_which_disk(cluster: SimulatedCluster) -> None:
    await restored_while_off(cluster)

    phase, message = told_of(cluster)
    assert phase == "Completed"
    assert message == "; ".join(
        f"VirtualDisk {disk} gets its data when a machine starts with it, and what it had before is kept on"
        f" PersistentVolume {old_volume(cluster, disk)} until then"
        for disk in ("root", "data")
    )
    assert volumes(cluster) == KEPT
    assert machine(cluster)["status"]["phase"] == "Stopped"


async def test_old_volumes_go_when_the_disks_have_their_data(cluster: SimulatedCluster) -> None:
    await restored_while_off(cluster)
    await start(cluster)

    assert machine(cluster)["status"]["phase"] == "Running"
    assert is_as_saved(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_old_volumes_stay_while_storage_gives_no_new_ones(cluster: SimulatedCluster) -> None:
    await restored_while_off(cluster)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    cluster.provisioner.makes_new = False
    await start(cluster)
    await cluster.settle(seconds=9000)
    assert volumes(cluster) == KEPT


async def test_whoever_deletes_the_disk_lets_the_volume_go_that_is_kept_for_it(cluster: SimulatedCluster) -> None:
    await restored_while_off(cluster)
    kept = old_volume(cluster, "data")
    cluster.store.delete(VIRTUAL_DISK, "root")
    await cluster.settle()

    assert cluster.store.find(VIRTUAL_DISK, "root") is None
    assert [each["metadata"]["name"] for each in cluster.store.all(PERSISTENT_VOLUME)] == [kept]


async def test_a_disk_lets_no_volume_of_another_namespace_go(cluster: SimulatedCluster) -> None:
    """Anyone who may write disks may write the annotation."""
    await captured(cluster)
    foreign: Json = kept_volume("pv-1", before="Delete")
    foreign["spec"]["claimRef"]["namespace"] = "elsewhere"
    cluster.store.create(PERSISTENT_VOLUME, foreign)
    child = cluster.store.all(VIRTUAL_DISK_SNAPSHOT)[0]["metadata"]["name"]
    cluster.disk_from("mine", snapshot=child, annotations={REPLACED_VOLUME: "pv-1"})
    await cluster.settle()

    assert cluster.store.get(VIRTUAL_DISK, "mine")["status"]["phase"] == "Ready"
    assert cluster.store.get(PERSISTENT_VOLUME, "pv-1")["spec"] == foreign["spec"]
