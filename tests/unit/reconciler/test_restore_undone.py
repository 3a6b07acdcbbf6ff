"""A restore that fails or is cancelled ends in the old state or in the new one, and the machine says in which."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from tests.support import dependency_manifests, manifests, saved_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.object_store import typed
from tests.support.restores import (
    captured,
    contents,
    is_as_before,
    is_as_saved,
    machine,
    operation,
    plug,
    told_of,
    until,
    volumes,
)
from tests.support.told import condition_of
from webhook.api.namespace import NAMESPACE
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.kube.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webhook.reconciler.steps.old_disks import OldDisks
from webhook.reconciler.steps.operation_phases import OperationPhases

NO = InvalidError(422, "Invalid", "the platform says no")
OLD: Final = ("False", "RestoreUndone")
NEW: Final = ("True", "RestoreCompleted")


def outcome(cluster: SimulatedCluster) -> tuple[str, str]:
    restored = condition_of(machine(cluster)["status"], "Restored")
    return restored["status"], restored["reason"]


async def test_old_volumes_are_back_when_storage_gives_no_new_ones(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.provisioner.works = False
    cluster.restore()
    await cluster.settle_until("create PersistentVolumeClaim")
    await cluster.settle(seconds=3500)
    assert told_of(cluster)[0] == "InProgress"
    cluster.provisioner.works = True
    cluster.provisioner.makes_new = False
    await cluster.settle(seconds=4000)

    assert told_of(cluster)[0] == "Failed"
    assert "did not get its volume in 3600 seconds" in told_of(cluster)[1]
    assert is_as_before(cluster)
    assert machine(cluster)["status"]["phase"] == "Running"
    assert outcome(cluster) == OLD
    assert volumes(cluster) == {("Bound", "Delete")}
    assert cluster.undone == 1
    assert [each.reason for each in cluster.events if each.name == "vm"] == ["RestoreUndone"]


async def test_a_refused_claim_is_given_up_soon(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.refusals.always["create PersistentVolumeClaim"] = ForbiddenError(403, "Forbidden", "exceeded quota: pvcs")
    cluster.restore()
    await cluster.settle(seconds=80)
    cluster.refusals.always.clear()
    await cluster.settle()

    assert told_of(cluster)[0] == "Failed"
    assert "exceeded quota: pvcs" in told_of(cluster)[1]
    assert is_as_before(cluster)


async def test_a_quota_that_is_slow_to_notice_fails_nothing(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.refusals.always["create PersistentVolumeClaim"] = ForbiddenError(403, "Forbidden", "exceeded quota: pvcs")
    cluster.restore()
    await cluster.settle(seconds=20)
    cluster.refusals.always.clear()
    await cluster.settle()
    assert told_of(cluster)[0] == "Completed"
    assert is_as_saved(cluster)


async def test_a_machine_that_is_refused_after_all_keeps_its_disks_and_attachments(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.disk("extra")
    plug(cluster, "plug", "extra")
    await cluster.settle()
    before = machine(cluster)["spec"]
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"cpu": {"cores": 8}}})
    cluster.restore()
    await cluster.settle_until("delete VirtualMachineBlockDeviceAttachment")
    cluster.refusals.not_rehearsed["overwrite VirtualMachine"] = NO
    await cluster.settle()

    assert told_of(cluster) == ("Failed", "the platform says no (422 Invalid)")
    assert is_as_before(cluster)
    assert machine(cluster)["spec"] == {**before, "cpu": {"cores": 8}}
    assert (
        cluster.store.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug")["spec"]["blockDeviceRef"]["name"] == "extra"
    )
    assert outcome(cluster) == OLD


async def test_a_disk_without_volume_is_put_back_without_one(cluster: SimulatedCluster) -> None:
    cluster.store.create(
        STORAGE_CLASS, manifests.storage_class("waiting") | {"volumeBindingMode": "WaitForFirstConsumer"}
    )
    await captured(cluster, now="Stopped")
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()
    blank = manifests.disk("data", storage_class="waiting", phase="WaitForFirstConsumer", claim="")
    cluster.store.create(VIRTUAL_DISK, blank)
    cluster.restore()
    await cluster.settle_until("create PersistentVolumeClaim")
    cluster.refusals.not_rehearsed["overwrite VirtualMachine"] = NO
    await cluster.settle()

    assert told_of(cluster)[0] == "Failed"
    assert cluster.store.get(VIRTUAL_DISK, "data")["spec"] == blank["spec"]
    assert contents(cluster, "root") == "first root"


async def test_what_was_not_there_before_goes_again(cluster: SimulatedCluster) -> None:
    await captured(cluster, now="Stopped")
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()
    cluster.restore()
    await cluster.settle_until("create VirtualDisk")
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()

    assert cluster.store.find(VIRTUAL_DISK, "data") is None
    assert contents(cluster, "root") == "first root"


async def undone_with_secret(cluster: SimulatedCluster) -> None:
    """A restore that has made the machine's Secret again, and is cancelled."""
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    assert cluster.store.find(SECRET, "cloud-init") is not None
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()
    assert is_as_before(cluster)


