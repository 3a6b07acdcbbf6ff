"""A machine that is cloned, or made of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.support import dependency_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.restores import contents, machine, operation
from tests.support.simulated_copies import (
    BOTH,
    NO,
    clone,
    completed,
    copy_snapshot,
    nothing_is_left,
    off,
    the_operation,
    told,
)
from tests.support.told import condition_of
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import MACHINE_UID, OPERATION_SNAPSHOT_NAME
from webhook.findings.code import Profile
from webhook.findings.policy import Policy


@BOTH
async def test_copy_runs_with_the_bytes_of_the_original(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    await completed(cluster, begin)

    copy = machine(cluster, "vm-copy")
    assert copy["status"]["phase"] == "Running"
    assert [each["name"] for each in copy["spec"]["blockDeviceRefs"]] == ["root-copy", "data-copy"]
    assert [contents(cluster, disk)[:5] for disk in ("root", "data")] == ["first", "first"]
    assert cluster.cut_of(contents(cluster, "root-copy")) == "root"
    assert cluster.cut_of(contents(cluster, "data-copy")) == "data"
    assert machine(cluster)["status"]["phase"] == "Stopped"


async def test_temporary_snapshot_is_gone_and_the_disks_still_name_it(cluster: SimulatedCluster) -> None:
    await off(cluster)
    await completed(cluster, clone)

    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_MACHINE_SNAPSHOT)] == ["snap"]
    status = the_operation(cluster)["status"]
    assert (status["progress"], condition_of(status, "SnapshotReady")["reason"]) == ("100%", "SnapshotCleanedUp")
    metadata = the_operation(cluster)["metadata"]
    assert metadata["annotations"] == {OPERATION_SNAPSHOT_NAME: f"vmop-clone-{metadata['uid']}"}
    assert metadata["labels"] == {MACHINE_UID: machine(cluster)["metadata"]["uid"]}
    source = cluster.store.get(VIRTUAL_DISK, "root-copy")["spec"]["dataSource"]["objectRef"]
    assert source["kind"] == "VirtualDiskSnapshot"


async def test_each_transition_of_a_clone_is_told(cluster: SimulatedCluster) -> None:
    await off(cluster)
    await completed(cluster, clone)
    assert [each.reason for each in cluster.events if each.name == "op"] == [
        "VirtualMachineOperationStarted",
        "SnapshotCreated",
        "SnapshotDeleted",
        "VirtualMachineOperationSucceeded",
    ]


@BOTH
async def test_each_object_is_listed_and_done(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    await completed(cluster, begin)
    assert {(each["kind"], each["name"], each["status"]) for each in the_operation(cluster)["status"]["resources"]} == {
        ("VirtualDisk", "root-copy", "Completed"),
        ("VirtualDisk", "data-copy", "Completed"),
        ("VirtualMachine", "vm-copy", "Completed"),
    }


async def test_a_copy_that_waits_lists_what_it_would_make_and_what_it_waits_for() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await off(cluster, class_name="generic")
    cluster.store.delete(VIRTUAL_MACHINE_CLASS, "generic")
    copy_snapshot(cluster)
    await cluster.settle(seconds=30)
    assert told(cluster)[0] == "Pending"
    assert {(each["kind"], each["name"], each["status"]) for each in the_operation(cluster)["status"]["resources"]} >= {
        ("VirtualDisk", "root-copy", "Completed"),
        ("VirtualDisk", "data-copy", "Completed"),
        ("VirtualMachine", "vm-copy", "Completed"),
        ("VirtualMachineClass", "generic", "Failed"),
    }

    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await cluster.settle()
    assert told(cluster)[0] == "Completed"
    assert "VirtualMachineClass" not in {each["kind"] for each in the_operation(cluster)["status"]["resources"]}


@BOTH
async def test_copy_of_a_machine_that_stays_off_waits_for_nothing_but_its_disks(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"runPolicy": "AlwaysOff"}})
    cluster.machine_snapshot("of-policy", of="vm")
    await cluster.settle()
    await completed(cluster, begin, **({} if begin is clone else {"snapshot": "of-policy"}))
    assert machine(cluster, "vm-copy")["status"]["phase"] == "Stopped"


async def test_a_copy_that_lacks_its_class_is_done_and_says_so(cluster: SimulatedCluster) -> None:
    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await off(cluster, class_name="generic")
    cluster.store.delete(VIRTUAL_MACHINE_CLASS, "generic")
    await completed(cluster, copy_snapshot, mode="BestEffort")
    assert told(cluster)[1] == "the machine stays Pending until there is VirtualMachineClass generic"


@BOTH
async def test_a_refused_machine_is_heard_of_before_any_disk_is_copied(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.refusals.always["create VirtualMachine"] = NO
    begin(cluster)
    await cluster.settle()
    assert told(cluster) == ("Failed", "the platform says no (422 Invalid)")
    assert "create VirtualDisk" not in cluster.faults.calls
    nothing_is_left(cluster)


@BOTH
async def test_what_was_made_goes_when_the_machine_is_refused_after_all(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.refusals.not_rehearsed["create VirtualMachine"] = NO
    begin(cluster)
    await cluster.settle()
    assert told(cluster)[0] == "Failed"
    assert "create VirtualDisk" in cluster.faults.calls
    assert {each["message"] for each in the_operation(cluster)["status"]["resources"]} == {"taken back"}
    nothing_is_left(cluster)


@BOTH
async def test_a_name_that_someone_takes_meanwhile_is_not_overwritten(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    begin(cluster)
    await cluster.settle_until("rehearse VirtualMachine")
    cluster.guests.create("vm-copy", disks=[], phase="Stopped")
    theirs = machine(cluster, "vm-copy")["metadata"]["uid"]
    await cluster.settle()

    phase, message = told(cluster)
    assert (phase, message) == ("Failed", "VirtualMachine vm-copy was made by someone else meanwhile [NameTaken]")
    assert machine(cluster, "vm-copy")["metadata"]["uid"] == theirs
    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_DISK)] == ["data", "root"]


async def test_storage_that_is_slow_is_waited_for(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.provisioner.makes_new = False
    clone(cluster)
    await cluster.settle(seconds=7200)
    phase, message = told(cluster)
    assert (phase, message) == ("InProgress", "waiting for VirtualDisk root-copy, VirtualDisk data-copy")
    cluster.provisioner.makes_new = True
    await cluster.settle()
    assert told(cluster)[0] == "Completed"


async def test_two_clones_of_one_machine_run_together(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.clone("first", customization={"nameSuffix": "-first"})
    cluster.clone("second", customization={"nameSuffix": "-second"})
    await cluster.settle()
    assert [operation(cluster, name)["status"]["phase"] for name in ("first", "second")] == ["Completed", "Completed"]


async def test_of_two_that_want_one_name_one_goes_on_and_the_other_names_it(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.clone("first", customization={"nameSuffix": "-same"})
    cluster.copy_snapshot("second", customization={"nameSuffix": "-same"})
    await cluster.settle()

    first = operation(cluster, "first")["status"]
    second = operation(cluster, "second", VIRTUAL_MACHINE_SNAPSHOT_OPERATION)["status"]
    assert {first["phase"], second["phase"]} == {"Completed", "Failed"}
    lost = first if first["phase"] == "Failed" else second
    assert "[NameTaken]" in condition_of(lost, "Completed")["message"]


async def test_a_snapshot_that_fails_fails_the_clone(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.storage.works = False
    clone(cluster)
    await cluster.settle(seconds=700)
    phase, message = told(cluster)
    assert phase == "Failed"
    assert message.startswith("its temporary snapshot failed: ")
    assert condition_of(the_operation(cluster)["status"], "SnapshotReady")["reason"] == "SnapshotFailed"
    nothing_is_left(cluster)


@BOTH
async def test_dry_run_writes_nothing_but_its_status(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    calls = len(cluster.faults.calls)
    begin(cluster, mode="DryRun")
    await cluster.settle()
    assert [each.split("/")[-1] for each in cluster.faults.calls[calls:]] == ["status"]
    nothing_is_left(cluster)


@BOTH
async def test_cancelling_at_any_moment_takes_everything_back(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION if begin is clone else VIRTUAL_MACHINE_SNAPSHOT_OPERATION
    steps, running = 0, True
    while running:
        cluster = SimulatedCluster()
        await off(cluster)
        begin(cluster)
        end = cluster.moment + timedelta(seconds=300)
        for _ in range(steps):
            await cluster.step(end)
        running = the_operation(cluster).get("status", {}).get("phase") != "Completed"
        cluster.store.delete(kind, "op")
        await cluster.settle()
        assert cluster.store.find(kind, "op") is None, steps
        if running:
            nothing_is_left(cluster)
        steps += 1
    assert steps > 10
