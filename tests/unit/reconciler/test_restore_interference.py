"""What others do to the machine, its disks and the operation while a restore runs."""

from __future__ import annotations

import pytest

from tests.support import dependency_manifests, manifests
from tests.support.cluster import SimulatedCluster
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
    until_overwritten,
    volumes,
)
from tests.support.told import condition_of
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.vocabulary import OPERATION_UID, RESTORE_POWER_STATE, RESTORED_BY
from webhook.facts.facts import Facts
from webhook.kube.errors import ConflictError, InvalidError
from webhook.reconciler.steps.maintenance import is_decided
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.restored_attachments import RestoredAttachments
from webhook.reconciler.steps.restored_settings import RestoredSettings
from webhook.reconciler.steps.saved import read_saved_machine

NO = InvalidError(422, "Invalid", "the platform says no")
RE_CREATED = ("Failed", "VirtualMachine vm was re-created meanwhile [MachineUIDMismatch]")


def recreate(cluster: SimulatedCluster, *, phase: str = "Running") -> None:
    cluster.guests.delete("vm")
    cluster.guests.create("vm", disks=("root", "data"), phase=phase)


def decided(cluster: SimulatedCluster) -> bool:
    return is_decided(typed(VIRTUAL_MACHINE_OPERATION, operation(cluster)))