async def secret_gone(cluster: SimulatedCluster) -> None:
    cluster.store.create(SECRET, saved_manifests.provisioning_secret("cloud-init"))
    await captured(cluster, provisioning_secret="cloud-init")
    cluster.store.delete(SECRET, "cloud-init")


async def test_a_secret_that_was_not_there_before_goes_again(cluster: SimulatedCluster) -> None:
    await secret_gone(cluster)
    await undone_with_secret(cluster)
    assert cluster.store.find(SECRET, "cloud-init") is None


async def test_a_secret_that_another_machine_uses_meanwhile_stays(cluster: SimulatedCluster) -> None:
    await secret_gone(cluster)
    cluster.guests.create("another", disks=[], phase="Stopped", provisioning_secret="cloud-init")
    await undone_with_secret(cluster)
    assert cluster.store.find(SECRET, "cloud-init") is not None


async def test_a_disk_that_someone_makes_in_between_is_theirs(cluster: SimulatedCluster) -> None:
    """And what was there before is not lost: it stays on its volume, and people are told on which."""
    await captured(cluster)
    cluster.restore()
    await until_disk_is_gone(cluster, "data")
    cluster.disk("data", claim="another", contents="theirs")
    theirs = cluster.store.get(VIRTUAL_DISK, "data")["metadata"]["uid"]
    await cluster.settle()

    phase, message = told_of(cluster)
    assert phase == "Failed"
    assert message.startswith("VirtualDisk data was made by someone else meanwhile; VirtualDisk data is not")
    assert cluster.store.get(VIRTUAL_DISK, "data")["metadata"]["uid"] == theirs
    assert (contents(cluster, "root"), contents(cluster, "data")) == ("first root", "theirs")
    kept = operation(cluster)["status"]["retainedVolumes"]
    (volume,) = [each["persistentVolumeName"] for each in kept if each["virtualDiskName"] == "data"]
    assert cluster.provisioner.contents[volume] == "first data"
    assert volume in condition_of(machine(cluster)["status"], "Restored")["message"]
    assert volume in message


async def until_disk_is_gone(cluster: SimulatedCluster, name: str) -> None:
    end = cluster.moment + timedelta(seconds=300)
    while cluster.store.find(VIRTUAL_DISK, name) is not None:
        assert await cluster.step(end)


async def cancelled_after(cluster: SimulatedCluster, steps: int) -> bool:
    """Delete the operation after so many moves. False when it was done before."""
    await captured(cluster, plugged={"plug": "extra"})
    plug_foreign(cluster)
    await cluster.settle()
    cluster.restore()
    end = cluster.moment + timedelta(seconds=300)
    for _ in range(steps):
        await cluster.step(end)
    running = operation(cluster).get("status", {}).get("phase") not in {"Completed", "Failed"}
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()
    return running


def plug_foreign(cluster: SimulatedCluster) -> None:
    cluster.disk("foreign")
    plug(cluster, "plugged-since", "foreign")


