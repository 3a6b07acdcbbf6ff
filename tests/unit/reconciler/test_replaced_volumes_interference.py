"""What disks had before a restore is not let go too early, whoever acts at the same time."""

from __future__ import annotations

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.faults import Fault
from tests.support.provisioner import select_node
from tests.support.restores import (
    NODE,
    captured,
    is_as_saved,
    make_storage_wait,
    told_of,
    until_overwritten,
    volumes,
)
from webhook.api.storage import PERSISTENT_VOLUME
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.vocabulary import KEPT_RECLAIM_POLICY
from webhook.reconciler.queue import Key


def claim_of(cluster: SimulatedCluster, disk: str) -> str:
    name: str = cluster.store.get(VIRTUAL_DISK, disk)["status"]["target"]["persistentVolumeClaimName"]
    return name


def old_volume(cluster: SimulatedCluster, disk: str) -> str:
    """`""` when it is gone."""
    return next((name for name, held in cluster.provisioner.contents.items() if held == f"first {disk}"), "")


async def test_a_disk_whose_volume_is_begun_while_others_are_let_go_has_its_predecessor_kept(
    cluster: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine is started at the end of the restore: it waits for nobody any more, and has no data yet."""
    await captured(cluster, now="Stopped")
    make_storage_wait(cluster)
    select_node(cluster.store, claim_of(cluster, "root"), NODE)
    let_go, before = old_volume(cluster, "root"), cluster.faults.before
    started: list[str] = []

    async def start_meanwhile(call: str) -> Fault | None:
        if call == f"get PersistentVolume {let_go}" and not is_kept(cluster, let_go) and not started:
            started.append(call)
            cluster.provisioner.makes_new = False
            select_node(cluster.store, claim_of(cluster, "data"), NODE)
            cluster.store.deliver_all()
            await cluster.run_pass(Key(VIRTUAL_DISK.name, "default", "data"))
        return await before(call)

    cluster.restore()
    await until_overwritten(cluster)
    monkeypatch.setattr(cluster.faults, "before", start_meanwhile)
    await cluster.settle()

    assert started
    assert cluster.store.get(VIRTUAL_DISK, "data")["status"]["phase"] == "Provisioning"
    assert old_volume(cluster, "data")
    cluster.provisioner.makes_new = True
    await cluster.settle()
    assert told_of(cluster)[0] == "Completed"
    assert is_as_saved(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}


def is_kept(cluster: SimulatedCluster, volume: str) -> bool:
    found = cluster.store.find(PERSISTENT_VOLUME, volume)
    return found is not None and KEPT_RECLAIM_POLICY in found["metadata"].get("annotations", {})
