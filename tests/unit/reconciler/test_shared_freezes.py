from __future__ import annotations

import asyncio

from tests.support.cluster import SimulatedCluster
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT

NAMES = ("one", "two", "three")


async def test_the_guest_thaws_when_all_that_need_it_frozen_are_done_at_the_same_moment(
    cluster: SimulatedCluster,
) -> None:
    """Each would take the others for the ones that still need it, and nobody would thaw it until its own deadline."""
    cluster.machine("vm")
    cluster.storage.works = False
    for name in NAMES:
        cluster.disk_snapshot(name, of="root")
    await cluster.settle(seconds=1)
    assert cluster.guests["vm"].frozen
    cluster.storage.works = True
    cluster.storage.step()
    cluster.store.deliver_all()
    cluster.faults.gate = _yield

    for _ in range(12):
        await asyncio.gather(*(cluster.run_pass(key) for key in sorted(cluster.queue)))

    assert [_closed(cluster, name) for name in NAMES] == [True, True, True]
    assert not cluster.guests["vm"].frozen


async def _yield() -> None:
    """Every call of the outside takes a while, so that passes overlap."""
    for _ in range(3):
        await asyncio.sleep(0)


def _closed(cluster: SimulatedCluster, name: str) -> bool:
    return "thawedAt" in cluster.store.get(VIRTUAL_DISK_SNAPSHOT, name)["status"]["freeze"]
