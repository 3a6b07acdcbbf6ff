from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.manifests import condition
from tests.support.told import disk_status, machine_status, volumes
from tests.support.world import World
from webhook.api.freeze import FreezeStatus
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.reconciler.stillness import machine_is_still, standstill_of

NOW = datetime(2026, 1, 2, 3, 4, 20, tzinfo=UTC)
OPEN = FreezeStatus(
    attempt=1, virtual_machine_name="vm", requested_at="2026-01-02T03:04:05Z", deadline="2026-01-02T03:04:35Z"
)
EXPIRED = FreezeStatus(
    attempt=1, virtual_machine_name="vm", requested_at="2026-01-02T03:03:05Z", deadline="2026-01-02T03:04:20Z"
)
CLOSED = FreezeStatus(
    attempt=1,
    virtual_machine_name="vm",
    requested_at=OPEN.requested_at,
    deadline=OPEN.deadline,
    thawed_at=OPEN.requested_at,
)


def machine(world: World, phase: str, *, frozen: bool) -> Machine:
    world.machine("vm", phase=phase)
    if frozen:
        world.change(VIRTUAL_MACHINE, "vm", status={"conditions": [condition("FilesystemFrozen")]})
    found = Facts(world, "default").machine("vm")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("phase", "frozen", "claim", "still"),
    [
        ("Stopped", False, None, True),
        ("Stopped", False, CLOSED, True),
        ("Stopped", False, OPEN, False),
        ("Stopped", False, EXPIRED, False),
        ("Running", False, None, False),
        ("Running", False, OPEN, False),
        ("Running", True, None, False),
        ("Running", True, CLOSED, False),
        ("Running", True, EXPIRED, False),
        ("Running", True, OPEN, True),
        ("Stopping", False, None, False),
        ("Starting", False, None, False),
    ],
)
def test_machine_is_still(world: World, phase: str, frozen: bool, claim: FreezeStatus | None, still: bool) -> None:
    assert machine_is_still(machine(world, phase, frozen=frozen), claim, NOW) is still


@pytest.mark.parametrize(("claim", "still"), [(None, True), (CLOSED, True), (OPEN, False)])
def test_absent_machine_is_still_unless_it_is_claimed(claim: FreezeStatus | None, still: bool) -> None:
    assert machine_is_still(None, claim, NOW) is still


def test_standstill_has_another_name_after_each_freeze(world: World) -> None:
    names = set()
    for second in ("05", "06"):
        frozen = condition("FilesystemFrozen") | {"lastTransitionTime": f"2026-01-02T03:04:{second}Z"}
        world.machine("vm").change(VIRTUAL_MACHINE, "vm", status={"conditions": [frozen]})
        names.add(standstill_of(world.get(VIRTUAL_MACHINE, "default", "vm")))
    assert names == {"frozen since 2026-01-02T03:04:05Z", "frozen since 2026-01-02T03:04:06Z"}


async def test_guest_that_was_asked_to_thaw_does_not_count_as_frozen(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    cluster.machine_snapshot("whole", of="vm")
    await cluster.settle_until("freeze vm")
    cluster.outside.thawing.add(("default", "vm"))
    await cluster.settle(seconds=2)
    assert cluster.guests["vm"].frozen
    assert volumes(cluster) == []
    assert "create VirtualDiskSnapshot" not in cluster.faults.calls


async def test_claim_never_outlasts_the_freeze_it_joins(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("first", of="vm")
    await cluster.settle(seconds=1)
    cluster.advance(10)
    cluster.machine_snapshot("second", of="vm")
    await cluster.settle(seconds=1)
    deadlines = {machine_status(cluster, name)["freeze"]["deadline"] for name in ("first", "second")}
    assert len(deadlines) == 1


async def test_claim_stays_open_until_what_was_cut_under_it_is_thrown_away(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("delete VolumeSnapshot")
    assert "thawedAt" not in disk_status(cluster)["freeze"]


async def test_claim_stays_open_until_the_disks_cut_under_it_are_thrown_away(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle_until("delete VirtualDiskSnapshot")
    assert "thawedAt" not in machine_status(cluster)["freeze"]


async def test_disks_cut_before_and_after_an_unseen_power_cycle_are_not_one_snapshot(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm", phase="Stopped")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.storage.cut(volumes(cluster)[0])
    await cluster.settle()
    cluster.advance(2)
    cluster.guests.start("vm")
    cluster.guests.stop("vm")
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["consistent"] is True
    assert violations(cluster) == []
