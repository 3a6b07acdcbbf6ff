"""A machine that is restored, from the manifest to Completed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.restores import captured, is_as_saved, machine, operation, plug, volumes
from tests.support.told import condition_of
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.vocabulary import MACHINE_UID, OPERATION_CLEANUP, OPERATION_UID, RESTORE_POWER_STATE


async def restored(cluster: SimulatedCluster, **described: Any) -> None:
    cluster.restore(**described)
    await cluster.settle()


async def test_disks_have_what_the_snapshot_has(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    await restored(cluster)

    status = operation(cluster)["status"]
    assert (status["phase"], status["progress"]) == ("Completed", "100%")
    assert is_as_saved(cluster)
    assert machine(cluster)["status"]["phase"] == "Running"


async def test_nothing_of_the_old_disks_is_kept(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    await restored(cluster)

    assert volumes(cluster) == {("Bound", "Delete")}
    assert "retainedVolumes" not in operation(cluster)["status"]
    assert OPERATION_CLEANUP not in operation(cluster)["metadata"].get("finalizers", [])


async def test_settings_labels_and_annotations_are_as_saved(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    saved = machine(cluster)
    cluster.store.patch(
        VIRTUAL_MACHINE,
        "vm",
        {"spec": {"cpu": {"cores": 8}}, "metadata": {"labels": {"new": "yes"}, "annotations": {"example.com/a": "b"}}},
    )
    await restored(cluster)

    found = machine(cluster)
    assert found["spec"] == saved["spec"]
    assert "new" not in found["metadata"].get("labels", {})
    assert "example.com/a" not in found["metadata"]["annotations"]


async def test_no_trace_of_the_maintenance_is_left_but_its_outcome(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    await restored(cluster)

    found = machine(cluster)
    assert {OPERATION_UID, RESTORE_POWER_STATE}.isdisjoint(found["metadata"]["annotations"])
    assert {each["type"] for each in found["status"]["conditions"]} == {"Running", "AgentReady", "Restored"}
    assert condition_of(found["status"], "Restored")["status"] == "True"


@pytest.mark.parametrize(
    ("policy", "was", "then"),
    [
        ("AlwaysOn", "Running", "Running"),
        ("AlwaysOn", "Stopped", "Running"),
        ("AlwaysOnUnlessStoppedManually", "Running", "Running"),
        ("AlwaysOnUnlessStoppedManually", "Stopped", "Stopped"),
        ("Manual", "Running", "Running"),
        ("Manual", "Stopped", "Stopped"),
        ("AlwaysOff", "Stopped", "Stopped"),
        ("AlwaysOff", "Running", "Stopped"),
    ],
)
async def test_machine_runs_as_its_policy_and_its_past_say(
    cluster: SimulatedCluster, policy: str, was: str, then: str
) -> None:
    await captured(cluster)
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"runPolicy": policy}})
    cluster.machine_snapshot("of-policy", of="vm")
    await cluster.settle()
    if was == "Stopped":
        cluster.guests.stop("vm")

    await restored(cluster, snapshot="of-policy")

    assert operation(cluster)["status"]["phase"] == "Completed"
    assert machine(cluster)["status"]["phase"] == then


async def test_machine_that_is_pending_is_restored_and_started(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.guests.stop("vm")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"phase": "Pending"}})
    cluster.machine_side.starts = False
    cluster.restore()
    await cluster.settle(seconds=60)
    cluster.machine_side.starts = True
    await cluster.settle()

    assert operation(cluster)["status"]["phase"] == "Completed"
    assert machine(cluster)["status"]["phase"] == "Running"


async def test_disks_that_were_deleted_meanwhile_come_back(cluster: SimulatedCluster) -> None:
    await captured(cluster, now="Stopped")
    cluster.store.delete(VIRTUAL_DISK, "data")
    await cluster.settle()
    await restored(cluster)

    assert operation(cluster)["status"]["phase"] == "Completed"
    assert is_as_saved(cluster)


async def test_hotplugged_disk_is_plugged_in_again_with_its_saved_data(cluster: SimulatedCluster) -> None:
    await captured(cluster, plugged={"plug": "extra"})
    cluster.store.delete(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug")
    await cluster.settle()
    await restored(cluster)

    assert operation(cluster)["status"]["phase"] == "Completed"
    assert is_as_saved(cluster, ("root", "data", "extra"))
    plugged = [each for each in machine(cluster)["status"]["blockDeviceRefs"] if each["hotplugged"]]
    assert [each["name"] for each in plugged] == ["extra"]


async def test_attachment_that_is_as_saved_stays(cluster: SimulatedCluster) -> None:
    await captured(cluster, plugged={"plug": "extra"})
    uid = cluster.store.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug")["metadata"]["uid"]
    await restored(cluster)

    assert cluster.store.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug")["metadata"]["uid"] == uid


async def test_attachment_of_a_disk_that_the_saved_machine_lists_goes_first(cluster: SimulatedCluster) -> None:
    """On the platform the two would wait for each other (platform API facts, section 6, 12)."""
    await captured(cluster, now="Stopped")
    cluster.guests.detach("vm", "data")
    plug(cluster, "plug", "data")
    await restored(cluster)

    assert operation(cluster)["status"]["phase"] == "Completed"
    assert cluster.store.find(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug") is None
    assert [each["name"] for each in machine(cluster)["spec"]["blockDeviceRefs"]] == ["root", "data"]


async def test_operation_is_found_by_the_machine_it_is_for(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    await restored(cluster)
    assert operation(cluster)["metadata"]["labels"] == {MACHINE_UID: machine(cluster)["metadata"]["uid"]}


async def test_each_transition_is_told(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    await restored(cluster)
    assert [each.reason for each in cluster.events if each.kind == "VirtualMachineOperation"] == [
        "VirtualMachineOperationStarted",
        "MaintenanceMode",
        "VirtualMachineOperationSucceeded",
    ]