async def test_cancelling_at_any_moment_ends_in_the_old_state_or_the_new(cluster: SimulatedCluster) -> None:
    ends, steps, running = set(), 0, True
    while running:
        cluster = SimulatedCluster()
        running = await cancelled_after(cluster, steps)
        disks = ("root", "data", "extra")
        state = "old" if is_as_before(cluster, disks) else "new" if is_as_saved(cluster, disks) else "neither"
        told_of = {each["type"]: each["status"] for each in machine(cluster)["status"]["conditions"]}.get("Restored")
        there = cluster.store.find(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plugged-since") is not None
        ends.add((state, told_of, there))
        assert cluster.store.find(VIRTUAL_MACHINE_OPERATION, "restore") is None, steps
        assert machine(cluster)["status"]["phase"] == "Running", steps
        assert volumes(cluster) == {("Bound", "Delete")}, steps
        assert violations(cluster) == [], steps
        steps += 1
    assert ends == {("old", None, True), ("old", "False", True), ("new", "True", False)}


async def test_a_machine_that_is_deleted_on_the_way_goes_with_its_operation_failed(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    cluster.guests.delete("vm")
    await cluster.settle()

    assert told_of(cluster) == ("Failed", "VirtualMachine vm was deleted")
    assert is_as_before(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}


@pytest.mark.parametrize("call", ["patch PersistentVolume", "patch VirtualDisk", "delete VirtualDisk"])
async def test_who_thinks_that_he_still_leads_changes_nothing_that_was_spared(
    cluster: SimulatedCluster, call: str
) -> None:
    """Someone is about to make the call when the next leader takes everything back."""
    await captured(cluster)
    cluster.restore()
    before = await last_seen_before(cluster, call)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()

    phases = OperationPhases(VIRTUAL_MACHINE_OPERATION, cluster.outside, in_progress_reasons={})
    with pytest.raises((ConflictError, NotFoundError)):
        await OldDisks(phases, cluster.outside).take_away(*before)
    assert is_as_before(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}


async def last_seen_before(cluster: SimulatedCluster, call: str) -> tuple[VirtualMachineOperation, VirtualDisk]:
    """Operation and first disk as they were when this call was made."""
    end = cluster.moment + timedelta(seconds=300)
    while True:
        seen = operation(cluster), cluster.store.get(VIRTUAL_DISK, "root")
        assert await cluster.step(end), f"nothing calls {call}"
        if call in cluster.faults.calls:
            return typed(VIRTUAL_MACHINE_OPERATION, seen[0]), typed(VIRTUAL_DISK, seen[1])


async def test_a_namespace_that_goes_keeps_nothing(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    going = dependency_manifests.namespace("default", deleting=True)
    going["metadata"]["finalizers"] = ["kubernetes"]
    cluster.store.create(NAMESPACE, going)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    for disk in cluster.store.all(VIRTUAL_DISK):
        cluster.store.delete(VIRTUAL_DISK, disk["metadata"]["name"])
    await cluster.settle()

    assert cluster.store.all(VIRTUAL_MACHINE_OPERATION) == []
    assert cluster.store.all(PERSISTENT_VOLUME) == []
    assert "Maintenance" not in {each["type"] for each in machine(cluster)["status"]["conditions"]}


async def test_a_disk_that_nobody_takes_back_lets_the_machine_go_and_is_named(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await cluster.settle_until("create PersistentVolumeClaim")
    cluster.refusals.not_rehearsed["create VirtualDisk"] = NO
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle(seconds=600)

    assert cluster.store.find(VIRTUAL_MACHINE_OPERATION, "restore") is None
    assert (
        "VirtualDisk root is not, its data is kept" in condition_of(machine(cluster)["status"], "Restored")["message"]
    )
    assert volumes(cluster) == {("Released", "Retain")}


async def test_old_volumes_that_a_quota_refuses_are_named_and_taken_when_it_has_room(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await cluster.settle_until("create PersistentVolumeClaim")
    cluster.refusals.always["create PersistentVolumeClaim"] = ForbiddenError(
        403, "Forbidden", "exceeded quota: storage"
    )
    await until(cluster, lambda: told_of(cluster)[0] == "Failed", seconds=9000)

    assert "VirtualDisk root is not, its data is kept" in told_of(cluster)[1]
    assert volumes(cluster) == {("Released", "Retain")}
    cluster.refusals.always.clear()
    await cluster.settle(seconds=600)
    assert is_as_before(cluster)
