"""Whatever overlaps, lags, dies or is deleted: a disk comes back with its bytes, or leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cluster import SimulatedCluster
from tests.support.interleaving import Interleaving
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT

BLOWS: Final = ("die", "delete disk", "delete snapshot", "delete claim", "storage stops", "storage works", "wait long")
STEPS: Final = st.lists(
    st.one_of(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999), st.sampled_from(BLOWS)),
    min_size=20,
    max_size=150,
)


@settings(max_examples=60, deadline=timedelta(seconds=60), suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_no_order_of_events_loses_a_disk_or_leaves_a_claim(steps: list[int | str]) -> None:
    assert asyncio.run(_play(steps)) == []


async def _play(steps: list[int | str]) -> list[str]:
    cluster = SimulatedCluster()
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    cluster.disk_from("copy", snapshot="snap")
    play = Interleaving(cluster)
    for step in steps:
        if isinstance(step, int):
            await play.choose(step)
        else:
            await _strike(step, play)
    cluster.provisioner.works = True
    await play.end()
    return list(_wrong(cluster))


async def _strike(blow: str, play: Interleaving) -> None:
    cluster = play.cluster
    match blow:
        case "die":
            await play.die()
        case "delete disk":
            _delete(cluster, VIRTUAL_DISK, "copy")
        case "delete snapshot":
            _delete(cluster, VIRTUAL_DISK_SNAPSHOT, "snap")
        case "delete claim":
            for claim in cluster.store.all(PERSISTENT_VOLUME_CLAIM):
                if claim["metadata"]["name"] != "root" and "phase" not in claim.get("status", {}):
                    _delete(cluster, PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"])
        case "storage stops" | "storage works":
            cluster.provisioner.works = blow == "storage works"
        case "wait long":
            cluster.advance(20)


def _delete(cluster: SimulatedCluster, kind: Kind[Any], name: str) -> None:
    if cluster.store.find(kind, name) is not None:
        cluster.store.delete(kind, name)


def _wrong(cluster: SimulatedCluster) -> Iterator[str]:
    claims = [each for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM) if each["metadata"]["name"] != "root"]
    data = [cluster.provisioner.data.get(claim["metadata"]["uid"]) for claim in claims]
    disk = cluster.store.find(VIRTUAL_DISK, "copy")
    snapshot = cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "snap")
    if snapshot is not None and "deletionTimestamp" in snapshot["metadata"]:
        yield "the snapshot does not go"
    if snapshot is None and cluster.store.all(VOLUME_SNAPSHOT):
        yield "the data stays behind"
    if disk is None:
        if claims:
            yield f"claims of a disk that is gone: {len(claims)}"
        return
    phase = disk["status"].get("phase")
    if "deletionTimestamp" in disk["metadata"] and phase != "Ready":
        yield f"the disk does not go, and is {phase}"
    elif phase == "Ready":
        if data != [cluster.storage.last_cut_of("root")]:
            yield f"Ready with {data}"
    elif snapshot is not None or claims:
        yield f"the disk ends {phase} with {len(claims)} claims, its snapshot {'there' if snapshot else 'gone'}"
