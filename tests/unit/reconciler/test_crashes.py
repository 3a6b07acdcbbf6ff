"""Every call of every scenario fails once in every way, and everything still comes to a good end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.faults import Fault
from tests.support.invariants import violations
from tests.support.source_manifests import kept_volume
from webhook.api.storage import PERSISTENT_VOLUME
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.vocabulary import RETAINED_VOLUME
from webhook.reconciler.settings import ReconcilerSettings

Scenario = Callable[[SimulatedCluster], Awaitable[None]]


async def machine_running(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()


async def machine_stopped(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", phase="Stopped")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()


async def machine_without_agent(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", agent=False)
    cluster.machine_snapshot("snap", of="vm", required_consistency=False)
    await cluster.settle()


async def machine_missing_disk(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", agent=False)
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()


async def disk_of_running_machine(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()


async def disk_detached(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()


async def two_snapshots_of_one_machine_and_one_of_its_disk(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("first", of="vm")
    cluster.machine_snapshot("second", of="vm")
    cluster.disk_snapshot("third", of="root")
    await cluster.settle()


async def storage_slower_than_the_deadline(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=40)
    cluster.storage.works = True
    await cluster.settle()


async def storage_of_a_disk_slower_than_the_deadline(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=40)
    cluster.storage.works = True
    await cluster.settle()


async def machine_snapshot_deleted_half_way(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT, "snap")
    await cluster.settle()
    cluster.storage.works = True
    await cluster.settle()


async def disk_snapshot_deleted_half_way(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=5)
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    await cluster.settle()


async def machine_stopped_while_frozen(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    cluster.guests.stop("vm")
    await cluster.settle(seconds=40)
    cluster.storage.works = True
    await cluster.settle()


async def machine_started_before_the_cut(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm", phase="Stopped")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    cluster.guests.start("vm")
    cluster.storage.works = True
    await cluster.settle()


async def disk_lost_and_recovered(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.store.delete(VIRTUAL_DISK, "root")
    cluster.disk_from("root", snapshot="snap")
    await cluster.settle()


async def disk_recovered_from_a_snapshot_that_is_taken_meanwhile(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_from("copy", snapshot="snap")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()


async def disk_and_its_snapshot_deleted_half_way(cluster: SimulatedCluster) -> None:
    cluster.provisioner.works = False
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    cluster.disk_from("copy", snapshot="snap")
    await cluster.settle(seconds=15)
    cluster.store.delete(VIRTUAL_DISK_SNAPSHOT, "snap")
    cluster.store.delete(VIRTUAL_DISK, "copy")
    await cluster.settle()


async def disk_put_back(cluster: SimulatedCluster) -> None:
    cluster.store.create(PERSISTENT_VOLUME, kept_volume("pv-1", before="Delete"))
    cluster.disk_from("root", snapshot="gone", annotations={RETAINED_VOLUME: "pv-1"})
    await cluster.settle()


SCENARIOS: Final = (
    disk_lost_and_recovered,
    disk_recovered_from_a_snapshot_that_is_taken_meanwhile,
    disk_and_its_snapshot_deleted_half_way,
    disk_put_back,
    machine_running,
    machine_stopped,
    machine_without_agent,
    machine_missing_disk,
    disk_of_running_machine,
    disk_detached,
    two_snapshots_of_one_machine_and_one_of_its_disk,
    storage_slower_than_the_deadline,
    storage_of_a_disk_slower_than_the_deadline,
    machine_snapshot_deleted_half_way,
    disk_snapshot_deleted_half_way,
    machine_stopped_while_frozen,
    machine_started_before_the_cut,
)
GENEROUS: Final = ReconcilerSettings(freeze_attempts=5)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_it_ends_well_whichever_call_fails(scenario: Scenario, fault: Fault) -> None:
    call, struck, bad = 0, True, {}
    while struck:
        cluster = SimulatedCluster(settings=GENEROUS)
        faults = cluster.faults
        faults.strike(call, fault)
        await scenario(cluster)
        await cluster.settle()
        struck = faults.struck
        if found := violations(cluster):
            bad[call] = (faults.calls[call] if struck else "no fault", found)
        call += 1
    assert bad == {}
    assert call > 3
