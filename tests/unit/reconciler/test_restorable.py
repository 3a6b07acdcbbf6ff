from __future__ import annotations

import base64
import json
from typing import Any

from tests.support.cluster import SimulatedCluster
from tests.support.dependency_manifests import image
from tests.support.manifests import NAMESPACE
from tests.support.told import condition_of, machine_status
from webhook.api.secret import SECRET
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.reconciler.queue import Key
from webhook.reconciler.steps.restorable import BURST, WRITES_PER_SECOND


async def ready_snapshot(cluster: SimulatedCluster, name: str = "snap", *, of: str = "vm") -> None:
    cluster.machine_snapshot(name, of=of)
    await cluster.settle()
    assert machine_status(cluster, name)["phase"] == "Ready"


async def look_again(cluster: SimulatedCluster, name: str = "snap") -> Any:
    """What the next look says, whatever makes it due."""
    cluster.store.deliver_all()
    cluster.queue.add(Key(VIRTUAL_MACHINE_SNAPSHOT.name, NAMESPACE, name))
    await cluster.settle(seconds=60)
    return condition_of(machine_status(cluster, name), "Restorable")


def told(cluster: SimulatedCluster) -> list[tuple[str, str]]:
    return [(event.type, event.reason) for event in cluster.events if "Restorable" in event.reason]


async def test_a_new_snapshot_is_restorable_and_nobody_is_told_what_everybody_expects(
    cluster: SimulatedCluster,
) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    condition = condition_of(machine_status(cluster), "Restorable")
    assert (condition["status"], condition["reason"], condition["message"]) == ("True", "Restorable", "")
    assert told(cluster) == []


async def test_nothing_is_written_while_nothing_changes(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    before = len(cluster.faults.calls)
    await cluster.settle(seconds=3600)
    assert cluster.faults.calls[before:] == []


async def test_it_looks_again_by_itself_every_few_minutes(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    start = cluster.moment
    cluster.guests.delete("vm")
    cluster.store.deliver_all()
    cluster.queue.clear()
    await cluster.settle(seconds=600)
    assert condition_of(machine_status(cluster), "Restorable")["reason"] == "MachineNotFound"
    assert 250 < (cluster.moment - start).total_seconds() < 600


async def test_a_recreated_machine_makes_it_false_and_says_the_code(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    cluster.guests.delete("vm")
    cluster.machine("vm")
    condition = await look_again(cluster)
    assert (condition["status"], condition["reason"]) == ("False", "MachineUIDMismatch")
    assert condition["message"].endswith("[MachineUIDMismatch]")
    assert told(cluster) == [("Warning", "VirtualMachineSnapshotNotRestorable")]


async def test_a_lasting_reason_goes_before_one_that_may_pass(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    cluster.guests.delete("vm")
    cluster.machine("vm")
    cluster.machine("other", disks=("root",))
    condition = await look_again(cluster)
    assert condition["reason"] == "MachineUIDMismatch"
    assert "[DiskUsedByAnotherMachine]" in condition["message"]


async def test_a_missing_image_is_a_loss_and_its_return_is_told(cluster: SimulatedCluster) -> None:
    cluster.store.create(VIRTUAL_IMAGE, image("iso"))
    cluster.machine("vm")
    devices = [{"kind": "VirtualDisk", "name": "root"}, {"kind": "VirtualImage", "name": "iso"}]
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"blockDeviceRefs": devices}})
    await ready_snapshot(cluster)

    cluster.store.delete(VIRTUAL_IMAGE, "iso")
    condition = await look_again(cluster)
    assert (condition["status"], condition["reason"]) == ("True", "RestorableWithLosses")
    assert "[ImageMissing]" in condition["message"]

    cluster.store.create(VIRTUAL_IMAGE, image("iso"))
    assert (await look_again(cluster))["reason"] == "Restorable"
    assert told(cluster) == [
        ("Warning", "VirtualMachineSnapshotRestorableWithLosses"),
        ("Normal", "VirtualMachineSnapshotRestorable"),
    ]


async def test_what_the_machine_is_going_through_does_not_count(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"phase": "Starting"}})
    stop = {"metadata": {"name": "stop"}, "spec": {"type": "Stop", "virtualMachineName": "vm"}}
    cluster.store.create(VIRTUAL_MACHINE_OPERATION, stop)
    assert (await look_again(cluster))["status"] == "True"


async def test_tampered_settings_make_it_false(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    name = machine_status(cluster)["virtualMachineSnapshotSecretName"]
    saved = json.loads(base64.b64decode(cluster.store.get(SECRET, name)["data"]["vm"]))
    saved["spec"]["runPolicy"] = "Manual"
    forged = base64.b64encode(json.dumps(saved).encode()).decode()
    cluster.store.patch(SECRET, name, {"data": {"vm": forged}})
    assert (await look_again(cluster))["reason"] == "SnapshotContentTampered"


async def test_a_snapshot_that_fails_says_nothing_of_it_any_more(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    await ready_snapshot(cluster)
    cluster.store.delete(SECRET, machine_status(cluster)["virtualMachineSnapshotSecretName"])
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Failed"
    assert "Restorable" not in {each["type"] for each in machine_status(cluster)["conditions"]}


async def test_what_concerns_many_is_written_at_a_measured_pace(cluster: SimulatedCluster) -> None:
    count = BURST + 15
    cluster.machine("vm", disks=("root",))
    for number in range(count):
        cluster.machine_snapshot(f"snap-{number}", of="vm")
    await cluster.settle()
    start, before = cluster.moment, len(cluster.faults.calls)
    cluster.guests.delete("vm")
    cluster.store.deliver_all()
    cluster.queue.update(Key(VIRTUAL_MACHINE_SNAPSHOT.name, NAMESPACE, f"snap-{number}") for number in range(count))
    await cluster.settle(seconds=60)
    reasons = {
        condition_of(machine_status(cluster, f"snap-{number}"), "Restorable")["reason"] for number in range(count)
    }
    assert reasons == {"MachineNotFound"}
    assert cluster.faults.calls[before:] == ["patch VirtualMachineSnapshot/status"] * count
    assert (cluster.moment - start).total_seconds() >= 15 / WRITES_PER_SECOND
