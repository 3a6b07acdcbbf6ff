"""Whatever overlaps, lags, dies or is switched off in between: no snapshot lies, and no guest stays frozen."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cluster import SimulatedCluster
from tests.support.interleaving import Interleaving
from tests.support.invariants import violations
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT

BLOWS: Final = ("die", "start", "stop", "thaw", "delete first", "delete third", "wait long")
STEPS: Final = st.lists(
    st.one_of(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999), st.sampled_from(BLOWS)),
    min_size=20,
    max_size=150,
)


@settings(max_examples=60, deadline=timedelta(seconds=60), suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, required=st.booleans(), running=st.booleans())
def test_no_order_of_events_makes_a_snapshot_lie(steps: list[int | str], required: bool, running: bool) -> None:
    assert asyncio.run(_play(steps, required=required, running=running)) == []


async def _play(steps: list[int | str], *, required: bool, running: bool) -> list[str]:
    cluster = SimulatedCluster()
    cluster.machine("vm", phase="Running" if running else "Stopped")
    cluster.machine_snapshot("first", of="vm", required_consistency=required)
    cluster.machine_snapshot("second", of="vm")
    cluster.disk_snapshot("third", of="root")
    play = Interleaving(cluster)
    for step in steps:
        if isinstance(step, int):
            await play.choose(step)
        else:
            await _strike(step, play)
    await play.end()
    return violations(cluster)


async def _strike(blow: str, play: Interleaving) -> None:
    cluster = play.cluster
    match blow:
        case "die":
            await play.die()
        case "start" if not cluster.guests["vm"].running:
            cluster.guests.start("vm")
        case "stop" if cluster.guests["vm"].running:
            cluster.guests.stop("vm")
        case "thaw" if cluster.guests["vm"].frozen:
            cluster.guests.thaw_from_elsewhere("vm")
        case "delete first" if cluster.store.find(VIRTUAL_MACHINE_SNAPSHOT, "first") is not None:
            cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT, "first")
        case "delete third" if cluster.store.find(VIRTUAL_DISK_SNAPSHOT, "third") is not None:
            cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "third")
        case "wait long":
            cluster.advance(20)
    cluster.advance(1.5)  # what a condition can tell apart is seconds