async def test_a_machine_that_is_recreated_before_it_stops_runs_on(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await until(cluster, lambda: decided(cluster))
    recreate(cluster)
    cluster.boot()

    await until(cluster, lambda: told_of(cluster) == RE_CREATED)
    assert machine(cluster)["status"]["phase"] == "Running"
    assert is_as_before(cluster)


async def test_a_machine_that_is_recreated_after_its_disks_were_taken_keeps_its_settings_and_gets_them_back(
    cluster: SimulatedCluster,
) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    recreate(cluster, phase="Stopped")
    cluster.boot()
    await cluster.settle()

    assert told_of(cluster) == RE_CREATED
    assert is_as_before(cluster)
    assert RESTORED_BY not in machine(cluster)["metadata"].get("annotations", {})
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_a_conflict_that_comes_up_when_the_disks_are_written_down_spares_them(cluster: SimulatedCluster) -> None:
    await captured(cluster, now="Stopped")
    cluster.restore()
    await until(cluster, lambda: operation(cluster).get("status", {}).get("retainedVolumes"))
    cluster.store.create(VIRTUAL_MACHINE, manifests.machine("other", disks=["data"], phase="Stopped"))
    cluster.guests.adopt("other")
    cluster.boot()
    await cluster.settle()

    phase, message = told_of(cluster)
    assert phase == "Failed"
    assert "[DiskUsedByAnotherMachine]" in message
    assert is_as_before(cluster)


async def test_a_disk_that_someone_makes_under_a_name_that_was_free_is_theirs(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.guests.stop("vm")
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()
    cluster.restore()
    await until(cluster, lambda: decided(cluster))
    cluster.disk("data", claim="another", contents="theirs")
    await cluster.settle()

    assert told_of(cluster) == ("Failed", "VirtualDisk data was made by someone else meanwhile")
    assert contents(cluster, "data") == "theirs"
    assert is_as_before(cluster, ("root",))


async def test_a_disk_that_gets_its_volume_after_the_decision_is_put_back_with_it(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    claim = cluster.store.get(VIRTUAL_DISK, "data")["status"]["target"]
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Pending", "target": None}})
    cluster.refusals.not_rehearsed["overwrite VirtualMachine"] = NO
    cluster.restore()
    await until(cluster, lambda: decided(cluster))
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Ready", "target": claim}})
    await cluster.settle()

    assert told_of(cluster)[0] == "Failed"
    assert is_as_before(cluster)


async def test_restored_disks_of_a_machine_that_is_deleted_at_the_very_end_stay(cluster: SimulatedCluster) -> None:
    """The old ones are gone by then: to delete these too would leave nothing at all."""
    await captured(cluster)
    cluster.restore()
    await until_overwritten(cluster)
    await until(cluster, lambda: not operation(cluster)["status"].get("retainedVolumes"))
    cluster.guests.delete("vm")
    cluster.boot()
    await cluster.settle()

    assert told_of(cluster) == ("Failed", "VirtualMachine vm was deleted")
    assert is_as_saved(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}


async def test_a_restored_disk_that_is_deleted_before_the_machine_runs_fails_the_restore(
    cluster: SimulatedCluster,
) -> None:
    await captured(cluster)
    cluster.machine_side.starts = False
    cluster.restore()
    await until_overwritten(cluster)
    await cluster.settle(seconds=30)
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()

    phase, message = told_of(cluster)
    assert phase == "Failed"
    assert "the machine has its saved settings, but VirtualDisk data was deleted meanwhile" in message
    assert ("Released", "Retain") in volumes(cluster)


async def test_a_disk_that_does_not_go_is_named(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.store.patch(VIRTUAL_DISK, "data", {"metadata": {"finalizers": ["example.com/held"]}})
    cluster.restore()
    await until(cluster, lambda: told_of(cluster)[1] == "waiting until VirtualDisk data is gone")

    cluster.store.patch(VIRTUAL_DISK, "data", {"metadata": {"finalizers": None}})
    await cluster.settle()
    assert told_of(cluster)[0] == "Completed"


async def test_a_machine_whose_mark_is_taken_away_is_let_go_all_the_same(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.provisioner.makes_new = False
    cluster.restore()
    await cluster.settle_until("create PersistentVolumeClaim")
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"metadata": {"annotations": {OPERATION_UID: None}}})
    await cluster.settle(seconds=600)

    assert cluster.store.find(VIRTUAL_MACHINE_OPERATION, "restore") is None
    assert machine(cluster)["status"]["phase"] == "Running"
    assert condition_of(machine(cluster)["status"], "Restored")["reason"] == "RestoreUndone"


async def test_an_operation_made_from_an_exported_one_is_rehearsed_like_any_other(cluster: SimulatedCluster) -> None:
    """Its annotation says that all was decided, and that the machine is to stay off afterwards."""
    await captured(cluster)
    cluster.refusals.always["overwrite VirtualMachine"] = NO
    body = dependency_manifests.restore("restore", of="vm", snapshot="snap")
    body["metadata"]["annotations"] = {RESTORE_POWER_STATE: "Stopped"}
    body["metadata"]["finalizers"] = ["virtualization.deckhouse.io/vmop-cleanup"]
    cluster.store.create(VIRTUAL_MACHINE_OPERATION, body)
    await cluster.settle()

    assert told_of(cluster) == ("Failed", "the platform says no (422 Invalid)")
    assert machine(cluster)["status"]["phase"] == "Running"
    assert "delete VirtualDisk" not in cluster.faults.calls


async def test_who_thinks_that_he_still_leads_overwrites_and_unplugs_nothing(cluster: SimulatedCluster) -> None:
    """Neither the machine nor an attachment tells him that the next leader takes everything back."""
    await captured(cluster)
    cluster.disk("extra")
    plug(cluster, "plug", "extra")
    await cluster.settle()
    cluster.restore()
    await until(cluster, lambda: operation(cluster).get("status", {}).get("removedAttachments"))
    seen: VirtualMachineOperation = typed(VIRTUAL_MACHINE_OPERATION, operation(cluster))
    stopped: VirtualMachine = typed(VIRTUAL_MACHINE, machine(cluster))
    saved = await read_saved_machine("snap", Facts(cluster.outside.source, "default"), cluster.outside.writes)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle_until("patch VirtualMachineOperation/status")

    phases = OperationPhases(VIRTUAL_MACHINE_OPERATION, cluster.outside, in_progress_reasons={})
    with pytest.raises(ConflictError, match="VirtualMachineOperation restore has been modified"):
        await RestoredSettings(phases, cluster.outside).overwrite(seen, stopped, saved)
    with pytest.raises(ConflictError, match="VirtualMachineOperation restore has been modified"):
        await RestoredAttachments(phases, cluster.outside).remove_foreign(seen, ())
    assert cluster.store.find(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug") is not None
