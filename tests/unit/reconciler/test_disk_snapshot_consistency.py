from __future__ import annotations

import json
from datetime import timedelta

from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.told import disk_status, volumes
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.reconciler.steps.volume_snapshot import STANDSTILLS


async def test_disk_of_a_running_machine_is_frozen_once_and_thawed(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    assert (disk_status(cluster)["phase"], disk_status(cluster)["consistent"]) == ("Ready", True)
    assert (cluster.guests["vm"].times_frozen, cluster.guests["vm"].times_thawed) == (1, 1)
    assert violations(cluster) == []


async def test_detached_disk_is_consistent_without_a_freeze(cluster: SimulatedCluster) -> None:
    cluster.disk("root")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True
    assert "freeze" not in disk_status(cluster)


async def test_consistency_that_is_not_required_never_freezes(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root", required_consistency=False)
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"
    assert "consistent" not in disk_status(cluster)
    assert cluster.guests["vm"].times_frozen == 0


async def test_not_required_and_off_is_consistent_all_the_same(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", phase="Stopped")
    cluster.disk_snapshot("snap", of="root", required_consistency=False)
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True


async def test_deadline_that_passes_unheeded_throws_the_cut_away(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=5)
    first = cluster.store.get(VOLUME_SNAPSHOT, volumes(cluster)[0])["metadata"]["uid"]
    cluster.advance(30)
    cluster.storage.cut(volumes(cluster)[0])
    cluster.storage.works = True
    await cluster.settle()
    assert cluster.store.get(VOLUME_SNAPSHOT, volumes(cluster)[0])["metadata"]["uid"] != first
    assert disk_status(cluster)["freeze"]["attempt"] == 2
    assert violations(cluster) == []


async def test_torn_cut_is_not_trusted_because_the_machine_went_off_meanwhile(cluster: SimulatedCluster) -> None:
    """The freeze ran out, the guest wrote, the storage cut, the process died, the machine was stopped."""
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=5)
    cluster.advance(31)
    cluster.storage.cut(volumes(cluster)[0])
    cluster.guests.stop("vm")
    cluster.storage.works = True
    cluster.boot()
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True
    assert violations(cluster) == []


async def test_two_freezes_of_one_claim_are_told_apart(cluster: SimulatedCluster) -> None:
    """Thawed by someone, cut while it wrote, frozen again for another snapshot: all that while nobody looked."""
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=2)
    cluster.guests.thaw_from_elsewhere("vm")
    cluster.storage.cut(volumes(cluster)[0])
    cluster.moment += timedelta(seconds=2)
    cluster.guests.freeze_from_elsewhere("vm", seconds=20)
    cluster.storage.works = True
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True
    assert violations(cluster) == []


async def test_event_of_the_cut_that_overtakes_that_of_the_start_is_not_believed(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm", phase="Stopped")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle()
    cluster.store.lagging = True
    cluster.guests.start("vm")
    cluster.storage.cut(volumes(cluster)[0])
    cluster.store.deliver_all(VOLUME_SNAPSHOT)
    await cluster.run_pass(next(iter(cluster.queue)))
    assert "consistent" not in disk_status(cluster)
    cluster.store.lagging = False
    cluster.store.deliver_all()
    cluster.storage.works = True
    await cluster.settle()
    assert cluster.guests["vm"].times_frozen == 1
    assert violations(cluster) == []


async def test_data_that_is_deleted_half_way_is_cut_anew_and_shown_consistent_anew(cluster: SimulatedCluster) -> None:
    cluster.storage.copies = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=5)
    assert disk_status(cluster)["consistent"] is True
    cluster.storage.works = False
    cluster.store.delete(VOLUME_SNAPSHOT, volumes(cluster)[0])
    await cluster.settle(seconds=5)
    assert "consistent" not in disk_status(cluster)
    cluster.storage.works = cluster.storage.copies = True
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True
    assert violations(cluster) == []


async def test_disk_detached_while_frozen_does_not_leave_an_open_claim(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle(seconds=3)
    cluster.guests.detach("vm", "root")
    cluster.storage.works = True
    await cluster.settle()
    assert disk_status(cluster)["consistent"] is True
    assert violations(cluster) == []


async def test_agent_that_dies_while_frozen_does_not_keep_the_claim_open(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("create VolumeSnapshot")
    cluster.guests["vm"].agent = False
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"
    assert "thawedAt" in disk_status(cluster)["freeze"]


async def test_stale_condition_past_the_deadline_does_not_keep_the_claim_open(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.disk_snapshot("snap", of="root")
    await cluster.settle_until("create VolumeSnapshot")
    cluster.guests.shows_freezes = False
    await cluster.settle()
    assert disk_status(cluster)["phase"] == "Ready"
    assert "thawedAt" in disk_status(cluster)["freeze"]


async def test_standstill_is_recorded_for_every_machine_that_has_the_disk(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", phase="Stopped")
    cluster.disk_snapshot("snap", of="root")
    cluster.guests.stop("vm")
    await cluster.settle()
    annotations = cluster.store.get(VOLUME_SNAPSHOT, volumes(cluster)[0])["metadata"]["annotations"]
    assert json.loads(annotations[STANDSTILLS]) == {"vm": "off since 2026-01-02T03:04:05Z"}
