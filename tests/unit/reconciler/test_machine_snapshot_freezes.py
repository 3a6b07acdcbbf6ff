from __future__ import annotations

from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.told import children, machine_status, reason, volumes


async def test_running_machine_is_frozen_once_and_thawed(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    status = machine_status(cluster)
    assert (status["phase"], status["consistent"]) == ("Ready", True)
    assert (cluster.guests["vm"].times_frozen, cluster.guests["vm"].times_thawed) == (1, 1)
    assert [each["status"]["consistent"] for each in children(cluster).values()] == [True, True]
    assert violations(cluster) == []


async def test_guest_thaws_before_the_storage_has_copied_the_data(cluster: SimulatedCluster) -> None:
    cluster.storage.copies = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    assert not cluster.guests["vm"].frozen
    assert machine_status(cluster)["phase"] == "InProgress"


async def test_not_required_and_stopped_before_the_cut_was_seen_is_not_called_consistent(
    cluster: SimulatedCluster,
) -> None:
    cluster.storage.copies = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm", required_consistency=False)
    await cluster.settle_until("create VolumeSnapshot")
    cluster.storage.step()
    cluster.guests.stop("vm")
    cluster.storage.copies = True
    await cluster.settle()
    assert "consistent" not in machine_status(cluster)
    assert violations(cluster) == []


async def test_refusal_to_freeze_is_asked_again_within_the_grace(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.guests["vm"].agent = False  # the condition still says that it is there
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=1.5)
    cluster.guests["vm"].agent = True
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"


async def test_refusal_to_freeze_that_lasts_fails(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.guests["vm"].agent = False
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    status = machine_status(cluster)
    assert (status["phase"], reason(status)) == ("Failed", "PotentiallyInconsistent")
    assert children(cluster) == {}
    assert violations(cluster) == []


async def test_what_was_not_cut_in_time_is_cut_again_in_a_new_freeze(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    first = volumes(cluster)
    cluster.storage.cut(first[0])
    await cluster.settle(seconds=35)
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["consistent"] is True
    assert machine_status(cluster)["freeze"]["attempt"] == 2
    assert not set(first) & set(volumes(cluster))
    assert violations(cluster) == []


async def test_storage_that_never_cuts_in_time_fails_the_snapshot(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
    assert cluster.guests["vm"].times_frozen == cluster.settings.freeze_attempts
    assert not cluster.guests["vm"].frozen


async def test_guest_frozen_by_someone_else_is_waited_for_and_left_alone(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.guests.freeze_from_elsewhere("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=60)
    assert (machine_status(cluster)["phase"], reason(machine_status(cluster))) == ("InProgress", "FileSystemFreezing")
    assert cluster.guests["vm"].frozen
    cluster.guests.thaw_from_elsewhere("vm")
    await cluster.settle()
    assert machine_status(cluster)["consistent"] is True


async def test_two_snapshots_share_a_freeze_and_the_last_thaws(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=3)
    cluster.machine_snapshot("second", of="vm")
    await cluster.settle(seconds=3)
    assert machine_status(cluster, "second")["freeze"]["deadline"] == machine_status(cluster)["freeze"]["deadline"]
    for name in machine_status(cluster)["virtualDiskSnapshotNames"]:
        cluster.storage.cut(next(each for each in volumes(cluster) if name in each))
    await cluster.settle(seconds=3)
    assert "thawedAt" in machine_status(cluster)["freeze"]
    assert cluster.guests["vm"].frozen
    cluster.storage.works = True
    await cluster.settle()
    assert (cluster.guests["vm"].times_frozen, cluster.guests["vm"].times_thawed) == (1, 1)
    assert violations(cluster) == []


async def test_waiting_for_a_freeze_that_ran_out_costs_no_attempts(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("first", of="vm")
    cluster.machine_snapshot("second", of="vm")
    await cluster.settle(seconds=35)
    cluster.storage.works = True
    await cluster.settle()
    assert [machine_status(cluster, name)["phase"] for name in ("first", "second")] == ["Ready", "Ready"]
    assert [machine_status(cluster, name)["freeze"]["attempt"] for name in ("first", "second")] == [2, 2]


async def test_machine_stopped_while_frozen_is_captured_again_while_off(cluster: SimulatedCluster) -> None:
    cluster.storage.works = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=5)
    cluster.storage.cut(volumes(cluster)[0])
    await cluster.settle(seconds=2)
    cluster.guests.stop("vm")
    cluster.storage.works = True
    await cluster.settle()
    assert machine_status(cluster)["consistent"] is True
    assert violations(cluster) == []
